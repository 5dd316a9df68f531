"""The tasks of the demo's month, read from `data/tasks.yaml`: who is sent where when it begins."""

from datetime import date
from itertools import groupby
from pathlib import Path
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from inspect_api.demo.county import County, Key, demo_id
from inspect_api.demo.datafile import DATA, check_rows, check_unique, decode_rows, read_yaml
from inspect_api.demo.story_data import DayTime, moment
from sync.task import NewTask


class PlannedTask(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`by` and `to` are user names; `checklist` is a code."""

    key: Key
    by: str
    to: str
    site: Key
    due: DayTime
    title: Annotated[str, Meta(min_length=1)]
    checklist: str | None = None
    note: str | None = None


def task_id(key: str) -> UUID:
    """The same in every demo."""
    return demo_id("task", key)


def load_tasks(county: County, today: date, folder: Path = DATA) -> dict[str, list[NewTask]]:
    """What each giver asks for, by user name. DataError names the row of `tasks.yaml` that is wrong."""
    planned = decode_rows("tasks.yaml", read_yaml(folder / "tasks.yaml"), PlannedTask)
    check_unique("tasks.yaml", "key", (plan.key for plan in planned))
    check_rows("tasks.yaml", planned, lambda plan: _fault(plan, county))
    ordered = sorted(planned, key=lambda plan: plan.by)
    return {
        by: [_task(plan, county, today) for plan in plans]
        for by, plans in groupby(ordered, key=lambda plan: plan.by)
    }


def _task(plan: PlannedTask, county: County, today: date) -> NewTask:
    return NewTask(
        id=task_id(plan.key),
        title=plan.title,
        site_id=county.site(plan.site).id,
        assignee_id=county.account(plan.to).id,
        due_at=moment(plan.due, today),
        checklist_code=plan.checklist,
        note=plan.note,
    )


def _fault(plan: PlannedTask, county: County) -> str | None:
    """An unknown site or person, or one who does not see the site."""
    sites = {site.key: site for site in county.sites}
    people = {account.username: account for account in county.accounts}
    if plan.site not in sites:
        return f"site {plan.site} is not in sites.yaml"
    for username in (plan.by, plan.to):
        if username not in people or not county.sees(people[username], sites[plan.site]):
            return f"{username} does not see {plan.site}"
    return None
