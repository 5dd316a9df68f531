"""A year's notice of holidays is entered: phones get the calendar, dates that cross it are computed again."""

from datetime import date, time, timedelta
from typing import NamedTuple

from inspect_api.actions.reference import publish_reference
from inspect_api.actions.work import Work
from inspect_api.domain.calendar import Calendar, civil_moment
from inspect_api.domain.holiday_notice import HolidayNotice
from inspect_api.store import calendar_days, dates_pending


class CalendarChange(NamedTuple):
    """What a notice changes. `version` is the year's edition then; `moved` the days that it works otherwise.

    `crossing`: how many open hazards have a date or a step at or after the first changed day.
    """

    year: int
    version: str
    is_new_year: bool
    moved: list[date]
    crossing: int

    @property
    def is_nothing(self) -> bool:
        return not (self.is_new_year or self.moved)


def weigh_calendar(work: Work, notice: HolidayNotice) -> CalendarChange:
    """What entering this notice would change; nothing is written."""
    old, year = work.book.calendar, notice.year
    kept = {
        row.day: row.worked
        for row in calendar_days.noticed_days(work.tx, year)
        if row.notice != year and not (row.notice < year and row.day in {day.date for day in notice.days})
    }
    new = Calendar("", {day.date: day.is_workday for day in notice.days} | kept, frozenset())
    first = date(year - 1, 12, 1)
    span = (first + timedelta(days=n) for n in range((date(year + 1, 1, 1) - first).days))
    moved = [day for day in span if old.is_working_day(day) != new.is_working_day(day)]
    is_new = year not in old.noticed_years
    since = _first_changed(year, is_new, moved)
    crossing = 0 if since is None else dates_pending.count_crossing(work.tx, civil_moment(since, time()))
    return CalendarChange(year, _next_version(work, year), is_new, moved, crossing)


def import_calendar(work: Work, notice: HolidayNotice) -> CalendarChange:
    """Enter it. What says the same as is known changes nothing; the dates follow by the worker."""
    change = weigh_calendar(work, notice)
    if change.is_nothing:
        return change
    calendar_days.set_notice(work.tx, notice.year, change.version, notice.source, list(notice.days))
    before = notice.year - 1
    if any(day.year == before for day in change.moved) and before in work.book.calendar.noticed_years:
        calendar_days.set_version(work.tx, before, _next_version(work, before))
    since = _first_changed(notice.year, change.is_new_year, change.moved)
    if since is not None:
        dates_pending.note(work.tx, since)
    publish_reference(work)
    return change


def _first_changed(year: int, is_new: bool, moved: list[date]) -> date | None:
    """A year that becomes noticed settles its provisional dates, moved or not."""
    days = [*moved, *([date(year, 1, 1)] if is_new else [])]
    return min(days, default=None)


def _next_version(work: Work, year: int) -> str:
    edition = next((row.rev for row in calendar_days.years(work.tx) if row.year == year), 0)
    return f"{year}.{edition + 1}"
