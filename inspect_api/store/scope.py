"""What of a table an account may see: `Caller.sees_at`, said in SQL."""

from collections.abc import Iterable
from itertools import groupby
from uuid import UUID

import sqlalchemy as sa

from inspect_api.domain.access import READERS, Caller
from inspect_api.store.matching import below, cut

_FEW = 8
"""Of so many each can be a range of an index."""

_SITE_COLUMN = {"site": "id", "hazard": "site_id", "inspection": "site_id"}
"""By table: the site at which its things lie."""

# by name, for the modules of these tables ask here what may be seen of them
_HAZARD, _INSPECTION = (
    sa.table(name, sa.column("id", sa.Uuid()), sa.column("site_id", sa.Uuid()))
    for name in ("hazard", "inspection")
)


def visible(table: sa.FromClause, caller: Caller) -> sa.ColumnElement[bool]:
    """The filter for a table of things that lie somewhere.

    The table has the columns `region_code`, `grid_code`, `enterprise_id` and `industry`.
    """
    place = table.c
    if caller.role not in READERS:
        return sa.false()
    if caller.role == "enterprise":
        return belongs_to(place.enterprise_id, caller.enterprise_id)
    if caller.role in ("inspector", "expert"):
        here = sa.and_(place.grid_code.in_(sorted(caller.grids)), of_industries(place.industry, caller))
        return sa.or_(here, _at_sites(table, caller.sites)) if caller.sites else here
    return sa.and_(covered(place.region_code, caller), of_industries(place.industry, caller))


def _at_sites(table: sa.FromClause, sites: frozenset[UUID]) -> sa.ColumnElement[bool]:
    """The sites that somebody is sent to, what was found there, and the photos of that."""
    name, wanted = getattr(table, "name", ""), sorted(sites)
    if name in _SITE_COLUMN:
        return table.c[_SITE_COLUMN[name]].in_(wanted)
    if name != "photo":
        return sa.false()
    return sa.or_(
        table.c.hazard_id.in_(sa.select(_HAZARD.c.id).where(_HAZARD.c.site_id.in_(wanted))),
        table.c.inspection_id.in_(sa.select(_INSPECTION.c.id).where(_INSPECTION.c.site_id.in_(wanted))),
    )


def covered(region_code: sa.ColumnElement[str], caller: Caller) -> sa.ColumnElement[bool]:
    """Below a region that was given and below none that was taken out: `Caller.covers`."""
    given = _below_any(region_code, caller.regions)
    return sa.and_(given, *(sa.not_(below(region_code, prefix)) for prefix in caller.excluded))


def _below_any(region_code: sa.ColumnElement[str], prefixes: Iterable[str]) -> sa.ColumnElement[bool]:
    """Of many alike one list that a row is looked up in, not each by itself: a ministry has 31 provinces."""
    alike = {digits: list(some) for digits, some in groupby(sorted(prefixes, key=len), key=len)}
    found: list[sa.ColumnElement[bool]] = []
    for digits, some in alike.items():
        if len(some) > _FEW:
            found.append(cut(region_code, digits).in_(some))
        else:
            found += (below(region_code, prefix) for prefix in some)
    return sa.or_(sa.false(), *found)


def of_industries(industry: sa.ColumnElement[str], caller: Caller) -> sa.ColumnElement[bool]:
    """In one of the account's industries; in any when it is limited to none."""
    return industry.in_(sorted(caller.industries)) if caller.industries else sa.true()


def belongs_to(
    enterprise_id: sa.ColumnElement[UUID | None], enterprise: UUID | None
) -> sa.ColumnElement[bool]:
    """Of this enterprise; an account without one owns nothing."""
    return enterprise_id == enterprise if enterprise is not None else sa.false()
