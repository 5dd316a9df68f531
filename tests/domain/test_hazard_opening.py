"""How a hazard begins: who found it, whether the enterprise was told, whether it was fixed at once."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from inspect_api.domain.clocks import HazardFile
from inspect_api.domain.hazard import HazardState
from inspect_api.domain.opening import (
    number_of,
    open_found,
    open_reported,
    order_of,
    prove_fixed_on_site,
    was_served,
)
from inspect_api.domain.stages import serve
from inspect_api.errors import Refusal
from sync.bodies import Attendee, Refused
from tests.domain.hazard_cases import PHOTO, START, act, book, hazard, in_days, person, running

LATER = START + timedelta(days=2)
ONE, TWO = UUID(int=1), UUID(int=2)


@pytest.mark.parametrize(
    ("role", "officers", "order"),
    [
        ("inspector", [], "urged"),
        ("inspector", [ONE, TWO], "urged"),
        ("expert", [ONE, TWO], "urged"),
        ("officer", [], "urged"),
        ("officer", [ONE], "urged"),
        ("officer", [ONE, ONE], "urged"),
        ("officer", [ONE, TWO], "ordered"),
        ("regulator", [ONE, TWO], "ordered"),
        ("enterprise", [], "self"),
        ("enterprise", [ONE, TWO], "self"),
    ],
)
def test_an_order_needs_two_officers(role: str, officers: list[UUID], order: str) -> None:
    assert order_of(role, officers) == order


def attendee(
    role: str,
    *,
    signed: bool = False,
    witness: str | None = None,
    refused: bool = False,
    reason: str = "不同意",
) -> Attendee:
    return Attendee(
        role=role,  # type: ignore[arg-type]
        name="王建国",
        signature=PHOTO if signed else None,
        refused=Refused(reason=reason, witness=witness) if refused else None,
    )


@pytest.mark.parametrize(
    ("attendees", "served"),
    [
        ([], False),
        ([attendee("principal", signed=True)], True),
        ([attendee("safety_manager", signed=True)], True),
        ([attendee("operator", signed=True)], False),
        ([attendee("witness", signed=True)], False),
        ([attendee("principal")], False),
        ([attendee("principal", refused=True, witness="李梅")], True),
        ([attendee("principal", refused=True)], False),
        ([attendee("principal", refused=True, witness="\u3000")], False),
        ([attendee("principal", refused=True, witness="李梅", reason="")], False),
        ([attendee("operator", refused=True, witness="李梅")], False),
        ([attendee("inspector"), attendee("safety_manager", signed=True)], True),
    ],
)
def test_who_was_told_on_the_spot(attendees: list[Attendee], served: bool) -> None:
    assert was_served(attendees) is served


def opened(fixed: bool | None = None, now: datetime = LATER, **changes: object) -> HazardFile:
    file = HazardFile(hazard(**changes))
    open_found(file, now, book(), fixed)
    return file


FOUND = [
    # role, order, grade -> status, suspected, who owes what
    ("inspector", "urged", "general", "rectifying", False, "rectification"),
    ("officer", "ordered", "general", "rectifying", False, "rectification"),
    ("officer", "urged", "general", "rectifying", False, "rectification"),
    ("enterprise", "self", "general", "rectifying", False, "rectification"),
    ("inspector", "urged", "major", "reported", True, "confirmation"),
    ("expert", "urged", "major", "reported", True, "confirmation"),
    ("enterprise", "self", "major", "reported", True, "confirmation"),
    ("officer", "ordered", "major", "plan_due", False, "plan"),
    ("officer", "urged", "major", "plan_due", False, "plan"),
    ("regulator", "ordered", "major", "plan_due", False, "plan"),
]


@pytest.mark.parametrize(("role", "order", "grade", "status", "suspected", "clock"), FOUND)
def test_what_was_found_by_whom(
    role: str, order: str, grade: str, status: str, suspected: bool, clock: str
) -> None:
    file = opened(found_role=role, order_kind=order, grade=grade)
    assert (file.hazard.status, file.hazard.suspected_major) == (status, suspected)
    assert clock in running(file)


@pytest.mark.parametrize("fixed", [True, False])
@pytest.mark.parametrize("role", ["inspector", "officer", "enterprise"])
def test_a_major_hazard_is_never_closed_on_the_spot(role: str, fixed: bool) -> None:
    file = opened(fixed, grade="major", found_role=role)
    assert file.hazard.status in ("reported", "plan_due")
    assert not file.hazard.on_site_pending


def test_a_general_one_that_is_proved_fixed_is_closed_at_once() -> None:
    file = opened(True)
    assert file.hazard.status == "closed"
    assert file.clocks == []
    assert file.hazard.due_at is None


def test_while_its_photo_is_awaited_it_waits_for_re_inspection() -> None:
    file = opened(False)
    assert (file.hazard.status, file.hazard.due_party) == ("verifying", "regulator")
    prove_fixed_on_site(file, LATER, book())
    assert file.hazard.status == "closed"
    assert running(file) == set()


def test_what_an_enterprise_fixed_itself_another_person_of_it_accepts() -> None:
    """Until then its own clock runs: an open hazard is never nobody's."""
    finder = person("enterprise")
    file = opened(False, found_role="enterprise", found_by=finder.id, order_kind="self")
    assert (file.hazard.status, running(file)) == ("verifying", {"rectification"})
    with pytest.raises(Refusal):
        act(file, "accept", finder, after=timedelta(days=3))
    act(file, "accept", person("enterprise", 2), after=timedelta(days=3))
    assert file.hazard.status == "closed"


def test_a_photo_that_comes_late_closes_nothing_else() -> None:
    """Dismissed and found again meanwhile, it takes its ordinary way."""
    file = opened(False)
    act(file, "dismiss", person("regulator"), after=timedelta(days=3))
    act(file, "reopen", person("regulator"), after=timedelta(days=4))
    act(file, "confirm", person("officer"), after=timedelta(days=5))
    act(file, "submit_rectification", person("enterprise"), after=timedelta(days=6))
    assert file.hazard.status == "verifying"
    assert not file.hazard.on_site_pending


def test_served_on_the_spot_the_enterprises_time_runs_from_the_field() -> None:
    file = opened(served_at=START)
    assert [clock.started_at for clock in file.clocks] == [START]
    assert file.hazard.first_due_at == file.hazard.due_at


def test_served_by_notice_it_runs_from_the_delivery() -> None:
    file = opened(served_at=None)
    assert (running(file), file.hazard.due_party) == ({"service"}, "regulator")
    delivered = LATER + timedelta(days=1)
    assert serve(file, delivered, book())
    file.settle()
    assert running(file) == {"rectification"}
    clock = file.running("rectification")
    assert clock is not None
    assert (clock.started_at, file.hazard.due_party) == (delivered, "enterprise")
    assert clock.due_at > delivered


@pytest.mark.parametrize(
    ("days", "rule"), [(9, "hazard.confirm"), (4, "rectification.general"), (None, "rectification.general")]
)
def test_a_date_set_before_the_service_waits_for_it(days: int | None, rule: str) -> None:
    """Confirmed on the third day, told on the fifth: a date that has passed by then binds nobody."""
    file = HazardFile(hazard(source_kind="report", served_at=None))
    open_reported(file, START, book())
    due_at = in_days(days) if days else None
    act(file, "confirm", person("regulator"), grade="general", due_at=due_at, after=timedelta(days=3))
    assert (running(file), file.hazard.due_party) == ({"service"}, "regulator")
    serve(file, START + timedelta(days=5), book())
    file.settle()
    assert file.hazard.due_rule == rule
    assert file.hazard.first_due_at == file.hazard.due_at
    if rule == "hazard.confirm":
        assert file.hazard.due_at == START + timedelta(days=9)


def test_an_approved_plan_has_served_itself() -> None:
    file = opened(served_at=None, grade="major", found_role="officer", order_kind="ordered")
    act(file, "submit_plan", person("enterprise"), due_at=in_days(60))
    act(file, "decide_plan", person("regulator"))
    assert running(file) == {"rectification", "report_to_workers"}
    clock = file.running("rectification")
    assert clock is not None
    assert (clock.due_at, clock.rule) == (START + timedelta(days=60), "hazard.submit_plan")


def test_a_second_delivery_changes_nothing() -> None:
    file = opened(served_at=START)
    due = file.hazard.due_at
    assert not serve(file, LATER + timedelta(days=5), book())
    assert (file.hazard.served_at, file.hazard.due_at) == (START, due)


def test_the_service_of_a_major_hazard_starts_the_plan_and_the_second_report() -> None:
    file = opened(served_at=None, grade="major", found_role="officer", order_kind="ordered")
    assert running(file) == {"service"}
    serve(file, LATER, book())
    assert running(file) == {"plan", "report_to_workers"}


def test_the_regulators_time_runs_from_the_arrival() -> None:
    """Found offline two days before the record came: the office could not have known."""
    file = opened(grade="major")
    clock = file.running("confirmation")
    assert clock is not None
    assert clock.started_at == LATER


def test_a_report_waits_for_confirmation() -> None:
    file = HazardFile(hazard(source_kind="report", served_at=None, suspected_major=True))
    open_reported(file, LATER, book())
    clock = file.running("confirmation")
    assert clock is not None
    assert (file.hazard.status, clock.rule) == ("reported", "confirmation.major")


def test_a_number_can_be_printed_in_the_field() -> None:
    """County, the day in China, letters of the id."""
    late_evening = datetime(2026, 11, 20, 17, 30, tzinfo=UTC)
    found = number_of(UUID("0197c0f2-6f3e-5c11-8a54-6d0c8f6e2b11"), "652327100001", late_evening)
    assert found == "652327-261121-R5XCWE"


def test_numbers_of_one_day_differ() -> None:
    made = {number_of(uuid4(), "652327", START) for _ in range(500)}
    assert len(made) == 500


def test_a_suspected_hazard_has_the_deadlines_of_a_major_one() -> None:
    state: HazardState = hazard(suspected_major=True)
    assert state.ruling_grade == "major"
    assert hazard().ruling_grade == "general"
