"""Reading sites and the enterprises that answer for them."""

from collections.abc import Iterable
from typing import Annotated, Any
from uuid import UUID

import sqlalchemy as sa
from msgspec import Meta, Struct

from inspect_api.domain.access import READERS, REGION_ROLES, Caller
from inspect_api.store.enterprises import ENTERPRISE
from inspect_api.store.hazards import HAZARD
from inspect_api.store.matching import RegionPrefix, Words, below, contains
from inspect_api.store.paging import Order, Page, Place, read_page
from inspect_api.store.regions import REGION
from inspect_api.store.schema import AnyRow, among
from inspect_api.store.scope import belongs_to, covered, of_industries, visible
from inspect_api.store.sites import SITE
from sync.bodies import Industry


class SiteFilter(Struct, frozen=True, kw_only=True):
    """Which sites; what is not asked is None. `qr` is what the site's code says, whole."""

    region: RegionPrefix | None = None
    industry: Industry | None = None
    enterprise_id: UUID | None = None
    grid_code: Annotated[str, Meta(min_length=1, max_length=24)] | None = None
    qr: Annotated[str, Meta(min_length=1, max_length=200)] | None = None
    q: Words | None = None


def shown() -> sa.Select[Any]:
    """Sites with `enterprise_name` and `region_name`."""
    return (
        sa.select(
            SITE,
            ENTERPRISE.c.name.label("enterprise_name"),
            REGION.c.name.label("region_name"),
        )
        .outerjoin(ENTERPRISE, ENTERPRISE.c.id == SITE.c.enterprise_id)
        .outerjoin(REGION, REGION.c.code == SITE.c.region_code)
    )


def by_ids(tx: sa.Connection, ids: Iterable[UUID], caller: Caller) -> list[AnyRow]:
    """Those of the sites that the caller may see."""
    wanted = list(set(ids))
    if not wanted:
        return []
    return list(tx.execute(shown().where(among(tx, SITE.c.id, wanted), visible(SITE, caller))).all())


def whole(tx: sa.Connection, ids: Iterable[UUID]) -> list[AnyRow]:
    """Sites by id, whoever asks: for what he may see and that shows its site with it."""
    wanted = set(ids)
    return list(tx.execute(shown().where(among(tx, SITE.c.id, wanted))).all()) if wanted else []


def page(tx: sa.Connection, wanted: SiteFilter, caller: Caller, after: Place | None, limit: int) -> Page:
    """A page of the caller's sites, by id."""
    pairs = {
        SITE.c.industry: wanted.industry,
        SITE.c.enterprise_id: wanted.enterprise_id,
        SITE.c.grid_code: wanted.grid_code,
        SITE.c.qr: wanted.qr,
    }
    query = shown().where(visible(SITE, caller))
    query = query.where(*(column == value for column, value in pairs.items() if value is not None))
    if wanted.region is not None:
        query = query.where(below(SITE.c.region_code, wanted.region))
    if wanted.q is not None:
        texts = (SITE.c.name, ENTERPRISE.c.name)
        query = query.where(sa.or_(*(contains(tx, text, wanted.q) for text in texts)))
    return read_page(tx, query, Order(None, SITE.c.id), after, limit)


def enterprises_by_ids(tx: sa.Connection, ids: Iterable[UUID], caller: Caller) -> list[AnyRow]:
    """Those of the enterprises that the caller may see, with `region_name`."""
    wanted = list(set(ids))
    if not wanted:
        return []
    query = sa.select(ENTERPRISE, REGION.c.name.label("region_name")).outerjoin(
        REGION, REGION.c.code == ENTERPRISE.c.region_code
    )
    return list(tx.execute(query.where(among(tx, ENTERPRISE.c.id, wanted), _known_to(caller))).all())


def _known_to(caller: Caller) -> sa.ColumnElement[bool]:
    """Its own persons see an enterprise, and who sees where it is registered, a site or a hazard of it."""
    if caller.role not in READERS:
        return sa.false()
    if caller.role == "enterprise":
        return belongs_to(ENTERPRISE.c.id, caller.enterprise_id)
    ways: list[sa.ColumnElement[bool]] = [
        sa.exists().where(thing.c.enterprise_id == ENTERPRISE.c.id, visible(thing, caller))
        for thing in (SITE, HAZARD)
    ]
    if caller.role in REGION_ROLES:
        registered = sa.and_(
            covered(ENTERPRISE.c.region_code, caller), of_industries(ENTERPRISE.c.industry, caller)
        )
        ways.append(registered)
    return sa.or_(*ways)
