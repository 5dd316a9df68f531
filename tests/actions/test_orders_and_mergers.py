"""Orders need two officers, listings are published by delivery, two reports of one hazard find each other."""

from typing import Any
from uuid import UUID

import pytest

from inspect_api.actions.show_hazard import show_hazard
from inspect_api.store.notices import NOTICE
from sync.entities import HazardDetail
from sync.envelope import Outcome
from tests.actions.bench import GENERAL, MAJOR, Bench, code_of, found_at, sha
from tests.actions.county import account_id, site_id

HERE = {"lat": 44.0001, "lon": 89.1801, "datum": "wgs84"}
STEPS_AWAY = {"lat": 44.0003, "lon": 89.1803, "datum": "wgs84"}  # 28 m
DOWN_THE_ROAD = {"lat": 44.0001, "lon": 89.1831, "datum": "wgs84"}  # 240 m
PLAN = {
    "goals": "消除泄漏", "measures": "更换法兰", "funds_cny": 120000, "organisation": "设备部",
    "responsible_person": "赵强", "contingency_plan": "停车检修", "due_at": "2026-12-20T18:00:00+08:00",
}  # fmt: skip


def officers(*numbers: int, certificate: str = "新B-1") -> list[dict[str, Any]]:
    return [{"user_id": str(account_id(f"officer{n}")), "certificate_no": certificate} for n in numbers]


def detail(bench: Bench, hazard: UUID, who: str = "county") -> HazardDetail:
    return bench.app.read(lambda work: show_hazard(work, hazard), bench.caller(who))


def opened(bench: Bench, who: str, item: str, **more: Any) -> UUID:
    op = bench.inspect(item, **more)
    bench.do(who, op)
    return found_at(op, item)


def reported(bench: Bench, who: str = "inspector1", **body: Any) -> tuple[Outcome, UUID]:
    op = bench.report(**({"site_id": str(site_id("罐区"))} | body))
    return bench.do(who, op), UUID(op["entity_id"])


# ---- one officer alone


@pytest.mark.parametrize(
    ("named", "certificate", "order"),
    [((), "", "urged"), ((1,), "新B-1", "urged"), ((1, 2), "  ", "urged"), ((1, 2), "新B-1", "ordered")],
)
def test_an_order_by_inspection(
    on_sqlite: Bench, named: tuple[int, ...], certificate: str, order: str
) -> None:
    bench = on_sqlite
    op = bench.inspect(GENERAL[0], officers=officers(*named, certificate=certificate))
    answer = bench.do("officer1", op)
    assert bench.hazard(found_at(op, GENERAL[0])).order_kind == order
    assert ("single_officer" in answer.flags) is (order == "urged")


@pytest.mark.parametrize(
    ("named", "order"), [((), "urged"), ((1,), "urged"), ((1, 1), "urged"), ((1, 2), "ordered")]
)
def test_an_order_by_confirmation(on_sqlite: Bench, named: tuple[int, ...], order: str) -> None:
    bench = on_sqlite
    hazard = opened(bench, "inspector1", MAJOR[0])
    answer = bench.give("officer1", "confirm", hazard, grade="major", officers=officers(*named))
    assert bench.hazard(hazard).order_kind == order
    assert ("single_officer" in answer.flags) is (order == "urged")


def test_an_inspector_is_no_officer(on_sqlite: Bench) -> None:
    bench = on_sqlite
    op = bench.inspect(GENERAL[0], officers=officers(1, 2))
    assert "single_officer" not in bench.do("inspector1", op).flags
    assert bench.hazard(found_at(op, GENERAL[0])).order_kind == "urged"


def test_a_criterion_that_nobody_knows_is_told(on_sqlite: Bench) -> None:
    bench = on_sqlite
    known, unknown = (opened(bench, "inspector1", item) for item in MAJOR[:2])
    assert "criterion_unknown" not in bench.give("county", "confirm", known, grade="major").flags
    answer = bench.give("county", "confirm", unknown, grade="major", criterion="XX-99")
    assert "criterion_unknown" in answer.flags
    assert bench.hazard(unknown).criterion == "XX-99"


# ---- bad input, each with its own outcome


def test_refusals_have_codes_of_their_own(on_sqlite: Bench) -> None:
    bench = on_sqlite
    hazard = opened(bench, "enterprise1", GENERAL[0])
    seen = bench.hazard(hazard).rev
    bench.do("enterprise1", bench.rectify(hazard))
    own = bench.push("enterprise1", bench.command("accept", hazard, comment="合格"))[0]
    assert (own.code, code_of(own)) == ("conflict", "separation_of_duties")
    stale = bench.command("accept", hazard, {"base_rev": seen}, comment="合格")
    answer = bench.push("enterprise1b", stale)[0]
    assert (answer.code, code_of(answer), answer.status) == ("conflict", "stale_rev", "verifying")
    late = opened(bench, "officer1", GENERAL[1])
    bench.wait(days=30)
    longer = {"due_at": "2027-02-01T18:00:00+08:00", "reason": "备件未到", "interim_measures": "看守"}
    answer = bench.push("enterprise1", bench.command("request_extension", late, **longer))[0]
    assert (answer.code, code_of(answer)) == ("conflict", "extension_too_late")
    assert "hazard.request_extension" not in (answer.permitted_commands or [])


@pytest.mark.parametrize("missing", ["reason", "interim_measures"])
def test_an_extension_without_reasons_or_measures_is_none(on_sqlite: Bench, missing: str) -> None:
    bench = on_sqlite
    hazard = opened(bench, "officer1", GENERAL[0])
    asked = {"due_at": "2027-02-01T18:00:00+08:00", "reason": "备件未到", "interim_measures": "看守"}
    answer = bench.push(
        "enterprise1", bench.command("request_extension", hazard, **asked | {missing: "\u3000 "})
    )[0]
    assert (answer.code, code_of(answer)) == ("quarantined", "invalid_body")
    assert f"/body/{missing}" in [one.pointer for one in answer.problem.errors]  # type: ignore[union-attr]
    assert bench.hazard(hazard).extensions == []


@pytest.mark.parametrize("empty", ["", " \n", "\u3000\u200b", None])
def test_an_empty_element_of_a_plan_is_named(on_sqlite: Bench, empty: str | None) -> None:
    bench = on_sqlite
    hazard = opened(bench, "officer1", MAJOR[0])
    plan = PLAN | {"goals": empty, "contingency_plan": empty}
    answer = bench.push("enterprise1", bench.command("submit_plan", hazard, **plan))[0]
    assert code_of(answer) == "plan_incomplete"
    assert [one.pointer for one in answer.problem.errors] == ["/body/goals", "/body/contingency_plan"]  # type: ignore[union-attr]


# ---- listing


def test_a_listing_notice_is_published_by_its_delivery(bench: Bench) -> None:
    hazard = opened(bench, "officer1", MAJOR[0])
    bench.give("county", "list_supervision", hazard, level="city", due_at="2026-12-20T18:00:00+08:00")
    [notice] = bench.rows(
        NOTICE, NOTICE.c.kind == "listing", NOTICE.c.receiver_id == account_id("enterprise1")
    )
    assert "-G-" in notice.number
    assert "市级" in notice.text
    assert {"listing_publication", "listing"} <= set(bench.clocks(hazard))
    bench.pull("enterprise1", deliver=True)
    assert "listing_publication" not in bench.clocks(hazard)
    assert "listing" in bench.clocks(hazard)
    assert "listing_published" in bench.kinds(hazard)
    bench.pull("enterprise1b", deliver=True)
    assert bench.kinds(hazard).count("listing_published") == 1


def test_a_transfer_is_shown_with_its_record(on_sqlite: Bench) -> None:
    bench = on_sqlite
    hazard = opened(bench, "officer1", GENERAL[0])
    bench.give("county", "transfer", hazard, to="市场监督管理局", reason="特种设备")
    [record] = detail(bench, hazard).transfers
    assert record.number == f"{bench.hazard(hazard).number}-Y1"
    assert (record.to, record.reason, record.by) == ("市场监督管理局", "特种设备", account_id("county"))
    assert record.at == bench.now()


# ---- possible duplicates


def test_two_reports_near_each_other_are_linked(bench: Bench) -> None:
    _, one = reported(bench, position=HERE)
    answer, two = reported(bench, "officer1", position=STEPS_AWAY)
    far_answer, far = reported(bench, position=DOWN_THE_ROAD)
    assert "possible_duplicate" in answer.flags
    assert "possible_duplicate" not in far_answer.flags
    assert detail(bench, one).possible_duplicates == [two]
    assert detail(bench, two).possible_duplicates == [one]
    assert detail(bench, far).possible_duplicates == []


def test_what_an_inspection_finds_is_linked_to_a_report_not_to_its_own(on_sqlite: Bench) -> None:
    bench = on_sqlite
    _, seen = reported(bench, position=HERE)
    two = {GENERAL[0]: {"findings": [{"n": 1, "note": "东侧"}, {"n": 2, "note": "西侧"}]}}
    op = bench.inspect(fails=two, position=STEPS_AWAY)
    bench.do("inspector1", op)
    first, second = (found_at(op, GENERAL[0], n) for n in (1, 2))
    assert detail(bench, first).possible_duplicates == [seen]
    assert set(detail(bench, seen).possible_duplicates) == {first, second}
    again = opened(bench, "officer1", GENERAL[0], position=DOWN_THE_ROAD)
    assert set(detail(bench, again).possible_duplicates) == {first, second}


def test_a_merger_keeps_both_and_each_names_the_other(bench: Bench) -> None:
    _, one = reported(bench, position=HERE)
    _, two = reported(bench, position=STEPS_AWAY)
    bench.give("officer1", "dismiss", two, reason="同一隐患", duplicate_of=str(one))
    assert (detail(bench, two).duplicate_of, detail(bench, one).duplicates) == (one, [two])
    assert bench.kinds(one) == ["reported", "merged"]
    assert bench.kinds(two) == ["reported", "dismiss"]
    assert detail(bench, one).possible_duplicates == []
    bench.give("county", "reopen", two, reason="并非同一隐患")
    assert (detail(bench, two).duplicate_of, detail(bench, one).duplicates) == (None, [])


def test_two_hazards_are_not_merged_into_each_other(bench: Bench) -> None:
    """Neither would be left in the register."""
    _, one = reported(bench, position=HERE)
    _, two = reported(bench, position=STEPS_AWAY)
    merge = {"reason": "同一隐患", "duplicate_of": str(one)}
    back = {"reason": "同一隐患", "duplicate_of": str(two)}
    outcomes = bench.push(
        "officer1", bench.command("dismiss", two, **merge), bench.command("dismiss", one, **back)
    )
    assert [outcome.code for outcome in outcomes] == ["applied", "conflict"]
    assert bench.hazard(one).status == "reported"


# ---- what others have is not there


def test_ids_that_others_have_are_unknown(on_sqlite: Bench) -> None:
    """As an id is that nobody has: it is held, and tells nothing."""
    bench = on_sqlite
    theirs = bench.inspect(GENERAL[0], site="油库")
    bench.do("inspector9", theirs)
    mine = bench.inspect(GENERAL[1]) | {"entity_id": theirs["entity_id"]}
    amending = bench.inspect(GENERAL[1], amends=theirs["entity_id"])
    report = bench.report(grid_code="652328100001001")
    bench.do("inspector9", report)
    taken = bench.report(site_id=str(site_id("罐区"))) | {"entity_id": report["entity_id"]}
    for op in (mine, amending, taken):
        answer = bench.push("inspector1", op)[0]
        assert (answer.code, code_of(answer)) == ("held", "unknown_entity")
    own = bench.inspect(GENERAL[0])
    bench.do("inspector1", own)
    again = bench.inspect(GENERAL[1]) | {"entity_id": own["entity_id"]}
    assert bench.push("inspector1", again)[0].code == "quarantined"


def test_evidence_may_come_after_the_end(on_sqlite: Bench) -> None:
    """Until then the register shows that it is awaited, closed or not; the photo changes no status."""
    bench = on_sqlite
    hazard = opened(bench, "inspector1", GENERAL[0])
    bench.do("enterprise1", bench.rectify(hazard, photos=[sha("后")]))
    bench.give("officer1", "verify", hazard, passed=True, comment="合格")
    assert detail(bench, hazard).evidence_pending == 1
    bench.upload("enterprise1", "后")
    assert (detail(bench, hazard).evidence_pending, bench.hazard(hazard).status) == (0, "closed")
