"""The closed loop, whole: what each party does, through pushes, until the hazard leaves the register."""

from uuid import UUID

import msgspec

from inspect_api.store.notices import NOTICE
from sync.envelope import Outcome
from tests.actions.bench import GENERAL, MAJOR, Bench, found_at, sha

PLAN = {
    "goals": "消除泄漏", "measures": "更换法兰", "funds_cny": 120000, "organisation": "设备部",
    "responsible_person": "赵强", "contingency_plan": "停车检修",
}  # fmt: skip


def stands(outcome: Outcome) -> tuple[object, object]:
    return outcome.status, outcome.rev


def test_a_general_hazard_that_was_ordered(bench: Bench) -> None:
    op = bench.inspect(GENERAL[0])
    bench.do("officer1", op)
    hazard = found_at(op, GENERAL[0])
    bench.wait(days=5)
    bench.do("enterprise1", bench.rectify(hazard, photos=[sha("后")]))
    bench.wait(days=2)
    bench.give("officer2", "verify", hazard, passed=False, comment="法兰仍渗漏", photos=[sha("复")])
    assert (bench.hazard(hazard).repeats, set(bench.clocks(hazard))) == (1, {"rectification"})
    bench.do("enterprise1b", bench.rectify(hazard, photos=[sha("再")]))
    answer = bench.give("officer1", "verify", hazard, passed=True, comment="合格")
    assert stands(answer) == ("closed", 5)
    assert bench.clocks(hazard) == {}
    assert bench.kinds(hazard) == [
        "opened", "submit_rectification", "verify", "submit_rectification", "verify",
    ]  # fmt: skip
    bench.give("county", "reopen", hazard, reason="群众举报")
    assert (bench.hazard(hazard).status, bench.hazard(hazard).cycle) == ("rectifying", 3)


def test_a_major_hazard_with_its_plan(bench: Bench) -> None:
    op = bench.inspect(MAJOR[0])
    bench.do("inspector1", op)
    hazard = found_at(op, MAJOR[0])
    bench.give("officer1", "confirm", hazard, grade="major")
    assert set(bench.clocks(hazard)) == {"plan", "report_to_workers"}
    bench.give("county", "list_supervision", hazard, level="county", due_at="2026-12-20T18:00:00+08:00")
    due = "2026-12-09T18:00:00+08:00"
    bench.give("enterprise1", "submit_plan", hazard, due_at=due, **PLAN)
    bench.give("county", "decide_plan", hazard, approved=True)
    assert msgspec.to_builtins(bench.clocks(hazard)["rectification"].due_at) == "2026-12-09T10:00:00Z"
    longer = {"due_at": "2026-12-19T18:00:00+08:00", "reason": "备件未到", "interim_measures": "专人看守"}
    bench.give("enterprise1", "request_extension", hazard, **longer)
    bench.give("county2", "decide_extension", hazard, approved=True, reason="情况属实")
    assert msgspec.to_builtins(bench.hazard(hazard).first_due_at) == "2026-12-19T10:00:00Z"
    proof = {"held_on": "2026-11-10", "form": "职工代表大会", "proof": [sha("会议")]}
    bench.give("enterprise1", "report_to_workers", hazard, **proof)
    bench.do("enterprise1", bench.rectify(hazard, photos=[sha("后")]))
    assert bench.give("officer1", "verify", hazard, passed=True, comment="合格").status == "review"
    bench.give("county", "close", hazard, comment="同意销号")
    state = bench.hazard(hazard)
    assert (state.status, state.listed_level, bench.clocks(hazard)) == ("closed", None, {})
    plan = state.plan
    assert plan is not None
    assert plan["responsible_person"] == "赵强"
    assert b"\xe8\xb5\xb5\xe5\xbc\xba" not in b"".join(event.event for event in bench.events(hazard))


def test_what_an_enterprise_reported_of_itself(bench: Bench) -> None:
    """Nobody has to come; officers may look, and then it counts as theirs."""
    op = bench.inspect(GENERAL[0])
    bench.do("enterprise1", op)
    hazard = found_at(op, GENERAL[0])
    bench.do("enterprise1", bench.rectify(hazard))
    assert bench.hazard(hazard).due_party == "enterprise"
    bench.give("enterprise1b", "accept", hazard, comment="合格")
    assert bench.hazard(hazard).status == "closed"
    assert bench.count(NOTICE) == 0


def test_suspension_outlives_the_end(bench: Bench) -> None:
    op = bench.inspect(GENERAL[0])
    bench.do("officer1", op)
    hazard = found_at(op, GENERAL[0])
    bench.give("officer1", "order_suspension", hazard, scope="2号罐", reason="泄漏")
    bench.do("enterprise1", bench.rectify(hazard, photos=[sha("后")]))
    bench.give("officer1", "verify", hazard, passed=True, comment="合格")
    bench.give("enterprise1", "request_resumption", hazard, evaluation="已评估", photos=[sha("评估")])
    assert set(bench.clocks(hazard)) == {"resumption_decision"}
    bench.give("county", "decide_resumption", hazard, approved=True)
    assert (bench.hazard(hazard).suspended, bench.clocks(hazard)) == (False, {})


def test_dates_read_back_as_they_were_given(bench: Bench) -> None:
    """Given in China's offset, kept in UTC, the same on both databases."""
    op = bench.inspect(GENERAL[0])
    bench.do("inspector1", bench.report(site_id=op["body"]["site_id"]) | {"entity_id": op["entity_id"]})
    hazard = UUID(op["entity_id"])
    bench.pull("enterprise1", deliver=True)
    bench.give("county", "confirm", hazard, grade="general")
    bench.pull("enterprise1", deliver=True)
    longer = {"due_at": "2026-12-24T18:30:00.123456+08:00", "reason": "备件未到", "interim_measures": "看守"}
    bench.give("enterprise1", "request_extension", hazard, **longer)
    bench.give("county", "decide_extension", hazard, approved=True, reason="同意")
    assert msgspec.to_builtins(bench.hazard(hazard).due_at) == "2026-12-24T10:30:00.123456Z"
    assert bench.hazard(hazard).extensions[0]["due_at"] == "2026-12-24T10:30:00.123456Z"
