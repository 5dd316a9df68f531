"""What was kept and not applied, and what is handed in past every push."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from inspect_api.actions import quarantine
from inspect_api.actions.deposit import deposit as keep
from inspect_api.actions.quarantine import OutcomeList, QuarantineList
from inspect_api.actions.read_operations import Encoding
from inspect_api.actions.work import Work
from inspect_api.http.asked import Asked
from inspect_api.http.encodings import MSGPACK
from inspect_api.http.lists import CursorText, Limit, filter_of
from inspect_api.store.quarantine import QuarantineFilter
from sync.envelope import Outcome, PushAnswer


class QuarantineQuery(QuarantineFilter, frozen=True, kw_only=True):
    limit: Limit = 50
    cursor: CursorText | None = None


class OutcomeQuery(Struct, frozen=True, kw_only=True):
    limit: Limit = 200
    after: CursorText | None = None


class Decision(Struct, frozen=True, kw_only=True):
    action: Literal["release", "dismiss"]
    reason: Annotated[str, Meta(min_length=1, max_length=400)]


def list_them(work: Work, asked: Asked) -> QuarantineList:
    """GET /quarantine"""
    query = asked.query_as(QuarantineQuery)
    wanted = filter_of(QuarantineFilter, query)
    return quarantine.list_quarantine(work, wanted, query.limit, query.cursor)


def decide(work: Work, asked: Asked) -> Outcome:
    """POST /quarantine/{op_id}"""
    decision = asked.body_as(Decision)
    return quarantine.decide(work, asked.uuid("op_id"), decision.action, decision.reason)


def outcomes(work: Work, asked: Asked) -> OutcomeList:
    """GET /sync/outcomes"""
    query = asked.query_as(OutcomeQuery)
    return quarantine.list_outcomes(work, query.limit, query.after)


def deposit(work: Work, asked: Asked) -> PushAnswer:
    """POST /sync/deposit: whatever the bytes are."""
    content_type = str(asked.request.headers.get("content-type", ""))
    encoding: Encoding = "msgpack" if content_type.startswith(MSGPACK) else "json"
    return keep(work, asked.raw, encoding, asked.app.here)
