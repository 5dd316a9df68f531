"""The register of hazards: one row each, a projection of its history that queries read."""

from collections.abc import Callable, Iterable
from datetime import datetime
from functools import lru_cache
from operator import itemgetter
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from inspect_api.domain.access import Caller
from inspect_api.domain.hazard import HazardState
from inspect_api.domain.position import around
from inspect_api.store.clocks import CLOCK
from inspect_api.store.enterprises import INDUSTRIES
from inspect_api.store.matching import cut
from inspect_api.store.schema import (
    BIG,
    HASH,
    AnyRow,
    add_rows,
    among,
    change_rows,
    one_of,
    partial_index,
    table,
)
from inspect_api.store.scope import visible

STATUSES = (
    "reported", "plan_due", "plan_review", "rectifying", "verifying", "review", "closed", "dismissed",
)  # fmt: skip


class HazardRow(SQLModel, table=True):
    """A hazard as it stands; `due_…` and `step…` sum up its running clocks."""

    __tablename__ = "hazard"
    __table_args__ = (
        one_of("status", STATUSES),
        one_of("grade", ("general", "major")),
        one_of("order_kind", ("self", "urged", "ordered")),
        one_of("industry", INDUSTRIES),
        one_of("due_party", ("enterprise", "regulator")),
        one_of("listed_level", ("county", "city", "province", "state")),
        sa.CheckConstraint("is_open = (status NOT IN ('closed', 'dismissed'))", name="is_open"),
        sa.CheckConstraint("(due_at IS NULL) = (due_party IS NULL)", name="due"),
        sa.CheckConstraint("evidence_pending >= 0 AND rev >= 1 AND cycle >= 1", name="counts"),
        sa.CheckConstraint("step BETWEEN 0 AND 7", name="step"),
    )

    id: UUID = Field(primary_key=True)
    number: str = Field(max_length=40, index=True)
    title: str = Field(max_length=300)
    description: str = Field(max_length=4000)
    grade: str = Field(max_length=8)
    suspected_major: bool = Field(default=False)
    order_kind: str = Field(max_length=8)
    status: str = Field(max_length=12)
    is_open: bool
    industry: str = Field(max_length=16)
    site_id: UUID | None = Field(default=None, foreign_key="site.id", index=True)
    enterprise_id: UUID | None = Field(default=None, foreign_key="enterprise.id", index=True)
    region_code: str = Field(max_length=12)
    grid_code: str | None = Field(default=None, max_length=24)
    position: dict[str, Any] | None = Field(default=None, sa_type=sa.JSON)
    source_kind: str = Field(max_length=12)
    inspection_id: UUID | None = Field(default=None, foreign_key="inspection.id", index=True)
    checklist: str | None = Field(default=None, max_length=170)
    item: str | None = Field(default=None, max_length=120)
    n: int = Field(default=1)
    criterion: str | None = Field(default=None, max_length=120)
    category: str | None = Field(default=None, max_length=200)
    found_by: UUID = Field(foreign_key="account.id")
    found_role: str = Field(max_length=16)
    reported_at: datetime
    served_at: datetime | None = None
    cycle: int = Field(default=1)
    repeats: int = Field(default=0)
    first_due_at: datetime | None = None
    rectified_by: UUID | None = None
    verified_by: UUID | None = None
    on_site_pending: bool = Field(default=False)
    withdrawn: bool = Field(default=False)
    plan: dict[str, Any] | None = Field(default=None, sa_type=sa.JSON(none_as_null=True))
    extensions: list[Any] = Field(default_factory=list, sa_type=sa.JSON)
    extension_pending: bool = Field(default=False)
    suspended: bool = Field(default=False)
    resumption_pending: bool = Field(default=False)
    workers_told_at: datetime | None = None
    listed_level: str | None = Field(default=None, max_length=8)
    listed_since: datetime | None = None
    listed_due_at: datetime | None = None
    transferred_to: str | None = Field(default=None, max_length=4000)
    duplicate_of: UUID | None = None
    due_at: datetime | None = None
    due_party: str | None = Field(default=None, max_length=10)
    due_kind: str | None = Field(default=None, max_length=24)
    due_rule: str | None = Field(default=None, max_length=80)
    step: int = Field(default=0)
    step_since: datetime | None = None
    evidence_pending: int = Field(default=0)
    events: int = Field(default=0)
    head: bytes = Field(sa_type=HASH)
    rev: int = Field(default=1, sa_type=BIG)
    acted_rev: int = Field(default=1, sa_type=BIG)
    updated_at: datetime
    due_provisional: bool = Field(default=False, sa_column_kwargs={"server_default": sa.false()})
    late_evidence: dict[str, Any] | None = Field(default=None, sa_type=sa.JSON(none_as_null=True))
    lat: float | None = None
    lon: float | None = None
    set_due_at: datetime | None = None
    rectify_by: datetime | None = None
    transfers: list[Any] = Field(
        default_factory=list, sa_type=sa.JSON, sa_column_kwargs={"server_default": "[]"}
    )
    sample: str | None = Field(default=None, max_length=12)


HAZARD = table(HazardRow)
sa.Index("ix_hazard_region_due", HAZARD.c.region_code, HAZARD.c.due_at, HAZARD.c.id)
sa.Index("ix_hazard_grid_due", HAZARD.c.grid_code, HAZARD.c.due_at, HAZARD.c.id)
partial_index("ix_hazard_due", HAZARD.c.due_at, HAZARD.c.id, where=HAZARD.c.due_at.is_not(None))
LEVEL_INDEXES = tuple(
    sa.Index(
        f"ix_hazard_place_{digits}",
        cut(HAZARD.c.region_code, digits),
        HAZARD.c.due_at,
        HAZARD.c.id,
    )
    for digits in (2, 4, 6)
)
"""Of a province, a city, a county: a rare one's list must not be looked for among all others, whatever it is
filtered by."""
SUPERSEDED = tuple(f"ix_hazard_due_{digits}" for digits in (2, 4, 6))
"""What stood for them before, of dated hazards only; it goes when they are there."""
HAZARD.c.region_code.info["levels"] = (2, 4, 6)
_OPEN = HAZARD.c.is_open
OPEN_SITE_INDEX = partial_index(
    "ix_hazard_open_site",
    HAZARD.c.region_code,
    HAZARD.c.site_id,
    postgresql_include=[
        "grade", "suspected_major", "industry", "due_party", "due_kind", "due_at", "first_due_at",
    ],
    where=sa.and_(_OPEN, HAZARD.c.site_id.is_not(None)),
)  # fmt: skip
"""All that the colours of a region ask of its hazards."""
_FEW_OF_MANY = {
    "major": HAZARD.c.grade == "major",
    "listed": HAZARD.c.listed_level.is_not(None),
}
FEW_INDEXES = tuple(
    partial_index(f"ix_hazard_{name}", HAZARD.c.due_at, HAZARD.c.id, where=which)
    for name, which in _FEW_OF_MANY.items()
)
"""Few among many in the order of lists: they cost what is in them."""
BUILT_BESIDE = (*LEVEL_INDEXES, OPEN_SITE_INDEX, *FEW_INDEXES)
"""Where the register is big already these are built beside the running product: see indexing.py."""
partial_index("ix_hazard_near", HAZARD.c.lat, HAZARD.c.lon, where=_OPEN)
partial_index("ix_hazard_duplicate_of", HAZARD.c.duplicate_of, where=HAZARD.c.duplicate_of.is_not(None))
partial_index("ix_hazard_sampled", HAZARD.c.site_id, HAZARD.c.sample, where=HAZARD.c.sample.is_not(None))
sa.Index("ix_hazard_reported", HAZARD.c.reported_at, HAZARD.c.id)
sa.Index("ix_hazard_updated", HAZARD.c.updated_at, HAZARD.c.id)


_STATE = [column for column in HAZARD.c if column.name in HazardState.__struct_fields__]
_STATE_NAMES = [column.name for column in _STATE]
_KEPT = (*_STATE, HAZARD.c.events, HAZARD.c.head, HAZARD.c.evidence_pending, HAZARD.c.updated_at)


def state_of(row: AnyRow) -> HazardState:
    """A row (with at least the state's columns) as rules see it."""
    return HazardState(**dict(zip(_STATE_NAMES, _picker(row._fields)(row), strict=True)))


@lru_cache(100)
def _picker(names: tuple[str, ...]) -> Callable[[AnyRow], tuple[Any, ...]]:
    """Takes a state's values out of a row with these columns by their places: by names it costs 5 x."""
    return itemgetter(*(names.index(name) for name in _STATE_NAMES))


def load(tx: sa.Connection, ids: Iterable[UUID], *, lock: bool) -> list[AnyRow]:
    """Hazards by id in the order of their ids, the order in which every writer locks them."""
    wanted = list(set(ids))
    if not wanted:
        return []
    query = sa.select(*_KEPT).where(HAZARD.c.id.in_(wanted)).order_by(HAZARD.c.id)
    return list(tx.execute(query.with_for_update() if lock else query).all())


def lock_due(tx: sa.Connection, now: datetime, most: int, but: Iterable[UUID] = ()) -> list[AnyRow]:
    """Up to so many hazards with a clock whose next step is due, the longest due first, locked.

    Those that another writer holds are passed over, not waited for, and the next ones taken instead: many
    workers share what is due. `but` are left out.
    """
    query = (
        sa.select(*_KEPT)
        .join(CLOCK, CLOCK.c.hazard_id == HAZARD.c.id)
        .where(CLOCK.c.next_step_at <= now, HAZARD.c.id.not_in(set(but)))
        .order_by(CLOCK.c.next_step_at)
        .limit(most)
        .with_for_update(of=HAZARD, skip_locked=True)
    )
    return list({row.id: row for row in tx.execute(query)}.values())


def due(tx: sa.Connection, now: datetime, most: int, but: Iterable[UUID] = ()) -> list[UUID]:
    """The ids that `lock_due` would begin with, whoever holds them."""
    query = sa.select(CLOCK.c.hazard_id).where(
        CLOCK.c.next_step_at <= now, CLOCK.c.hazard_id.not_in(set(but))
    )
    rows = tx.execute(query.order_by(CLOCK.c.next_step_at).limit(most)).scalars()
    return list(dict.fromkeys(rows))


def longest_due(tx: sa.Connection, now: datetime) -> datetime | None:
    """Since when the step that has waited longest is due; None when none is."""
    query = sa.select(sa.func.min(CLOCK.c.next_step_at)).where(CLOCK.c.next_step_at <= now)
    moment: datetime | None = tx.execute(query).scalar_one()
    return moment


def open_at_sites(tx: sa.Connection, sites: Iterable[UUID], items: Iterable[str]) -> list[AnyRow]:
    """(id, site_id, item) of open hazards at these sites and items, to notice possible duplicates."""
    wanted, named = set(sites), set(items)
    if not wanted or not named:
        return []
    query = sa.select(HAZARD.c.id, HAZARD.c.site_id, HAZARD.c.item)
    query = query.where(among(tx, HAZARD.c.site_id, wanted), HAZARD.c.is_open)
    return list(tx.execute(query.where(among(tx, HAZARD.c.item, named))).all())


def drawn_at_sites(tx: sa.Connection, sites: Iterable[UUID]) -> list[AnyRow]:
    """(id, site_id, item) of hazards at these sites that were drawn and nobody has looked at."""
    wanted = set(sites)
    if not wanted:
        return []
    query = sa.select(HAZARD.c.id, HAZARD.c.site_id, HAZARD.c.item)
    query = query.where(among(tx, HAZARD.c.site_id, wanted), HAZARD.c.sample == "drawn")
    return list(tx.execute(query).all())


def near(places: Iterable[tuple[float, float]], hazards: sa.FromClause = HAZARD) -> sa.ColumnElement[bool]:
    """Open hazards in the boxes around these places."""
    boxes = [around(place) for place in places]
    found = (
        sa.and_(hazards.c.lat.between(south, north), hazards.c.lon.between(west, east))
        for (south, west), (north, east) in boxes
    )
    return sa.and_(hazards.c.is_open, sa.or_(*found))


def open_places(
    tx: sa.Connection, places: Iterable[tuple[float, float]], caller: Caller
) -> list[tuple[float, float]]:
    """Where open hazards that the caller sees lie, in the boxes around these places."""
    wanted = list(places)
    if not wanted:
        return []
    query = sa.select(HAZARD.c.lat, HAZARD.c.lon).where(near(wanted), visible(HAZARD, caller))
    return [(row.lat, row.lon) for row in tx.execute(query)]


def last_changed(tx: sa.Connection) -> datetime | None:
    """When any hazard has last changed; None when there are none."""
    moment: datetime | None = tx.execute(sa.select(sa.func.max(HAZARD.c.updated_at))).scalar_one()
    return moment


def of_site(tx: sa.Connection, site_id: UUID) -> list[UUID]:
    """Every hazard of a site, open or not."""
    return list(tx.execute(sa.select(HAZARD.c.id).where(HAZARD.c.site_id == site_id)).scalars())


def add(tx: sa.Connection, rows: list[dict[str, object]]) -> None:
    add_rows(tx, HAZARD, rows)


def change(tx: sa.Connection, rows: list[dict[str, object]]) -> None:
    """Write changed hazards back, whole; each row's `id` names it."""
    change_rows(tx, HAZARD, rows)
