"""Inspection tasks: given once, then done or withdrawn. Who did what, and when, stays in the row."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from inspect_api.domain.access import Placed
from inspect_api.store.schema import BIG, AnyRow, among, change_rows, insert_new, one_of, partial_index, table


class TaskRow(SQLModel, table=True):
    """Region, grid, enterprise and industry are those of the site, and move with it."""

    __tablename__ = "task"
    __table_args__ = (
        one_of("assignee_role", ("inspector", "expert")),
        one_of("status", ("open", "done", "withdrawn")),
        sa.CheckConstraint(
            "(status = 'done') = (done_by IS NOT NULL) AND (status = 'done') = (done_at IS NOT NULL)",
            name="done",
        ),
        sa.CheckConstraint(
            "(status = 'withdrawn') = (withdrawn_by IS NOT NULL)"
            " AND (status = 'withdrawn') = (withdrawn_at IS NOT NULL)"
            " AND (status = 'withdrawn') = (reason IS NOT NULL)",
            name="withdrawn",
        ),
        sa.Index("ix_task_region_code_due_at_id", "region_code", "due_at", "id"),
        sa.Index("ix_task_assignee_id_due_at_id", "assignee_id", "due_at", "id"),
    )

    id: UUID = Field(primary_key=True)
    title: str = Field(max_length=120)
    site_id: UUID = Field(foreign_key="site.id", index=True)
    enterprise_id: UUID | None = Field(default=None, foreign_key="enterprise.id")
    industry: str = Field(max_length=16)
    region_code: str = Field(max_length=12)
    grid_code: str | None = Field(default=None, max_length=24)
    checklist_code: str | None = Field(default=None, max_length=120)
    note: str | None = Field(default=None, max_length=4000)
    assignee_id: UUID = Field(foreign_key="account.id")
    assignee_role: str = Field(max_length=16)
    due_at: datetime
    given_by: UUID = Field(foreign_key="account.id")
    given_at: datetime
    status: str = Field(default="open", max_length=16)
    done_by: UUID | None = Field(default=None, foreign_key="inspection.id")
    done_at: datetime | None = None
    withdrawn_by: UUID | None = Field(default=None, foreign_key="account.id")
    withdrawn_at: datetime | None = None
    reason: str | None = Field(default=None, max_length=4000)
    rev: int = Field(default=1, sa_type=BIG)


TASK = table(TaskRow)
IS_OPEN = TASK.c.status == sa.literal_column("'open'")
"""In these words, so that both databases know the index below again."""

partial_index("ix_task_open", TASK.c.due_at, TASK.c.id, where=IS_OPEN)


def add(tx: sa.Connection, rows: list[dict[str, object]]) -> int:
    """Write new tasks; how many of the ids nobody had used meanwhile."""
    return insert_new(tx, TASK, sorted(rows, key=lambda row: str(row["id"])))  # no deadlock of two writers


def by_ids(tx: sa.Connection, ids: Iterable[UUID], *, lock: bool = False) -> dict[UUID, AnyRow]:
    """Id -> row of those that exist; locked in the order of their ids, where they are to be changed."""
    wanted = set(ids)
    if not wanted:
        return {}
    query = sa.select(TASK).where(among(tx, TASK.c.id, wanted)).order_by(TASK.c.id)
    return {row.id: row for row in tx.execute(query.with_for_update() if lock else query)}


def finish(tx: sa.Connection, rows: list[dict[str, object]]) -> None:
    """Write back tasks that were locked and are done: id, status, done_by, done_at, rev."""
    change_rows(tx, TASK, rows)


def withdraw(tx: sa.Connection, task_id: UUID, by: UUID, reason: str, at: datetime) -> AnyRow | None:
    """Take an open task back; the row as it is then, or None when it is not open."""
    change = sa.update(TASK).where(TASK.c.id == task_id, TASK.c.status == "open")
    change = change.values(
        status="withdrawn", withdrawn_by=by, withdrawn_at=at, reason=reason, rev=TASK.c.rev + 1
    )
    return tx.execute(change.returning(TASK)).one_or_none()


def move(tx: sa.Connection, site_id: UUID, there: Placed) -> list[AnyRow]:
    """The tasks of a site go where it goes; the rows as they are then."""
    values = {"region_code": there.region_code, "grid_code": there.grid_code, "rev": TASK.c.rev + 1}
    moved = sa.update(TASK).where(TASK.c.site_id == site_id).values(values)
    return list(tx.execute(moved.returning(TASK)).all())


def sites_given(tx: sa.Connection, assignee_id: UUID) -> frozenset[UUID]:
    """The sites to which somebody was ever sent, whatever became of the tasks."""
    query = sa.select(TASK.c.site_id).where(TASK.c.assignee_id == assignee_id).distinct()
    return frozenset(tx.execute(query).scalars())


def of_others(tx: sa.Connection, ids: Iterable[UUID], account_id: UUID) -> set[UUID]:
    """Those of the tasks that were given to somebody else."""
    query = sa.select(TASK.c.id).where(among(tx, TASK.c.id, set(ids)), TASK.c.assignee_id != account_id)
    return set(tx.execute(query).scalars())
