"""Operations: what was acknowledged is there, with the same bytes; nothing is forced, forgotten or undone."""

from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

import msgspec

from inspect_api.store.schema import AnyRow
from sync.commands import COMMANDS
from sync.envelope import Operation, Outcome
from tests.simulation.picture import Picture
from tests.simulation.violation import Violation

_HELD_FOR = timedelta(days=14)
_AFTER: dict[str, frozenset[str]] = {
    "held": frozenset({"applied", "conflict", "quarantined"}),
    "quarantined": frozenset(),
    "applied": frozenset(),
    "conflict": frozenset(),
    "dismissed": frozenset(),
}
_NOT_APPLIED = frozenset({"conflict", "dismissed"})
_JUDGED_AGAIN = frozenset({"scope_revoked", "other_author", "deposited"})
"""Why something was quarantined that a wider scope, or its author, may free."""

_OURS = frozenset({"It could not be judged", "The database refused it"})


class Acknowledged(NamedTuple):
    """An outcome that reached a phone: the server has this operation, with these bytes, for good."""

    op_id: str
    digest: str


class Filing:
    """Compares the operations on file with what was there before and with what phones were told."""

    def __init__(self) -> None:
        self.acknowledged: set[Acknowledged] = set()
        self.owed: set[Acknowledged] = set()
        self._kept: set[Acknowledged] = set()
        self.decided: set[UUID] = set()
        self._before: dict[UUID, AnyRow] = {}
        self._read: dict[UUID, Operation | None] = {}

    def after_restore(self) -> "Filing":
        """What phones keep of what they were told to be safe has to come back; the rest may be lost."""
        again = Filing()
        again.owed, again.decided = self.owed | self._kept, self.decided
        return again

    def note(self, outcome: Outcome, *, is_kept: bool) -> None:
        """An outcome has come back; the phone keeps what it pushed for the case of a restore."""
        first = outcome.first
        if outcome.code == "duplicate":
            if not isinstance(first, Outcome):
                raise Violation(f"{outcome.op_id}: a duplicate without its first outcome")
            outcome = first
        if outcome.durable != (outcome.code not in ("retry", "too_large")):
            raise Violation(f"{outcome.op_id}: {outcome.code} says durable={outcome.durable}")
        if outcome.durable:
            told = Acknowledged(outcome.op_id, outcome.digest)
            self.acknowledged.add(told)
            if is_kept:
                self._kept.add(told)

    def look(self, now: Picture, at: datetime) -> list[AnyRow]:
        """Raises Violation; the operations that are new or changed."""
        on_file = {Acknowledged(row.op_id, row.digest.hex()) for row in now.operations.values()}
        if len(on_file) < len(now.operations):
            raise Violation("an operation is on file twice")
        if lost := self.acknowledged - on_file:
            raise Violation(f"acknowledged and not on file: {sorted(lost)}")
        changed = [row for row in now.operations.values() if self._before.get(row.filed_id) != row]
        for row in changed:
            self._check_change(row, self._before.get(row.filed_id), at)
        if gone := self._before.keys() - now.operations.keys():
            raise Violation(f"operations have gone: {sorted(map(str, gone))}")
        self._before = now.operations
        for row in now.operations.values():
            self._check_dependencies(row, now)
        return changed

    def check_owed(self, now: Picture, left: set[str]) -> None:
        """What was acknowledged before a restore has come back, but for digests that phones still have.

        Raises Violation.
        """
        on_file = {Acknowledged(row.op_id, row.digest.hex()) for row in now.operations.values()}
        if lost := {owed for owed in self.owed - on_file if owed.digest not in left}:
            raise Violation(f"acknowledged before the restore, and lost: {sorted(lost)}")

    def stands_on_nothing(self, row: AnyRow) -> bool:
        """Whether it is a conflict only for what it depends on, about a hazard of which nobody knew then."""
        told = msgspec.json.decode(row.outcome, type=Outcome)
        return row.reason == "conflict" and not isinstance(told.status, str)

    def read(self, row: AnyRow) -> Operation | None:
        """An operation as the wire's type, if it is one."""
        if row.filed_id not in self._read:
            try:
                self._read[row.filed_id] = msgspec.json.decode(row.raw, type=Operation)
            except (msgspec.DecodeError, UnicodeDecodeError):
                self._read[row.filed_id] = None
        return self._read[row.filed_id]

    def _check_change(self, row: AnyRow, before: AnyRow | None, at: datetime) -> None:
        outcome = msgspec.json.decode(row.outcome, type=Outcome)
        shown = "quarantined" if row.code == "dismissed" else row.code
        if outcome.code != shown or outcome.digest != row.digest.hex() or outcome.op_id != row.op_id:
            raise Violation(f"{row.filed_id}: filed as {row.code}, its outcome says {outcome}")
        problem = outcome.problem if isinstance(outcome.problem, msgspec.Struct) else None
        if problem is not None and getattr(problem, "detail", "") in _OURS:
            raise Violation(f"{row.filed_id} {row.kind}: kept unjudged, {problem}")
        if before is None:
            return
        if (before.raw, before.digest) != (row.raw, row.digest):
            raise Violation(f"{row.filed_id}: its bytes have changed")
        if row.account_id not in (before.account_id, before.author_id):
            raise Violation(f"{row.filed_id}: it counts as {row.account_id}'s now")
        if row.rev < before.rev or (row.rev == before.rev and row.outcome != before.outcome):
            raise Violation(f"{row.filed_id}: changed without a new rev\n{before}\n{row}")
        released = before.code == "quarantined" and (
            row.filed_id in self.decided or before.reason in _JUDGED_AGAIN
        )
        if row.code != before.code and row.code not in _AFTER[before.code] and not released:
            raise Violation(f"{row.filed_id}: from {before.code} to {row.code}")
        if before.code == "held" and row.code == "quarantined" and problem is not None:
            code = getattr(problem, "code", "")
            if code == "held_too_long" and at - row.received_at <= _HELD_FOR:
                raise Violation(f"{row.filed_id}: given up after {at - row.received_at}")

    def _check_dependencies(self, row: AnyRow, now: Picture) -> None:
        op = self.read(row)
        if op is None or row.code not in ("applied", "held"):
            return
        states = [getattr(now.operations.get(wanted), "code", None) for wanted in op.depends_on]
        if row.code == "applied" and any(state != "applied" for state in states):
            raise Violation(f"{row.filed_id}: applied, though what it depends on is {states}")
        if row.code == "held":
            is_known = _is_known(row, op, now)
            if any(self._is_over(now.operations.get(wanted), is_known) for wanted in op.depends_on):
                raise Violation(f"{row.filed_id}: held, though what it depends on is {states}")
            if all(state == "applied" for state in states) and is_known:
                raise Violation(f"{row.filed_id} {row.kind}: held, and nothing is left to wait for")

    def _is_over(self, before: AnyRow | None, is_known: bool) -> bool:
        """Whether what builds on it is a conflict at once: it still waits for a hazard that may yet come."""
        if before is None or before.code not in _NOT_APPLIED:
            return False
        return before.code == "dismissed" or is_known or self.stands_on_nothing(before)


def _is_known(row: AnyRow, op: Operation, now: Picture) -> bool:
    """Whether what the operation is about is there, and in its author's scope."""
    scope = now.scopes[row.account_id]

    def seen(thing: AnyRow | None) -> bool:
        return thing is not None and scope.sees(thing.region_code, thing.grid_code, thing.enterprise_id)

    if op.kind in COMMANDS:
        return seen(now.hazards.get(op.entity_id))
    about = msgspec.json.decode(op.body, type=_About)
    if about.site_id is None or not seen(now.sites.get(about.site_id)):
        return False
    filed = {inspection for ids in now.inspections.values() for inspection in ids}
    return about.amends is None or about.amends in filed


class _About(msgspec.Struct):
    site_id: UUID | None = None
    amends: UUID | None = None
