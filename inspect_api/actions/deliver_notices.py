"""A notice has reached its receiver: that is its delivery, and where nobody signed, the service."""

from collections.abc import Iterable
from uuid import UUID

from inspect_api.actions.ledger import Cause, Ledger
from inspect_api.actions.work import Work
from inspect_api.domain.stages import serve
from inspect_api.store import notices


def deliver_notices(work: Work, ids: Iterable[UUID]) -> int:
    """Note the delivery of the caller's own notices; how many were new. Served hazards start their clocks."""
    rows = notices.undelivered(work.tx, ids, work.who.id)
    if not rows:
        return 0
    ledger = Ledger(work)
    services = [row.hazard_id for row in rows if row.kind == "service"]
    ledger.load(services)
    for hazard_id in dict.fromkeys(services):
        file = ledger.get(hazard_id)
        if file is not None and serve(file, work.now, work.book):
            file.settle()
            ledger.record(hazard_id, "hazard.served", Cause(str(work.who.id)))
    delivered = notices.set_delivered(work.tx, (row.id for row in rows), work.now)
    ledger.write()
    for notice_id, rev in delivered:
        work.changed_for(f"user:{work.who.id}", "notice", notice_id, rev)
    return len(delivered)
