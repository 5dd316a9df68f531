"""After a notice of holidays: every date and step that crosses a changed day is computed again, in slices."""

from datetime import time

import msgspec

from inspect_api.actions.ledger import Cause, Ledger
from inspect_api.actions.work import Work
from inspect_api.domain.calendar import civil_moment
from inspect_api.domain.recompute import recompute
from inspect_api.store import dates_pending

_SYSTEM = Cause("system")


def is_pending(work: Work) -> bool:
    """Whether dates wait to be computed again; one small read."""
    return dates_pending.is_noted(work.tx)


def recompute_dates(work: Work, most: int) -> int:
    """Compute the dates of up to `most` hazards again; how many were looked at, 0 when nothing is left.

    A fixed number of statements, however many hazards. Each changed hazard gets an entry with the calendar's
    version, and goes to the phones by their next pull.
    """
    pending = dates_pending.take(work.tx)
    if pending is None:
        return 0
    since = civil_moment(pending.first_day, time())
    ids = dates_pending.crossing(work.tx, since, pending.after, most)
    if not ids:
        dates_pending.done(work.tx)
        return 0
    ledger = Ledger(work)
    ledger.load(ids)
    for hazard_id in ids:
        file = ledger.get(hazard_id)
        if file is None:
            continue
        before = [clock.next_step_at for clock in file.clocks]
        changes = recompute(file, work.book)
        if changes or before != [clock.next_step_at for clock in file.clocks]:
            dates = msgspec.to_builtins([change._asdict() for change in changes])
            why = {"calendar": work.book.calendar.version, "dates": dates}
            ledger.record(hazard_id, "hazard.dates_recomputed", _SYSTEM, why)
    ledger.write()
    dates_pending.put(work.tx, pending._replace(after=ids[-1]))
    return len(ids)
