"""Sites with the counts of their open hazards, as the rules of risk ask for them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from inspect_api.domain.access import Caller
from inspect_api.store.hazard_queries import late_since, overdue_at
from inspect_api.store.hazards import HAZARD
from inspect_api.store.matching import below, cut, ranged
from inspect_api.store.schema import AnyRow
from inspect_api.store.scope import visible
from inspect_api.store.sites import SITE


class Village(NamedTuple):
    """Everything of a division."""

    code: str

    def holds(self, things: sa.Table) -> sa.ColumnElement[bool]:
        return below(things.c.region_code, self.code)


class Grid(NamedTuple):
    """Everything of a grid."""

    code: str

    def holds(self, things: sa.Table) -> sa.ColumnElement[bool]:
        return things.c.grid_code == self.code


class Judged(NamedTuple):
    """When sites are judged, and from which numbers on the rules do not tell any more.

    `now`; `midnight`, when its civil day began; `tops` of each of the COUNTS; `longest`, before which
    it makes no difference since when a hazard is late.
    """

    now: datetime
    midnight: datetime
    tops: Mapping[str, int]
    longest: datetime


COUNTS = ("major_open", "major_suspected", "general_open", "general_overdue")


def groups_below(tx: sa.Connection, caller: Caller, region: str, digits: int, judged: Judged) -> list[AnyRow]:
    """How many of the caller's sites (`sites`) are alike in everything that rules ask, by the first digits of
    their region (`key`).

    `industry`, `risk`, `facts` (JSON text), the `COUNTS`, and `late_since` from when the longest overdue
    hazard of a site counts, all on the enterprise's clock: overdue now, since before midnight.
    """
    counted = _counted(caller, ranged(HAZARD.c.region_code, region), judged)
    alike = [cut(SITE.c.region_code, digits).label("key"), *_asked(counted)]
    query = _sites(counted, caller, below(SITE.c.region_code, region)).add_columns(
        *alike, sa.func.count().label("sites")
    )
    return list(tx.execute(query.group_by(*(column.element for column in alike))).all())


def sites_at(tx: sa.Connection, caller: Caller, place: Village | Grid, judged: Judged) -> list[AnyRow]:
    """Each of the caller's sites there: `id`, `name`, and all that `groups_below` has of a site."""
    counted = _counted(caller, place.holds(HAZARD), judged)
    query = _sites(counted, caller, place.holds(SITE)).add_columns(SITE.c.id, SITE.c.name, *_asked(counted))
    return list(tx.execute(query.order_by(SITE.c.id)).all())


def _counted(caller: Caller, where: sa.ColumnElement[bool], judged: Judged) -> sa.Subquery:
    """The open hazards of each site; a suspected major one counts as that, whatever its grade.

    Sites that differ in nothing that rules can tell get the same numbers: thousands of them are few groups.
    """
    suspected = HAZARD.c.suspected_major
    general = sa.and_(HAZARD.c.grade == "general", sa.not_(suspected))
    overdue = sa.and_(overdue_at(judged.now), HAZARD.c.due_party == "enterprise")
    late = sa.and_(overdue, late_since() < judged.midnight)
    which = (
        sa.and_(HAZARD.c.grade == "major", sa.not_(suspected)),
        suspected,
        general,
        sa.and_(general, late),
    )
    exact = (
        sa.select(
            HAZARD.c.site_id,
            *(sa.func.count().filter(one).label(name) for name, one in zip(COUNTS, which, strict=True)),
            sa.func.min(late_since()).filter(late).label("late_since"),
        )
        .where(visible(HAZARD, caller), HAZARD.c.is_open, HAZARD.c.site_id.is_not(None), where)
        .group_by(HAZARD.c.site_id)
        .subquery("exact")
    ).c
    counts = (
        sa.case((exact[name] > judged.tops[name], judged.tops[name]), else_=exact[name]) for name in COUNTS
    )
    longest = sa.literal(judged.longest, HAZARD.c.due_at.type)
    since = sa.case((exact.late_since < longest, longest), else_=exact.late_since)
    names = (*COUNTS, "late_since")
    columns = (one.label(name) for one, name in zip((*counts, since), names, strict=True))
    return sa.select(exact.site_id, *columns).subquery("counted")


def _asked(counted: sa.Subquery) -> list[sa.Label[Any]]:
    return [
        SITE.c.industry.label("industry"),
        SITE.c.risk.label("risk"),
        sa.cast(SITE.c.facts, sa.Text).label("facts"),
        # a literal: see matching.cut
        *(sa.func.coalesce(counted.c[name], sa.literal_column("0")).label(name) for name in COUNTS),
        counted.c.late_since.label("late_since"),
    ]


def _sites(counted: sa.Subquery, caller: Caller, where: sa.ColumnElement[bool]) -> sa.Select[Any]:
    joined = SITE.outerjoin(counted, counted.c.site_id == SITE.c.id)
    return sa.select().select_from(joined).where(visible(SITE, caller), where)
