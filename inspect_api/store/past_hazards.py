"""What hazards were before they changed: one row for each state that is over, from when until when.

Together with the register, which holds the states that last, there is exactly one state of a hazard for
every moment since it was entered, by the server's time: that is what any past date is answered from. A new
hazard costs nothing here; a change costs one row, copied by the database in the transaction of the change.
"""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from inspect_api.store.hazards import HAZARD
from inspect_api.store.schema import metadata

FIXED = frozenset(
    {
        "number", "title", "description", "industry", "site_id", "position", "lat", "lon", "source_kind",
        "inspection_id", "checklist", "item", "n", "category", "found_by", "found_role", "reported_at",
    }
)  # fmt: skip
"""Columns of a hazard that nothing ever changes: they are read from the register."""

_NOT_KEPT = FIXED | {"head"}  # the chain's head is the hash of the entry numbered `events`

KEPT = tuple(column for column in HAZARD.c if column.name not in _NOT_KEPT)

HAZARD_PAST = sa.Table(
    "hazard_past",
    metadata,
    *(
        sa.Column(
            column.name,
            column.type,
            *([sa.ForeignKey("hazard.id")] if column.name == "id" else []),
            nullable=column.nullable,
        )
        for column in KEPT
    ),
    sa.Column("until", HAZARD.c.updated_at.type, nullable=False),
    sa.PrimaryKeyConstraint("id", "until"),
)
"""A state held from `updated_at` until the moment before `until`."""

sa.Index("ix_hazard_past_until", HAZARD_PAST.c.until, HAZARD_PAST.c.updated_at)


def keep(tx: sa.Connection, ids: Iterable[UUID], now: datetime) -> None:
    """Put away the hazards as they stand, before they are changed at `now`.

    What stood for no time at all was never there to be seen and leaves no row.
    """
    wanted = list(ids)
    if not wanted:
        return
    names = [column.name for column in KEPT]
    over = sa.select(*KEPT, sa.literal(now, HAZARD.c.updated_at.type))
    over = over.where(HAZARD.c.id.in_(wanted), HAZARD.c.updated_at < now)
    tx.execute(sa.insert(HAZARD_PAST).from_select([*names, "until"], over))
