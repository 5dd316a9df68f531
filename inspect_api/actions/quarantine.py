"""What was kept and not applied: shown to its author and his supervisors, who release or dismiss it."""

from collections.abc import Iterable
from datetime import datetime
from typing import Literal
from uuid import UUID

from msgspec import Struct

from inspect_api.actions.judge_held import is_claimable, judge_as, judge_claimed, judge_waiting
from inspect_api.actions.outcomes import from_store, stored_form
from inspect_api.actions.read_operations import decode, read_again
from inspect_api.actions.work import Work
from inspect_api.errors import Code, Refusal
from inspect_api.store import accounts, held, operations, quarantine
from inspect_api.store.paging import Asked, encode_cursor, open_page, question
from inspect_api.store.quarantine import QuarantineFilter
from inspect_api.store.schema import AnyRow
from sync.entities import Person
from sync.envelope import Outcome, Problem
from sync.plain import is_plain

_SUPERVISORS = frozenset({"regulator", "admin"})


class Quarantined(Struct, frozen=True, kw_only=True):
    """One operation: `id` names it here; `op_id` is what the phone calls it; `operation` is what it holds.

    `author` is null where the person whom it names is not known here, and to who handed it in for another.
    """

    id: UUID
    op_id: str
    kind: str
    entity_id: UUID | None
    author: Person | None
    handed_in_by: Person
    device_id: UUID
    captured_at: datetime
    received_at: datetime
    region_code: str | None
    problem: Problem | None
    operation: object


class QuarantineList(Struct, frozen=True, kw_only=True):
    items: list[Quarantined]
    cursor: str | None


class OutcomeList(Struct, frozen=True, kw_only=True):
    items: list[Outcome]
    cursor: str | None


def list_quarantine(work: Work, wanted: QuarantineFilter, limit: int, cursor: str | None) -> QuarantineList:
    """A page of what waits for a decision. Raises Refusal(CURSOR_INVALID)."""
    asked = Asked(work.who.id, question("quarantine", wanted), work.now)
    asked, after = open_page(cursor, asked, work.now)
    page = quarantine.page(work.tx, wanted, work.who, after, limit)
    items = [_shown(row, work.who.id) for row in page.rows]
    return QuarantineList(items=items, cursor=encode_cursor(asked, page.end))


def list_outcomes(work: Work, limit: int, after: str | None) -> OutcomeList:
    """The caller's own outcomes as they stand now, in the order in which they were judged."""
    asked = Asked(work.who.id, question("outcomes", str(work.who.device_id)), work.now)
    asked, place = open_page(after, asked, work.now)
    page = quarantine.outcomes_after(work.tx, work.who, place, limit)
    items = [from_store(row.outcome) for row in page.rows]
    return OutcomeList(items=items, cursor=encode_cursor(asked, page.end))


def outcomes_by_ids(work: Work, ids: Iterable[UUID]) -> dict[UUID, Outcome]:
    """Outcomes of the caller's own operations, and of all that came from his phone."""
    rows = held.by_ids(work.tx, ids)
    mine = [row for row in rows if work.who.id == row.account_id or work.who.device_id == row.device_id]
    return {row.filed_id: from_store(row.outcome) for row in mine}


def decide(work: Work, op_id: UUID, action: Literal["release", "dismiss"], reason: str) -> Outcome:
    """Release: judge it now as its author's, whatever his scope has become. Dismiss: it ends here, kept.

    What another person handed in its author may release himself; then it is judged as if he had pushed it.
    Raises Refusal: NOT_FOUND outside of what the caller supervises, FORBIDDEN, SEPARATION_OF_DUTIES for one's
    own, OTHER_AUTHOR when nobody knows its author.
    """
    found = quarantine.find(work.tx, op_id, work.who)
    rows = held.by_ids(work.tx, [found.filed_id], lock=True) if found is not None else []
    if not rows or rows[0].code != "quarantined":
        raise Refusal(Code.NOT_FOUND)
    row = rows[0]
    if action == "release" and is_claimable(row, work.who.id):
        return judge_claimed(work, [row.filed_id]).outcomes[row.filed_id]
    if work.who.role not in _SUPERVISORS:
        raise Refusal(Code.FORBIDDEN, "A supervisor decides")
    if work.who.id in (row.account_id, row.author_id):
        raise Refusal(Code.SEPARATION_OF_DUTIES, "Nobody decides on his own")
    if action == "dismiss":
        return _dismiss(work, row, reason)
    return _release(work, row)


def _release(work: Work, row: AnyRow) -> Outcome:
    filed = read_again(row)
    if filed.refusal is not None:
        raise filed.refusal  # what cannot be read cannot be applied; it can only be dismissed
    author = row.author_id or row.account_id
    if author not in accounts.known(work.tx, [author]):
        raise Refusal(Code.OTHER_AUTHOR, "Its author is not known here")
    filed.released_by = work.who.id
    judged = judge_as(work, author, row.device_id, [filed])
    freed = judge_waiting(work, judged.settled)
    return freed.get(row.filed_id, judged.outcomes[0])


def _dismiss(work: Work, row: AnyRow, reason: str) -> Outcome:
    answer = from_store(row.outcome)
    answer.flags = [*answer.flags, "dismissed"]
    if isinstance(answer.problem, Problem):
        answer.problem = Problem(
            type=answer.problem.type,
            title=answer.problem.title,
            status=answer.problem.status,
            detail=f"{answer.problem.detail} ({reason})"[:1000],
            code=answer.problem.code,
            errors=answer.problem.errors,
        )
    dismissed: dict[str, object] = {
        "filed_id": row.filed_id,
        "code": "dismissed",
        "outcome": stored_form(answer),
        "reason": row.reason,
        "judged_at": work.now,
        "region_code": row.region_code,
        "account_id": row.account_id,
        "released_by": None,
    }
    for filed_id, device_id, rev in operations.change(work.tx, [dismissed]):
        work.changed_for(f"device:{device_id}", "outcome", filed_id, rev)
    held.set_waits(work.tx, {row.filed_id: set()})
    judge_waiting(work, [row.filed_id])
    return answer


def _shown(row: AnyRow, caller: UUID) -> Quarantined:
    answer = from_store(row.outcome)
    sender = Person(id=row.account_id, name=row.account_name, role=row.account_role)
    author = sender if row.author_id is None else None
    if row.author_name is not None and row.account_id != caller:  # naming ids tells nobody whose they are
        author = Person(id=row.author_id, name=row.author_name, role=row.author_role)
    return Quarantined(
        id=row.filed_id,
        op_id=row.op_id,
        kind=row.kind,
        entity_id=row.entity_id,
        author=author,
        handed_in_by=sender,
        device_id=row.device_id,
        captured_at=row.captured_at,
        received_at=row.received_at,
        region_code=row.region_code,
        problem=answer.problem if isinstance(answer.problem, Problem) else None,
        operation=_readable(row),
    )


def _readable(row: AnyRow) -> object:
    """The operation's value, or its bytes (base64 on the wire) where no answer could hold its value."""
    try:
        value = decode(row.raw, row.encoding)
    except (ValueError, RecursionError):
        return row.raw
    return value if is_plain(value) else row.raw
