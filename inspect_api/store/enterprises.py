"""Enterprises: who answers for a site."""

from collections.abc import Iterable
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from inspect_api.store.schema import BIG, AnyRow, one_of, table

INDUSTRIES = (
    "hazmat", "coal_mine", "mine", "tailings", "construction", "fire", "public_place",
    "natural_hazard", "other",
)  # fmt: skip


class Enterprise(SQLModel, table=True):
    """An enterprise at its place of registration."""

    __tablename__ = "enterprise"
    __table_args__ = (one_of("industry", INDUSTRIES),)

    id: UUID = Field(primary_key=True)
    name: str = Field(max_length=120)
    credit_code: str | None = Field(default=None, max_length=18, unique=True)
    contact: str | None = Field(default=None, max_length=200)
    industry: str = Field(max_length=16)
    region_code: str = Field(max_length=12, foreign_key="region.code", index=True)
    rev: int = Field(default=1, sa_type=BIG)


ENTERPRISE = table(Enterprise)


def by_ids(tx: sa.Connection, ids: Iterable[UUID]) -> dict[UUID, AnyRow]:
    """Id -> row of those that exist."""
    wanted = set(ids)
    if not wanted:
        return {}
    return {row.id: row for row in tx.execute(sa.select(ENTERPRISE).where(ENTERPRISE.c.id.in_(wanted)))}


def by_credit_codes(tx: sa.Connection, codes: Iterable[str]) -> dict[str, UUID]:
    """Unified social credit code -> enterprise id."""
    wanted = set(codes)
    if not wanted:
        return {}
    query = sa.select(ENTERPRISE.c.credit_code, ENTERPRISE.c.id).where(ENTERPRISE.c.credit_code.in_(wanted))
    return {row.credit_code: row.id for row in tx.execute(query)}


def add(tx: sa.Connection, rows: list[dict[str, object]]) -> None:
    if rows:
        tx.execute(sa.insert(ENTERPRISE), rows)
