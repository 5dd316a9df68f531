"""The register summed up: how much is open, how much is overdue and by whom, in one statement."""

from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa

from inspect_api.domain.access import Caller
from inspect_api.store.hazard_queries import late_since, overdue_at
from inspect_api.store.hazards import HAZARD
from inspect_api.store.matching import below, cut
from inspect_api.store.schema import AnyRow
from inspect_api.store.scope import visible

By = Literal["region", "industry", "grade", "enterprise", "step"]

_COLUMNS: dict[str, sa.Column[Any]] = {
    "industry": HAZARD.c.industry,
    "grade": HAZARD.c.grade,
    "enterprise": HAZARD.c.enterprise_id,
    "step": HAZARD.c.step,
}


def summary(
    tx: sa.Connection, caller: Caller, region: str | None, by: By, digits: int, as_of: datetime
) -> list[AnyRow]:
    """A row for each group that has anything open or overdue, in no order.

    `key`, `open`, `overdue`, `by_enterprise`, `by_regulator`, `late_since` (from when the longest overdue one
    counts) and `oldest_due_at`. Regions are grouped by their first `digits` digits.
    """
    overdue = overdue_at(as_of)
    key = _COLUMNS[by] if by != "region" else cut(HAZARD.c.region_code, digits)
    query = (
        sa.select(
            key.label("key"),
            _count(HAZARD.c.is_open).label("open"),
            _count(overdue).label("overdue"),
            _count(sa.and_(overdue, HAZARD.c.due_party == "enterprise")).label("by_enterprise"),
            _count(sa.and_(overdue, HAZARD.c.due_party == "regulator")).label("by_regulator"),
            sa.func.min(late_since()).filter(overdue).label("late_since"),
            sa.func.min(HAZARD.c.due_at).filter(overdue).label("oldest_due_at"),
        )
        .where(visible(HAZARD, caller), sa.or_(HAZARD.c.is_open, overdue))
        .group_by(key)
    )
    if region is not None:
        query = query.where(below(HAZARD.c.region_code, region))
    return list(tx.execute(query).all())


def _count(which: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    return sa.func.count().filter(which)
