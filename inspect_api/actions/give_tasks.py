"""Tasks are given to those who inspect (任务下派), and taken back with a reason."""

from collections.abc import Sequence
from uuid import UUID

import structlog

from inspect_api.actions import shelf
from inspect_api.actions.judge_held import judge_accounts
from inspect_api.actions.list_tasks import show_task, tasks_by_ids
from inspect_api.actions.tell_task import tell_task
from inspect_api.actions.work import Work
from inspect_api.domain.calendar import civil_date
from inspect_api.errors import Code, Fault, Refusal
from inspect_api.store import accounts, sites, tasks
from inspect_api.store.database import RaceLost
from inspect_api.store.schema import AnyRow
from sync.task import NewTask, Task

GIVERS = frozenset({"officer", "regulator", "admin"})

log = structlog.get_logger()


def give_tasks(work: Work, wanted: Sequence[NewTask]) -> list[Task]:
    """All of them or none, in their order; what was given before in the same words stays as it stands.

    Raises Refusal with a fault for each wrong field: OP_ID_REUSED, UNKNOWN_ENTITY for a site that the giver
    does not see, UNKNOWN_CHECKLIST for a code without a live version, INVALID_BODY for a wrong assignee.
    """
    places = {task.id: place for place, task in enumerate(wanted)}
    if len(places) < len(wanted):
        raise Refusal(Code.INVALID_BODY, "One id is given to two tasks", pointer="/tasks")
    known = tasks.by_ids(work.tx, places)
    reused = [
        _fault(places[row.id], "id", Code.OP_ID_REUSED, "This id was used for another task")
        for row in known.values()
        if not _is_same(wanted[places[row.id]], row, work.who.id)
    ]
    if reused:
        raise Refusal(Code.OP_ID_REUSED, reused[0].detail, faults=tuple(reused))
    new = [task for task in wanted if task.id not in known]
    rows = _rows(work, new, places)
    if tasks.add(work.tx, rows) < len(rows):
        raise RaceLost
    given = tasks.by_ids(work.tx, (task.id for task in new)).values()
    for row in given:
        tell_task(work, row, row.rev)
        log.info("task given", task=str(row.id), by=str(row.given_by), to=str(row.assignee_id))
    sent = {row.assignee_id for row in given if row.assignee_role == "expert"}
    if sent:  # their scope has grown
        judge_accounts(work, sent)
    shown = tasks_by_ids(work, places)
    if shown.keys() < places.keys():  # given once, at a site that has left the giver's scope since
        raise Refusal(Code.NOT_FOUND)
    return [shown[task.id] for task in wanted]


def withdraw_task(work: Work, task_id: UUID, reason: str) -> Task:
    """Take an open task back. The same once more changes nothing.

    Raises Refusal: NOT_FOUND, CONFLICT for a task that is done or that was withdrawn otherwise.
    """
    show_task(work, task_id)
    row = tasks.withdraw(work.tx, task_id, work.who.id, reason, work.now)
    if row is not None:
        tell_task(work, row, row.rev)
        log.info("task withdrawn", task=str(task_id), by=str(work.who.id))
    task = show_task(work, task_id)
    taken = task.withdrawn
    if taken is None or (taken.by.id, taken.reason) != (work.who.id, reason):
        raise Refusal(Code.CONFLICT, f"This task is {task.status} already")
    return task


def _is_same(wanted: NewTask, row: AnyRow, giver: UUID) -> bool:
    names = ("title", "site_id", "assignee_id", "due_at", "checklist_code", "note")
    return row.given_by == giver and all(getattr(row, name) == getattr(wanted, name) for name in names)


def _rows(work: Work, new: Sequence[NewTask], places: dict[UUID, int]) -> list[dict[str, object]]:
    """As they are to be written. Raises Refusal with every fault of every task."""
    there = sites.by_ids(work.tx, {task.site_id for task in new}, stay=True)
    seen = {site.id: site for site in there.values() if work.who.sees(site)}
    roles = _roles(work, new, seen)
    today, on_the_shelf = civil_date(work.now), shelf.current(work.tx).published()
    live = {entry.checklist.code for entry in on_the_shelf if entry.status(today) == "live"}
    faults: list[tuple[Code, Fault]] = []

    def fault(task: NewTask, name: str, code: Code, detail: str) -> None:
        faults.append((code, _fault(places[task.id], name, code, detail)))

    for task in new:
        if task.site_id not in seen:
            fault(task, "site_id", Code.UNKNOWN_ENTITY, "This site is not known here")
        elif (task.assignee_id, task.site_id) not in roles:
            fault(task, "assignee_id", Code.INVALID_BODY, "No inspector of the site's grid, and no expert")
        if task.checklist_code is not None and task.checklist_code not in live:
            fault(task, "checklist_code", Code.UNKNOWN_CHECKLIST, "No version of this checklist is live")
    if faults:
        code, first = faults[0]
        raise Refusal(code, first.detail, faults=tuple(one for _, one in faults))
    return [
        {
            "id": task.id,
            "title": task.title,
            "site_id": task.site_id,
            "enterprise_id": seen[task.site_id].enterprise_id,
            "industry": seen[task.site_id].industry,
            "region_code": seen[task.site_id].region_code,
            "grid_code": seen[task.site_id].grid_code,
            "checklist_code": task.checklist_code,
            "note": task.note,
            "assignee_id": task.assignee_id,
            "assignee_role": roles[task.assignee_id, task.site_id],
            "due_at": task.due_at,
            "given_by": work.who.id,
            "given_at": work.now,
            "status": "open",
            "rev": 1,
        }
        for task in new
    ]


def _roles(work: Work, new: Sequence[NewTask], seen: dict[UUID, AnyRow]) -> dict[tuple[UUID, UUID], str]:
    """(assignee, site) -> as what he goes there: an inspector of its grid, or an expert of its industry."""
    grids = {site.grid_code for site in seen.values() if site.grid_code is not None}
    holders = accounts.holders(work.tx, ["inspector"], grids) if new else []
    inspectors = {(holder.account_id, holder.code): holder.industries for holder in holders}
    experts = accounts.experts(work.tx, {task.assignee_id for task in new}) if new else {}
    roles: dict[tuple[UUID, UUID], str] = {}
    for task in new:
        site = seen.get(task.site_id)
        if site is None:
            continue
        role = "expert" if task.assignee_id in experts else "inspector"
        limits = experts.get(task.assignee_id, inspectors.get((task.assignee_id, site.grid_code)))
        if limits is not None and (not limits or site.industry in limits):
            roles[task.assignee_id, task.site_id] = role
    return roles


def _fault(place: int, name: str, code: Code, detail: str) -> Fault:
    return Fault(f"/tasks/{place}/{name}", code.wire, detail)
