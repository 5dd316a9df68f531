"""Who is told of a task: its assignee, and nobody else's phone.

An inspector's task travels in the stream of the site's grid: with the grid it comes, goes, and comes back. An
expert is sent where he has no grid, so his travels in his own stream, with the site whole.
"""

from uuid import UUID

from inspect_api.actions.work import Work
from inspect_api.domain.access import Placed
from inspect_api.store.schema import AnyRow


def tell_task(work: Work, task: AnyRow, rev: int, moved_from: Placed | None = None) -> None:
    """A task stands at a new rev; with `moved_from`, its site lay there before."""
    stream = _stream(task.assignee_role, task.assignee_id, task.grid_code)
    work.changed_for(stream, "task", task.id, rev)
    if moved_from is not None:
        before = _stream(task.assignee_role, task.assignee_id, moved_from.grid_code)
        if before != stream:
            work.left("task", task.id, rev, [before])


def _stream(role: str, assignee_id: UUID, grid_code: str | None) -> str:
    return f"user:{assignee_id}" if role == "expert" else f"grid:{grid_code}"
