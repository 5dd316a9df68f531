"""Inspections and visits: facts, never edited."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from inspect_api.store.accounts import ACCOUNT
from inspect_api.store.hazards import HAZARD
from inspect_api.store.schema import BIG, BYTES, AnyRow, add_rows, among, one_of, table


class InspectionRow(SQLModel, table=True):
    """An inspection as submitted (`body`, JSON) with where it was and what was made of it.

    Site, region, grid and enterprise are those of the day, so that scope and statistics hold.
    """

    __tablename__ = "inspection"

    id: UUID = Field(primary_key=True)
    root: UUID = Field(index=True)
    amends: UUID | None = Field(default=None, foreign_key="inspection.id")
    op_id: UUID = Field(foreign_key="operation.filed_id")
    site_id: UUID = Field(foreign_key="site.id", index=True)
    enterprise_id: UUID | None = Field(default=None, foreign_key="enterprise.id", index=True)
    industry: str = Field(max_length=16)
    region_code: str = Field(max_length=12, index=True)
    grid_code: str | None = Field(default=None, max_length=24, index=True)
    checklist_code: str = Field(max_length=120)
    checklist_version: str = Field(max_length=40)
    inspector_id: UUID = Field(foreign_key="account.id")
    task_id: UUID | None = None
    started_at: datetime
    finished_at: datetime
    received_at: datetime
    body: bytes = Field(sa_type=BYTES)
    score: float | None = None
    flags: str = Field(default="", max_length=200)
    rev: int = Field(default=1, sa_type=BIG)


class Visit(SQLModel, table=True):
    """Somebody came, and nobody could be inspected."""

    __tablename__ = "visit"
    __table_args__ = (one_of("result", ("closed", "refused", "moved")),)

    id: UUID = Field(primary_key=True)
    op_id: UUID = Field(foreign_key="operation.filed_id")
    site_id: UUID = Field(foreign_key="site.id", index=True)
    account_id: UUID = Field(foreign_key="account.id")
    result: str = Field(max_length=8)
    note: str | None = None
    visited_at: datetime
    received_at: datetime


INSPECTION, VISIT = table(InspectionRow), table(Visit)


def by_ids(tx: sa.Connection, ids: Iterable[UUID]) -> list[AnyRow]:
    """(id, root, site_id, where and whose, role of who submitted it) of those that exist."""
    wanted = set(ids)
    if not wanted:
        return []
    names = ("id", "root", "site_id", "region_code", "grid_code", "enterprise_id", "industry")
    columns = (*(INSPECTION.c[name] for name in names), ACCOUNT.c.role)
    query = sa.select(*columns).join(ACCOUNT, ACCOUNT.c.id == INSPECTION.c.inspector_id)
    return list(tx.execute(query.where(among(tx, INSPECTION.c.id, wanted))).all())


def hazards_of_roots(tx: sa.Connection, roots: Iterable[UUID]) -> dict[UUID, set[UUID]]:
    """Root of an amends chain -> the hazards that its inspections have opened."""
    found: dict[UUID, set[UUID]] = {}
    wanted = set(roots)
    if wanted:
        query = sa.select(INSPECTION.c.root, HAZARD.c.id).join(
            INSPECTION, HAZARD.c.inspection_id == INSPECTION.c.id
        )
        for row in tx.execute(query.where(INSPECTION.c.root.in_(wanted))):
            found.setdefault(row.root, set()).add(row.id)
    return found


def known_visits(tx: sa.Connection, ids: Iterable[UUID]) -> set[UUID]:
    """Those of the ids that visits have."""
    return set(tx.execute(sa.select(VISIT.c.id).where(VISIT.c.id.in_(set(ids)))).scalars())


def add(tx: sa.Connection, rows: list[dict[str, object]]) -> None:
    add_rows(tx, INSPECTION, rows)


def add_visits(tx: sa.Connection, rows: list[dict[str, object]]) -> None:
    add_rows(tx, VISIT, rows)


def touch(tx: sa.Connection, ids: Iterable[UUID]) -> list[AnyRow]:
    """Count up the rev of inspections whose photos have come; their places with the new rev."""
    change = sa.update(INSPECTION).where(INSPECTION.c.id.in_(set(ids))).values(rev=INSPECTION.c.rev + 1)
    columns = ("id", "rev", "region_code", "grid_code", "enterprise_id", "industry")
    return list(tx.execute(change.returning(*(INSPECTION.c[name] for name in columns))).all())
