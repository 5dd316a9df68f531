"""What has come about in a run: a simulation in which nothing happens finds nothing."""

import msgspec
import sqlalchemy as sa

from inspect_api.domain.history import EventBody
from inspect_api.store.hazard_events import HAZARD_EVENT
from inspect_api.store.hazards import STATUSES
from inspect_api.store.operations import OPERATION
from tests.simulation.ground import Ground

OFTEN = frozenset(
    {
        *(f"status {status}" for status in ("reported", "rectifying", "verifying", "plan_due", "closed")),
        *(f"operation {code}" for code in ("applied", "conflict", "held", "quarantined")),
        *("freed applied", "freed conflict", "event hazard.escalated", "event hazard.served"),
        *("reason scope_revoked", "reason other_author"),
    }
)
"""What a hundred seeds bring."""

ALWAYS = OFTEN | {
    *(f"status {status}" for status in STATUSES),
    *("operation dismissed", "event hazard.fixed_on_site", "event hazard.moved"),
}
"""What some thousands of seeds bring."""


def what_happened(ground: Ground) -> set[str]:
    """Statuses passed through, entries written, and how operations ended, as short names."""
    with ground.app.db.read() as tx:
        found: set[str] = set()
        for kind, event in tx.execute(sa.select(HAZARD_EVENT.c.kind, HAZARD_EVENT.c.event)):
            found.add(f"event {kind}")
            if "status" in (effects := msgspec.json.decode(event, type=EventBody).set):
                found.add(f"status {effects['status']}")
        for row in tx.execute(sa.select(OPERATION.c.code, OPERATION.c.reason, OPERATION.c.rev)):
            found |= {f"operation {row.code}", f"reason {row.reason}"}
            if row.rev > 1:
                found.add(f"freed {row.code}")
    return found
