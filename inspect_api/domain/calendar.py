"""Working days and civil days of the People's Republic of China.

Public holidays and make-up working days (调休) are announced year by year by the State Council's General
Office; nothing here computes a lunar date. A year without its notice is counted by weekends alone and what
comes of it is provisional. A notice may also move days at the end of the year before it, so whoever imports
one recomputes every date that crosses a changed day, not only those in the new year.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

import chinese_calendar

CIVIL = ZoneInfo("Asia/Shanghai")
"""The time zone of every deadline."""

_ONE_DAY = timedelta(days=1)
_LAST_SECOND = time(23, 59, 59)


class CalendarDay(NamedTuple):
    """A day on which the weekday alone does not say whether it is worked."""

    date: date
    is_workday: bool
    name: str
    """The holiday that moves it, in Chinese."""


@dataclass(frozen=True, slots=True, eq=False)
class Calendar:
    """One version of the working-day calendar, built once: equal to itself only, so that sums are kept by it.

    `days` says True for a worked day and needs to hold only days that differ from Monday to Friday;
    `noticed_years` are the years whose State Council notice is in `days`, `names` the holidays of those days
    in Chinese, as far as they are known.
    """

    version: str
    days: Mapping[date, bool]
    noticed_years: frozenset[int]
    names: Mapping[date, str] = field(default_factory=dict)

    def is_working_day(self, day: date) -> bool:
        worked = self.days.get(day)
        return day.weekday() < 5 if worked is None else worked

    def add_working_days(self, start: date, n: int) -> tuple[date, bool]:
        """The n-th working day after `start` (before it, if n is negative) and whether it is provisional.

        `start` is day 0 and is never counted, worked or not; n = 0 gives `start` itself. Provisional: a day
        counted or passed over lies in a year that has no notice yet.
        """
        stride = _ONE_DAY if n >= 0 else -_ONE_DAY
        day, left, provisional = start, abs(n), False
        while left:
            day += stride
            provisional = provisional or day.year not in self.noticed_years
            if self.is_working_day(day):
                left -= 1
        return day, provisional


def noticed_years(years: Iterable[int]) -> frozenset[int]:
    """Those of `years` whose notice chinesecalendar carries."""
    return frozenset(year for year in years if _is_noticed(year))


def seed_days(years: Iterable[int]) -> list[CalendarDay]:
    """The days of the noticed `years` that differ from Monday to Friday, in order; about 25 a year."""
    return [
        CalendarDay(day, day.weekday() >= 5, _holiday_name(day))
        for year in sorted(noticed_years(years))
        for day in _days_of(year)
        if chinese_calendar.is_workday(day) != (day.weekday() < 5)
    ]


@lru_cache(maxsize=4096)
def civil_date(moment: datetime) -> date:
    """The date in China at an aware moment. ValueError when it is naive."""
    if moment.tzinfo is None:
        raise ValueError("a moment needs a time zone")
    return moment.astimezone(CIVIL).date()


def end_of_day(day: date) -> datetime:
    """23:59:59 in China of a civil day, in UTC: the last second in which a day's deadline is still kept."""
    return civil_moment(day, _LAST_SECOND)


def civil_moment(day: date, at: time) -> datetime:
    """A wall-clock time in China, in UTC."""
    return datetime.combine(day, at, CIVIL).astimezone(UTC)


def _is_noticed(year: int) -> bool:
    try:
        chinese_calendar.is_workday(date(year, 1, 1))
    except NotImplementedError:  # how the library says that it does not know a year
        return False
    return True


def _days_of(year: int) -> list[date]:
    first = date(year, 1, 1)
    return [first + timedelta(days=i) for i in range((date(year + 1, 1, 1) - first).days)]


def _holiday_name(day: date) -> str:
    _, english = chinese_calendar.get_holiday_detail(day)
    return str(chinese_calendar.Holiday(english).chinese)
