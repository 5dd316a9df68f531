"""Operations are judged in memory and written set-based; one that cannot be is kept as its bytes.

When the set-based write fails, each half of the batch is tried behind a savepoint of its own, down to the
operation that cannot be written: one bad operation never stops a good one, and to find it among 500 takes
some twenty savepoints, not 500 (beyond 64 a PostgreSQL transaction slows down everybody else).
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import structlog
from msgspec import UNSET
from sqlalchemy.exc import DBAPIError

from inspect_api.actions.batch import Batch
from inspect_api.actions.command_hazard import command_hazard, follow_conflict
from inspect_api.actions.cycles import in_cycles
from inspect_api.actions.outcomes import from_store, outcome, refused, stored_form
from inspect_api.actions.read_operations import Filed
from inspect_api.actions.register_site import record_visit, register_site
from inspect_api.actions.report_hazard import report_hazard
from inspect_api.actions.submit_inspection import submit_inspection
from inspect_api.actions.work import Work
from inspect_api.errors import Code, Refusal
from inspect_api.store import held, operations
from inspect_api.store.database import is_passing
from sync.commands import COMMANDS
from sync.envelope import Outcome, Problem
from sync.ordering import apply_order

HELD_AT_MOST = 1000
_LATE = timedelta(hours=24)
_REFUSED_UNREAD = frozenset({Code.DEPOSITED, Code.HELD_TOO_LONG})
_IN_VAIN = frozenset({"dismissed", "void"})
"""What became of an operation after which nothing will ever open the hazard that it was to open."""

_log = structlog.get_logger("inspect_api.sync")

_HANDLERS: dict[str, Callable[[Batch, Filed, Any], Outcome]] = {
    **dict.fromkeys(COMMANDS, command_hazard),
    "inspection.submit": submit_inspection,
    "hazard.report": report_hazard,
    "site.register": register_site,
    "visit.record": record_visit,
}


class Origin(NamedTuple):
    """Where operations came from. `known` ones are on file already and are judged once more."""

    device_id: UUID
    batch_id: UUID
    known: bool = False


class Judged(NamedTuple):
    """Outcomes in the order given, and what others may have been waiting for: operations and entities."""

    outcomes: list[Outcome]
    settled: set[UUID]


def judge_operations(work: Work, given: Sequence[Filed], origin: Origin) -> Judged:
    """Judge and write operations of one author. Raises RaceLost to be run again."""
    if not given:
        return Judged([], set())
    try:
        with work.tx.begin_nested():
            return _together(work, given, origin)
    except Exception as error:
        if is_passing(error):
            raise
        _log.warning("batch_falls_back", operations=len(given), exc_info=error)
        return _in_halves(work, given, origin) if len(given) > 1 else _alone(work, given[0], origin)


def _in_halves(work: Work, given: Sequence[Filed], origin: Origin) -> Judged:
    order = _order(given)
    half = len(order) // 2
    outcomes: dict[int, Outcome] = {}
    settled: set[UUID] = set()
    for places in (order[:half], order[half:]):
        judged = judge_operations(work, [given[place] for place in places], origin)
        outcomes |= zip(places, judged.outcomes, strict=True)
        settled |= judged.settled
    return Judged([outcomes[place] for place in range(len(given))], settled)


def _alone(work: Work, filed: Filed, origin: Origin) -> Judged:
    """Once more, for what another transaction was faster at is there now; else its bytes alone are kept."""
    try:
        with work.tx.begin_nested():
            return _together(work, [filed], origin)
    except Exception as error:
        if is_passing(error):
            raise
        _log.exception("operation_kept_unjudged", op_id=filed.shown_id)
        # the driver's own words could hold what was sent, so they stay in our log
        reason = "The database refused it" if isinstance(error, DBAPIError) else "It could not be judged"
        filed.refusal = Refusal(Code.INVALID_BODY, reason)
    with work.tx.begin_nested():
        return _together(work, [filed], origin)


def _together(work: Work, given: Sequence[Filed], origin: Origin) -> Judged:
    mark = work.mark()
    try:
        batch = Batch(work, origin.device_id)
        readable = [filed for filed in given if filed.op is not None and filed.refusal is None]
        batch.load([filed for filed in given if _may_load(filed)])
        states = _outcomes_before(work, readable)
        cycles = in_cycles(work, readable)
        outcomes: list[Outcome] = [outcome(filed, "retry") for filed in given]
        for index in _order(given):
            filed = given[index]
            if filed.filed_id in cycles:
                filed.refusal = Refusal(Code.DEPENDENCY_CYCLE, pointer="/depends_on")
            outcomes[index] = _judge(batch, filed, states)
            states[filed.filed_id] = _state_of(outcomes[index])
        _hold(work, given, outcomes, states, origin)
        _write(work, batch, given, outcomes, origin)
    except BaseException:
        work.forget_since(mark)
        raise
    done = {f.filed_id for f, o in zip(given, outcomes, strict=True) if o.code in ("applied", "conflict")}
    return Judged(outcomes, done | batch.created())


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
    if _author_of(filed) not in (None, batch.work.who.id):
        raise Refusal(Code.OTHER_AUTHOR, pointer="/user_id")
    unmet = _unmet(op.depends_on, states)
    if unmet is not None:
        if unmet.code is Code.CONFLICT and op.kind in COMMANDS:
            in_vain = any(states.get(op_id) in _IN_VAIN for op_id in op.depends_on)
            return follow_conflict(batch, filed, unmet, in_vain=in_vain)
        raise unmet
    return _HANDLERS[op.kind](batch, filed, filed.body)


def _may_load(filed: Filed) -> bool:
    """What it names is looked up; also for what is refused unjudged, so that its supervisor is found."""
    return filed.body is not None and (filed.refusal is None or filed.refusal.code in _REFUSED_UNREAD)


def _author_of(filed: Filed) -> UUID | None:
    """Whom an operation names as its author, if anybody."""
    return filed.op.user_id if filed.op is not None else None


def _note_time(filed: Filed, now: datetime) -> None:
    if filed.op is None:
        return
    if filed.when.skewed:
        filed.flags.append("clock_skew")
    if now - filed.when.at > _LATE:
        filed.flags.append("late")


def _outcomes_before(work: Work, given: Sequence[Filed]) -> dict[UUID, str]:
    """What became of operations outside this batch on which some in it depend."""
    here = {filed.filed_id for filed in given}
    wanted = {op_id for filed in given if filed.op is not None for op_id in filed.op.depends_on} - here
    rows = operations.find(work.tx, wanted)
    return {
        filed_id: _state_of(from_store(row.outcome)) if row.code == "conflict" else row.code
        for filed_id, row in rows.items()
    }


def _state_of(answer: Outcome) -> str:
    """Its code; `void` for a conflict on a hazard that never was: what would have opened it is gone."""
    is_void = answer.code == "conflict" and answer.status is UNSET
    return "void" if is_void else answer.code


def _unmet(wanted: list[UUID], states: dict[UUID, str]) -> Refusal | None:
    """Why it cannot be applied yet, or, after a conflict, any more: it builds on what was not applied."""
    codes = [states.get(op_id) for op_id in wanted]
    if "conflict" in codes or not _IN_VAIN.isdisjoint(codes):
        return Refusal(Code.CONFLICT, "What it depends on was not applied", pointer="/depends_on")
    if any(code != "applied" for code in codes):
        return Refusal(Code.DEPENDENCY_MISSING, pointer="/depends_on")
    return None


def _hold(
    work: Work, given: Sequence[Filed], outcomes: list[Outcome], states: dict[UUID, str], origin: Origin
) -> None:
    """Note what operations wait for; beyond what a device may have held they are to be sent again.

    What lies outside of its author's scope waits for that to change.
    """
    for filed, answer in zip(given, outcomes, strict=True):
        kept = answer.code in ("held", "quarantined") and filed.judged is not None
        awaited = filed.judged.awaits if kept and filed.judged is not None else None
        filed.waits = set() if awaited is None else {awaited}
    places = [index for index, answer in enumerate(outcomes) if answer.code == "held"]
    room = len(places)
    if places and not origin.known:
        room = max(0, HELD_AT_MOST - held.count(work.tx, origin.device_id))
    for place in places[room:]:
        outcomes[place].code, outcomes[place].durable = "retry", False
    for place in places[:room]:
        filed = given[place]
        assert filed.op is not None  # noqa: S101 - an unreadable operation is never held
        filed.waits |= {op_id for op_id in filed.op.depends_on if states.get(op_id) != "applied"}


def _write(work: Work, batch: Batch, given: Sequence[Filed], outcomes: list[Outcome], origin: Origin) -> None:
    kept = [(filed, answer) for filed, answer in zip(given, outcomes, strict=True) if answer.durable]
    rows = [_row(batch, filed, answer, origin) for filed, answer in kept]
    if origin.known:
        changed = operations.change(work.tx, rows)
        held.set_waits(work.tx, {filed.filed_id: filed.waits for filed, _ in kept})
        for filed_id, device_id, rev in changed:
            work.changed_for(f"device:{device_id}", "outcome", filed_id, rev)
    else:
        operations.add(work.tx, rows)
        held.set_waits(work.tx, {filed.filed_id: filed.waits for filed, _ in kept if filed.waits})
        for filed, answer in kept:
            if answer.code in ("held", "quarantined"):
                work.changed_for(f"device:{origin.device_id}", "outcome", filed.filed_id, 1)
    batch.write()


def _row(batch: Batch, filed: Filed, answer: Outcome, origin: Origin) -> dict[str, object]:
    judged: dict[str, object] = {
        "filed_id": filed.filed_id,
        "code": answer.code,
        "outcome": stored_form(answer),
        "judged_at": batch.work.now,
        "reason": answer.problem.code if isinstance(answer.problem, Problem) else None,
        "region_code": batch.place_of(filed) if answer.code in ("held", "quarantined") else None,
        "account_id": batch.work.who.id,
        "released_by": filed.released_by,
    }
    if origin.known:
        return judged
    op, author = filed.op, _author_of(filed)
    return judged | {
        "op_id": filed.shown_id,
        "author_id": author if author != batch.work.who.id else None,
        "device_id": origin.device_id,
        "batch_id": origin.batch_id,
        "seq": op.seq if op is not None else 0,
        "kind": op.kind if op is not None and _plain(op.kind) else "",
        "entity_id": op.entity_id if op is not None else None,
        "encoding": filed.encoding,
        "raw": filed.raw,
        "digest": bytes.fromhex(filed.digest),
        "received_at": batch.work.now,
        "captured_at": filed.when.at,
        "uncertainty_ms": int(filed.when.uncertainty.total_seconds() * 1000),
        "offset_ms": int(filed.when.offset.total_seconds() * 1000),
        "skewed": filed.when.skewed,
    }


def _plain(text: str) -> bool:
    return text.isascii() and text.isprintable()
