"""The register summed up: how much is open, how much is overdue and by whom, in few statements."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Literal, NamedTuple

import sqlalchemy as sa

from inspect_api.domain.access import REGION_ROLES, Caller
from inspect_api.store import tallies
from inspect_api.store.hazards import HAZARD
from inspect_api.store.matching import below, cut
from inspect_api.store.register import register
from inspect_api.store.scope import covered, of_industries, visible
from inspect_api.store.tallies import DIGITS, HAZARD_TALLY, TALLIED, UNTALLIED

By = Literal["region", "industry", "grade", "enterprise", "step"]

_COLUMNS: dict[str, str] = {
    "industry": "industry",
    "grade": "grade",
    "enterprise": "enterprise_id",
    "step": "step",
}
_MOST_ANEW = 150
"""Of more townships than these the hazards are counted in one go with all others."""


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
    found: dict[object, Tally] = {}
    for query in _queries(tx, caller, region, by, digits, as_of, past=past):
        for row in tx.execute(query):
            tally = Tally(*row)
            known = found.get(tally.key)
            found[tally.key] = tally if known is None else _added(known, tally)
    return list(found.values())


def _queries(
    tx: sa.Connection, caller: Caller, region: str | None, by: By, digits: int, as_of: datetime, *, past: bool
) -> Iterator[sa.Select[Any]]:
    """Statements whose groups are to be added up."""
    if not past and _is_tallied(caller, region, by, digits):
        anew = _to_count(tx, caller, region, as_of)
        if len(anew) <= _MOST_ANEW:
            yield _of_tallies(caller, region, by, digits, anew)
            if anew:
                here = tallies.inside(HAZARD, anew)
                yield _grouped(HAZARD, by, digits, as_of, region).where(visible(HAZARD, caller), here)
            return
    for hazards, counts in register(caller, as_of if past else None):
        yield _grouped(hazards, by, digits, as_of, region).where(counts)


def _is_tallied(caller: Caller, region: str | None, by: By, digits: int) -> bool:
    """Whether townships are fine enough for what is asked, and of what the caller sees."""
    prefixes = (*caller.regions, *caller.excluded, region or "")
    fine = max(map(len, prefixes)) <= DIGITS and (by != "region" or digits <= DIGITS)
    return caller.role in REGION_ROLES and by != "enterprise" and fine


def _to_count(tx: sa.Connection, caller: Caller, region: str | None, as_of: datetime) -> list[str]:
    """The townships that are asked for and whose counts do not hold, or enough of them."""
    over = sa.select(TALLIED.c.township).where(sa.not_(tallies.holds(as_of)))
    parts = [
        query.where(
            covered(query.selected_columns[0], caller), below(query.selected_columns[0], region or "")
        )
        for query in (over, sa.select(UNTALLIED.c.township))
    ]
    return list(tx.execute(sa.union(*parts).limit(_MOST_ANEW + 1)).scalars())


def _of_tallies(caller: Caller, region: str | None, by: By, digits: int, but: list[str]) -> sa.Select[Any]:
    """Out of one row for each township, where nothing in it has to be told apart."""
    if by == "region" and not caller.industries:
        table, key = TALLIED, cut(TALLIED.c.township, digits)
        seen = sa.or_(TALLIED.c.open > 0, TALLIED.c.overdue > 0)
    else:
        table = HAZARD_TALLY
        key = cut(table.c.township, digits) if by == "region" else table.c[_COLUMNS[by]]
        seen = of_industries(table.c.industry, caller)
    township = table.c.township
    query = sa.select(key.label("key"), *tallies.sums_of_tallies(table)).group_by(key)
    return query.where(seen, covered(township, caller), below(township, region or ""), township.not_in(but))


def _grouped(
    hazards: sa.FromClause, by: By, digits: int, as_of: datetime, region: str | None
) -> sa.Select[Any]:
    key = cut(hazards.c.region_code, digits) if by == "region" else hazards.c[_COLUMNS[by]]
    query = sa.select(key.label("key"), *tallies.sums(hazards, as_of)).group_by(key)
    if region is not None:
        query = query.where(below(hazards.c.region_code, region))
    return query.where(tallies.counts(hazards, as_of))


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
