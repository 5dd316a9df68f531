"""Working days against the official notices and against sums done by hand."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspect_api.domain.calendar import Calendar, civil_date, end_of_day, noticed_years, seed_days
from tests.domain.official_calendar import NOTICED, OFFICIAL, OFFICIAL_DAYS

ONE_DAY = timedelta(days=1)
DATES = st.dates(date(2023, 1, 1), date(2028, 6, 30))


def test_seed_says_of_every_day_what_the_notices_say() -> None:
    seed = Calendar("seed", {day.date: day.is_workday for day in seed_days(NOTICED)}, noticed_years(NOTICED))
    first, last = date(2023, 1, 1), date(2026, 12, 31)
    days = [first + timedelta(days=i) for i in range((last - first).days + 1)]
    assert len(days) == 365 + 366 + 365 + 365
    assert [d for d in days if seed.is_working_day(d) != OFFICIAL.is_working_day(d)] == []


def test_seed_holds_only_days_that_the_weekday_does_not_tell() -> None:
    rows = seed_days([2026])
    assert all(row.is_workday == (row.date.weekday() >= 5) for row in rows)
    assert [row.date for row in rows] == sorted({row.date for row in rows})
    assert (date(2026, 10, 10), True, "国庆节") in rows
    assert (date(2026, 10, 1), False, "国庆节") in rows
    assert [row.date for row in rows if row.is_workday] == sorted(
        day for day, worked in OFFICIAL_DAYS.items() if worked and day.year == 2026
    )


def test_a_year_without_notice_is_not_seeded() -> None:
    assert noticed_years(range(2023, 2200)) >= set(NOTICED)
    assert 2199 not in noticed_years(range(2023, 2200))
    assert seed_days([2199]) == []


@pytest.mark.parametrize(
    ("start", "n", "end"),
    [
        # National Day 2026: 1 to 7 October off, Saturday the 10th worked
        ("2026-09-30", 1, "2026-10-08"),
        ("2026-09-30", 2, "2026-10-09"),
        ("2026-09-30", 3, "2026-10-10"),
        ("2026-09-30", 4, "2026-10-12"),
        ("2026-10-03", 1, "2026-10-08"),
        ("2026-10-10", 1, "2026-10-12"),
        ("2026-10-08", -1, "2026-09-30"),
        ("2026-10-12", -1, "2026-10-10"),
        ("2026-10-12", -4, "2026-09-30"),
        # Sunday 20 September worked, 25 to 27 September off
        ("2026-09-18", 1, "2026-09-20"),
        ("2026-09-21", -2, "2026-09-18"),
        ("2026-09-24", 1, "2026-09-28"),
        # Spring Festival 2026: Saturday 14 February worked, 15 to 23 off, Saturday the 28th worked
        ("2026-02-13", 1, "2026-02-14"),
        ("2026-02-13", 2, "2026-02-24"),
        ("2026-02-13", 6, "2026-02-28"),
        ("2026-02-13", 7, "2026-03-02"),
        # Spring Festival 2024: New Year's Eve worked, 10 to 17 February off, Sunday the 18th worked
        ("2024-02-08", 1, "2024-02-09"),
        ("2024-02-08", 2, "2024-02-18"),
        # month ends, a leap day, and a year's end with a worked Sunday after it
        ("2024-02-28", 1, "2024-02-29"),
        ("2024-02-28", 2, "2024-03-01"),
        ("2026-07-31", 1, "2026-08-03"),
        ("2025-12-31", 1, "2026-01-04"),
        ("2026-01-05", -2, "2025-12-31"),
        # day 0 is the start itself, worked or not
        ("2026-10-03", 0, "2026-10-03"),
    ],
)
def test_working_days_counted_by_hand(start: str, n: int, end: str) -> None:
    assert OFFICIAL.add_working_days(date.fromisoformat(start), n) == (date.fromisoformat(end), False)


@pytest.mark.parametrize(
    ("start", "n", "end", "provisional"),
    [
        ("2026-12-30", 1, "2026-12-31", False),
        ("2026-12-31", 1, "2027-01-01", True),  # by weekends alone New Year's Day is a Friday
        ("2026-12-31", 2, "2027-01-04", True),
        ("2027-01-01", -1, "2026-12-31", False),  # no day of 2027 is counted
        ("2027-01-04", -2, "2026-12-31", True),  # 2027 is crossed, though not reached
        ("2027-05-01", 0, "2027-05-01", False),
        ("2022-12-29", 2, "2023-01-03", True),
    ],
)
def test_a_year_without_notice_counts_weekends_and_is_provisional(
    start: str, n: int, end: str, provisional: bool
) -> None:
    assert OFFICIAL.add_working_days(date.fromisoformat(start), n) == (date.fromisoformat(end), provisional)


def test_the_arriving_notice_settles_the_date() -> None:
    off = {date(2027, 1, 1): False, date(2027, 1, 2): False, date(2027, 1, 3): False}
    later = Calendar("2027.1", {**OFFICIAL_DAYS, **off}, OFFICIAL.noticed_years | {2027})
    assert later.add_working_days(date(2026, 12, 31), 1) == (date(2027, 1, 4), False)


@given(DATES, st.integers(-60, 60))
@settings(max_examples=200)
def test_adding_n_passes_n_working_days(start: date, n: int) -> None:
    end, _ = OFFICIAL.add_working_days(start, n)
    low, high = (start + ONE_DAY, end) if n >= 0 else (end, start - ONE_DAY)
    passed = [low + timedelta(days=i) for i in range((high - low).days + 1)]
    assert sum(OFFICIAL.is_working_day(day) for day in passed) == abs(n)
    assert n == 0 or OFFICIAL.is_working_day(end)


@given(DATES, DATES, st.integers(0, 40), st.integers(0, 40))
@settings(max_examples=200)
def test_a_later_start_or_more_days_never_end_earlier(a: date, b: date, n: int, m: int) -> None:
    early, late = sorted((a, b))
    few, many = sorted((n, m))
    assert OFFICIAL.add_working_days(early, few)[0] <= OFFICIAL.add_working_days(late, many)[0]


@given(DATES.filter(OFFICIAL.is_working_day), st.integers(-40, 40))
@settings(max_examples=200)
def test_counting_back_from_a_worked_day_returns(start: date, n: int) -> None:
    there, _ = OFFICIAL.add_working_days(start, n)
    assert OFFICIAL.add_working_days(there, -n)[0] == start


def test_the_civil_day_is_that_of_shanghai() -> None:
    assert civil_date(datetime(2026, 10, 7, 15, 59, 59, tzinfo=UTC)) == date(2026, 10, 7)
    assert civil_date(datetime(2026, 10, 7, 16, 0, 0, tzinfo=UTC)) == date(2026, 10, 8)
    assert end_of_day(date(2026, 10, 7)) == datetime(2026, 10, 7, 15, 59, 59, tzinfo=UTC)
    assert end_of_day(date(2026, 10, 7)).tzinfo is UTC


def test_a_moment_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        civil_date(datetime(2026, 10, 7, 12))  # noqa: DTZ001
