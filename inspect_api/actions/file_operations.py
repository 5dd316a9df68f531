"""Operations are judged and filed: the one path that online requests and offline batches share.

A batch is judged in memory and written set-based. When that fails, each operation is tried alone
behind a savepoint; one that still fails is kept as its bytes, so that nothing that was acknowledged
is lost and one bad operation never stops a good one.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy.exc import DBAPIError

from inspect_api.actions.batch import Batch
from inspect_api.actions.command_hazard import command_hazard, follow_conflict
from inspect_api.actions.outcomes import from_store, outcome, refused, stored_form
from inspect_api.actions.read_operations import Encoding, Filed, decode
from inspect_api.actions.register_site import record_visit, register_site
from inspect_api.actions.report_hazard import report_hazard
from inspect_api.actions.submit_inspection import submit_inspection
from inspect_api.actions.work import Work
from inspect_api.domain.access import Caller
from inspect_api.errors import Code, Refusal
from inspect_api.store import operations, photos
from inspect_api.store.database import is_passing
from inspect_api.store.schema import AnyRow
from sync.commands import COMMANDS
from sync.envelope import Outcome
from sync.identity import reused_id
from sync.ordering import apply_order

_LATE = timedelta(hours=24)
_log = structlog.get_logger("inspect_api.sync")

_HANDLERS: dict[str, Callable[[Batch, Filed, Any], Outcome]] = {
    **dict.fromkeys(COMMANDS, command_hazard),
    "inspection.submit": submit_inspection,
    "hazard.report": report_hazard,
    "site.register": register_site,
    "visit.record": record_visit,
}


def file_operations(work: Work, given: Sequence[Filed], device_id: UUID, batch_id: UUID) -> list[Outcome]:
    """One outcome for each operation, in the order given. Raises RaceLost to be run again."""
    outcomes: list[Outcome | None] = [None] * len(given)
    fresh = _repeats(work, given, outcomes)
    try:
        with work.tx.begin_nested():
            judged = _file_together(work, [given[i] for i in fresh], device_id, batch_id)
    except Exception as error:
        if is_passing(error):
            raise
        _log.exception("batch_falls_back", operations=len(fresh))
        judged = _file_alone(work, [given[i] for i in fresh], device_id, batch_id)
    for index, answer in zip(fresh, judged, strict=True):
        outcomes[index] = answer
    _echo_inside_batch(given, outcomes)
    return [answer for answer in outcomes if answer is not None]


def _repeats(work: Work, given: Sequence[Filed], outcomes: list[Outcome | None]) -> list[int]:
    """Answer what was received before; the places of the operations that are new."""
    ids = {filed.filed_id for filed in given}
    ids |= {reused_id(filed.filed_id, filed.digest, work.who.id) for filed in given}
    before = operations.find(work.tx, ids)
    missing = photos.missing_of(work.tx, before)
    fresh: list[int] = []
    in_batch: dict[UUID, Filed] = {}
    for index, filed in enumerate(given):
        first, earlier = before.get(filed.filed_id), in_batch.get(filed.filed_id)
        if (first is not None and not _same(first, filed, work.who)) or (
            earlier is not None and not _alike(filed, earlier.digest, earlier.raw, earlier.encoding)
        ):
            filed.filed_id = reused_id(filed.filed_id, filed.digest, work.who.id)
            filed.refusal = Refusal(Code.OP_ID_REUSED)
            first, earlier = before.get(filed.filed_id), in_batch.get(filed.filed_id)
        if first is not None:
            outcomes[index] = _duplicate(filed, first, missing.get(first.filed_id, []))
        elif earlier is None:  # else it is answered by the first of the two, see _echo_inside_batch
            in_batch[filed.filed_id] = filed
            fresh.append(index)
    return fresh


def _same(first: AnyRow, filed: Filed, who: Caller) -> bool:
    """The same operation again, from the same person, or from the phone that this login is bound to."""
    if first.account_id != who.id and (who.device_id is None or first.device_id != who.device_id):
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


def _duplicate(filed: Filed, first: AnyRow, missing: list[str]) -> Outcome:
    was = from_store(first.outcome)
    was.missing_blobs = missing
    answer = outcome(filed, "duplicate")
    answer.flags = []
    answer.missing_blobs = list(missing)
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


def _file_together(work: Work, given: Sequence[Filed], device_id: UUID, batch_id: UUID) -> list[Outcome]:
    mark = work.mark()
    try:
        batch = Batch(work, device_id)
        readable = [filed for filed in given if filed.op is not None and filed.refusal is None]
        batch.load(readable)
        outcomes: list[Outcome | None] = [None] * len(given)
        states = _outcomes_before(work, readable)
        for index in _order(given):
            answer = _judge(batch, given[index], states)
            states[given[index].filed_id] = answer.code
            outcomes[index] = answer
        done = [answer for answer in outcomes if answer is not None]
        operations.add(work.tx, _rows(work, given, done, device_id, batch_id))
        batch.write()
    except BaseException:
        work.forget_since(mark)
        raise
    return done


def _file_alone(work: Work, given: Sequence[Filed], device_id: UUID, batch_id: UUID) -> list[Outcome]:
    """One by one: a bad one is kept as bytes, the others are applied."""
    outcomes: dict[int, Outcome] = {}
    for index in _order(given):
        filed = given[index]
        try:
            with work.tx.begin_nested():
                outcomes[index] = _file_together(work, [filed], device_id, batch_id)[0]
        except Exception as error:
            if is_passing(error):
                raise
            _log.exception("operation_kept_unjudged", op_id=filed.shown_id)
            # the driver's own words could hold what was sent, so they stay in our log
            reason = "The database refused it" if isinstance(error, DBAPIError) else "It could not be judged"
            filed.refusal = Refusal(Code.INVALID_BODY, reason)
            with work.tx.begin_nested():
                outcomes[index] = _file_together(work, [filed], device_id, batch_id)[0]
    return [outcomes[index] for index in range(len(given))]


def _order(given: Sequence[Filed]) -> list[int]:
    """Operations that can be read in their order, the others last."""
    places = [index for index, filed in enumerate(given) if filed.op is not None]
    ops = [filed.op for filed in given if filed.op is not None]
    ordered = [places[i] for i in apply_order(ops)]
    return ordered + [index for index, filed in enumerate(given) if filed.op is None]


def _judge(batch: Batch, filed: Filed, states: dict[UUID, str]) -> Outcome:
    if filed.too_large:
        return outcome(filed, "too_large")
    filed.flags.clear()
    filed.judged = None
    _note_time(filed, batch.work.now)
    try:
        return _apply(batch, filed, states)
    except Refusal as refusal:
        filed.judged = refusal
        return refused(filed, refusal, on_hazard=filed.op is not None and filed.op.kind in COMMANDS)


def _apply(batch: Batch, filed: Filed, states: dict[UUID, str]) -> Outcome:
    op = filed.op
    if filed.refusal is not None or op is None:
        raise filed.refusal or Refusal(Code.INVALID_BODY)
    if op.user_id is not None and op.user_id != batch.work.who.id:
        raise Refusal(Code.OTHER_AUTHOR, pointer="/user_id")
    unmet = _unmet(op.depends_on, states)
    if unmet is not None:
        if unmet.code is Code.CONFLICT and op.kind in COMMANDS:
            return follow_conflict(batch, filed, unmet)
        raise unmet
    return _HANDLERS[op.kind](batch, filed, filed.body)


def _note_time(filed: Filed, now: datetime) -> None:
    if filed.op is None:
        return
    if filed.when.skewed:
        filed.flags.append("clock_skew")
    if now - filed.when.at > _LATE:
        filed.flags.append("late")


def _outcomes_before(work: Work, given: Sequence[Filed]) -> dict[UUID, str]:
    """Outcome codes of operations outside this batch on which some in it depend."""
    here = {filed.filed_id for filed in given}
    wanted = {op_id for filed in given if filed.op is not None for op_id in filed.op.depends_on} - here
    rows = operations.find(work.tx, wanted)
    return {filed_id: from_store(row.outcome).code for filed_id, row in rows.items()}


def _unmet(wanted: list[UUID], states: dict[UUID, str]) -> Refusal | None:
    """Why it cannot be applied yet, or, after a conflict, any more: it builds on what was not applied."""
    codes = [states.get(op_id) for op_id in wanted]
    if "conflict" in codes:
        return Refusal(Code.CONFLICT, "What it depends on was a conflict", pointer="/depends_on")
    if any(code != "applied" for code in codes):
        return Refusal(Code.DEPENDENCY_MISSING, pointer="/depends_on")
    return None


def _rows(
    work: Work, given: Sequence[Filed], outcomes: list[Outcome], device_id: UUID, batch_id: UUID
) -> list[dict[str, object]]:
    return [
        {
            "filed_id": filed.filed_id,
            "op_id": filed.shown_id,
            "account_id": work.who.id,
            "device_id": device_id,
            "batch_id": batch_id,
            "seq": filed.op.seq if filed.op is not None else 0,
            "kind": filed.op.kind if filed.op is not None and _plain(filed.op.kind) else "",
            "entity_id": filed.op.entity_id if filed.op is not None else None,
            "encoding": filed.encoding,
            "raw": filed.raw,
            "digest": bytes.fromhex(filed.digest),
            "received_at": work.now,
            "captured_at": filed.when.at,
            "uncertainty_ms": int(filed.when.uncertainty.total_seconds() * 1000),
            "code": answer.code,
            "outcome": stored_form(answer),
        }
        for filed, answer in zip(given, outcomes, strict=True)
        if answer.durable
    ]


def _plain(text: str) -> bool:
    return text.isascii() and text.isprintable()
