"""The book of what became of the bytes of photos: lines are added, never changed."""

from datetime import datetime
from typing import Literal
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from inspect_api.clock import new_id
from inspect_api.store.schema import AnyRow, table

Kind = Literal["damaged", "missing", "mended", "collected", "held", "lifted"]


class CustodyRow(SQLModel, table=True):
    """One line. `actor` is an account's id, `system`, or `operator` for a command at a terminal."""

    __tablename__ = "custody"

    id: UUID = Field(primary_key=True)
    at: datetime
    kind: str = Field(max_length=16)
    sha256: str | None = Field(default=None, max_length=64, index=True)
    actor: str = Field(max_length=64)
    told: str = Field(default="", max_length=500)


CUSTODY = table(CustodyRow)


def note(tx: sa.Connection, kind: Kind, sha256: str | None, at: datetime, actor: str, told: str = "") -> None:
    """Add a line."""
    line = {"id": new_id(), "at": at, "kind": kind, "sha256": sha256, "actor": actor, "told": told[:500]}
    tx.execute(sa.insert(CUSTODY), line)


def of_photo(tx: sa.Connection, sha256: str) -> list[AnyRow]:
    """What became of a photo, in order."""
    query = sa.select(CUSTODY).where(CUSTODY.c.sha256 == sha256)
    return list(tx.execute(query.order_by(CUSTODY.c.at, CUSTODY.c.id)).all())
