"""An inspection says for which task it was made: the task is done, or the person is told why it is not.

Nothing about the task ever keeps an inspection from being filed: what was seen at a site is evidence, and
which task it answers is paper.
"""

from datetime import datetime
from uuid import UUID

from inspect_api.actions.batch import Batch
from inspect_api.actions.read_operations import Filed
from sync.bodies import SubmitInspection

TASK_UNKNOWN = "task_unknown"
"""Flag: there is no such task, or it is somebody else's, which is not told apart."""

TASK_OTHER_SITE = "task_other_site"
TASK_WITHDRAWN = "task_withdrawn"
TASK_DONE = "task_done"
"""Flag: an earlier inspection has done it; this one stands beside it."""


def fulfil_task(batch: Batch, filed: Filed, body: SubmitInspection, finished_at: datetime) -> None:
    """The inspection that is being filed does its task, or gets a flag. An amendment repeats no flag."""
    if body.task_id is None or filed.op is None:
        return
    doubt = _doubt(batch, body.task_id, body.site_id)
    if doubt is None:
        batch.tasks_done[body.task_id] = (filed.op.entity_id, finished_at)
    elif body.amends is None:
        filed.flags.append(doubt)


def _doubt(batch: Batch, task_id: UUID, site_id: UUID) -> str | None:
    """Why the author's inspection of this site does not do the task; None where it does."""
    task = batch.tasks.get(task_id)
    if task is None or task.assignee_id != batch.work.who.id:
        return TASK_UNKNOWN
    if task.site_id != site_id:
        return TASK_OTHER_SITE
    if task.status == "withdrawn":
        return TASK_WITHDRAWN
    return None if task.status == "open" and task_id not in batch.tasks_done else TASK_DONE
