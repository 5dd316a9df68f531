"""Inspection tasks (排查任务): who was sent where, by whom and until when, and what came of it."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from sync.bodies import Code
from sync.entities import Person, Site
from sync.text import Name, Said, Text
from sync.times import Moment, check_moments

TaskStatus = Literal["open", "done", "withdrawn"]
"""Overdue is no status: it is an open task whose `due_at` has passed."""


class NewTask(Struct, frozen=True, kw_only=True):
    """One site to be inspected by one person. The giver chooses `id`, so that sending it again is harmless.

    `checklist_code`: the version that is live on the day of the inspection; without one the assignee chooses.
    """

    id: UUID
    title: Name
    site_id: UUID
    assignee_id: UUID
    due_at: Moment
    checklist_code: Code | None = None
    note: Text | None = None

    def __post_init__(self) -> None:
        check_moments(self.due_at)


class GiveTasks(Struct, frozen=True, kw_only=True):
    """A campaign is many tasks: all of them are given, or none."""

    tasks: Annotated[list[NewTask], Meta(min_length=1, max_length=500)]


class WithdrawTask(Struct, frozen=True, kw_only=True):
    reason: Said


class TaskDone(Struct, frozen=True, kw_only=True):
    """The first inspection that the assignee made of the site for the task; `at` is when it ended."""

    inspection_id: UUID
    at: datetime


class TaskWithdrawn(Struct, frozen=True, kw_only=True):
    by: Person
    at: datetime
    reason: str


class Task(Struct, frozen=True, kw_only=True):
    """A task with all that its assignee needs: the site whole, since it need not lie in his grids.

    `overdue` holds for the moment of the answer.
    """

    id: UUID
    title: str
    status: TaskStatus
    due_at: datetime
    overdue: bool
    site: Site
    checklist_code: str | None
    note: str | None
    assignee: Person
    given_by: Person
    given_at: datetime
    done: TaskDone | None
    withdrawn: TaskWithdrawn | None
    rev: int = 1
