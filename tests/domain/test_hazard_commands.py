"""What commands leave behind, beyond the status: dates, papers, cycles, and what they refuse."""

from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest

from inspect_api.domain.calendar import CIVIL
from inspect_api.domain.clocks import HazardFile, next_moment
from inspect_api.domain.commands import apply_command
from inspect_api.domain.effects import Deed
from inspect_api.errors import Code, Refusal
from tests.domain.hazard_cases import START, act, book, command, file_in, in_days, person, running

ENTERPRISE, REGULATOR, OFFICER = person("enterprise"), person("regulator"), person("officer")


def due(file: HazardFile, kind: str) -> datetime:
    clock = file.running(kind)
    assert clock is not None
    return clock.due_at


def refused(file: HazardFile, name: str, who: Any, **body: Any) -> Refusal:
    with pytest.raises(Refusal) as caught:
        act(file, name, who, **body)
    return caught.value


def test_confirming_a_major_hazard_names_its_criterion() -> None:
    file = file_in("reported", grade="major", suspected_major=True, criterion=None)
    assert refused(file, "confirm", OFFICER, grade="major").code is Code.CRITERION_MISSING
    act(file, "confirm", OFFICER, grade="major", criterion="HZ26-5.2.1")
    assert (file.hazard.criterion, file.hazard.suspected_major) == ("HZ26-5.2.1", False)


@pytest.mark.parametrize(
    ("order", "officers", "after"),
    [
        ("urged", [], "urged"),
        ("urged", [1], "urged"),
        ("urged", [1, 1], "urged"),
        ("urged", [1, 2], "ordered"),
        ("ordered", [], "ordered"),
        ("self", [1, 2], "self"),
    ],
)
@pytest.mark.parametrize("grade", ["general", "major"])
def test_confirming_makes_an_order_when_two_officers_stand_behind_it(
    order: str, officers: list[int], after: str, grade: str
) -> None:
    """Administrative Penalty Law art. 42. What the enterprise found itself stays its own finding."""
    file = file_in("reported", order_kind=order)
    named = tuple(person("officer", number).id for number in officers)
    deed = Deed("hazard.confirm", command("confirm", grade=grade), OFFICER, START, book(), "salz", named)
    apply_command(file, deed)
    assert file.hazard.order_kind == after


def test_a_date_set_at_confirmation_is_the_enterprises() -> None:
    file = file_in("reported")
    act(file, "confirm", OFFICER, grade="general", due_at="2026-03-12T18:00:00+08:00")
    assert file.hazard.due_at == datetime(2026, 3, 12, 18, tzinfo=CIVIL)
    assert file.hazard.due_rule == "hazard.confirm"


@pytest.mark.parametrize("name", ["confirm", "list_supervision", "submit_plan"])
def test_a_date_that_somebody_sets_lies_ahead(name: str) -> None:
    file = file_in({"confirm": "reported", "submit_plan": "plan_due"}.get(name, "rectifying"), grade="major")
    who = ENTERPRISE if name == "submit_plan" else REGULATOR
    assert refused(file, name, who, due_at=in_days(-1)).code is Code.INVALID_BODY


def test_another_grade_climbs_another_ladder() -> None:
    """A clock that survives the confirmation goes on by the ladder of what the hazard turned out to be."""
    file = file_in("reported", suspected_major=True, resumption=True)
    clock = file.running("resumption_decision")
    assert clock is not None
    clock.step, clock.step_since = 2, START
    act(file, "confirm", OFFICER, grade="general")
    assert clock.next_step_at == next_moment("general", clock, book())
    assert clock.next_step_at != next_moment("major", clock, book())


PLAN = ("goals", "measures", "funds_cny", "organisation", "responsible_person", "due_at", "contingency_plan")


@pytest.mark.parametrize("element", PLAN)
def test_each_element_of_the_plan_is_owed(element: str) -> None:
    """Order 16 art. 15 and the five in place."""
    file = file_in("plan_due", grade="major")
    gone = None if element in ("funds_cny", "due_at") else "  \n"
    refusal = refused(file, "submit_plan", ENTERPRISE, **{element: gone})
    assert refusal.code is Code.PLAN_INCOMPLETE
    assert [fault.pointer for fault in refusal.faults] == [f"/body/{element}"]
    assert file.hazard.plan is None


def test_an_approved_plan_sets_the_date() -> None:
    file = file_in("plan_due", grade="major")
    act(file, "submit_plan", ENTERPRISE, due_at="2026-05-01T18:00:00+08:00")
    assert file.hazard.plan is not None
    assert file.hazard.plan["due_at"] == "2026-05-01T10:00:00Z"
    act(file, "decide_plan", REGULATOR, after=timedelta(days=2))
    assert due(file, "rectification") == datetime(2026, 5, 1, 10, tzinfo=START.tzinfo)
    assert file.hazard.plan["approved"] is True


def test_a_refused_plan_is_owed_anew() -> None:
    file = file_in("plan_review", grade="major")
    act(file, "decide_plan", REGULATOR, approved=False, reason="资金未落实", after=timedelta(days=2))
    assert file.hazard.plan is not None
    assert (file.hazard.plan["approved"], file.hazard.plan["reason"]) == (False, "资金未落实")
    clock = file.running("plan")
    assert clock is not None
    assert clock.started_at == START + timedelta(days=2)


def test_an_extension_is_asked_before_the_due_date() -> None:
    file = file_in("rectifying")
    assert due(file, "rectification") == datetime(2026, 3, 17, 23, 59, 59, tzinfo=CIVIL)
    on_time = timedelta(days=15, hours=13, minutes=59)
    act(file, "request_extension", ENTERPRISE, after=on_time)
    assert running(file) == {"rectification", "extension_decision"}
    late = file_in("rectifying")
    assert refused(late, "request_extension", ENTERPRISE, after=timedelta(days=16)).code is (
        Code.EXTENSION_TOO_LATE
    )


def test_an_extension_is_longer_than_what_is_granted_already() -> None:
    file = file_in("rectifying")
    assert refused(file, "request_extension", ENTERPRISE, due_at=in_days(3)).code is Code.INVALID_BODY


def test_nothing_can_be_extended_before_it_was_served() -> None:
    file = file_in("rectifying", served_at=None)
    assert refused(file, "request_extension", ENTERPRISE).code is Code.CONFLICT


@pytest.mark.parametrize(("granted", "until"), [(None, in_days(50)), (in_days(40), in_days(40))])
def test_a_granted_extension_moves_the_date(granted: str | None, until: str) -> None:
    file = file_in("rectifying", extension=True)
    act(file, "decide_extension", REGULATOR, due_at=granted)
    assert msgspec.to_builtins(due(file, "rectification")) == until
    assert file.hazard.due_rule == "hazard.decide_extension"
    assert file.hazard.first_due_at == due(file, "rectification")
    paper = file.hazard.extensions[-1]
    assert (paper["approved"], paper["granted_until"]) == (True, until)
    assert running(file) == {"rectification"}


def test_a_refused_extension_leaves_the_date() -> None:
    file = file_in("rectifying", extension=True)
    before = due(file, "rectification")
    act(file, "decide_extension", REGULATOR, approved=False)
    assert due(file, "rectification") == before
    assert (file.hazard.extension_pending, file.hazard.extensions[-1]["approved"]) == (False, False)


def test_a_granted_date_cannot_be_earlier() -> None:
    file = file_in("rectifying", extension=True)
    assert refused(file, "decide_extension", REGULATOR, due_at=in_days(2)).code is Code.INVALID_BODY
    assert file.hazard.extension_pending


@pytest.mark.parametrize("leaving", ["submit_rectification", "dismiss"])
def test_a_request_ends_with_what_it_was_for(leaving: str) -> None:
    file = file_in("rectifying", extension=True)
    act(file, leaving, ENTERPRISE if leaving == "submit_rectification" else REGULATOR)
    assert not file.hazard.extension_pending
    assert "extension_decision" not in running(file)


def test_rectification_of_what_others_found_is_shown_by_a_photo() -> None:
    file = file_in("rectifying")
    assert refused(file, "submit_rectification", ENTERPRISE, photos=[]).code is Code.EVIDENCE_MISSING
    own = file_in("rectifying", found_role="enterprise", order_kind="self")
    act(own, "submit_rectification", ENTERPRISE, photos=[])
    assert own.hazard.status == "verifying"


def test_while_it_waits_for_the_inspector_the_enterprise_is_not_late() -> None:
    file = file_in("rectifying")
    act(file, "submit_rectification", ENTERPRISE, after=timedelta(days=15))
    assert (file.hazard.due_party, file.hazard.due_kind) == ("regulator", "reinspection")


def test_a_failed_re_inspection_gives_a_new_date_and_counts() -> None:
    file = file_in("rectifying")
    first = file.hazard.first_due_at
    act(file, "submit_rectification", ENTERPRISE, after=timedelta(days=10))
    act(file, "verify", OFFICER, passed=False, after=timedelta(days=20))
    state = file.hazard
    assert (state.status, state.repeats, state.cycle) == ("rectifying", 1, 2)
    assert state.first_due_at == first
    assert due(file, "rectification") > START + timedelta(days=30)
    assert [clock.cycle for clock in file.clocks if clock.kind == "rectification"] == [1, 2]


def test_after_a_repeat_an_extension_leaves_the_first_date() -> None:
    file = file_in("rectifying")
    first = file.hazard.first_due_at
    act(file, "submit_rectification", ENTERPRISE, after=timedelta(days=1))
    act(file, "verify", OFFICER, passed=False, after=timedelta(days=2))
    act(file, "request_extension", ENTERPRISE, after=timedelta(days=3))
    act(file, "decide_extension", REGULATOR, after=timedelta(days=4))
    assert file.hazard.first_due_at == first


def test_a_reopened_hazard_starts_anew() -> None:
    file = file_in("closed", rectified_by=ENTERPRISE.id, verified_by=OFFICER.id)
    act(file, "reopen", REGULATOR, after=timedelta(days=100))
    state = file.hazard
    assert (state.status, state.cycle, state.rectified_by, state.verified_by) == ("rectifying", 2, None, None)
    assert state.first_due_at == due(file, "rectification")
    assert due(file, "rectification") > START + timedelta(days=100)


def test_a_duplicate_names_the_other_hazard() -> None:
    file = file_in("reported")
    own = str(file.hazard.id)
    assert refused(file, "dismiss", OFFICER, duplicate_of=own).code is Code.INVALID_BODY
    act(file, "dismiss", OFFICER, duplicate_of=str(REGULATOR.id))
    assert file.hazard.duplicate_of == REGULATOR.id
    act(file, "reopen", REGULATOR)
    assert file.hazard.duplicate_of is None


def test_suspension_and_resumption() -> None:
    """Work Safety Law art. 65, Order 16 art. 23: resumed only after a review, within ten days."""
    file = file_in("rectifying")
    act(file, "order_suspension", OFFICER)
    act(file, "request_resumption", ENTERPRISE, after=timedelta(days=3))
    assert due(file, "resumption_decision") == datetime(2026, 3, 15, 23, 59, 59, tzinfo=CIVIL)
    act(file, "decide_resumption", REGULATOR, approved=False, after=timedelta(days=4))
    assert (file.hazard.suspended, file.hazard.resumption_pending) == (True, False)
    act(file, "request_resumption", ENTERPRISE, after=timedelta(days=5))
    act(file, "decide_resumption", REGULATOR, approved=True, after=timedelta(days=6))
    assert not file.hazard.suspended
    assert "resumption_decision" not in running(file)


def test_a_plan_whose_date_has_passed_at_the_decision_gives_no_date() -> None:
    """The regulator was late; the enterprise is not overdue for it. The rule's date takes its place."""
    file = file_in("plan_due", grade="major")
    act(file, "submit_plan", ENTERPRISE, due_at=in_days(10))
    act(file, "decide_plan", REGULATOR, after=timedelta(days=12))
    assert due(file, "rectification") > START + timedelta(days=40)
    assert file.hazard.due_rule != "hazard.submit_plan"


def test_a_reopened_major_hazard_is_told_to_the_workers_anew() -> None:
    file = file_in("closed", grade="major", workers_told_at=START)
    act(file, "reopen", REGULATOR)
    assert (file.hazard.workers_told_at, running(file)) == (None, {"rectification", "report_to_workers"})


def test_a_major_hazard_that_the_enterprise_found_itself_is_re_inspected() -> None:
    """Its second person accepts general ones only."""
    file = file_in("rectifying", grade="major", order_kind="self", found_role="enterprise")
    act(file, "submit_rectification", ENTERPRISE, photos=[])
    assert "reinspection" in running(file)
    assert refused(file, "accept", person("enterprise", 2)).code is Code.CONFLICT


def test_a_transfer_leaves_a_record_that_goes_with_the_case() -> None:
    file = file_in("rectifying")
    act(file, "transfer", REGULATOR)
    act(file, "transfer", REGULATOR, to="市场监督管理局", after=timedelta(days=1))
    one, two = file.hazard.transfers
    assert (one["number"], two["number"]) == ("652327-260302-AAAAAA-Y1", "652327-260302-AAAAAA-Y2")
    assert (one["to"], one["reason"], one["by"]) == ("消防救援大队", "职责所在", str(REGULATOR.id))
    assert (one["title"], one["grade"], one["status"]) == ("可燃气体报警器未投用", "general", "rectifying")
    assert one["due_on"] == "2026-03-17"
    assert file.hazard.transferred_to == "市场监督管理局"


def test_every_empty_element_of_a_plan_is_named() -> None:
    file = file_in("plan_due", grade="major")
    refusal = refused(file, "submit_plan", ENTERPRISE, **dict.fromkeys(PLAN))
    assert [fault.pointer for fault in refusal.faults] == [f"/body/{name}" for name in PLAN]
