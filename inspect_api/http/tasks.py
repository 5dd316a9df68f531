"""Inspection tasks: given, taken back, and asked for."""

from msgspec import Struct

from inspect_api.actions import give_tasks, list_tasks
from inspect_api.actions.list_tasks import TaskList
from inspect_api.actions.work import Work
from inspect_api.http.asked import Asked
from inspect_api.http.lists import CursorText, Limit, filter_of
from inspect_api.store.task_queries import TaskFilter
from sync.task import GiveTasks, Task, WithdrawTask


class TaskQuery(TaskFilter, frozen=True, kw_only=True):
    limit: Limit = 50
    cursor: CursorText | None = None


class GivenTasks(Struct, frozen=True):
    """In the order of the question."""

    items: list[Task]
    cursor: None = None


def give(work: Work, asked: Asked) -> GivenTasks:
    """POST /tasks"""
    return GivenTasks(give_tasks.give_tasks(work, asked.body_as(GiveTasks).tasks))


def withdraw(work: Work, asked: Asked) -> Task:
    """POST /tasks/{id}/withdraw"""
    return give_tasks.withdraw_task(work, asked.uuid("id"), asked.body_as(WithdrawTask).reason)


def list_them(work: Work, asked: Asked) -> TaskList:
    """GET /tasks"""
    query = asked.query_as(TaskQuery)
    return list_tasks.list_tasks(work, filter_of(TaskFilter, query), query.limit, query.cursor)


def show(work: Work, asked: Asked) -> Task:
    """GET /tasks/{id}"""
    return list_tasks.show_task(work, asked.uuid("id"))
