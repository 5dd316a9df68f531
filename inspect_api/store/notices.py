"""Notices: numbered, to one receiver each, with delivery and answer."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlmodel import Field, SQLModel

from inspect_api.store.schema import BIG, AnyRow, one_of, table


class NoticeRow(SQLModel, table=True):
    """A step is announced to each of its receivers once: (cause, receiver) is unique."""

    __tablename__ = "notice"
    __table_args__ = (
        one_of("kind", ("step", "alert", "service", "withdraw", "listing")),
        sa.UniqueConstraint("cause", "receiver_id"),
        sa.CheckConstraint("(answer IS NULL) = (answered_at IS NULL)", name="answer"),
    )

    id: UUID = Field(primary_key=True)
    number: str = Field(max_length=48)
    kind: str = Field(max_length=8)
    cause: str = Field(max_length=80)
    hazard_id: UUID = Field(foreign_key="hazard.id", index=True)
    clock_id: UUID | None = Field(default=None, foreign_key="clock.id")
    step: int | None = None
    receiver_id: UUID = Field(foreign_key="account.id", index=True)
    channel: str = Field(default="in_app", max_length=16)
    title: str = Field(max_length=200)
    text: str = Field(max_length=2000)
    created_at: datetime
    delivered_at: datetime | None = None
    answer_due_at: datetime | None = None
    answer: str | None = Field(default=None, max_length=4000)
    answered_at: datetime | None = None
    rev: int = Field(default=1, sa_type=BIG)


NOTICE = table(NoticeRow)


def add(tx: sa.Connection, rows: list[dict[str, object]]) -> list[tuple[UUID, UUID]]:
    """Write notices; (id, receiver) of those whose receiver had not got this one before."""
    if not rows:
        return []
    insert = pg_insert(NOTICE) if tx.dialect.name == "postgresql" else sqlite_insert(NOTICE)
    added = insert.on_conflict_do_nothing().returning(NOTICE.c.id, NOTICE.c.receiver_id)
    return [(row.id, row.receiver_id) for row in tx.execute(added, rows)]


def receivers_of(tx: sa.Connection, clock_ids: Iterable[UUID | None]) -> dict[tuple[UUID, int], set[UUID]]:
    """Who was sent the notice of which step of these clocks, by clock and step."""
    wanted = {clock_id for clock_id in clock_ids if clock_id is not None}
    found: dict[tuple[UUID, int], set[UUID]] = {}
    if wanted:
        query = sa.select(NOTICE.c.clock_id, NOTICE.c.step, NOTICE.c.receiver_id)
        for row in tx.execute(query.where(NOTICE.c.clock_id.in_(wanted), NOTICE.c.kind == "step")):
            found.setdefault((row.clock_id, row.step), set()).add(row.receiver_id)
    return found


def undelivered(tx: sa.Connection, ids: Iterable[UUID], receiver_id: UUID) -> list[AnyRow]:
    """Those of the receiver's notices that have not been delivered yet."""
    wanted = set(ids)
    if not wanted:
        return []
    query = sa.select(NOTICE.c.id, NOTICE.c.hazard_id, NOTICE.c.kind, NOTICE.c.rev).where(
        NOTICE.c.id.in_(wanted), NOTICE.c.receiver_id == receiver_id, NOTICE.c.delivered_at.is_(None)
    )
    return list(tx.execute(query.order_by(NOTICE.c.id)).all())


def set_delivered(tx: sa.Connection, ids: Iterable[UUID], at: datetime) -> list[tuple[UUID, int]]:
    """Note the delivery; (id, rev) of those that were not delivered before."""
    change = sa.update(NOTICE).where(NOTICE.c.id.in_(set(ids)), NOTICE.c.delivered_at.is_(None))
    change = change.values(delivered_at=at, rev=NOTICE.c.rev + 1)
    return [(row.id, row.rev) for row in tx.execute(change.returning(NOTICE.c.id, NOTICE.c.rev))]
