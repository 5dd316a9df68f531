"""A notice has reached its receiver: that is its delivery, and where nobody signed, the service.

A listing notice is published by it.
"""

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
    of_weight = [row for row in rows if row.kind in ("service", "listing")]
    ledger.load(row.hazard_id for row in of_weight)
    for row in of_weight:
        file = ledger.get(row.hazard_id)
        if file is None:
            continue
        if row.kind == "service" and serve(file, work.now, work.book):
            file.settle()
            ledger.record(row.hazard_id, "hazard.served", Cause(str(work.who.id)))
        elif row.kind == "listing" and file.running("listing_publication") is not None:
            file.stop(["listing_publication"], work.now)
            file.settle()
            ledger.record(row.hazard_id, "hazard.listing_published", Cause(str(work.who.id)))
    delivered = notices.set_delivered(work.tx, (row.id for row in rows), work.now)
    ledger.write()
    for notice_id, rev in delivered:
        work.changed_for(f"user:{work.who.id}", "notice", notice_id, rev)
    return len(delivered)
