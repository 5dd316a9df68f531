"""Reading tasks: everybody sees those given to him, and regions see those of their sites."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from msgspec import Struct

from inspect_api.domain.access import REGION_ROLES, Caller
from inspect_api.store.accounts import ACCOUNT
from inspect_api.store.matching import RegionPrefix, below
from inspect_api.store.paging import Order, Page, Place, read_page
from inspect_api.store.schema import AnyRow, among
from inspect_api.store.scope import visible
from inspect_api.store.tasks import IS_OPEN, TASK
from sync.task import TaskStatus
from sync.times import Moment, check_moments


class TaskFilter(Struct, frozen=True, kw_only=True):
    """Which tasks; what is not asked is None. `due_before` and `due_after` leave out the moment itself."""

    region: RegionPrefix | None = None
    status: list[TaskStatus] = []
    assignee_id: UUID | None = None
    site_id: UUID | None = None
    overdue: bool | None = None
    due_before: Moment | None = None
    due_after: Moment | None = None

    def __post_init__(self) -> None:
        check_moments(self.due_before, self.due_after)


def by_ids(tx: sa.Connection, ids: Iterable[UUID], caller: Caller) -> list[AnyRow]:
    """Those of the tasks that the caller may see."""
    wanted = list(set(ids))
    if not wanted:
        return []
    return list(tx.execute(_shown().where(among(tx, TASK.c.id, wanted), _seen_by(caller))).all())


def page(
    tx: sa.Connection, wanted: TaskFilter, caller: Caller, as_of: datetime, after: Place | None, limit: int
) -> Page:
    """A page of the caller's tasks, by due date; overdue is what is open and was due before `as_of`."""
    query = _shown().where(_seen_by(caller))
    pairs = {TASK.c.assignee_id: wanted.assignee_id, TASK.c.site_id: wanted.site_id}
    query = query.where(*(column == value for column, value in pairs.items() if value is not None))
    if wanted.region is not None:
        query = query.where(below(TASK.c.region_code, wanted.region))
    if wanted.status:
        query = query.where(TASK.c.status.in_(wanted.status))
    if wanted.overdue is not None:
        is_overdue = sa.and_(IS_OPEN, TASK.c.due_at < as_of)
        query = query.where(is_overdue if wanted.overdue else sa.not_(is_overdue))
    if wanted.due_before is not None:
        query = query.where(TASK.c.due_at < wanted.due_before)
    if wanted.due_after is not None:
        query = query.where(TASK.c.due_at > wanted.due_after)
    return read_page(tx, query, Order(TASK.c.due_at, TASK.c.id), after, limit)


def _seen_by(caller: Caller) -> sa.ColumnElement[bool]:
    """An enterprise sees none: if it knew whom to expect and when, every inspection would be announced."""
    own = TASK.c.assignee_id == caller.id
    if caller.role == "expert":
        return own
    if caller.role == "inspector":
        return sa.and_(own, visible(TASK, caller))
    return visible(TASK, caller) if caller.role in REGION_ROLES else sa.false()


def _shown() -> sa.Select[Any]:
    """Tasks with the names and roles of the assignee, of the giver, and of who took it back."""
    assignee, giver, taker = (ACCOUNT.alias(name) for name in ("assignee", "giver", "taker"))
    return (
        sa.select(
            TASK,
            assignee.c.name.label("assignee_name"),
            giver.c.name.label("giver_name"),
            giver.c.role.label("giver_role"),
            taker.c.name.label("taker_name"),
            taker.c.role.label("taker_role"),
        )
        .join(assignee, assignee.c.id == TASK.c.assignee_id)
        .join(giver, giver.c.id == TASK.c.given_by)
        .outerjoin(taker, taker.c.id == TASK.c.withdrawn_by)
    )
