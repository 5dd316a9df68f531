"""Operations are filed: the one path that online requests and offline batches share."""

from collections import Counter
from collections.abc import Mapping, Sequence
from uuid import UUID

from inspect_api.actions.judge_held import is_claimable, judge_claimed, judge_waiting
from inspect_api.actions.judge_operations import Origin, judge_operations
from inspect_api.actions.outcomes import from_store, outcome
from inspect_api.actions.read_operations import Encoding, Filed, decode
from inspect_api.actions.work import Work
from inspect_api.domain.access import Caller
from inspect_api.errors import Code, Refusal
from inspect_api.store import operations, photos
from inspect_api.store.schema import AnyRow
from sync.envelope import Outcome
from sync.identity import reused_id


def file_operations(work: Work, given: Sequence[Filed], device_id: UUID, batch_id: UUID) -> list[Outcome]:
    """One outcome for each operation, in the order given. Raises RaceLost to be run again.

    What waited for one of them is judged in the same transaction, and so is one of them that had to wait
    for a later one.
    """
    outcomes: list[Outcome | None] = [None] * len(given)
    fresh, own = _repeats(work, given, outcomes)
    claimed = judge_claimed(work, own.values())
    judged = judge_operations(work, [given[i] for i in fresh], Origin(device_id, batch_id))
    freed = judge_waiting(work, judged.settled)
    for index, answer in zip(fresh, judged.outcomes, strict=True):
        outcomes[index] = freed.get(given[index].filed_id, answer) if answer.code == "held" else answer
    for index, filed_id in own.items():
        outcomes[index] = _duplicate(given[index], freed.get(filed_id, claimed.outcomes[filed_id]))
    _echo_inside_batch(given, outcomes)
    return [answer for answer in outcomes if answer is not None]


def _repeats(
    work: Work, given: Sequence[Filed], outcomes: list[Outcome | None]
) -> tuple[list[int], dict[int, UUID]]:
    """Answer what was received before.

    The places of the operations that are new, and of those that others have handed in for the caller, each
    with the id that it is filed under.
    """
    before = operations.find(work.tx, (filed.filed_id for filed in given))
    before |= operations.find(work.tx, _ids_if_reused(work, given, before))
    missing = photos.missing_of(work.tx, before)
    fresh: list[int] = []
    own: dict[int, UUID] = {}
    in_batch: dict[UUID, Filed] = {}
    for index, filed in enumerate(given):
        first, earlier = before.get(filed.filed_id), in_batch.get(filed.filed_id)
        if (first is not None and not _same(first, filed, work.who)) or (
            earlier is not None and not _alike(filed, earlier.digest, earlier.raw, earlier.encoding)
        ):
            filed.filed_id = reused_id(filed.filed_id, filed.digest, work.who.id)
            filed.refusal = Refusal(Code.OP_ID_REUSED)
            first, earlier = before.get(filed.filed_id), in_batch.get(filed.filed_id)
        if first is not None and is_claimable(first, work.who.id):
            own[index] = first.filed_id
        elif first is not None:
            was = from_store(first.outcome)
            was.missing_blobs = missing.get(first.filed_id, [])
            outcomes[index] = _duplicate(filed, was)
        elif earlier is None:  # else it is answered by the first of the two, see _echo_inside_batch
            in_batch[filed.filed_id] = filed
            fresh.append(index)
    return fresh, own


def _ids_if_reused(work: Work, given: Sequence[Filed], before: Mapping[UUID, AnyRow]) -> set[UUID]:
    """Under which the operations would be filed whose ids others have: on file, or in the same batch."""
    times = Counter(filed.filed_id for filed in given)
    return {
        reused_id(filed.filed_id, filed.digest, work.who.id)
        for filed in given
        if times[filed.filed_id] > 1
        or (filed.filed_id in before and not _same(before[filed.filed_id], filed, work.who))
    }


def _same(first: AnyRow, filed: Filed, who: Caller) -> bool:
    """The same operation again, of the same person, or from the phone that this login is bound to."""
    by_phone = who.device_id is not None and first.device_id == who.device_id
    if who.id not in (first.account_id, first.author_id) and not by_phone:
        return False
    return _alike(filed, first.digest.hex(), first.raw, first.encoding)


def _alike(filed: Filed, digest: str, raw: bytes, encoding: Encoding) -> bool:
    """Equal in bytes or at least in meaning."""
    if filed.digest == digest:
        return True
    try:
        return decode(raw, encoding) == decode(filed.raw, filed.encoding)
    except (ValueError, RecursionError):
        return False


def _duplicate(filed: Filed, was: Outcome) -> Outcome:
    """The same again: how it stands now."""
    answer = outcome(filed, "duplicate")
    answer.flags = []
    answer.missing_blobs = list(was.missing_blobs)
    answer.rev, answer.status, answer.first = was.rev, was.status, was
    return answer


def _echo_inside_batch(given: Sequence[Filed], outcomes: list[Outcome | None]) -> None:
    """The same operation twice in one batch: the second is a duplicate of the first."""
    answered = {given[i].filed_id: answer for i, answer in enumerate(outcomes) if answer is not None}
    for index, filed in enumerate(given):
        if outcomes[index] is None:
            first = answered[filed.filed_id]
            again = outcome(filed, "duplicate" if first.durable else first.code)
            again.missing_blobs, again.rev, again.status = first.missing_blobs, first.rev, first.status
            if first.durable:
                again.first = first
            outcomes[index] = again
