"""Reading the register of hazards: rows with the names of where and whose they are."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import sqlalchemy as sa
from msgspec import Meta, Struct

from inspect_api.domain.access import Caller
from inspect_api.domain.position import NEAR_M, distance_m
from inspect_api.domain.search import words_of
from inspect_api.store import search_queries
from inspect_api.store.enterprises import ENTERPRISE
from inspect_api.store.hazards import HAZARD, near
from inspect_api.store.matching import RegionPrefix, Words, below
from inspect_api.store.paging import Order, Page, Place, merge_pages, read_page
from inspect_api.store.regions import REGION
from inspect_api.store.register import Part, register
from inspect_api.store.schema import AnyRow, among
from inspect_api.store.scope import visible
from inspect_api.store.sites import SITE
from sync.bodies import Grade, Industry
from sync.entities import Order as OrderKind
from sync.entities import Party, Sample, Status
from sync.times import Moment, check_moments

Sort = Literal["due_at", "-due_at", "-reported_at"]


_LINKED_AT_MOST = 20


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
    sample: Sample | None = None
    q: Words | None = None
    updated_after: Moment | None = None

    def __post_init__(self) -> None:
        check_moments(self.due_before, self.due_after, self.updated_after)


def shown(hazards: sa.FromClause = HAZARD) -> sa.Select[Any]:
    """Hazards with `site_name`, `site_lat`, `site_lon`, `enterprise_name` and `region_name`."""
    return (
        sa.select(
            hazards,
            SITE.c.name.label("site_name"),
            SITE.c.lat.label("site_lat"),
            SITE.c.lon.label("site_lon"),
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
    return list(tx.execute(shown().where(among(tx, HAZARD.c.id, wanted), visible(HAZARD, caller))).all())


def at_moment(tx: sa.Connection, hazard_id: UUID, caller: Caller, moment: datetime | None) -> AnyRow | None:
    """A hazard as it stands (None) or stood, when the caller may see it and it was there."""
    for hazards, counts in register(caller, moment):
        row = tx.execute(shown(hazards).where(counts, hazards.c.id == hazard_id)).one_or_none()
        if row is not None:
            return row
    return None


def possible_duplicates(
    tx: sa.Connection, hazard: AnyRow, caller: Caller, moment: datetime | None
) -> list[UUID]:
    """Other open hazards that may be the same one reported twice, the nearest first where that is known.

    At the same site and item, found by another inspection; or near, where at least one of the two was
    reported without a checklist, for an inspection finds everything at about one place.
    """
    here = None if hazard.lat is None else (hazard.lat, hazard.lon)
    if not hazard.is_open:
        return []
    found: list[tuple[float, UUID]] = []
    for hazards, counts in register(caller, moment):
        h = hazards.c
        query = sa.select(h.id, h.item, h.site_id, h.lat, h.lon).where(
            sa.or_(sa.false(), *_alike(hazards, hazard)), h.is_open, h.id != hazard.id, counts
        )
        for row in tx.execute(query):
            there = None if row.lat is None else (row.lat, row.lon)
            apart = distance_m(here, there) if here is not None and there is not None else 0.0
            at_item = hazard.item is not None and (row.site_id, row.item) == (hazard.site_id, hazard.item)
            if at_item or apart <= NEAR_M:
                found.append((apart, row.id))
    return [hazard_id for _, hazard_id in sorted(found)][:_LINKED_AT_MOST]


def _alike(hazards: sa.FromClause, hazard: AnyRow) -> list[sa.ColumnElement[bool]]:
    """By site and item, and by place."""
    alike: list[sa.ColumnElement[bool]] = []
    if hazard.site_id is not None and hazard.item is not None:
        same = sa.and_(hazards.c.site_id == hazard.site_id, hazards.c.item == hazard.item)
        alike.append(sa.and_(same, hazards.c.inspection_id.is_distinct_from(hazard.inspection_id)))
    if hazard.lat is not None:
        close = near([(hazard.lat, hazard.lon)], hazards)
        alike.append(close if hazard.item is None else sa.and_(close, hazards.c.item.is_(None)))
    return alike


def merged_into(tx: sa.Connection, hazard_id: UUID, caller: Caller, moment: datetime | None) -> list[UUID]:
    """The hazards that a person has dismissed as duplicates of this one."""
    found: list[UUID] = []
    for hazards, counts in register(caller, moment):
        found += tx.execute(
            sa.select(hazards.c.id).where(hazards.c.duplicate_of == hazard_id, counts)
        ).scalars()
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
    parts = register(caller, as_of if past else None)
    words = None if wanted.q is None else words_of(wanted.q)
    # the index knows where a hazard lies now, which at a past moment decides only who may see it
    within = None if past else wanted.region
    found = None if words is None else search_queries.find(tx, words, caller, within)
    for hazards, counts in parts:
        filters = [*_equal(hazards, wanted), *_compared(hazards, wanted), *_late(hazards, wanted, as_of)]
        order = _order(hazards, sort)
        if order.by is hazards.c.due_at and _has_due(wanted):
            order = order._replace(has_empty=False)
        query = shown(hazards) if found is None else _places(hazards).where(found.among(hazards))
        pages.append(read_page(tx, query.where(counts, *filters), order, after, limit))
    page = merge_pages(pages, _order(HAZARD, sort), limit)
    return page if found is None else page._replace(rows=_whole(tx, parts, page.rows))


def _places(hazards: sa.FromClause) -> sa.Select[Any]:
    """All that puts hazards in order: of many that are found only those of a page are read whole."""
    return sa.select(hazards.c.id, hazards.c.due_at, hazards.c.reported_at)


def _whole(tx: sa.Connection, parts: Sequence[Part], rows: list[AnyRow]) -> list[AnyRow]:
    """The rows of these ids as `shown`, in the same order."""
    ids = [row.id for row in rows]
    by_id: dict[UUID, AnyRow] = {}
    for hazards, counts in parts:
        query = shown(hazards).where(counts, among(tx, hazards.c.id, ids))
        by_id.update((row.id, row) for row in tx.execute(query))
    return [by_id[hazard_id] for hazard_id in ids]


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
        hazards.c.sample: wanted.sample,
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
