"""Push and pull, and the same commands given online."""

from functools import partial
from typing import Annotated
from uuid import UUID

from litestar import Response
from msgspec import Meta, Raw, Struct

from inspect_api.actions.deliver_notices import deliver_notices
from inspect_api.actions.outcomes import moment
from inspect_api.actions.pull_changes import is_first, pull_changes
from inspect_api.actions.read_operations import read_command
from inspect_api.actions.receive_push import online, receive_push
from inspect_api.actions.work import Work
from inspect_api.clock import new_id
from inspect_api.errors import Code, Refusal
from inspect_api.http.answering import respond
from inspect_api.http.asked import Answer, Asked
from sync.commands import COMMANDS
from sync.envelope import Clock, Operation, Outcome, Pull, Push, PushAnswer

_NO_DEVICE = UUID(int=0)


class CommandRequest(Struct, frozen=True, kw_only=True):
    """A command on a hazard; an `op_id` of the caller's own makes sending it again harmless."""

    kind: Annotated[str, Meta(max_length=64)]
    body: Raw
    op_id: UUID | None = None
    base_rev: Annotated[int, Meta(ge=0, le=2**53)] | None = None


def push(work: Work, asked: Asked) -> PushAnswer:
    """POST /sync/push"""
    return receive_push(work, asked.body_as(Push), asked.encoding, asked.app.here)


def begins(asked: Asked) -> bool:
    """Whether a phone is still being given the present state of a stream for the first time."""
    return is_first(asked.app.here, asked.caller, asked.body_as(Pull).cursor)


async def pull(asked: Asked) -> Response[bytes]:
    """POST /sync/pull: what is handed over with it counts as delivered.

    The scope is that of the same snapshot: what was given a moment ago is there, what was taken is not.
    """
    app, threads = asked.app, asked.threads
    wanted = asked.body_as(Pull)

    def look() -> tuple[list[UUID], Response[bytes]]:
        pulled = asked.look(lambda work: pull_changes(work, wanted, app.here))
        return pulled.undelivered, respond(asked.request, pulled.answer)

    async with threads.pull():
        undelivered, response = await threads.run(threads.readers, look)
    if undelivered:
        deliver = partial(asked.write, lambda work: deliver_notices(work, undelivered))
        await threads.run(threads.writers, deliver)
    return response


def command(work: Work, asked: Asked) -> Answer:
    """POST /hazards/{id}/commands: the path of an offline operation, with the server's own moment."""
    request = asked.body_as(CommandRequest)
    if request.kind not in COMMANDS:
        raise Refusal(Code.UNKNOWN_KIND, pointer="/kind")
    device_id = work.who.device_id or _NO_DEVICE
    op = Operation(
        op_id=request.op_id or new_id(),
        seq=0,
        kind=request.kind,
        entity_id=asked.uuid("id"),
        at=Clock(wall=moment(work.now), mono_ms=0, boot_id="server"),
        body=request.body,
        base_rev=request.base_rev,
    )
    answer = online(work, read_command(asked.raw, asked.encoding, op, work.now), device_id)
    return Answer(answer, status=409 if _stands_as(answer) == "conflict" else 200)


def _stands_as(answer: Outcome) -> str:
    """The code of an outcome, or of the first one when the command was sent again."""
    first = answer.first
    return first.code if answer.code == "duplicate" and isinstance(first, Outcome) else answer.code
