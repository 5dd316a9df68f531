"""Operations as received: raw bytes, times, outcome, in the transaction that acknowledged them."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from inspect_api.store.database import RaceLost
from inspect_api.store.schema import BIG, BYTES, HASH, AnyRow, among, insert_new, one_of, partial_index, table


class OperationRow(SQLModel, table=True):
    """One operation. `filed_id` is its op_id, or an id derived from its content where that was taken.

    `account_id` is whose it counts as; `author_id` whom it names as its author, when somebody else handed
    it in; `reason` the code of the problem that kept it from being applied; `released_by` the supervisor
    who let it pass.
    """

    __tablename__ = "operation"
    __table_args__ = (one_of("code", ("applied", "conflict", "held", "quarantined", "dismissed")),)

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
    offset_ms: int = Field(default=0, sa_type=BIG)
    skewed: bool = Field(default=False)
    code: str = Field(max_length=12)
    outcome: bytes = Field(sa_type=BYTES)
    reason: str | None = Field(default=None, max_length=40)
    author_id: UUID | None = None
    released_by: UUID | None = Field(default=None, foreign_key="account.id")
    region_code: str | None = Field(default=None, max_length=12)
    judged_at: datetime
    rev: int = Field(default=1, sa_type=BIG)


class HeldWait(SQLModel, table=True):
    """What a held operation waits for: another operation, or something that operations act on."""

    __tablename__ = "held_wait"

    filed_id: UUID = Field(primary_key=True, foreign_key="operation.filed_id")
    waits_for: UUID = Field(primary_key=True, index=True)


OPERATION, HELD_WAIT = table(OperationRow), table(HeldWait)
partial_index("ix_operation_quarantined", OPERATION.c.received_at, where=OPERATION.c.code == "quarantined")
partial_index("ix_operation_held", OPERATION.c.judged_at, where=OPERATION.c.code == "held")


IS_HELD = OPERATION.c.code == sa.literal("held", literal_execute=True)
IS_QUARANTINED = OPERATION.c.code == sa.literal("quarantined", literal_execute=True)
"""With the word in the statement itself: only then does SQLite see that a partial index serves."""


def find(tx: sa.Connection, ids: Iterable[UUID]) -> dict[UUID, AnyRow]:
    """Operations already received, by the id that they are filed under."""
    wanted = list(set(ids))
    if not wanted:
        return {}
    columns = (
        OPERATION.c.filed_id,
        OPERATION.c.account_id,
        OPERATION.c.author_id,
        OPERATION.c.device_id,
        OPERATION.c.reason,
        OPERATION.c.encoding,
        OPERATION.c.raw,
        OPERATION.c.digest,
        OPERATION.c.code,
        OPERATION.c.outcome,
    )
    rows = tx.execute(sa.select(*columns).where(among(tx, OPERATION.c.filed_id, wanted)))
    return {row.filed_id: row for row in rows}


def add(tx: sa.Connection, rows: list[dict[str, object]]) -> None:
    """Insert operations. Raises RaceLost when another transaction has filed one of them meanwhile."""
    rows.sort(key=lambda row: str(row["filed_id"]))  # one order for all writers: no deadlock
    if insert_new(tx, OPERATION, rows) != len(rows):
        raise RaceLost


def change(tx: sa.Connection, rows: list[dict[str, object]]) -> list[tuple[UUID, UUID, int]]:
    """Write what became of operations judged again; (filed_id, device_id, rev) of those that are news."""
    if not rows:
        return []
    columns = (OPERATION.c.filed_id, OPERATION.c.device_id, OPERATION.c.rev, OPERATION.c.outcome)
    query = sa.select(*columns).where(OPERATION.c.filed_id.in_([row["filed_id"] for row in rows]))
    before = {row.filed_id: row for row in tx.execute(query)}
    new = {row["filed_id"] for row in rows if before[row["filed_id"]].outcome != row["outcome"]}
    names = ("code", "outcome", "reason", "judged_at", "region_code", "account_id", "released_by")
    values: dict[str, object] = {name: sa.bindparam(name) for name in names}
    update = sa.update(OPERATION).where(OPERATION.c.filed_id == sa.bindparam("b_id"))
    update = update.values(**values, rev=OPERATION.c.rev + sa.bindparam("more"))
    written = [{name: row[name] for name in names} for row in rows]
    ids = [row["filed_id"] for row in rows]
    tx.execute(update, [{**w, "b_id": i, "more": int(i in new)} for i, w in zip(ids, written, strict=True)])
    return [(row.filed_id, row.device_id, row.rev + 1) for row in before.values() if row.filed_id in new]
