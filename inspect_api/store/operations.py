"""Operations as received: raw bytes, times, outcome, in the transaction that acknowledged them."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from inspect_api.store.schema import BIG, BYTES, HASH, one_of, table


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
