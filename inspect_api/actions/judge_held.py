"""Held operations are judged again when what they wait for has come, and by the worker every minute.

They are judged as what they are: their author's, captured when they were captured. None is ever forced;
after 14 days a supervisor decides.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import groupby
from typing import NamedTuple
from uuid import UUID

from inspect_api.actions.judge_operations import Judged, Origin, judge_operations
from inspect_api.actions.outcomes import from_store
from inspect_api.actions.read_operations import Filed, read_again
from inspect_api.actions.work import Work
from inspect_api.errors import Code, Refusal
from inspect_api.store import held, identity
from inspect_api.store.schema import AnyRow
from sync.envelope import Outcome

HELD_FOR = timedelta(days=14)
JUDGED_EVERY = timedelta(minutes=1)
_AT_ONCE = 500
_HANDED_IN = frozenset({Code.OTHER_AUTHOR.wire, Code.DEPOSITED.wire})


def judge_waiting(work: Work, settled: Iterable[UUID]) -> dict[UUID, Outcome]:
    """Judge all that waits for these, and what waits for that, until nothing more is freed.

    The outcomes by the id under which an operation is filed. What exceeds one transaction's worth is left
    to the worker.
    """
    outcomes: dict[UUID, Outcome] = {}
    ahead, room = set(settled), _AT_ONCE
    while ahead and room > 0:
        rows = held.waiting_for(work.tx, ahead, room)
        room -= len(rows)
        ahead = _judge_again(work, rows, outcomes)
    return outcomes


def judge_held(work: Work, most: int) -> int:
    """The worker's look at what has been held for a minute; how many operations it looked at."""
    rows = held.longest_unjudged(work.tx, work.now - JUDGED_EVERY, most)
    _judge_on(work, rows)
    return len(rows)


def judge_accounts(work: Work, account_ids: Iterable[UUID]) -> dict[UUID, Outcome]:
    """The scope of accounts has grown: what they have waiting, or kept for their scope, is judged."""
    outcomes: dict[UUID, Outcome] = {}
    ids = held.of_accounts(work.tx, account_ids)
    for start in range(0, len(ids), _AT_ONCE):
        outcomes |= _judge_on(work, held.by_ids(work.tx, ids[start : start + _AT_ONCE], lock=True))
    return outcomes


class Claimed(NamedTuple):
    """Outcomes by the id under which an operation is filed, and what others may have been waiting for."""

    outcomes: dict[UUID, Outcome]
    settled: set[UUID]


def is_claimable(row: AnyRow, account_id: UUID) -> bool:
    """Whether this account is the author of an operation that somebody else handed in for him."""
    handed_in = row.code == "quarantined" and row.reason in _HANDED_IN
    return bool(handed_in and row.author_id == account_id != row.account_id)


def judge_claimed(work: Work, ids: Iterable[UUID]) -> Claimed:
    """Operations that others handed in, whose author says now that they are his."""
    settled: set[UUID] = set()
    rows = held.by_ids(work.tx, ids, lock=True)
    outcomes: dict[UUID, Outcome] = {row.filed_id: from_store(row.outcome) for row in rows}
    mine = [row for row in rows if is_claimable(row, work.who.id)]
    for device_id, group in groupby(mine, key=lambda row: row.device_id):
        given = [read_again(row) for row in group]
        judged = judge_operations(work, given, Origin(device_id, device_id, known=True))
        outcomes |= {filed.filed_id: answer for filed, answer in zip(given, judged.outcomes, strict=True)}
        settled |= judged.settled
    outcomes |= judge_waiting(work, settled)
    return Claimed(outcomes, settled)


def _judge_on(work: Work, rows: Sequence[AnyRow]) -> dict[UUID, Outcome]:
    """Judge these, and all that waits for them."""
    outcomes: dict[UUID, Outcome] = {}
    settled = _judge_again(work, rows, outcomes)
    return outcomes | judge_waiting(work, settled)


def _judge_again(work: Work, rows: Sequence[AnyRow], outcomes: dict[UUID, Outcome]) -> set[UUID]:
    settled: set[UUID] = set()
    ordered = sorted(rows, key=lambda row: (str(row.account_id), str(row.device_id)))
    for (account_id, device_id), group in groupby(ordered, key=lambda row: (row.account_id, row.device_id)):
        given = [_read(work, row) for row in group]
        judged = judge_as(work, account_id, device_id, given)
        outcomes |= {filed.filed_id: answer for filed, answer in zip(given, judged.outcomes, strict=True)}
        settled |= judged.settled
    return settled


def judge_as(work: Work, account_id: UUID, device_id: UUID, given: Sequence[Filed]) -> Judged:
    """Judge operations on file as their author's, in the same transaction."""
    author = identity.caller_with_session(work.tx, account_id, account_id, device_id)
    return judge_operations(replace(work, caller=author), given, Origin(device_id, device_id, known=True))


def _read(work: Work, row: AnyRow) -> Filed:
    filed = read_again(row)
    if row.code == "held" and work.now - row.received_at > HELD_FOR:
        filed.refusal = Refusal(Code.HELD_TOO_LONG)
    return filed
