"""The register summed up: how much is open, how much is overdue and by whom, in one statement."""

from datetime import datetime
from typing import Any, Literal, NamedTuple

import sqlalchemy as sa

from inspect_api.domain.access import Caller
from inspect_api.store.hazard_queries import late_since, overdue_at
from inspect_api.store.matching import below, cut
from inspect_api.store.register import register

By = Literal["region", "industry", "grade", "enterprise", "step"]

_COLUMNS: dict[str, str] = {
    "industry": "industry",
    "grade": "grade",
    "enterprise": "enterprise_id",
    "step": "step",
}


class Tally(NamedTuple):
    """One group: what is open, what is overdue and by whom, from when the longest overdue one counts."""

    key: object
    open: int
    overdue: int
    by_enterprise: int
    by_regulator: int
    late_since: datetime | None
    oldest_due_at: datetime | None


def summary(
    tx: sa.Connection,
    caller: Caller,
    region: str | None,
    by: By,
    digits: int,
    as_of: datetime,
    *,
    past: bool = False,
) -> list[Tally]:
    """A tally for each group that has anything open or overdue, in no order.

    Regions are grouped by their first `digits` digits. With `past` everything is counted as it stood at that
    moment, else as it stands.
    """
    tallies: dict[object, Tally] = {}
    for hazards, counts in register(caller, as_of if past else None):
        query = _grouped(hazards, by, digits, as_of).where(counts)
        if region is not None:
            query = query.where(below(hazards.c.region_code, region))
        for row in tx.execute(query):
            tally = Tally(*row)
            known = tallies.get(tally.key)
            tallies[tally.key] = tally if known is None else _added(known, tally)
    return list(tallies.values())


def _grouped(hazards: sa.FromClause, by: By, digits: int, as_of: datetime) -> sa.Select[Any]:
    overdue = overdue_at(as_of, hazards)
    key = cut(hazards.c.region_code, digits) if by == "region" else hazards.c[_COLUMNS[by]]
    return (
        sa.select(
            key.label("key"),
            _count(hazards.c.is_open).label("open"),
            _count(overdue).label("overdue"),
            _count(sa.and_(overdue, hazards.c.due_party == "enterprise")).label("by_enterprise"),
            _count(sa.and_(overdue, hazards.c.due_party == "regulator")).label("by_regulator"),
            sa.func.min(late_since(hazards)).filter(overdue).label("late_since"),
            sa.func.min(hazards.c.due_at).filter(overdue).label("oldest_due_at"),
        )
        .where(sa.or_(hazards.c.is_open, overdue))
        .group_by(key)
    )


def _added(one: Tally, other: Tally) -> Tally:
    return Tally(
        one.key,
        one.open + other.open,
        one.overdue + other.overdue,
        one.by_enterprise + other.by_enterprise,
        one.by_regulator + other.by_regulator,
        _earlier(one.late_since, other.late_since),
        _earlier(one.oldest_due_at, other.oldest_due_at),
    )


def _earlier(one: datetime | None, other: datetime | None) -> datetime | None:
    return min((moment for moment in (one, other) if moment is not None), default=None)


def _count(which: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    return sa.func.count().filter(which)
