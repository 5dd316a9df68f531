"""What is owed for a major hazard besides its rectification, and what serves an enterprise."""

from datetime import timedelta

import msgspec
import pytest

from inspect_api.domain.stages import serve
from inspect_api.errors import Code
from tests.domain.hazard_cases import START, act, book, file_in, in_days, person, running
from tests.domain.test_hazard_commands import ENTERPRISE, OFFICER, REGULATOR, due, refused


def test_the_second_report_needs_its_proof() -> None:
    file = file_in("plan_due", grade="major")
    assert "report_to_workers" in running(file)
    assert refused(file, "report_to_workers", ENTERPRISE, proof=[]).code is Code.EVIDENCE_MISSING
    act(file, "report_to_workers", ENTERPRISE)
    assert file.hazard.workers_told_at == START + timedelta(hours=1)
    assert "report_to_workers" not in running(file)


def test_a_missing_second_report_does_not_gate_the_end() -> None:
    file = file_in("plan_due", grade="major")
    act(file, "submit_plan", ENTERPRISE)
    act(file, "decide_plan", REGULATOR)
    act(file, "submit_rectification", ENTERPRISE)
    act(file, "verify", OFFICER)
    assert running(file) == {"final_review", "report_to_workers"}
    act(file, "close", REGULATOR)
    assert (file.hazard.status, running(file)) == ("closed", set())


def test_listing_has_its_clocks_and_ends_with_the_hazard() -> None:
    """To publish, to finish, and, once it is re-inspected, to take it off the list."""
    file = file_in("rectifying", grade="major", workers_told_at=START)
    act(file, "list_supervision", REGULATOR, due_at="2026-03-31T18:00:00+08:00")
    assert running(file) == {"rectification", "listing_publication", "listing"}
    assert due(file, "listing") == file.hazard.listed_due_at
    assert msgspec.to_builtins(file.hazard.listed_due_at) == "2026-03-31T10:00:00Z"
    act(file, "submit_rectification", ENTERPRISE, after=timedelta(days=2))
    act(file, "verify", OFFICER, after=timedelta(days=3))
    assert running(file) == {"final_review", "listing_publication", "delisting"}
    act(file, "close", person("regulator", 2), after=timedelta(days=4))
    assert running(file) == set()
    assert file.hazard.listed_level is None


def test_delisting_ends_every_clock_of_the_listing() -> None:
    file = file_in("review", grade="major")
    act(file, "list_supervision", REGULATOR)
    assert running(file) == {"final_review", "listing_publication", "delisting"}
    act(file, "delist", REGULATOR)
    assert running(file) == {"final_review"}


def test_a_listing_of_what_turns_out_general_is_ended() -> None:
    """As it was possible before: listed while it was still to be confirmed."""
    file = file_in("reported", grade="major", suspected_major=True, listed=True)
    act(file, "confirm", OFFICER, grade="general")
    assert (file.hazard.listed_level, running(file)) == (None, {"rectification"})


def test_where_nobody_can_be_told_of_the_listing_its_publication_is_owed_by_nobody() -> None:
    file = file_in("rectifying", grade="major", enterprise_id=None)
    act(file, "list_supervision", REGULATOR)
    assert "listing_publication" not in running(file)


@pytest.mark.parametrize("planned", [in_days(20), None])
def test_a_date_set_with_a_major_hazard_is_that_of_its_plan_also_after_the_service(
    planned: str | None,
) -> None:
    file = file_in("reported", served_at=None)
    act(file, "confirm", OFFICER, grade="major", due_at=planned)
    assert (running(file), file.hazard.first_due_at) == ({"service"}, None)
    serve(file, START + timedelta(days=2), book())
    file.settle()
    clock = file.running("plan")
    assert clock is not None
    assert clock.rule == ("hazard.confirm" if planned else "plan")
    if planned:
        assert msgspec.to_builtins(clock.due_at) == planned
    assert (file.hazard.first_due_at, file.hazard.set_due_at) == (None, None)


@pytest.mark.parametrize("name", ["submit_plan", "report_to_workers", "note"])
def test_an_enterprise_that_acts_has_been_told(name: str) -> None:
    """It plainly knows: what it owes runs from its own act, and no service is owed any more."""
    file = file_in("plan_due", grade="major", served_at=None)
    act(file, name, ENTERPRISE)
    assert file.hazard.served_at == START + timedelta(hours=1)
    assert (
        running(file)
        == {
            "submit_plan": {"plan_decision", "report_to_workers"},
            "report_to_workers": {"plan"},
            "note": {"plan", "report_to_workers"},
        }[name]
    )


def test_a_rectification_is_an_act_too() -> None:
    file = file_in("rectifying", served_at=None)
    act(file, "submit_rectification", ENTERPRISE)
    assert (file.hazard.served_at, running(file)) == (START + timedelta(hours=1), {"reinspection"})
    act(file, "verify", OFFICER, passed=False, after=timedelta(days=1))
    assert running(file) == {"rectification"}


def test_what_is_refused_serves_nobody() -> None:
    file = file_in("rectifying", served_at=None)
    assert refused(file, "submit_rectification", ENTERPRISE, photos=[]).code is Code.EVIDENCE_MISSING
    assert file.hazard.served_at is None


def test_what_others_do_serves_nobody() -> None:
    file = file_in("rectifying", served_at=None)
    act(file, "note", OFFICER)
    assert (file.hazard.served_at, running(file)) == (None, {"service"})
