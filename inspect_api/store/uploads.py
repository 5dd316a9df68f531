"""Uploads that come in parts: how far each has come, and where its parts lie."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from inspect_api.store.schema import BIG, AnyRow, one_of, table

STATES = ("open", "stored", "ended")


class UploadRow(SQLModel, table=True):
    """`received` bytes are durable. `told` is Upload-Metadata as it was sent. `is_swept`: no part is left."""

    __tablename__ = "upload"
    __table_args__ = (
        one_of("state", STATES),
        sa.CheckConstraint("received >= 0 AND received <= size", name="received"),
    )

    id: UUID = Field(primary_key=True)
    account_id: UUID = Field(foreign_key="account.id")
    sha256: str = Field(max_length=64)
    size: int = Field(sa_type=BIG)
    received: int = Field(sa_type=BIG)
    told: str = Field(max_length=4096)
    state: str = Field(max_length=8)
    is_swept: bool
    expires_at: datetime


class UploadPart(SQLModel, table=True):
    """Bytes from `start` on, in the blob store under `name`."""

    __tablename__ = "upload_part"

    upload_id: UUID = Field(primary_key=True, foreign_key="upload.id")
    start: int = Field(primary_key=True, sa_type=BIG)
    size: int = Field(sa_type=BIG)
    name: str = Field(max_length=80)


UPLOAD, PART = table(UploadRow), table(UploadPart)
sa.Index("ix_upload_account_id_state_sha256", UPLOAD.c.account_id, UPLOAD.c.state, UPLOAD.c.sha256)
sa.Index("ix_upload_state_is_swept_expires_at", UPLOAD.c.state, UPLOAD.c.is_swept, UPLOAD.c.expires_at)


def add(tx: sa.Connection, row: dict[str, object]) -> None:
    tx.execute(sa.insert(UPLOAD), row)


def find(tx: sa.Connection, upload_id: UUID, account_id: UUID) -> AnyRow | None:
    """An upload of this account."""
    query = sa.select(UPLOAD).where(UPLOAD.c.id == upload_id, UPLOAD.c.account_id == account_id)
    return tx.execute(query).one_or_none()


def parts(tx: sa.Connection, upload_id: UUID) -> list[AnyRow]:
    """In the order of the bytes."""
    query = sa.select(PART.c.start, PART.c.size, PART.c.name).where(PART.c.upload_id == upload_id)
    return list(tx.execute(query.order_by(PART.c.start)).all())


def unfinished(tx: sa.Connection, account_id: UUID, now: datetime) -> tuple[int, int]:
    """How many uploads of an account are open, and how many bytes they will come to."""
    query = sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(UPLOAD.c.size), 0)).where(
        UPLOAD.c.account_id == account_id, UPLOAD.c.state == "open", UPLOAD.c.expires_at > now
    )
    count, size = tx.execute(query).one()
    return int(count), int(size)


def advance(
    tx: sa.Connection, upload_id: UUID, start: int, end: int, state: str, expires_at: datetime
) -> bool:
    """From `start` to `end`; False where the upload does not stand at `start`, or has ended."""
    change = sa.update(UPLOAD).where(
        UPLOAD.c.id == upload_id, UPLOAD.c.received == start, UPLOAD.c.state == "open"
    )
    change = change.values(received=end, state=state, expires_at=expires_at)
    return tx.execute(change).rowcount == 1


def put_part(tx: sa.Connection, upload_id: UUID, start: int, size: int, name: str) -> None:
    """Note a part, in the place of one that began at the same byte."""
    tx.execute(sa.delete(PART).where(PART.c.upload_id == upload_id, PART.c.start == start))
    tx.execute(sa.insert(PART), {"upload_id": upload_id, "start": start, "size": size, "name": name})


def end(tx: sa.Connection, upload_id: UUID, at: int) -> bool:
    """It takes no more bytes; its parts may go. False where it does not stand at `at`, or is over."""
    change = sa.update(UPLOAD).where(
        UPLOAD.c.id == upload_id, UPLOAD.c.state == "open", UPLOAD.c.received == at
    )
    return tx.execute(change.values(state="ended")).rowcount == 1


def furthest(
    tx: sa.Connection, names: Iterable[str], account_id: UUID, now: datetime
) -> dict[str, tuple[UUID, int]]:
    """Photo -> the account's own open upload of it that has come furthest, and how far."""
    query = sa.select(UPLOAD.c.sha256, UPLOAD.c.id, UPLOAD.c.received).where(
        UPLOAD.c.account_id == account_id, UPLOAD.c.state == "open", UPLOAD.c.expires_at > now,
        UPLOAD.c.sha256.in_(set(names)),
    )  # fmt: skip
    rows = tx.execute(query.order_by(UPLOAD.c.received, UPLOAD.c.id))
    return {row.sha256: (row.id, row.received) for row in rows}


def expire(tx: sa.Connection, now: datetime, most: int) -> int:
    """End up to so many open uploads whose time is over; how many that were."""
    late = sa.select(UPLOAD.c.id).where(
        UPLOAD.c.state == "open", UPLOAD.c.is_swept.is_(False), UPLOAD.c.expires_at <= now
    )
    late = late.order_by(UPLOAD.c.expires_at).limit(most)
    change = sa.update(UPLOAD).where(
        UPLOAD.c.id.in_(late.scalar_subquery()), UPLOAD.c.state == "open", UPLOAD.c.expires_at <= now
    )
    return int(tx.execute(change.values(state="ended")).rowcount)


def unswept(tx: sa.Connection, most: int) -> list[UUID]:
    """Uploads that are over and may have parts lying about."""
    query = sa.select(UPLOAD.c.id).where(UPLOAD.c.state.in_(STATES[1:]), UPLOAD.c.is_swept.is_(False))
    return list(tx.execute(query.order_by(UPLOAD.c.expires_at).limit(most)).scalars())


def note_swept(tx: sa.Connection, ids: list[UUID]) -> None:
    """Their parts are gone."""
    tx.execute(sa.delete(PART).where(PART.c.upload_id.in_(ids)))
    tx.execute(sa.update(UPLOAD).where(UPLOAD.c.id.in_(ids)).values(is_swept=True))


def bygone(tx: sa.Connection, before: datetime, most: int) -> list[UUID]:
    """Uploads that are over since before a moment and that nobody asks for any more."""
    query = sa.select(UPLOAD.c.id).where(
        UPLOAD.c.state.in_(STATES[1:]), UPLOAD.c.is_swept.is_(True), UPLOAD.c.expires_at <= before
    )
    return list(tx.execute(query.order_by(UPLOAD.c.expires_at).limit(most)).scalars())


def forget(tx: sa.Connection, ids: list[UUID]) -> None:
    tx.execute(sa.delete(PART).where(PART.c.upload_id.in_(ids)))
    tx.execute(sa.delete(UPLOAD).where(UPLOAD.c.id.in_(ids)))
