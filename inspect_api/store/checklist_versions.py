"""Checklist versions that experts have published here; those of the built-in library are package data."""

import hashlib
from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from inspect_api.store import instance
from inspect_api.store.schema import BYTES, HASH, AnyRow, one_of, table
from inspect_api.store.sessions import DEVICE


class ChecklistVersion(SQLModel, table=True):
    """One version: `content` is its YAML as the expert wrote it, `digest` the SHA-256 of that.

    A draft is seen by the test devices alone, and may change; what is published never does.
    """

    __tablename__ = "checklist_version"
    __table_args__ = (
        one_of("state", ("draft", "published")),
        sa.CheckConstraint("(live_from IS NULL) = (state = 'draft')", name="live_from"),
    )

    code: str = Field(primary_key=True, max_length=120)
    version: str = Field(primary_key=True, max_length=40)
    content: bytes = Field(sa_type=BYTES)
    digest: bytes = Field(sa_type=HASH)
    state: str = Field(max_length=12)
    live_from: date | None = None
    devices: list[str] = Field(default_factory=list, sa_type=sa.JSON)
    published_by: str = Field(max_length=120)
    published_at: datetime


CHECKLIST_VERSION = table(ChecklistVersion)
_MARK = "checklists"


def mark(tx: sa.Connection) -> str:
    """Of what is stored: the same for the same versions on any database, "" for none."""
    return instance.get(tx, _MARK) or ""


def mark_of(rows: Iterable[AnyRow]) -> str:
    """The mark that these rows, all there are, have."""
    told = sorted(
        f"{row.code}@{row.version} {row.digest.hex()} {row.state} {row.live_from} {sorted(row.devices)}"
        for row in rows
    )
    return hashlib.sha256("\n".join(told).encode()).hexdigest() if told else ""


def every(tx: sa.Connection) -> list[AnyRow]:
    """Every version that is stored, by code and version."""
    columns = CHECKLIST_VERSION.c
    return list(tx.execute(sa.select(CHECKLIST_VERSION).order_by(columns.code, columns.version)).all())


def lock(tx: sa.Connection) -> None:
    """Who publishes does so after whoever published before."""
    instance.put_new(tx, _MARK, "")


def put(tx: sa.Connection, row: dict[str, object]) -> None:
    """Store a version, or a draft anew; the mark changes with it."""
    same = sa.and_(CHECKLIST_VERSION.c.code == row["code"], CHECKLIST_VERSION.c.version == row["version"])
    if tx.execute(sa.update(CHECKLIST_VERSION).where(same).values(row)).rowcount == 0:
        tx.execute(sa.insert(CHECKLIST_VERSION).values(row))
    instance.put(tx, _MARK, mark_of(every(tx)))


def unknown_devices(tx: sa.Connection, ids: Iterable[UUID]) -> set[UUID]:
    """Those of the ids that no enrolled device has."""
    wanted = set(ids)
    return wanted - set(tx.execute(sa.select(DEVICE.c.id).where(DEVICE.c.id.in_(wanted))).scalars())
