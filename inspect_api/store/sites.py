"""Sites: what is inspected, and where."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from inspect_api.domain.access import Caller
from inspect_api.domain.past_scope import Stay
from inspect_api.store.enterprises import ENTERPRISE, INDUSTRIES
from inspect_api.store.schema import BIG, AnyRow, among, insert_new, one_of, table
from inspect_api.store.scope import visible


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


class SitePlace(SQLModel, table=True):
    """Where a site lay before it was moved, until when."""

    __tablename__ = "site_place"

    site_id: UUID = Field(primary_key=True, foreign_key="site.id")
    until: datetime = Field(primary_key=True)
    region_code: str = Field(max_length=12)
    grid_code: str | None = Field(default=None, max_length=24)


SITE, SITE_PLACE = table(Site), table(SitePlace)


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


def by_ids(tx: sa.Connection, ids: Iterable[UUID], *, stay: bool = False) -> dict[UUID, AnyRow]:
    """Id -> row of those that exist; with `stay` none of them can be moved until this transaction ends."""
    wanted = set(ids)
    if not wanted:
        return {}
    query = sa.select(SITE).where(among(tx, SITE.c.id, wanted))
    if stay:
        query = query.order_by(SITE.c.id).with_for_update(read=True)
    return {row.id: row for row in tx.execute(query)}


def by_codes(tx: sa.Connection, codes: Collection[str]) -> dict[str, AnyRow]:
    """Code at the door -> row of those that exist."""
    return {row.qr: row for row in tx.execute(sa.select(SITE).where(among(tx, SITE.c.qr, codes)))}


def to_move(tx: sa.Connection, site_id: UUID) -> AnyRow | None:
    """A site that nobody writes about until this transaction ends."""
    return tx.execute(sa.select(SITE).where(SITE.c.id == site_id).with_for_update()).one_or_none()


def move(tx: sa.Connection, site: AnyRow, region_code: str, grid_code: str, at: datetime) -> int:
    """Put a site elsewhere and keep where it lay; its new rev."""
    stay = {"site_id": site.id, "until": at, "region_code": site.region_code, "grid_code": site.grid_code}
    insert_new(tx, SITE_PLACE, [stay])  # twice within one tick of the clock: it never lay between the two
    values = {"region_code": region_code, "grid_code": grid_code, "rev": SITE.c.rev + 1}
    moved = sa.update(SITE).where(SITE.c.id == site.id).values(values)
    return int(tx.execute(moved.returning(SITE.c.rev)).scalar_one())


def stays(tx: sa.Connection, ids: Iterable[UUID]) -> dict[UUID, list[Stay]]:
    """Where these sites lay before, of those that were ever moved; in the order of time."""
    found: dict[UUID, list[Stay]] = {}
    wanted = set(ids)
    if wanted:
        query = sa.select(SITE_PLACE).where(SITE_PLACE.c.site_id.in_(wanted))
        for row in tx.execute(query.order_by(SITE_PLACE.c.until)):
            found.setdefault(row.site_id, []).append(Stay(row.until, row.region_code, row.grid_code))
    return found


def places_of_enterprise(tx: sa.Connection, enterprise_id: UUID) -> list[AnyRow]:
    """Where an enterprise has sites; nobody adds or moves one until this transaction ends."""
    tx.execute(sa.select(ENTERPRISE.c.id).where(ENTERPRISE.c.id == enterprise_id).with_for_update())
    query = sa.select(SITE.c.region_code, SITE.c.grid_code, SITE.c.enterprise_id, SITE.c.industry)
    return list(tx.execute(query.where(SITE.c.enterprise_id == enterprise_id)).all())


def add(tx: sa.Connection, rows: list[dict[str, object]]) -> None:
    if rows:
        tx.execute(sa.insert(SITE), rows)


def visible_places(tx: sa.Connection, caller: Caller) -> list[AnyRow]:
    """(lat, lon, region_code, grid_code) of the sites in the caller's scope whose position is known."""
    query = sa.select(SITE.c.lat, SITE.c.lon, SITE.c.region_code, SITE.c.grid_code)
    query = query.where(visible(SITE, caller), SITE.c.lat.is_not(None), SITE.c.grid_code.is_not(None))
    return list(tx.execute(query.order_by(SITE.c.id)).all())
