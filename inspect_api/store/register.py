"""The register of hazards, now or at any past moment: which rows make it up.

A past moment is made of two halves, each read by its own statement and then put together: the states that
last since then, and those that are over since. Who may see a hazard is decided by where it lies now.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa

from inspect_api.domain.access import Caller
from inspect_api.store.hazards import HAZARD
from inspect_api.store.past_hazards import HAZARD_PAST
from inspect_api.store.scope import visible


class Part(NamedTuple):
    """Rows with the columns of a hazard, and which of them count."""

    rows: sa.FromClause
    where: sa.ColumnElement[bool]


def register(caller: Caller, moment: datetime | None) -> Sequence[Part]:
    """The hazards that the caller may see, as they stand (None) or stood when a past moment had come."""
    seen = visible(HAZARD, caller)
    if moment is None:
        return (Part(HAZARD, seen),)
    lasting = Part(HAZARD, sa.and_(seen, HAZARD.c.updated_at <= moment))
    return lasting, Part(_over_since(moment, seen), sa.true())


def _over_since(moment: datetime, seen: sa.ColumnElement[bool]) -> sa.FromClause:
    # the register's columns, those that change as they were
    columns = (HAZARD_PAST.c.get(column.name, column) for column in HAZARD.c)
    query = sa.select(*columns).join(HAZARD, HAZARD.c.id == HAZARD_PAST.c.id)
    held = sa.and_(HAZARD_PAST.c.until > moment, HAZARD_PAST.c.updated_at <= moment)
    return query.where(held, seen).subquery("over")
