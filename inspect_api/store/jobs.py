"""Jobs: rows of the same transaction as what caused them, claimed by a lease."""

from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from inspect_api.clock import new_id
from inspect_api.store.schema import AnyRow, insert_new, table


class Job(SQLModel, table=True):
    """Something to do later. A crash leaves the lease to run out, and another worker takes it."""

    __tablename__ = "job"
    __table_args__ = (sa.UniqueConstraint("name", "key"),)

    id: UUID = Field(primary_key=True)
    name: str = Field(max_length=40)
    key: str = Field(max_length=80)
    run_at: datetime | None = Field(default=None, index=True)
    attempts: int = Field(default=0)
    last_error: str | None = Field(default=None, max_length=500)


JOB = table(Job)
_ADD = sa.insert(JOB)


def add(tx: sa.Connection, rows: list[dict[str, object]]) -> None:
    if rows:
        tx.execute(_ADD, rows if len(rows) > 1 else rows[0])


def add_new(tx: sa.Connection, rows: list[dict[str, object]]) -> None:
    """Add those that are not there under their name and key."""
    insert_new(tx, JOB, rows)


def renew(tx: sa.Connection, name: str, keys: list[str], now: datetime) -> None:
    """To be done once more: added where they are not there, taken up again where they were given up."""
    add_new(tx, [{"id": new_id(), "name": name, "key": key, "run_at": now} for key in keys])
    given_up = sa.update(JOB).where(JOB.c.name == name, JOB.c.key.in_(keys), JOB.c.run_at.is_(None))
    tx.execute(given_up.values(run_at=now, attempts=0))


def claim(tx: sa.Connection, now: datetime, lease: timedelta, most: int) -> list[AnyRow]:
    """Take due jobs; each is due again when the lease runs out, unless it is done by then."""
    due = (
        sa.select(JOB.c.id).where(JOB.c.run_at <= now).order_by(JOB.c.run_at).limit(most)
        .with_for_update(skip_locked=True)
    )  # fmt: skip
    taken = (
        sa.update(JOB).where(JOB.c.id.in_(due.scalar_subquery()))
        .values(run_at=now + lease, attempts=JOB.c.attempts + 1)
        .returning(JOB.c.id, JOB.c.name, JOB.c.key, JOB.c.attempts)
    )  # fmt: skip
    return list(tx.execute(taken).all())


def done(tx: sa.Connection, ids: list[UUID]) -> None:
    tx.execute(sa.delete(JOB).where(JOB.c.id.in_(ids)))


def failed(tx: sa.Connection, job_id: UUID, error: str, again_at: datetime | None, attempts: int) -> None:
    """Note why, and as which attempt it counts; `again_at` None gives it up (the row stays, visible)."""
    note = {"last_error": error[:500], "run_at": again_at, "attempts": attempts}
    tx.execute(sa.update(JOB).where(JOB.c.id == job_id).values(note))
