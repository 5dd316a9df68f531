"""Operations as received: raw bytes, times, outcome, in the transaction that acknowledged them."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from inspect_api.store.database import RaceLost
from inspect_api.store.schema import BIG, BYTES, HASH, AnyRow, insert_new, one_of, table


class OperationRow(SQLModel, table=True):
    """One operation. `filed_id` is its op_id, or an id derived from its content where that was taken."""

    __tablename__ = "operation"
    __table_args__ = (one_of("code", ("applied", "conflict", "quarantined")),)

    filed_id: UUID = Field(primary_key=True)
    op_id: str = Field(max_length=64)
    account_id: UUID = Field(foreign_key="account.id")
    device_id: UUID
    batch_id: UUID
    seq: int = Field(sa_type=BIG)
    kind: str = Field(max_length=64)
    entity_id: UUID | None = None
    encoding: str = Field(max_length=8)
    raw: bytes = Field(sa_type=BYTES)
    digest: bytes = Field(sa_type=HASH)
    received_at: datetime
    captured_at: datetime
    uncertainty_ms: int = Field(sa_type=BIG)
    code: str = Field(max_length=12)
    outcome: bytes = Field(sa_type=BYTES)


OPERATION = table(OperationRow)
sa.Index(
    "ix_operation_quarantined",
    OPERATION.c.received_at,
    postgresql_where=OPERATION.c.code == "quarantined",
    sqlite_where=OPERATION.c.code == "quarantined",
)


def find(tx: sa.Connection, ids: Iterable[UUID]) -> dict[UUID, AnyRow]:
    """Operations already received, by the id that they are filed under."""
    wanted = list(set(ids))
    if not wanted:
        return {}
    columns = (
        OPERATION.c.filed_id,
        OPERATION.c.account_id,
        OPERATION.c.device_id,
        OPERATION.c.encoding,
        OPERATION.c.raw,
        OPERATION.c.digest,
        OPERATION.c.outcome,
    )
    rows = tx.execute(sa.select(*columns).where(OPERATION.c.filed_id.in_(wanted)))
    return {row.filed_id: row for row in rows}


def add(tx: sa.Connection, rows: list[dict[str, object]]) -> None:
    """Insert operations. Raises RaceLost when another transaction has filed one of them meanwhile."""
    rows.sort(key=lambda row: str(row["filed_id"]))  # one order for all writers: no deadlock
    if insert_new(tx, OPERATION, rows) != len(rows):
        raise RaceLost
