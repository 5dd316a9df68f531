"""Reading the register of hazards: rows with the names of where and whose they are."""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import sqlalchemy as sa
from msgspec import Meta, Struct

from inspect_api.domain.access import Caller
from inspect_api.store.enterprises import ENTERPRISE
from inspect_api.store.hazards import HAZARD
from inspect_api.store.matching import RegionPrefix, Words, below, contains
from inspect_api.store.paging import Order, Page, Place, merge_pages, read_page
from inspect_api.store.regions import REGION
from inspect_api.store.register import register
from inspect_api.store.schema import AnyRow
from inspect_api.store.scope import visible
from inspect_api.store.sites import SITE
from sync.bodies import Grade, Industry
from sync.entities import Order as OrderKind
from sync.entities import Party, Status
from sync.times import Moment, check_moments

Sort = Literal["due_at", "-due_at", "-reported_at"]


class HazardFilter(Struct, frozen=True, kw_only=True):
    """Which hazards; what is not asked is None. `due_before` and `due_after` leave out the moment itself."""

    region: RegionPrefix | None = None
    status: list[Status] = []
    grade: Grade | None = None
    industry: Industry | None = None
    order: OrderKind | None = None
    overdue: bool | None = None
    overdue_by: Party | None = None
    due_before: Moment | None = None
    due_after: Moment | None = None
    enterprise_id: UUID | None = None
    site_id: UUID | None = None
    step_min: Annotated[int, Meta(ge=0, le=7)] | None = None
    listed: bool | None = None
    q: Words | None = None
    updated_after: Moment | None = None

    def __post_init__(self) -> None:
        check_moments(self.due_before, self.due_after, self.updated_after)


def shown(hazards: sa.FromClause = HAZARD) -> sa.Select[Any]:
    """Hazards with `site_name`, `enterprise_name` and `region_name`."""
    return (
        sa.select(
            hazards,
            SITE.c.name.label("site_name"),
            ENTERPRISE.c.name.label("enterprise_name"),
            REGION.c.name.label("region_name"),
        )
        .outerjoin(SITE, SITE.c.id == hazards.c.site_id)
        .outerjoin(ENTERPRISE, ENTERPRISE.c.id == hazards.c.enterprise_id)
        .outerjoin(REGION, REGION.c.code == hazards.c.region_code)
    )


def by_ids(tx: sa.Connection, ids: Iterable[UUID], caller: Caller) -> list[AnyRow]:
    """Those of the hazards that the caller may see."""
    wanted = list(set(ids))
    if not wanted:
        return []
    return list(tx.execute(shown().where(HAZARD.c.id.in_(wanted), visible(HAZARD, caller))).all())


def at_moment(tx: sa.Connection, hazard_id: UUID, caller: Caller, moment: datetime | None) -> AnyRow | None:
    """A hazard as it stands (None) or stood, when the caller may see it and it was there."""
    for hazards, counts in register(caller, moment):
        row = tx.execute(shown(hazards).where(counts, hazards.c.id == hazard_id)).one_or_none()
        if row is not None:
            return row
    return None


def others_at_item(tx: sa.Connection, hazard: AnyRow, caller: Caller, moment: datetime | None) -> list[UUID]:
    """Other open hazards at the same site and item, which may be the same one reported twice."""
    if hazard.site_id is None or hazard.item is None or not hazard.is_open:
        return []
    found: list[UUID] = []
    for hazards, counts in register(caller, moment):
        query = sa.select(hazards.c.id).where(
            counts,
            hazards.c.site_id == hazard.site_id,
            hazards.c.item == hazard.item,
            hazards.c.is_open,
            hazards.c.id != hazard.id,
        )
        found += tx.execute(query).scalars()
    return sorted(found)


def page(
    tx: sa.Connection,
    wanted: HazardFilter,
    caller: Caller,
    as_of: datetime,
    sort: Sort,
    after: Place | None,
    limit: int,
    *,
    past: bool = False,
) -> Page:
    """A page of the caller's hazards; whether one is overdue is judged at `as_of`.

    With `past` each stands there as it stood at that moment, else as it stands.
    """
    pages: list[Page] = []
    for hazards, counts in register(caller, as_of if past else None):
        filters = [*_equal(hazards, wanted), *_compared(hazards, wanted), *_late(hazards, wanted, as_of)]
        if wanted.q is not None:
            texts = (hazards.c.number, hazards.c.title, SITE.c.name, ENTERPRISE.c.name)
            filters.append(sa.or_(*(contains(tx, text, wanted.q) for text in texts)))
        order = _order(hazards, sort)
        if order.by is hazards.c.due_at and _has_due(wanted):
            order = order._replace(has_empty=False)
        query = shown(hazards).where(counts, *filters)
        pages.append(read_page(tx, query, order, after, limit))
    return merge_pages(pages, _order(HAZARD, sort), limit)


def _order(hazards: sa.FromClause, sort: Sort) -> Order:
    if sort == "-reported_at":
        return Order(hazards.c.reported_at, hazards.c.id, descending=True)
    return Order(hazards.c.due_at, hazards.c.id, descending=sort == "-due_at", has_empty=True)


def overdue_at(as_of: datetime, hazards: sa.FromClause = HAZARD) -> sa.ColumnElement[bool]:
    """A running clock has run out; the register, its counts and its summary all mean this."""
    return hazards.c.due_at < as_of


def late_since(hazards: sa.FromClause = HAZARD) -> sa.ColumnElement[datetime]:
    """From when an overdue hazard's days count: the same as `actions.entities.late_since`."""
    due_at, first = hazards.c.due_at, hazards.c.first_due_at
    return sa.case((sa.and_(hazards.c.due_kind == "rectification", first < due_at), first), else_=due_at)


def _equal(hazards: sa.FromClause, wanted: HazardFilter) -> list[sa.ColumnElement[bool]]:
    pairs = {
        hazards.c.grade: wanted.grade,
        hazards.c.industry: wanted.industry,
        hazards.c.order_kind: wanted.order,
        hazards.c.enterprise_id: wanted.enterprise_id,
        hazards.c.site_id: wanted.site_id,
    }
    filters = [column == value for column, value in pairs.items() if value is not None]
    if wanted.status:
        filters.append(hazards.c.status.in_(sorted(set(wanted.status))))
    if wanted.listed is not None:
        listed = hazards.c.listed_level.is_not(None)
        filters.append(listed if wanted.listed else sa.not_(listed))
    return filters


def _compared(hazards: sa.FromClause, wanted: HazardFilter) -> list[sa.ColumnElement[bool]]:
    filters: list[sa.ColumnElement[bool]] = []
    if wanted.region is not None:
        filters.append(below(hazards.c.region_code, wanted.region))
    if wanted.due_before is not None:
        filters.append(hazards.c.due_at < wanted.due_before)
    if wanted.due_after is not None:
        filters.append(hazards.c.due_at > wanted.due_after)
    if wanted.step_min is not None:
        filters.append(hazards.c.step >= wanted.step_min)
    if wanted.updated_after is not None:
        filters.append(hazards.c.updated_at > wanted.updated_after)
    return filters


def _late(hazards: sa.FromClause, wanted: HazardFilter, as_of: datetime) -> list[sa.ColumnElement[bool]]:
    filters: list[sa.ColumnElement[bool]] = []
    if wanted.overdue or wanted.overdue_by is not None:
        filters.append(overdue_at(as_of, hazards))
    if wanted.overdue is False:
        filters.append(sa.or_(hazards.c.due_at.is_(None), hazards.c.due_at >= as_of))
    if wanted.overdue_by is not None:
        filters.append(hazards.c.due_party == wanted.overdue_by)
    return filters


def _has_due(wanted: HazardFilter) -> bool:
    """Whether every hazard that is asked for has a due date."""
    dated = (wanted.overdue_by, wanted.due_before, wanted.due_after)
    return bool(wanted.overdue) or any(value is not None for value in dated)
