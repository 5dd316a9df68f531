"""The history of a hazard: append-only, each entry hash-chained to the one before it."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from inspect_api.store.schema import BYTES, HASH, AnyRow, add_rows, table


class HazardEvent(SQLModel, table=True):
    """`event` holds every effect, as bytes stored verbatim; `hash` is made by `domain.chain`."""

    __tablename__ = "hazard_event"

    hazard_id: UUID = Field(primary_key=True, foreign_key="hazard.id")
    n: int = Field(primary_key=True)
    kind: str = Field(max_length=64)
    op_id: UUID | None = Field(default=None, foreign_key="operation.filed_id")
    op_hash: bytes | None = Field(default=None, sa_type=HASH)
    event: bytes = Field(sa_type=BYTES)
    at: datetime
    actor: str = Field(max_length=64)
    prev_hash: bytes = Field(sa_type=HASH)
    hash: bytes = Field(sa_type=HASH)


HAZARD_EVENT = table(HazardEvent)


def add(tx: sa.Connection, rows: list[dict[str, object]]) -> None:
    add_rows(tx, HAZARD_EVENT, rows)


def of_hazard(tx: sa.Connection, hazard_id: UUID) -> list[AnyRow]:
    """The whole history of one hazard, in order."""
    query = sa.select(HAZARD_EVENT).where(HAZARD_EVENT.c.hazard_id == hazard_id)
    return list(tx.execute(query.order_by(HAZARD_EVENT.c.n)).all())
