"""What of a table an account may see: `Caller.sees_at`, said in SQL."""

from uuid import UUID

import sqlalchemy as sa

from inspect_api.domain.access import READERS, Caller
from inspect_api.store.matching import below

_SITE_COLUMN = {"site": "id", "hazard": "site_id", "inspection": "site_id"}
"""By table: the site at which its things lie. Photos are seen by where they lie and by who handed them in."""


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
        site_column = _SITE_COLUMN.get(getattr(table, "name", ""))
        if caller.sites and site_column is not None:
            return sa.or_(here, place[site_column].in_(sorted(caller.sites)))
        return here
    return sa.and_(covered(place.region_code, caller), of_industries(place.industry, caller))


def covered(region_code: sa.ColumnElement[str], caller: Caller) -> sa.ColumnElement[bool]:
    """Below a region that was given and below none that was taken out: `Caller.covers`."""
    given = sa.or_(sa.false(), *(below(region_code, prefix) for prefix in caller.regions))
    return sa.and_(given, *(sa.not_(below(region_code, prefix)) for prefix in caller.excluded))


def of_industries(industry: sa.ColumnElement[str], caller: Caller) -> sa.ColumnElement[bool]:
    """In one of the account's industries; in any when it is limited to none."""
    return industry.in_(sorted(caller.industries)) if caller.industries else sa.true()


def belongs_to(
    enterprise_id: sa.ColumnElement[UUID | None], enterprise: UUID | None
) -> sa.ColumnElement[bool]:
    """Of this enterprise; an account without one owns nothing."""
    return enterprise_id == enterprise if enterprise is not None else sa.false()
