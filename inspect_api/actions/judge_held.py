"""Held operations are judged again when what they wait for has come, and by the worker every minute.

They are judged as what they are: their author's, captured when they were captured. None is ever forced;
after 14 days a supervisor decides.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import groupby
from uuid import UUID

from inspect_api.actions.judge_operations import Judged, Origin, judge_operations
from inspect_api.actions.read_operations import Filed, read_again
from inspect_api.actions.work import Work
from inspect_api.errors import Code, Refusal
from inspect_api.store import held, identity
from inspect_api.store.schema import AnyRow
from sync.envelope import Outcome

HELD_FOR = timedelta(days=14)
JUDGED_EVERY = timedelta(minutes=1)
_AT_ONCE = 500


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
    outcomes: dict[UUID, Outcome] = {}
    settled = _judge_again(work, rows, outcomes)
    judge_waiting(work, settled)
    return len(rows)


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
    if work.now - row.received_at > HELD_FOR:
        filed.refusal = Refusal(Code.HELD_TOO_LONG)
    return filed
