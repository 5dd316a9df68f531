"""Every command in every situation by every role, online and offline, against the model of `lifecycle.md`.

What the register offers, what is accepted, and where it leads must agree with the model, both ways; what is
refused changes nothing but the history.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import msgspec
import pytest

from inspect_api.actions.entities import hazards_by_ids
from inspect_api.actions.read_operations import read_command
from inspect_api.actions.receive_push import online
from inspect_api.actions.work import Work
from inspect_api.domain.hazard import HazardState
from inspect_api.errors import Refusal
from sync.envelope import Operation
from tests.actions.bench import GENERAL, MAJOR, Bench, Op, found_at, sha
from tests.actions.county import account_id
from tests.domain.lifecycle_model import LIFECYCLE, leads_to, may

PERSONS = (
    "inspector1", "officer1", "county", "enterprise1", "enterprise1b", "expert1", "admin", "auditor",
    "service1",
)  # fmt: skip
REFUSED = {"conflict", "forbidden", "separation_of_duties"}
_RECTIFIED = ("enterprise1", "submit_rectification")
_PASSED, _REFUSED = ("officer1", "verify"), ("county", "dismiss")
_PLANNED = [("county", "confirm_major"), ("enterprise1", "submit_plan")]
_TO_WORK = [*_PLANNED, ("county", "decide_plan")]
_PLANNED_BY_OFFICERS = [("enterprise1", "submit_plan")]


class Situation(NamedTuple):
    """Who found what, alone or not, and what was done since."""

    finder: str
    item: str
    done: Sequence[tuple[str, str]] = ()
    officers: int = 0
    days: int = 0


SITUATIONS = {
    "urged": Situation("inspector1", GENERAL[0]),
    "urged by one officer": Situation("officer1", GENERAL[0], officers=1),
    "ordered": Situation("officer1", GENERAL[0], officers=2),
    "self-found": Situation("enterprise1", GENERAL[0]),
    "overdue": Situation("officer1", GENERAL[0], officers=2, days=40),
    "extension asked": Situation("inspector1", GENERAL[0], [("enterprise1", "request_extension")]),
    "asked and overdue": Situation("inspector1", GENERAL[0], [("enterprise1", "request_extension")], days=40),
    "suspended": Situation("inspector1", GENERAL[0], [("officer1", "order_suspension")]),
    "resuming": Situation(
        "inspector1", GENERAL[0], [("officer1", "order_suspension"), ("enterprise1", "request_resumption")]
    ),
    "urged, rectified": Situation("inspector1", GENERAL[0], [_RECTIFIED]),
    "ordered, rectified": Situation("officer1", GENERAL[0], [_RECTIFIED], officers=2),
    "self-found, rectified": Situation("enterprise1", GENERAL[0], [_RECTIFIED]),
    "closed": Situation("inspector1", GENERAL[0], [_RECTIFIED, _PASSED]),
    "closed, suspended": Situation(
        "inspector1", GENERAL[0], [("officer1", "order_suspension"), _RECTIFIED, _PASSED]
    ),
    "dismissed": Situation("inspector1", GENERAL[0], [_REFUSED]),
    "to be confirmed": Situation("inspector1", GENERAL[0], [_REFUSED, ("county", "reopen")]),
    "suspected": Situation("inspector1", MAJOR[0]),
    "self-found, suspected": Situation("enterprise1", MAJOR[0]),
    "suspected, dismissed": Situation("inspector1", MAJOR[0], [_REFUSED]),
    "plan due": Situation("officer1", MAJOR[0], officers=2),
    "plan due, one officer": Situation("officer1", MAJOR[0], officers=1),
    "confirmed": Situation("inspector1", MAJOR[0], [("county", "confirm_major")]),
    "plan handed in": Situation("inspector1", MAJOR[0], _PLANNED),
    "major, being rectified": Situation("inspector1", MAJOR[0], _TO_WORK),
    "listed": Situation("inspector1", MAJOR[0], [*_TO_WORK, ("county", "list_supervision")]),
    "major, rectified": Situation("inspector1", MAJOR[0], [*_TO_WORK, _RECTIFIED]),
    "self-found major, rectified": Situation("enterprise1", MAJOR[0], [*_TO_WORK, _RECTIFIED]),
    "one officer's major, rectified": Situation(
        "officer1", MAJOR[0], [*_PLANNED_BY_OFFICERS, ("county", "decide_plan"), _RECTIFIED], officers=1
    ),
    "to be reviewed": Situation("inspector1", MAJOR[0], [*_TO_WORK, _RECTIFIED, _PASSED]),
    "major, closed": Situation("inspector1", MAJOR[0], [*_TO_WORK, _RECTIFIED, _PASSED, ("county", "close")]),
}


def bodies(now: datetime) -> dict[str, list[dict[str, Any]]]:
    """A sound body for every command, and one for each way that it can turn out."""

    def on(days: int) -> str:
        return (now + timedelta(days=days)).isoformat()

    plan = {
        "goals": "消除泄漏", "measures": "更换法兰", "funds_cny": 120000, "organisation": "设备部",
        "responsible_person": "赵强", "contingency_plan": "停车检修", "due_at": on(60),
    }  # fmt: skip
    yes_no: list[dict[str, Any]] = [{"approved": True}, {"approved": False, "reason": "资金未落实"}]
    return {
        "confirm": [{"grade": "general"}, {"grade": "major", "criterion": "HZ26-5.1.1"}],
        "dismiss": [{"reason": "现场核实不属于隐患"}],
        "submit_plan": [plan],
        "decide_plan": yes_no,
        "request_extension": [{"due_at": on(90), "reason": "备件未到", "interim_measures": "专人看守"}],
        "decide_extension": [one | {"reason": "已核实"} for one in yes_no],
        "submit_rectification": [{"description": "已更换", "completed_at": on(0), "photos": [sha("后")]}],
        "accept": [{"comment": "合格"}],
        "verify": [{"passed": True, "comment": "合格"}, {"passed": False, "comment": "仍渗漏"}],
        "close": [{"comment": "同意销号"}],
        "reopen": [{"reason": "群众举报"}],
        "order_suspension": [{"scope": "2号罐", "reason": "泄漏"}],
        "request_resumption": [{"evaluation": "已评估"}],
        "decide_resumption": yes_no,
        "list_supervision": [{"level": "county", "due_at": on(80)}],
        "delist": [{"reason": "已整改"}],
        "transfer": [{"to": "消防救援大队", "reason": "职责所在"}],
        "report_to_workers": [{"held_on": "2026-11-09", "form": "职工代表大会", "proof": [sha("会议")]}],
        "decide_evidence": [{"in_time": True, "reason": "照片显示当日已完成"}],
        "note": [{"text": "已电话联系"}],
    }


def body_of(bench: Bench, name: str) -> dict[str, Any]:
    if name == "confirm_major":
        return bodies(bench.now())["confirm"][1]
    return bodies(bench.now())[name][0]


def bring(bench: Bench, situation: Situation, many: int = 1) -> list[UUID]:
    """Hazards in the same situation, each brought there by what people did."""
    findings = [{"n": n, "note": "现场检查发现"} for n in range(1, many + 1)]
    officers = [
        {"user_id": str(account_id(f"officer{n}")), "certificate_no": f"新B-{n}"}
        for n in range(1, situation.officers + 1)
    ]
    op = bench.inspect(fails={situation.item: {"findings": findings}}, officers=officers)
    bench.do(situation.finder, op)
    hazards = [found_at(op, situation.item, n) for n in range(1, many + 1)]
    for who, name in situation.done:
        command = name.removesuffix("_major")
        ops = [bench.command(command, hazard, **body_of(bench, name)) for hazard in hazards]
        codes = {outcome.code for outcome in bench.push(who, *ops)}
        assert codes == {"applied"}, (who, name)
    bench.wait(days=situation.days)
    return hazards


def by_request(bench: Bench, who: str, ops: list[Op]) -> list[str]:
    """The same commands online, one after the other: the outcome's code of each, or that of its problem."""

    def ask(work: Work) -> list[str]:
        return [_ask(work, op) for op in ops]

    return bench.app.write(ask, bench.caller(who))


def _ask(work: Work, op: Op) -> str:
    """As a request of its own: what it refuses leaves nothing behind."""
    raw, mark = msgspec.json.encode(op), work.mark()
    try:
        with work.tx.begin_nested():
            filed = read_command(raw, "json", msgspec.json.decode(raw, type=Operation), work.now)
            return online(work, filed, uuid4()).code
    except Refusal as refusal:
        work.forget_since(mark)
        return refusal.code.wire


def offered(bench: Bench, who: str, hazard: UUID) -> set[str]:
    """What the register offers to this person."""
    shown = bench.app.read(lambda work: hazards_by_ids(work, [hazard]), bench.caller(who))[hazard]
    return {name.removeprefix("hazard.") for name in shown.permitted_commands}


def allowed(bench: Bench, who: str, state: HazardState) -> set[str]:
    caller = bench.caller(who)
    return {name for name in LIFECYCLE if may(state, name, caller.role, caller.id, bench.now())}


def plain(bench: Bench, hazard: UUID) -> Any:
    return msgspec.to_builtins([bench.hazard(hazard), bench.clocks(hazard)])


@pytest.mark.parametrize("name", SITUATIONS)
def test_offers_and_outcomes_are_those_of_the_model(on_sqlite: Bench, name: str) -> None:
    bench = on_sqlite
    bench.dress("service1", "auditor", role="service", id=account_id("service1"))
    [first] = bring(bench, SITUATIONS[name])
    state = bench.hazard(first)
    before = plain(bench, first)
    for who in PERSONS:
        permitted = allowed(bench, who, state)
        assert offered(bench, who, first) == permitted, who
        if who == "service1":  # its token reads; it has no account here that could sign an entry
            assert permitted == set()
            continue
        refused = sorted(LIFECYCLE.keys() - permitted)
        ops = [bench.command(one, first, **body_of(bench, one)) for one in refused]
        outcomes = bench.push(who, *ops)
        assert {outcome.code for outcome in outcomes} == {"conflict"}, who
        assert {outcome.status for outcome in outcomes} == {state.status}
        for outcome in outcomes:
            assert {one.removeprefix("hazard.") for one in outcome.permitted_commands or []} == permitted
        if who != "enterprise1b":  # of a role that was tried already
            ops = [bench.command(one, first, **body_of(bench, one)) for one in refused]
            assert set(by_request(bench, who, ops)) <= REFUSED, who
    assert plain(bench, first) == before
    deeds = [
        (who, one, body)
        for who in PERSONS
        for one in sorted(allowed(bench, who, state) - {"note"})
        for body in bodies(bench.now())[one]
    ]
    bench.wait(days=-SITUATIONS[name].days)
    hazards = bring(bench, SITUATIONS[name], len(deeds))
    for place, ((who, one, body), hazard) in enumerate(zip(deeds, hazards, strict=True)):
        op = bench.command(one, hazard, **body)
        got = bench.push(who, op)[0].code if place % 2 else by_request(bench, who, [op])[0]
        assert got == "applied", (who, one)
        after = bench.hazard(hazard)
        assert after.status == leads_to(state, one, body), (who, one, body)
        assert offered(bench, who, hazard) == allowed(bench, who, after), (who, one)
    for who in PERSONS:
        if "note" in allowed(bench, who, state):
            bench.give(who, "note", first, text="已电话联系")
    assert bench.hazard(first).status == state.status


def test_the_situations_cover_every_status_grade_and_order(on_sqlite: Bench) -> None:
    """As far as they exist: a general hazard has no plan, a self-found one is never ordered."""
    seen = set()
    for situation in SITUATIONS.values():
        hazard, *_ = bring(on_sqlite, situation._replace(days=0))
        state = on_sqlite.hazard(hazard)
        seen.add((state.status, state.grade))
    general = {"reported", "rectifying", "verifying", "closed", "dismissed"}
    major = general | {"plan_due", "plan_review", "review"}
    assert seen == {(status, "general") for status in general} | {(status, "major") for status in major}
