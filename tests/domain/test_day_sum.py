"""The sum that a disputed date is defended with, against sums done by hand."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from inspect_api.domain.calendar import Calendar, noticed_years, seed_days
from inspect_api.domain.day_sum import counted_days, day_sum

SEED = seed_days([2026])
CALENDAR = Calendar(
    "2026.1",
    {day.date: day.is_workday for day in SEED},
    noticed_years([2026]),
    {d.date: d.name for d in SEED},
)


def test_national_day_2026_is_told_as_the_calendar_shows_it() -> None:
    told = day_sum(date(2026, 9, 30), date(2026, 10, 13), CALENDAR, True)
    assert told == (
        "2026年10月1日至2日不计（国庆节）；2026年10月3日至4日不计（周末）；2026年10月5日至7日不计（国庆节）；"
        "2026年10月8日至9日为第1至2日；2026年10月10日为第3日（调休上班）；2026年10月11日不计（周末）；"
        "2026年10月12日至13日为第4至5日"
    )


def test_calendar_days_all_count() -> None:
    assert day_sum(date(2026, 12, 28), date(2027, 1, 2), CALENDAR, False) == (
        "2026年12月29日至31日为第1至3日；2027年1月1日至2日为第4至5日"
    )


@given(st.dates(date(2026, 1, 1), date(2027, 6, 30)), st.integers(1, 60))
def test_every_day_is_told_and_the_last_one_has_the_number_that_was_asked_for(start: date, n: int) -> None:
    last, _ = CALENDAR.add_working_days(start, n)
    days = list(counted_days(start, last, CALENDAR, True))
    assert [day.day for day in days] == [start + timedelta(days=i + 1) for i in range((last - start).days)]
    assert [day.number for day in days if day.number is not None] == list(range(1, n + 1))
    assert days[-1].number == n
