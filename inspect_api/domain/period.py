"""The periods of statistics: a year, a quarter or a month of the civil calendar of China."""

import re
from datetime import date, datetime, time
from typing import NamedTuple

from inspect_api.domain.calendar import civil_moment
from inspect_api.domain.deadline import REGISTER_BEGINS

PERIOD_PATTERN = r"20[0-9]{2}(Q[1-4]|-(0[1-9]|1[0-2]))?"
"""`2026`, `2026Q3` or `2026-09`."""

_PERIOD = re.compile(PERIOD_PATTERN)


class Period(NamedTuple):
    """`first` is its first day, `following` the day after its last one."""

    code: str
    first: date
    following: date

    @property
    def begins(self) -> datetime:
        return civil_moment(self.first, time.min)

    @property
    def ends(self) -> datetime:
        """The first moment after it."""
        return civil_moment(self.following, time.min)

    @property
    def months(self) -> int:
        return _months_from(self.first, self.following)

    @property
    def owed_by(self) -> date | None:
        """By Order 16 art. 14: a quarter by the 15th after it, a year by 31 January, a month never."""
        if self.months == 3:
            return self.following.replace(day=15)
        return self.following.replace(day=31) if self.months == 12 else None

    def windows(self, months: int) -> "list[Period]":
        """The whole stretches of so many months in it, one after the other; none in a shorter period."""
        starts = range(0, self.months - months + 1, months)
        return [_stretch(_later(self.first, start), months) for start in starts]


def read_period(text: str) -> Period:
    """ValueError for what is no period, or one that was over before there was a register."""
    if not _PERIOD.fullmatch(text):
        raise ValueError("A period is a year 2026, a quarter 2026Q3 or a month 2026-09")
    year, rest = int(text[:4]), text[4:]
    if rest.startswith("Q"):
        period = _stretch(date(year, 3 * int(rest[1]) - 2, 1), 3)
    elif rest:
        period = _stretch(date(year, int(rest[1:]), 1), 1)
    else:
        period = _stretch(date(year, 1, 1), 12)
    if period.following <= REGISTER_BEGINS:
        raise ValueError(f"There was no register of hazards before {REGISTER_BEGINS}")
    return period


def year_of(period: Period) -> Period:
    """The calendar year that a period lies in."""
    return _stretch(period.first.replace(month=1), 12)


def _stretch(first: date, months: int) -> Period:
    code = {12: f"{first.year}", 3: f"{first.year}Q{(first.month + 2) // 3}", 1: f"{first:%Y-%m}"}
    return Period(code[months], first, _later(first, months))


def _later(first: date, months: int) -> date:
    total = first.year * 12 + first.month - 1 + months
    return date(total // 12, total % 12 + 1, 1)


def _months_from(first: date, following: date) -> int:
    return (following.year - first.year) * 12 + following.month - first.month
