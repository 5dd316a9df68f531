"""Notices on their way outside of the product, claimed by a lease, and the log of every attempt.

A claim gives its holder a number; what a later holder has taken over, an earlier one can no longer change.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from inspect_api.store.notices import NOTICE
from inspect_api.store.schema import AnyRow, change_rows, one_of, partial_index, table

STATES = ("waiting", "handed_over", "read", "failed", "none")
OUTCOMES = ("handed_over", "refused", "failed", "skipped", "unknown")


class DeliveryRow(SQLModel, table=True):
    """One for each notice. `plan` are the names of the receiver's channels; `channel` is the present one,
    empty until it has been planned; `run_at` is empty when there is nothing left to do."""

    __tablename__ = "delivery"
    __table_args__ = (one_of("state", STATES),)

    notice_id: UUID = Field(primary_key=True, foreign_key="notice.id")
    state: str = Field(default="waiting", max_length=12)
    plan: list[str] = Field(default_factory=list, sa_type=sa.JSON)
    place: int = Field(default=0)
    tries: int = Field(default=0)
    rounds: int = Field(default=0)
    channel: str | None = Field(default=None, max_length=32)
    since: datetime
    run_at: datetime | None = None
    written_at: datetime
    lease: int = Field(default=0)
    failed_at: datetime | None = None


class DeliveryAttempt(SQLModel, table=True):
    """`n` is the number of the lease under which it was made. Without an outcome it is under way."""

    __tablename__ = "delivery_attempt"
    __table_args__ = (one_of("outcome", OUTCOMES),)

    notice_id: UUID = Field(primary_key=True, foreign_key="notice.id")
    n: int = Field(primary_key=True)
    channel: str = Field(max_length=32)
    started_at: datetime
    ended_at: datetime | None = None
    outcome: str | None = Field(default=None, max_length=12)
    answer: str = Field(default="", max_length=300)
    proof: str | None = Field(default=None, max_length=200)


DELIVERY, ATTEMPT = table(DeliveryRow), table(DeliveryAttempt)
_WAITS = DELIVERY.c.run_at.is_not(None)
partial_index("ix_delivery_due", DELIVERY.c.channel, DELIVERY.c.run_at, where=_WAITS)
partial_index("ix_delivery_written", DELIVERY.c.written_at, where=_WAITS)
sa.Index("ix_delivery_attempt_channel", ATTEMPT.c.channel, ATTEMPT.c.started_at)


def add(tx: sa.Connection, notice_ids: Iterable[UUID], now: datetime) -> None:
    """Begin: which channels, the worker finds out."""
    rows = [{"notice_id": each, "since": now, "run_at": now, "written_at": now} for each in notice_ids]
    if rows:
        tx.execute(sa.insert(DELIVERY), rows)


def lock_due(tx: sa.Connection, channel: str | None, now: datetime, most: int) -> list[AnyRow]:
    """Those due on a channel (None: not planned yet), the longest due first, that no other worker holds."""
    mine = DELIVERY.c.channel.is_(None) if channel is None else DELIVERY.c.channel == channel
    query = sa.select(DELIVERY).where(mine, DELIVERY.c.run_at <= now)
    query = query.order_by(DELIVERY.c.run_at).limit(most).with_for_update(skip_locked=True)
    return list(tx.execute(query).all())


def due_channels(tx: sa.Connection, now: datetime) -> set[str | None]:
    """On which channels something is due."""
    query = sa.select(DELIVERY.c.channel).where(DELIVERY.c.run_at <= now).distinct()
    return set(tx.execute(query).scalars())


def notices(tx: sa.Connection, ids: Iterable[UUID]) -> dict[UUID, AnyRow]:
    """The notices to deliver."""
    query = sa.select(NOTICE).where(NOTICE.c.id.in_(set(ids)))
    return {row.id: row for row in tx.execute(query)}


def lease(tx: sa.Connection, rows: list[AnyRow], now: datetime, until: datetime) -> None:
    """Take locked rows: an attempt begins for each."""
    ids = [row.notice_id for row in rows]
    if not ids:
        return
    taken = sa.update(DELIVERY).where(DELIVERY.c.notice_id.in_(ids))
    tx.execute(
        taken.values(run_at=until, written_at=now, lease=DELIVERY.c.lease + 1, tries=DELIVERY.c.tries + 1)
    )
    begun = [
        {"notice_id": row.notice_id, "n": row.lease + 1, "channel": row.channel, "started_at": now}
        for row in rows
    ]
    tx.execute(sa.insert(ATTEMPT), begun)


def end_lost(tx: sa.Connection, ids: Iterable[UUID]) -> None:
    """Note the attempts that never ended, of notices that nobody holds any more."""
    lost = sa.update(ATTEMPT).where(ATTEMPT.c.notice_id.in_(set(ids)), ATTEMPT.c.outcome.is_(None))
    tx.execute(lost.values(outcome="unknown", answer="the worker did not live to tell"))


def lock_held(tx: sa.Connection, notice_id: UUID, lease_number: int) -> AnyRow | None:
    """The row, locked, if it is still held under this number."""
    query = sa.select(DELIVERY).where(DELIVERY.c.notice_id == notice_id, DELIVERY.c.lease == lease_number)
    return tx.execute(query.with_for_update()).one_or_none()


def change(tx: sa.Connection, rows: list[dict[str, object]]) -> None:
    """Write rows of one shape back; each row's `notice_id` names it."""
    change_rows(tx, DELIVERY, rows, key="notice_id")


def end_attempt(tx: sa.Connection, notice_id: UUID, n: int, values: dict[str, object]) -> None:
    """What an attempt came to, whoever holds the notice by now."""
    mine = sa.and_(ATTEMPT.c.notice_id == notice_id, ATTEMPT.c.n == n)
    tx.execute(sa.update(ATTEMPT).where(mine).values(**values))


def add_skipped(tx: sa.Connection, rows: list[AnyRow], now: datetime, why: str) -> None:
    """Locked rows that are handed on untried, noted in the log under a number of their own."""
    ids = [row.notice_id for row in rows]
    tx.execute(sa.update(DELIVERY).where(DELIVERY.c.notice_id.in_(ids)).values(lease=DELIVERY.c.lease + 1))
    noted = {"started_at": now, "ended_at": now, "outcome": "skipped", "answer": why, "proof": None}
    tx.execute(
        sa.insert(ATTEMPT),
        [{"notice_id": row.notice_id, "n": row.lease + 1, "channel": row.channel, **noted} for row in rows],
    )


def begun_since(tx: sa.Connection, channel: str, moment: datetime) -> int:
    """How many attempts were made on a channel since then, by all workers."""
    query = sa.select(sa.func.count()).select_from(ATTEMPT)
    query = query.where(
        ATTEMPT.c.channel == channel, ATTEMPT.c.started_at > moment,
        sa.or_(ATTEMPT.c.outcome.is_(None), ATTEMPT.c.outcome != "skipped"),
    )  # fmt: skip
    return tx.execute(query).scalar_one()


def forget_channels(tx: sa.Connection, known: Iterable[str], now: datetime) -> int:
    """Plan anew what waits for a channel that there is no longer; how many."""
    lost = sa.and_(_WAITS, DELIVERY.c.channel.is_not(None), DELIVERY.c.channel.not_in(set(known)))
    again = sa.update(DELIVERY).where(lost).values(channel=None, run_at=now, written_at=now)
    return len(tx.execute(again.returning(DELIVERY.c.notice_id)).all())


def come_back(tx: sa.Connection, now: datetime, by: timedelta) -> int:
    """The clock was set back: what was put off by the old one is due now. How many that were."""
    ahead = sa.and_(_WAITS, DELIVERY.c.written_at > now + by)
    again = sa.update(DELIVERY).where(ahead).values(run_at=now, written_at=now)
    return len(tx.execute(again.returning(DELIVERY.c.notice_id)).all())


def waiting(tx: sa.Connection) -> list[AnyRow]:
    """(channel, state, count, since) of what is not over: by channel, and whether all had failed before."""
    query = sa.select(
        DELIVERY.c.channel, DELIVERY.c.state, sa.func.count().label("many"),
        sa.func.min(DELIVERY.c.since).label("since"),
    ).where(_WAITS)  # fmt: skip
    return list(tx.execute(query.group_by(DELIVERY.c.channel, DELIVERY.c.state)).all())
