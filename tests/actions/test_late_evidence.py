"""Work was done in time, and its proof came late: who is believed, what is taken back, and who is told."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
import pytest

from inspect_api.actions.explain_hazard import explain_hazard
from inspect_api.actions.show_hazard import show_hazard
from inspect_api.domain.calendar import CIVIL
from inspect_api.store.notices import NOTICE
from tests import records
from tests.actions.bench import GENERAL, Bench, code_of, found_at, sha
from tests.actions.county import account_id

SIGNED = [{"role": "principal", "name": "王强", "signature": sha("签名")}]


def civil(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-{text}").replace(tzinfo=CIVIL)


@pytest.fixture
def hazard(bench: Bench) -> UUID:
    """Signed for on 9 November, due on the 24th."""
    op = bench.inspect(GENERAL[0], attendees=SIGNED)
    bench.do("officer1", op)
    return found_at(op, GENERAL[0])


def days_pass(bench: Bench, until: str) -> None:
    """The sweep looks every morning at nine."""
    while bench.now() < civil(until):
        bench.clock.set(min(bench.now().astimezone(CIVIL).replace(hour=9, minute=0), civil(until)))
        bench.escalate()
        bench.wait(days=1)
    bench.clock.set(civil(until))


def why(bench: Bench, hazard: UUID, kind: str) -> Any:
    [event] = [event for event in bench.events(hazard) if event.kind == f"hazard.{kind}"]
    return msgspec.json.decode(event.event)["why"]


def receivers(bench: Bench, kind: str, step: int) -> set[UUID]:
    return {row.receiver_id for row in bench.rows(NOTICE, NOTICE.c.kind == kind, NOTICE.c.step == step)}


def fixed_offline(bench: Bench, hazard: UUID, at: str) -> dict[str, Any]:
    """The enterprise's report, captured then and still on its phone."""
    bench.clock.set(civil(at))
    return bench.rectify(hazard, photos=[sha("后")])


def test_an_enterprises_late_report_is_an_open_question_until_a_regulator_decides(
    bench: Bench, hazard: UUID
) -> None:
    report = fixed_offline(bench, hazard, "11-20T16:00:00")
    days_pass(bench, "12-02T10:00:00")
    assert bench.hazard(hazard).step == 3
    bench.do("enterprise1", report)
    assert bench.kinds(hazard)[-2:] == ["submit_rectification", "late_evidence_asked"]
    county = bench.caller("county")
    shown = bench.app.read(lambda work: show_hazard(work, hazard), county)
    assert shown.late_evidence is not None
    assert shown.late_evidence.clock == "rectification"
    assert shown.late_evidence.captured_at == civil("11-20T16:00:00")
    assert "hazard.decide_evidence" in shown.permitted_commands
    assert (shown.lateness.open_question, shown.lateness.days) == (8, 8)
    assert receivers(bench, "withdraw", 2) == set()
    refused = bench.push("officer1", bench.command("decide_evidence", hazard, in_time=True, reason="可信"))[0]
    assert (refused.code, code_of(refused)) == ("conflict", "forbidden")
    bench.give("county", "decide_evidence", hazard, in_time=True, reason="照片与采购单一致")
    assert bench.kinds(hazard)[-2:] == ["decide_evidence", "steps_retracted"]
    assert why(bench, hazard, "steps_retracted")["steps"] == [2, 3]
    for step in (2, 3):
        assert receivers(bench, "withdraw", step) == receivers(bench, "step", step) != set()
    assert receivers(bench, "withdraw", 1) == set()  # the reminder was right
    shown = bench.app.read(lambda work: show_hazard(work, hazard), county)
    assert shown.late_evidence is None
    assert (shown.lateness.enterprise, shown.lateness.regulator, shown.lateness.open_question) == (0, 8, 0)
    told = bench.app.read(lambda work: explain_hazard(work, hazard), county)
    first = next(clock for clock in told.clocks if clock.kind == "rectification")
    assert [(step.step, step.retracted_at is not None) for step in first.steps] == [
        (1, False),
        (2, True),
        (3, True),
    ]
    assert "督办、警示予以撤回" in first.explanation[-1]
    again = bench.push("county", bench.command("decide_evidence", hazard, in_time=True, reason="再次"))[0]
    assert (again.code, code_of(again)) == ("conflict", "conflict")


def test_who_is_not_believed_stays_late(bench: Bench, hazard: UUID) -> None:
    report = fixed_offline(bench, hazard, "11-20T16:00:00")
    days_pass(bench, "12-02T10:00:00")
    bench.do("enterprise1", report)
    bench.give("county", "decide_evidence", hazard, in_time=False, reason="照片摄于十二月")
    assert bench.kinds(hazard)[-1] == "late_evidence_refused"
    assert bench.count(NOTICE, NOTICE.c.kind == "withdraw") == 0
    shown = bench.app.read(lambda work: show_hazard(work, hazard), bench.caller("county"))
    assert (shown.late_evidence, shown.lateness.enterprise) == (None, 8)


def test_an_inspectors_device_is_believed_at_once(bench: Bench, hazard: UUID) -> None:
    """Both phones were out of reach: the re-inspection of the 23rd settles what was said of the 20th."""
    report = fixed_offline(bench, hazard, "11-20T16:00:00")
    bench.clock.set(civil("11-23T11:00:00"))
    verdict = bench.command("verify", hazard, passed=True, comment="现场已消除")
    days_pass(bench, "12-02T10:00:00")
    bench.do("enterprise1", report)
    bench.do("officer1", verdict)
    assert bench.kinds(hazard)[-2:] == ["verify", "steps_retracted"]
    assert (bench.hazard(hazard).status, bench.hazard(hazard).late_evidence) == ("closed", None)
    assert why(bench, hazard, "steps_retracted")["decided_by"] == "device"
    enterprise = {account_id("enterprise1"), account_id("enterprise1b")}
    assert enterprise <= receivers(bench, "withdraw", 2)
    notices = bench.rows(
        NOTICE, NOTICE.c.kind == "withdraw", NOTICE.c.receiver_id == account_id("enterprise1")
    )
    assert [row.title[:4] for row in sorted(notices, key=lambda row: row.step)] == ["撤回督办", "撤回警示"]
    assert all(row.number.split("-")[1] == "C" and row.answer_due_at is None for row in notices)


def test_the_regulators_own_late_record_is_no_delay_of_his(bench: Bench, hazard: UUID) -> None:
    bench.do("enterprise1", bench.rectify(hazard, photos=[sha("后")]))
    bench.clock.set(civil("11-17T10:00:00"))  # re-inspection is owed by the 19th
    verdict = bench.command("verify", hazard, passed=True, comment="现场已消除")
    days_pass(bench, "11-30T10:00:00")
    assert receivers(bench, "step", 2)
    bench.do("officer1", verdict)
    assert why(bench, hazard, "steps_retracted")["clock"] == "reinspection"
    assert receivers(bench, "withdraw", 2) == receivers(bench, "step", 2)


def test_an_uncertain_clock_leaves_the_question_to_a_regulator(bench: Bench, hazard: UUID) -> None:
    """The officer's phone was restarted with a wrong clock: captured before the due date, or after it?"""
    bench.do("enterprise1", bench.rectify(hazard, photos=[sha("后")]))
    bench.clock.set(civil("11-19T20:00:00"))
    wrong = records.clock(civil("11-19T18:00:00"))
    verdict = bench.command("verify", hazard, {"at": wrong}, passed=True, comment="现场已消除")
    days_pass(bench, "11-30T10:00:00")
    sent = records.clock(civil("11-30T05:00:00")) | {"boot_id": "after the restart"}
    bench.do("officer1", verdict, sent=sent)
    assert bench.kinds(hazard)[-2:] == ["verify", "late_evidence_asked"]
    assert bench.hazard(hazard).status == "closed"
    bench.give("county2", "decide_evidence", hazard, in_time=True, reason="巡查轨迹可证")
    assert bench.kinds(hazard)[-1] == "steps_retracted"


def test_work_that_was_late_stays_late(bench: Bench, hazard: UUID) -> None:
    report = fixed_offline(bench, hazard, "11-26T16:00:00")
    days_pass(bench, "12-02T10:00:00")
    bench.do("enterprise1", report)
    assert bench.kinds(hazard)[-1] == "submit_rectification"
    assert bench.hazard(hazard).late_evidence is None


def test_a_failed_reinspection_answers_the_question(bench: Bench, hazard: UUID) -> None:
    report = fixed_offline(bench, hazard, "11-20T16:00:00")
    days_pass(bench, "12-02T10:00:00")
    bench.do("enterprise1", report)
    bench.give("officer1", "verify", hazard, passed=False, comment="未整改")
    assert bench.kinds(hazard)[-2:] == ["verify", "late_evidence_refused"]
    assert bench.hazard(hazard).late_evidence is None
