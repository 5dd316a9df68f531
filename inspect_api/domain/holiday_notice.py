"""The State Council's notice of a year's holidays, as a file.

The form is that of the public collection holiday-cn: `{"year", "papers": [address], "days": [{"name", "date",
"isOffDay"}]}`. JSON is YAML, so the reader of rule files tells every mistake with its line.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from inspect_api.domain.calendar import CalendarDay
from inspect_api.domain.rulefiles import Faults, Table, read_table

HOLIDAYS = ("元旦", "春节", "清明", "劳动节", "端午", "中秋", "国庆")
"""Each is in every notice (State Council Order 795, art. 2): a file without one of them is not whole."""

_DECEMBER = 12
_NO_DAY = date.min


class HolidayNotice(NamedTuple):
    """A year's notice: only the days that differ from Monday to Friday, in order."""

    year: int
    source: str
    days: tuple[CalendarDay, ...]


def read_notice(text: str, file: str) -> HolidayNotice:
    """RuleFileError with every mistake; a year without days has no notice yet, and is one."""
    faults = Faults(file)
    top = read_table(text, faults)
    for name in ("$schema", "$id"):
        if top.has(name):
            top.text(name)
    year, papers, tables = top.number("year", 2008, 2199), top.texts("papers"), top.tables("days")
    days = [_read_day(table, year) for table in tables]
    top.end()
    _refuse_repeats(days, tables)
    if not faults.found:
        _refuse_missing(days, top)
    faults.check()
    told = sorted(day for day in days if day.is_workday == (day.date.weekday() >= 5))
    return HolidayNotice(year, papers[0][:200], tuple(told))


def _read_day(table: Table, year: int) -> CalendarDay:
    day = table.day_or_none("date")
    off = table.choice("isOffDay", ("true", "false"))
    name = table.text("name")
    table.end()
    if day is None:
        if not table.faulty:
            table.wrong("date", "is null")
        return CalendarDay(_NO_DAY, False, name)
    if day.year != year and (day.year, day.month) != (year - 1, _DECEMBER):
        table.wrong("date", f"{day} lies neither in {year} nor in the December before it")
    if len(name) > 40:
        table.wrong("name", "is longer than 40 characters")
    return CalendarDay(day, off == "false", name)


def _refuse_repeats(days: Sequence[CalendarDay], tables: Sequence[Table]) -> None:
    seen: Counter[object] = Counter()
    for day, table in zip(days, tables, strict=True):
        seen[day.date] += 1
        if seen[day.date] > 1 and not table.faulty:
            table.wrong("date", f"{day.date} is given twice")


def _refuse_missing(days: Sequence[CalendarDay], top: Table) -> None:
    names = {day.name for day in days if not day.is_workday}
    missing = [holiday for holiday in HOLIDAYS if not any(holiday in name for name in names)]
    if missing:
        top.wrong("days", f"no day off for {'、'.join(missing)}: the notice is not whole")
