"""Nobody acted: the next step of the ladder is taken, once, with an entry, and a notice to each receiver."""

from typing import cast

from inspect_api.actions.ledger import Cause, Ledger
from inspect_api.actions.notify import NoticeRequest, send_notices, step_notice
from inspect_api.actions.work import Work
from inspect_api.domain.clocks import ClockState, HazardFile, next_moment
from inspect_api.domain.deadline import ClockKind, Grade, Party
from inspect_api.domain.escalation import steps_due
from inspect_api.store import clocks, hazards

SYSTEM = Cause("system")


def escalate_overdue(work: Work, most: int) -> int:
    """Take every step that is due on up to `most` hazards; how many steps were taken.

    Costs what is due, not what is open. Hazards that another worker holds are left to it; a clock's step
    number only grows under the hazard's lock, so no step is taken twice. After an outage all missed
    steps are taken, in their order.
    """
    ledger = Ledger(work)
    rows = hazards.lock_idle(work.tx, clocks.due(work.tx, work.now, most))
    ledger.track(rows)
    requests: list[NoticeRequest] = []
    for row in rows:
        file = ledger.get(row.id)
        if file is not None:
            for clock in file.clocks:
                requests += _climb(work, ledger, file, clock)
    ledger.write()
    send_notices(work, ledger, requests)
    return len(requests)


def _climb(work: Work, ledger: Ledger, file: HazardFile, clock: ClockState) -> list[NoticeRequest]:
    if not clock.is_running or clock.next_step_at is None or clock.next_step_at > work.now:
        return []
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
    return requests
