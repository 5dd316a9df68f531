"""The history of a hazard, complete enough for anybody to verify its hash chain."""

import base64
from datetime import datetime
from uuid import UUID

import msgspec
from msgspec import Struct

from inspect_api.actions.entities import person
from inspect_api.actions.show_hazard import hazard_row
from inspect_api.actions.work import Work
from inspect_api.domain.history import EventBody
from inspect_api.store import account_queries, history_queries
from inspect_api.store.schema import AnyRow
from sync.commands import KINDS
from sync.entities import Person

SYSTEM = "system"


class HistoryEntry(Struct, frozen=True, kw_only=True):
    """One entry. `actor` null: the product itself. Hashes are hexadecimal, `event_base64` the bytes hashed.

    `body` is what the person sent with a command or report upon this hazard.
    """

    n: int
    kind: str
    at: datetime
    actor: Person | None
    op_id: UUID | None
    event: EventBody
    body: object
    hash: str
    prev_hash: str
    op_hash: str | None
    event_base64: str


class History(Struct, frozen=True, kw_only=True):
    """Every entry, the first one first."""

    items: list[HistoryEntry]


def show_history(work: Work, hazard_id: UUID) -> History:
    """Raises Refusal(NOT_FOUND), alike for what does not exist and for what the caller may not see."""
    row = hazard_row(work, hazard_id)
    entries = history_queries.entries(work.tx, row.id)
    ids = {UUID(entry.actor) for entry in entries if entry.actor != SYSTEM}
    known = account_queries.persons(work.tx, ids)
    persons = {str(account.id): person(*account) for account in known.values()}
    return History(items=[_entry(entry, persons.get(entry.actor)) for entry in entries])


def _entry(row: AnyRow, actor: Person | None) -> HistoryEntry:
    return HistoryEntry(
        n=row.n,
        kind=row.kind,
        at=row.at,
        actor=actor,
        op_id=row.op_id,
        event=msgspec.json.decode(row.event, type=EventBody),
        body=None if row.raw is None else _body(row.raw, row.encoding, row.op_kind),
        hash=row.hash.hex(),
        prev_hash=row.prev_hash.hex(),
        op_hash=None if row.op_hash is None else row.op_hash.hex(),
        event_base64=base64.b64encode(row.event).decode(),
    )


class _Sent(Struct):
    body: msgspec.Raw


def _body(raw: bytes, encoding: str, kind: str) -> object:
    """The body as its kind reads it; fields unknown here may hold anything, and stay in the bytes."""
    if encoding == "json":
        return msgspec.json.decode(msgspec.json.decode(raw, type=_Sent).body, type=KINDS[kind])
    return msgspec.msgpack.decode(msgspec.msgpack.decode(raw, type=_Sent).body, type=KINDS[kind])
