"""Which enterprises were inspected in which windows of time, counted and listed by the database."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa

from inspect_api.domain.access import Caller
from inspect_api.domain.period import Period
from inspect_api.store.accounts import ACCOUNT, ACCOUNT_GRID
from inspect_api.store.enterprises import ENTERPRISE
from inspect_api.store.inspections import INSPECTION
from inspect_api.store.matching import below
from inspect_api.store.schema import AnyRow
from inspect_api.store.scope import visible
from inspect_api.store.sites import SITE


class Owed(NamedTuple):
    """One rule at work: for whom, where and where not, in which windows, as far as `known_at` a moment."""

    caller: Caller
    region: str | None
    rule_region: str
    elsewhere: Sequence[str]
    industries: frozenset[str]
    parks_only: bool
    windows: Sequence[Period]
    known_at: datetime


def count(tx: sa.Connection, owed: Owed) -> tuple[int, int, list[int]]:
    """How many enterprises there are, how many were inspected in every window, how many in each."""
    query, columns = _owing(owed)
    made = list(columns.values())
    counted = query.with_only_columns(
        sa.func.count(),
        sa.func.count().filter(sum(made, sa.literal(0)) == len(made)),
        *(sa.func.count().filter(column == 1) for column in made),
    )
    total, every, *each = tx.execute(counted).one()
    return total, every, list(each)


def missed(tx: sa.Connection, owed: Owed, after: UUID | None, most: int) -> list[AnyRow]:
    """Enterprises that were not inspected in every window, by id: `name`, `industry`, the lowest of their
    sites' `region_code` and `grid_code`, and `w0`, `w1` … for each window whether they were."""
    query, made = _owing(owed)
    query = query.add_columns(*(column.label(name) for name, column in made.items()))
    query = query.where(sum(made.values(), sa.literal(0)) < len(made))
    if after is not None:
        query = query.where(ENTERPRISE.c.id > after)
    return list(tx.execute(query.order_by(ENTERPRISE.c.id).limit(most)).all())


def inspectors(tx: sa.Connection, grids: Iterable[str]) -> dict[str, list[AnyRow]]:
    """Grid -> (id, name, role) of the grid inspectors who have it now."""
    query = (
        sa.select(ACCOUNT_GRID.c.grid_code, ACCOUNT.c.id, ACCOUNT.c.name, ACCOUNT.c.role)
        .join(ACCOUNT, ACCOUNT.c.id == ACCOUNT_GRID.c.account_id)
        .where(
            ACCOUNT_GRID.c.grid_code.in_(set(grids)),
            ACCOUNT_GRID.c.taken_at.is_(None),
            ACCOUNT.c.role == "inspector",
            ACCOUNT.c.disabled_at.is_(None),
        )
        .order_by(ACCOUNT.c.id)
    )
    found: dict[str, list[AnyRow]] = {}
    for row in tx.execute(query):
        found.setdefault(row.grid_code, []).append(row)
    return found


def _owing(owed: Owed) -> tuple[sa.Select[Any], dict[str, sa.ColumnElement[int]]]:
    """The enterprises that the rule is for, and for each window 1 where they were inspected in it, else 0."""
    places, visits = _places(owed).subquery("places"), _visits(owed)
    query = (
        sa.select(
            ENTERPRISE.c.id,
            ENTERPRISE.c.name,
            ENTERPRISE.c.industry,
            places.c.region_code,
            places.c.grid_code,
        )
        .join(places, places.c.enterprise_id == ENTERPRISE.c.id)
        .outerjoin(visits, visits.c.enterprise_id == ENTERPRISE.c.id)
    )
    if owed.industries:
        query = query.where(ENTERPRISE.c.industry.in_(sorted(owed.industries)))
    names = [f"w{n}" for n in range(len(owed.windows))]
    return query, {name: sa.func.coalesce(visits.c[name], 0) for name in names}


def _places(owed: Owed) -> sa.Select[tuple[UUID | None, str, str]]:
    """The enterprises that the rule is for by where their sites lie."""
    query = (
        sa.select(
            SITE.c.enterprise_id,
            sa.func.min(SITE.c.region_code).label("region_code"),
            sa.func.min(SITE.c.grid_code).label("grid_code"),
        )
        .where(SITE.c.enterprise_id.is_not(None), visible(SITE, owed.caller))
        .group_by(SITE.c.enterprise_id)
    )
    for prefix in (owed.region, owed.rule_region):
        if prefix:
            query = query.where(below(SITE.c.region_code, prefix))
    for prefix in owed.elsewhere:
        query = query.where(sa.not_(below(SITE.c.region_code, prefix)))
    if owed.parks_only:
        park = sa.func.coalesce(SITE.c.facts["park"].as_string(), "")
        query = query.where(park.not_in(("", "0", "false")))
    return query


def _visits(owed: Owed) -> sa.Subquery:
    """Inspections really made: handed in, and not by the enterprise itself."""
    finished = INSPECTION.c.finished_at
    return (
        sa.select(
            INSPECTION.c.enterprise_id,
            *(
                sa.func.max(
                    sa.case((sa.and_(finished >= window.begins, finished < window.ends), 1), else_=0)
                ).label(f"w{n}")
                for n, window in enumerate(owed.windows)
            ),
        )
        .join(ACCOUNT, ACCOUNT.c.id == INSPECTION.c.inspector_id)
        .where(
            INSPECTION.c.enterprise_id.is_not(None),
            ACCOUNT.c.role != "enterprise",
            finished >= owed.windows[0].begins,
            finished < owed.windows[-1].ends,
            INSPECTION.c.received_at <= owed.known_at,
        )
        .group_by(INSPECTION.c.enterprise_id)
        .subquery("visits")
    )
