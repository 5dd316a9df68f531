"""Reading the history of a hazard."""

from uuid import UUID

import sqlalchemy as sa

from inspect_api.store.hazard_events import HAZARD_EVENT
from inspect_api.store.operations import OPERATION
from inspect_api.store.schema import AnyRow

ESCALATED = "hazard.escalated"
RETRACTED = "hazard.steps_retracted"


def entries(tx: sa.Connection, hazard_id: UUID) -> list[AnyRow]:
    """Every entry in order, with `op_kind`, `encoding` and `raw` of an operation upon this very hazard.

    An inspection that opened it was upon more than this hazard, and is read at its own address.
    """
    own = sa.and_(
        OPERATION.c.filed_id == HAZARD_EVENT.c.op_id, OPERATION.c.entity_id == HAZARD_EVENT.c.hazard_id
    )
    query = (
        sa.select(HAZARD_EVENT, OPERATION.c.kind.label("op_kind"), OPERATION.c.encoding, OPERATION.c.raw)
        .outerjoin(OPERATION, own)
        .where(HAZARD_EVENT.c.hazard_id == hazard_id)
        .order_by(HAZARD_EVENT.c.n)
    )
    return list(tx.execute(query).all())


def escalations(tx: sa.Connection, hazard_id: UUID) -> list[AnyRow]:
    """(kind, event, at) of every step of a ladder that was taken, or taken back, in order."""
    query = sa.select(HAZARD_EVENT.c.kind, HAZARD_EVENT.c.event, HAZARD_EVENT.c.at).where(
        HAZARD_EVENT.c.hazard_id == hazard_id, HAZARD_EVENT.c.kind.in_([ESCALATED, RETRACTED])
    )
    return list(tx.execute(query.order_by(HAZARD_EVENT.c.n)).all())


def first_entries(tx: sa.Connection, hazard_id: UUID, most: int) -> list[bytes]:
    """The events of the first entries, in order."""
    query = sa.select(HAZARD_EVENT.c.event).where(
        HAZARD_EVENT.c.hazard_id == hazard_id, HAZARD_EVENT.c.n <= most
    )
    return list(tx.execute(query.order_by(HAZARD_EVENT.c.n)).scalars())
