"""Nobody acted: the next step of the ladder is taken, once, with an entry, and a notice to each receiver."""

from collections.abc import Iterable
from typing import cast
from uuid import UUID

from inspect_api.actions.ledger import Cause, Ledger
from inspect_api.actions.notify import NoticeRequest, send_notices, step_notice
from inspect_api.actions.work import Work
from inspect_api.domain.clocks import ClockState, HazardFile, next_moment
from inspect_api.domain.deadline import ClockKind, Grade, Party
from inspect_api.domain.escalation import steps_due
from inspect_api.store import hazards
from inspect_api.store.schema import AnyRow

SYSTEM = Cause("system")


def escalate_overdue(work: Work, most: int, but: Iterable[UUID] = ()) -> int:
    """Take every step that is due on up to `most` hazards; how many clocks were moved on, counted by step.

    Costs what is due, not what is open. Hazards that another worker holds are left to it; a clock's step
    number only grows under the hazard's lock, so no step is taken twice. After an outage all missed
    steps are taken, in their order.
    """
    return _escalate(work, hazards.lock_due(work.tx, work.now, most, but))


def escalate_these(work: Work, ids: Iterable[UUID]) -> int:
    """The same for hazards by id, waiting for those that another writer holds."""
    return _escalate(work, hazards.load(work.tx, ids, lock=True))


def _escalate(work: Work, rows: list[AnyRow]) -> int:
    ledger = Ledger(work)
    ledger.track(rows)
    requests: list[NoticeRequest] = []
    moved = 0
    for row in rows:
        file = ledger.get(row.id)
        for clock in file.clocks if file is not None else ():
            if file is not None and clock.next_step_at is not None and clock.next_step_at <= work.now:
                taken = _climb(work, ledger, file, clock)
                requests += taken
                moved += len(taken) or 1
    ledger.write()
    send_notices(work, ledger, requests)
    return moved


def _climb(work: Work, ledger: Ledger, file: HazardFile, clock: ClockState) -> list[NoticeRequest]:
    grade = file.hazard.ruling_grade
    ladder = work.book.ladders.of(cast(Grade, grade), cast(Party, clock.party), cast(ClockKind, clock.kind))
    requests: list[NoticeRequest] = []
    calendar = work.book.calendar
    for step, due in steps_due(ladder, clock.due_at, clock.step, work.now, calendar, clock.known_at):
        clock.step, clock.step_since = step.n, work.now
        clock.next_step_at = next_moment(grade, clock, work.book)
        file.settle()
        why = {"clock": clock.kind, "cycle": clock.cycle, "step": step.n, "name": step.name[0], "due": due}
        ledger.record(file.hazard.id, "hazard.escalated", SYSTEM, why)
        requests.append(step_notice(file.hazard, clock, step))
    if not requests:
        _put_right(work, ledger, file, clock)
    return requests


def _put_right(work: Work, ledger: Ledger, file: HazardFile, clock: ClockState) -> None:
    """The calendar has moved the next step since its moment was written; unmended, every sweep meets it."""
    clock.next_step_at = next_moment(file.hazard.ruling_grade, clock, work.book)
    why = {"clock": clock.kind, "cycle": clock.cycle, "next_step_at": clock.next_step_at}
    ledger.record(file.hazard.id, "hazard.rescheduled", SYSTEM, why)
