"""Sites: what is inspected, and where."""

from collections.abc import Iterable
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from inspect_api.store.enterprises import INDUSTRIES
from inspect_api.store.schema import BIG, AnyRow, one_of, table


class Site(SQLModel, table=True):
    """A site with its position as sent and in WGS-84 degrees."""

    __tablename__ = "site"
    __table_args__ = (
        one_of("industry", INDUSTRIES),
        one_of("risk", ("red", "orange", "yellow", "blue")),
        sa.CheckConstraint("lat BETWEEN -90 AND 90 AND lon BETWEEN -180 AND 180", name="position"),
    )

    id: UUID = Field(primary_key=True)
    name: str = Field(max_length=120)
    industry: str = Field(max_length=16)
    enterprise_id: UUID | None = Field(default=None, foreign_key="enterprise.id", index=True)
    region_code: str = Field(max_length=12, foreign_key="region.code", index=True)
    grid_code: str | None = Field(default=None, max_length=24, index=True)
    position: dict[str, Any] | None = Field(default=None, sa_type=sa.JSON)
    lat: float | None = None
    lon: float | None = None
    qr: str | None = Field(default=None, max_length=200, unique=True)
    risk: str | None = Field(default=None, max_length=8)
    facts: dict[str, Any] = Field(default_factory=dict, sa_type=sa.JSON)
    rev: int = Field(default=1, sa_type=BIG)


SITE = table(Site)


class NewSite(NamedTuple):
    """A site that is about to be written."""

    id: UUID
    name: str
    industry: str
    enterprise_id: UUID | None
    region_code: str
    grid_code: str | None
    position: dict[str, Any] | None
    lat: float | None
    lon: float | None
    qr: str | None
    risk: str | None
    facts: dict[str, Any]
    rev: int


def facts_of(site: AnyRow | NewSite) -> dict[str, Any]:
    """What conditions of checklists and rules of risk may ask of a site."""
    return {**site.facts, "industry": site.industry, "risk": site.risk}


def by_ids(tx: sa.Connection, ids: Iterable[UUID]) -> dict[UUID, AnyRow]:
    """Id -> row of those that exist."""
    wanted = set(ids)
    if not wanted:
        return {}
    return {row.id: row for row in tx.execute(sa.select(SITE).where(SITE.c.id.in_(wanted)))}


def add(tx: sa.Connection, rows: list[dict[str, object]]) -> None:
    if rows:
        tx.execute(sa.insert(SITE), rows)
