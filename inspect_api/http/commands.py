"""The commands on a hazard, online: the same operation, judged by the same action."""

from typing import Annotated
from uuid import UUID

from msgspec import Meta, Raw, Struct

from inspect_api.actions.outcomes import moment
from inspect_api.actions.read_operations import read_command
from inspect_api.actions.receive_push import online
from inspect_api.actions.work import Work
from inspect_api.clock import new_id
from inspect_api.http.asked import Answer, Asked
from sync.envelope import Clock, Operation, Outcome


class CommandAsked(Struct, frozen=True, kw_only=True):
    """One command. With an `op_id` it may be sent again: the second time it is a `duplicate`."""

    kind: Annotated[str, Meta(max_length=64)]
    body: Raw
    op_id: UUID | None = None
    base_rev: Annotated[int, Meta(ge=0, le=2**53)] | None = None


def command(work: Work, asked: Asked) -> Answer:
    """200 when it was applied, 409 with the outcome where the hazard's status did not allow it."""
    body = asked.body_as(CommandAsked)
    op = Operation(
        op_id=body.op_id or new_id(),
        seq=0,
        kind=body.kind,
        entity_id=asked.uuid("hazard_id"),
        at=Clock(wall=moment(work.now), mono_ms=0, boot_id="online"),
        body=body.body,
        base_rev=body.base_rev,
    )
    filed = read_command(asked.raw, asked.encoding, op, work.now)
    outcome = online(work, filed, work.who.device_id or work.who.session_id)
    return Answer(outcome, 409 if _stands_as(outcome) == "conflict" else 200)


def _stands_as(outcome: Outcome) -> str:
    first = outcome.first
    return first.code if outcome.code == "duplicate" and isinstance(first, Outcome) else outcome.code
