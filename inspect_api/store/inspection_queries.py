"""Reading inspections: as submitted, with who inspected what, and what came of it."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from msgspec import Struct

from inspect_api.domain.access import Caller
from inspect_api.store.accounts import ACCOUNT
from inspect_api.store.enterprises import ENTERPRISE
from inspect_api.store.hazards import HAZARD
from inspect_api.store.inspections import INSPECTION
from inspect_api.store.matching import RegionPrefix, below
from inspect_api.store.paging import Order, Page, Place, read_page
from inspect_api.store.photos import PHOTO
from inspect_api.store.regions import REGION
from inspect_api.store.schema import AnyRow, among
from inspect_api.store.scope import visible
from inspect_api.store.sites import SITE
from sync.times import Moment, check_moments


class InspectionFilter(Struct, frozen=True, kw_only=True):
    """Which inspections; what is not asked is None. They ended at or after `since` and before `until`."""

    site_id: UUID | None = None
    inspector_id: UUID | None = None
    region: RegionPrefix | None = None
    since: Moment | None = None
    until: Moment | None = None

    def __post_init__(self) -> None:
        check_moments(self.since, self.until)


def shown() -> sa.Select[Any]:
    """Inspections with the names of site, enterprise, region and inspector, and the inspector's role."""
    return (
        sa.select(
            INSPECTION,
            SITE.c.name.label("site_name"),
            ENTERPRISE.c.name.label("enterprise_name"),
            REGION.c.name.label("region_name"),
            ACCOUNT.c.name.label("inspector_name"),
            ACCOUNT.c.role.label("inspector_role"),
        )
        .join(SITE, SITE.c.id == INSPECTION.c.site_id)
        .join(ACCOUNT, ACCOUNT.c.id == INSPECTION.c.inspector_id)
        .outerjoin(ENTERPRISE, ENTERPRISE.c.id == INSPECTION.c.enterprise_id)
        .outerjoin(REGION, REGION.c.code == INSPECTION.c.region_code)
    )


def by_ids(tx: sa.Connection, ids: Iterable[UUID], caller: Caller) -> list[AnyRow]:
    """Those of the inspections that the caller may see."""
    wanted = list(set(ids))
    if not wanted:
        return []
    return list(
        tx.execute(shown().where(among(tx, INSPECTION.c.id, wanted), visible(INSPECTION, caller))).all()
    )


def page(
    tx: sa.Connection, wanted: InspectionFilter, caller: Caller, after: Place | None, limit: int
) -> Page:
    """A page of the caller's inspections, the latest first."""
    query = shown().where(visible(INSPECTION, caller))
    if wanted.site_id is not None:
        query = query.where(INSPECTION.c.site_id == wanted.site_id)
    if wanted.inspector_id is not None:
        query = query.where(INSPECTION.c.inspector_id == wanted.inspector_id)
    if wanted.region is not None:
        query = query.where(below(INSPECTION.c.region_code, wanted.region))
    if wanted.since is not None:
        query = query.where(INSPECTION.c.finished_at >= wanted.since)
    if wanted.until is not None:
        query = query.where(INSPECTION.c.finished_at < wanted.until)
    return read_page(
        tx, query, Order(INSPECTION.c.finished_at, INSPECTION.c.id, descending=True), after, limit
    )


def chain_of(
    tx: sa.Connection, inspection_id: UUID, caller: Caller, known_at: datetime | None = None
) -> list[AnyRow]:
    """(id, body) of an inspection and all that amend the same first one, in the order of arrival.

    Those that had arrived by `known_at`, or (None) all of them.
    """
    root = sa.select(INSPECTION.c.root).where(INSPECTION.c.id == inspection_id).scalar_subquery()
    query = sa.select(INSPECTION.c.id, INSPECTION.c.body).where(
        INSPECTION.c.root == root, visible(INSPECTION, caller)
    )
    if known_at is not None:
        query = query.where(INSPECTION.c.received_at <= known_at)
    # those of one push have arrived together
    order = (INSPECTION.c.received_at, INSPECTION.c.finished_at, INSPECTION.c.id)
    return list(tx.execute(query.order_by(*order)).all())


def hazards_opened(tx: sa.Connection, ids: Iterable[UUID]) -> dict[UUID, list[UUID]]:
    """Inspection -> the hazards that it opened, by id."""
    query = sa.select(HAZARD.c.inspection_id, HAZARD.c.id).where(among(tx, HAZARD.c.inspection_id, list(ids)))
    found: dict[UUID, list[UUID]] = {}
    for row in tx.execute(query.order_by(HAZARD.c.id)):
        found.setdefault(row.inspection_id, []).append(row.id)
    return found


def photos_awaited(tx: sa.Connection, ids: Iterable[UUID]) -> dict[UUID, list[str]]:
    """Inspection -> SHA-256 of the photos that it names and whose bytes are not stored."""
    query = sa.select(PHOTO.c.inspection_id, PHOTO.c.sha256).distinct()
    query = query.where(among(tx, PHOTO.c.inspection_id, list(ids)), sa.not_(PHOTO.c.is_present))
    found: dict[UUID, list[str]] = {}
    for row in tx.execute(query.order_by(PHOTO.c.sha256)):
        found.setdefault(row.inspection_id, []).append(row.sha256)
    return found
