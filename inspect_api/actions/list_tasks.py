"""Tasks as the wire shows them: listed by due date, one by one, and pulled."""

from collections.abc import Iterable
from datetime import datetime
from typing import cast
from uuid import UUID

from msgspec import Struct

from inspect_api.actions.entities import person, site_of
from inspect_api.actions.work import Work
from inspect_api.errors import Code, Refusal
from inspect_api.store import site_queries, task_queries
from inspect_api.store.paging import Asked, encode_cursor, open_page, question
from inspect_api.store.schema import AnyRow
from inspect_api.store.task_queries import TaskFilter
from sync.task import Task, TaskDone, TaskStatus, TaskWithdrawn


class TaskList(Struct, frozen=True, kw_only=True):
    """A page of tasks, by due date, the earliest first."""

    items: list[Task]
    cursor: str | None


def list_tasks(work: Work, wanted: TaskFilter, limit: int, cursor: str | None) -> TaskList:
    """A page of the caller's tasks, all pages for one moment. Raises Refusal(CURSOR_INVALID)."""
    asked = Asked(work.who.id, question("tasks", wanted), work.now)
    asked, after = open_page(cursor, asked, work.now)
    page = task_queries.page(work.tx, wanted, work.who, asked.as_of, after, limit)
    items = _tasks_of(work, page.rows, asked.as_of)
    return TaskList(items=items, cursor=encode_cursor(asked, page.end))


def show_task(work: Work, task_id: UUID) -> Task:
    """Raises Refusal(NOT_FOUND)."""
    found = tasks_by_ids(work, [task_id])
    if task_id not in found:
        raise Refusal(Code.NOT_FOUND)
    return found[task_id]


def tasks_by_ids(work: Work, ids: Iterable[UUID]) -> dict[UUID, Task]:
    """Those of the tasks that the caller may see."""
    rows = task_queries.by_ids(work.tx, ids, work.who)
    return {task.id: task for task in _tasks_of(work, rows, work.now)}


def _tasks_of(work: Work, rows: list[AnyRow], as_of: datetime) -> list[Task]:
    """Whoever sees a task sees the site in it, which may lie outside of an expert's grids."""
    sites = {row.id: site_of(row) for row in site_queries.whole(work.tx, {row.site_id for row in rows})}
    return [
        Task(
            id=row.id,
            title=row.title,
            status=cast(TaskStatus, row.status),
            due_at=row.due_at,
            overdue=row.status == "open" and row.due_at < as_of,
            site=sites[row.site_id],
            checklist_code=row.checklist_code,
            note=row.note,
            assignee=person(row.assignee_id, row.assignee_name, row.assignee_role),
            given_by=person(row.given_by, row.giver_name, row.giver_role),
            given_at=row.given_at,
            done=None if row.done_by is None else TaskDone(inspection_id=row.done_by, at=row.done_at),
            withdrawn=_withdrawn(row),
            rev=row.rev,
        )
        for row in rows
    ]


def _withdrawn(row: AnyRow) -> TaskWithdrawn | None:
    if row.withdrawn_by is None:
        return None
    taker = person(row.withdrawn_by, row.taker_name, row.taker_role)
    return TaskWithdrawn(by=taker, at=row.withdrawn_at, reason=row.reason)
