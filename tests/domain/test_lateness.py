"""Whose every overdue day was: told stories with days counted by hand, and sums over any story."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from inspect_api.domain.calendar import CIVIL
from inspect_api.domain.clocks import ClockState
from inspect_api.domain.deadline import CLOCK_PARTY, overdue_days
from inspect_api.domain.history import EventBody
from inspect_api.domain.lateness import Entry, Span, days_by_reason, overdue_spans

MARCH = datetime(2026, 3, 1, 10, tzinfo=CIVIL)


def on(day: float) -> datetime:
    """Ten in the morning of a day of March (or later: the 40th is 9 April)."""
    return MARCH + timedelta(days=day - 1)


def end_of(day: int) -> datetime:
    return on(day).replace(hour=23, minute=59, second=59)


def clock(kind: str, start: float, due: int, stop: float | None = None, cycle: int = 1) -> ClockState:
    return ClockState(
        hazard_id=UUID(int=1),
        party=CLOCK_PARTY[kind],  # type: ignore[index]
        kind=kind,
        cycle=cycle,
        started_at=on(start),
        due_at=end_of(due),
        rule="r",
        calendar_version="1",
        provisional=False,
        explanation=[],
        is_running=stop is None,
        stopped_at=None if stop is None else on(stop),
    )


def entry(day: float, *clocks: ClockState, kind: str = "hazard.x", **changed: object) -> Entry:
    plain = [msgspec.to_builtins(each) for each in clocks]
    return Entry(kind, on(day), EventBody(set=changed, clocks=plain))


def told(*entries: Entry, until: float) -> list[tuple[str, int, int]]:
    """(reason, first day, last day), days counted from the first of March."""
    return [_told(span) for span in overdue_spans(entries, on(until))]


def _told(span: Span) -> tuple[str, int, int]:
    first = date(2026, 2, 28)
    return span.reason, (span.first - first).days, (span.last - first).days


OPENED = entry(1, clock("rectification", 1, 10), status="rectifying")


def test_the_enterprise_is_late_then_it_waits_for_the_inspector() -> None:
    fixed = entry(13, clock("rectification", 1, 10, 13), clock("reinspection", 13, 23), status="verifying")
    closed = entry(27, clock("reinspection", 13, 23, 27), status="closed")
    spans = told(OPENED, fixed, closed, until=60)
    assert spans == [("enterprise", 11, 13), ("regulator", 14, 27)]
    assert told(OPENED, fixed, closed, until=12) == [("enterprise", 11, 12)]
    assert told(OPENED, until=10) == []


def test_who_did_his_part_in_time_has_no_day_of_it() -> None:
    fixed = entry(9, clock("rectification", 1, 10, 9), clock("reinspection", 9, 19), status="verifying")
    closed = entry(18, clock("reinspection", 9, 19, 18), status="closed")
    assert told(OPENED, fixed, closed, until=60) == [("regulator", 11, 18)]


def test_an_extension_excuses_its_days() -> None:
    asked = entry(9, clock("extension_decision", 9, 12))
    granted = entry(12, clock("extension_decision", 9, 12, 12), clock("rectification", 1, 20))
    assert told(OPENED, asked, until=12) == [("regulator", 11, 12)]  # asked in time, and not answered
    spans = told(OPENED, asked, granted, until=23)
    assert spans == [("regulator", 11, 12), ("extension", 13, 20), ("enterprise", 21, 23)]


def test_days_of_a_suspended_plant_and_of_a_late_answer_to_resume() -> None:
    suspended = entry(5, suspended=True)
    asked = entry(12, clock("resumption_decision", 12, 15))
    resumed = entry(18, clock("resumption_decision", 12, 15, 18), suspended=False)
    assert told(OPENED, suspended, asked, resumed, until=20) == [
        ("suspended", 11, 15), ("regulator", 16, 18), ("enterprise", 19, 20),
    ]  # fmt: skip


def test_a_failed_reinspection_counts_on_from_the_first_due_date() -> None:
    fixed = entry(9, clock("rectification", 1, 10, 9), clock("reinspection", 9, 19), status="verifying")
    failed = entry(
        12, clock("reinspection", 9, 19, 12), clock("rectification", 12, 27, cycle=2), status="rectifying"
    )
    assert told(OPENED, fixed, failed, until=15) == [("regulator", 11, 12), ("enterprise", 13, 15)]


def test_late_evidence_is_a_question_and_then_nobodys_delay() -> None:
    fixed = entry(
        20, clock("rectification", 1, 10, 20), clock("reinspection", 20, 30),
        status="verifying",
    )  # fmt: skip
    asked = entry(20, late_evidence={"clock": "rectification", "cycle": 1})
    believed = entry(22, clock("rectification", 1, 10, 8), late_evidence=None)
    refused = entry(22, late_evidence=None)
    assert told(OPENED, fixed, asked, until=21) == [("open_question", 11, 20), ("regulator", 21, 21)]
    assert told(OPENED, fixed, asked, believed, until=23) == [("regulator", 11, 23)]
    assert told(OPENED, fixed, asked, refused, until=23) == [("enterprise", 11, 20), ("regulator", 21, 23)]


def test_before_the_rectification_only_what_has_run_out_is_overdue() -> None:
    reported = entry(1, clock("confirmation", 1, 4), status="reported")
    confirmed = entry(7, clock("confirmation", 1, 4, 7), clock("rectification", 7, 22), status="rectifying")
    assert told(reported, confirmed, until=24) == [("regulator", 5, 7), ("enterprise", 23, 24)]


def test_a_date_that_a_notice_of_holidays_moved_is_no_extension() -> None:
    moved = entry(5, clock("rectification", 1, 14), kind="hazard.dates_recomputed")
    assert told(OPENED, moved, until=15) == [("enterprise", 15, 15)]


def test_a_hazard_opened_again_counts_anew() -> None:
    closed = entry(12, clock("rectification", 1, 10, 12), status="closed")
    again = entry(30, clock("rectification", 30, 40, cycle=2), status="rectifying")
    assert told(OPENED, closed, again, until=42) == [("enterprise", 11, 12), ("enterprise", 41, 42)]


@st.composite
def stories(draw: st.DrawFn) -> list[Entry]:
    """A served hazard that goes back and forth, is extended, suspended, doubted, and perhaps closed."""
    entries, day = [OPENED], 1.0
    current, turn = clock("rectification", 1, 10), 1
    with_regulator = suspended = False
    for move in draw(
        st.lists(st.sampled_from(["hand over", "extend", "suspend", "doubt", "wait"]), max_size=8)
    ):
        day += draw(st.integers(1, 9)) + draw(st.sampled_from([0.0, 0.3]))
        if move == "hand over":
            stopped = msgspec.structs.replace(current, stopped_at=on(day), is_running=False)
            with_regulator = not with_regulator
            turn += 1
            kind = "reinspection" if with_regulator else "rectification"
            current = clock(kind, day, round(day) + draw(st.integers(1, 12)), cycle=turn)
            status = "verifying" if with_regulator else "rectifying"
            entries.append(entry(day, stopped, current, status=status))
        elif move == "extend" and not with_regulator:
            current = msgspec.structs.replace(current, due_at=current.due_at + timedelta(days=7))
            entries.append(entry(day, current))
        elif move == "suspend":
            suspended = not suspended
            entries.append(entry(day, suspended=suspended))
        elif move == "doubt":
            entries.append(entry(day, late_evidence={"clock": "rectification", "cycle": 1}))
    if draw(st.booleans()):
        stopped = msgspec.structs.replace(current, stopped_at=on(day + 2), is_running=False)
        entries.append(entry(day + 2, stopped, status="closed"))
    return entries


@given(stories(), st.integers(1, 120))
@settings(max_examples=300)
def test_the_days_since_the_first_due_date_add_up_without_gap_or_overlap(
    story: list[Entry], until: int
) -> None:
    as_of = on(until).astimezone(UTC)
    spans = overdue_spans(story, as_of)
    last = story[-1]
    is_closed = last.body.set.get("status") == "closed" and last.at <= as_of
    end = min(last.at, as_of) if is_closed else as_of
    assert sum(days_by_reason(spans).values()) == sum(span.days for span in spans)
    days = [span.first + timedelta(days=n) for span in spans for n in range(span.days)]
    assert len(set(days)) == len(days)
    # a clock that ran out before counts too; from the first due date on there is no day without a reason
    since = [day for day in days if day > date(2026, 3, 10)]
    assert since == [date(2026, 3, 11) + timedelta(days=n) for n in range(overdue_days(end_of(10), end))]
