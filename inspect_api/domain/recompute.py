"""The running clocks of a hazard, computed again by another edition of the working-day calendar.

A date that somebody was told never becomes earlier; whoever has a register has been told, so none does.
"""

from datetime import datetime
from typing import NamedTuple

from inspect_api.domain.calendar import CIVIL
from inspect_api.domain.clocks import ClockState, HazardFile, Rulebook, next_moment
from inspect_api.domain.deadline import Due, compute_due


class Recomputed(NamedTuple):
    """A clock's date before, as the new edition gives it, and as it stands now."""

    clock: str
    cycle: int
    before: datetime
    computed: datetime
    after: datetime


def recompute(file: HazardFile, book: Rulebook) -> list[Recomputed]:
    """What became of dates that are counted in working days; the next steps of all clocks are found anew.

    A date that a person set stays. One that stays as it was, and was no provisional one, is not touched.
    """
    changes = [
        change for clock in file.clocks if clock.is_running for change in _recompute(file, clock, book)
    ]
    for clock in file.clocks:
        clock.next_step_at = next_moment(file.hazard.ruling_grade, clock, book)
    file.settle()
    return changes


def _recompute(file: HazardFile, clock: ClockState, book: Rulebook) -> list[Recomputed]:
    due = _computed(clock, book)
    if due is None or (due.at <= clock.due_at and due.provisional == clock.provisional):
        return []
    before, hazard = clock.due_at, file.hazard
    clock.due_at = max(before, due.at)
    if clock.kind == "rectification" and hazard.first_due_at == before:
        hazard.first_due_at = clock.due_at
    clock.provisional, clock.calendar_version = due.provisional, due.calendar_version
    clock.explanation = [*due.explanation, _compared(before, due)]
    return [Recomputed(clock.kind, clock.cycle, before, due.at, clock.due_at)]


def _computed(clock: ClockState, book: Rulebook) -> Due | None:
    """None for a date that a person set, or that no calendar moves."""
    try:
        rule = book.deadlines.rule(clock.rule)
    except KeyError:
        return None
    return compute_due(rule, clock.started_at, book.calendar) if rule.unit == "working_day" else None


def _compared(before: datetime, due: Due) -> str:
    told = f"按第 {due.calendar_version} 版日历重新计算"
    if due.at > before:
        return f"{told}：原定 {_day(before)} 改为 {_day(due.at)}。"
    if due.at < before:
        return f"{told}为 {_day(due.at)}；已告知的期限不提前，仍为 {_day(before)}。"
    return f"{told}：期限不变。"


def _day(moment: datetime) -> str:
    local = moment.astimezone(CIVIL)
    return f"{local.year}年{local.month}月{local.day}日"
