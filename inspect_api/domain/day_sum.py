"""The sum of a time limit day by day, in Chinese, for whoever disputes the date.

Days that follow each other and count alike are told as one run, so that a limit over National Day reads as a
calendar does: 10月1日至2日不计（国庆节）…10月10日为第3日（调休上班）.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import groupby
from typing import NamedTuple

from inspect_api.domain.calendar import Calendar

_WEEKEND = "周末"
_MADE_UP = "调休上班"


class CountedDay(NamedTuple):
    """One civil day of a sum: its number, None where it does not count, and why it is not an ordinary one."""

    day: date
    number: int | None
    why: str


def counted_days(start: date, last: date, calendar: Calendar, working_days: bool) -> Iterator[CountedDay]:
    """Each day after `start` up to `last`, which both working days and calendar days end with."""
    number = 0
    for offset in range(1, (last - start).days + 1):
        day = start + timedelta(days=offset)
        if not working_days or calendar.is_working_day(day):
            number += 1
            made_up = working_days and day.weekday() >= 5
            yield CountedDay(day, number, _MADE_UP if made_up else "")
        else:
            yield CountedDay(day, None, calendar.names.get(day, _WEEKEND if day.weekday() >= 5 else "休息"))


def day_sum(start: date, last: date, calendar: Calendar, working_days: bool) -> str:
    """All days of a sum as runs of one sentence."""
    days = counted_days(start, last, calendar, working_days)
    runs = groupby(days, key=lambda counted: (counted.number is None, counted.why, counted.day.year))
    return "；".join(_run(list(run)) for _, run in runs)


def _run(days: list[CountedDay]) -> str:
    first, last = days[0], days[-1]
    why = f"（{first.why}）" if first.why else ""
    if first.number is None:
        return f"{_span(first.day, last.day)}不计{why}"
    numbers = f"第{first.number}日" if first == last else f"第{first.number}至{last.number}日"
    return f"{_span(first.day, last.day)}为{numbers}{why}"


def _span(first: date, last: date) -> str:
    """Within one year, which is named where it begins."""
    text = f"{first.year}年{first.month}月{first.day}日"
    if last == first:
        return text
    return f"{text}至{last.day}日" if last.month == first.month else f"{text}至{last.month}月{last.day}日"
