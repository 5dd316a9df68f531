"""Hazards: every chain holds, the row is what its history says, and no move is taken that the law forbids.

The table of moves is written here a second time, out of the design, so that a hole in the product's own
shows.
"""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import msgspec
import sqlalchemy as sa

from inspect_api.domain.chain import START, entry_hash
from inspect_api.domain.history import EventBody, plain_hazard
from inspect_api.store import clocks
from inspect_api.store.hazard_events import HAZARD_EVENT
from inspect_api.store.hazards import state_of
from inspect_api.store.schema import AnyRow
from tests.simulation.places import BY_ID
from tests.simulation.violation import Violation

_OPEN = ("reported", "plan_due", "plan_review", "rectifying", "verifying", "review")
_MOVES: dict[str, set[tuple[str | None, str]]] = {
    "hazard.opened": {(None, to) for to in ("rectifying", "plan_due", "reported", "verifying", "closed")},
    "hazard.reported": {(None, "reported")},
    "hazard.confirm": {("reported", "rectifying"), ("reported", "plan_due")},
    "hazard.dismiss": {(status, "dismissed") for status in _OPEN},
    "hazard.submit_plan": {("plan_due", "plan_review")},
    "hazard.decide_plan": {("plan_review", "rectifying"), ("plan_review", "plan_due")},
    "hazard.submit_rectification": {("rectifying", "verifying")},
    "hazard.accept": {("verifying", "closed")},
    "hazard.verify": {("verifying", "closed"), ("verifying", "review"), ("verifying", "rectifying")},
    "hazard.close": {("review", "closed")},
    "hazard.reopen": {("closed", "rectifying"), ("dismissed", "reported")},
    "hazard.fixed_on_site": {("verifying", "closed")},
}
_ROLES = {
    "hazard.confirm": {"regulator", "officer"},
    "hazard.dismiss": {"regulator", "officer"},
    "hazard.submit_plan": {"enterprise"},
    "hazard.decide_plan": {"regulator"},
    "hazard.submit_rectification": {"enterprise"},
    "hazard.accept": {"enterprise"},
    "hazard.verify": {"officer", "inspector"},
    "hazard.close": {"regulator"},
    "hazard.reopen": {"regulator"},
}
FOLLOWING = frozenset(
    {"hazard.late_evidence_asked", "hazard.late_evidence_refused", "hazard.steps_retracted"}
)
"""What an operation may cause beside its own entry, one for each clock that it speaks of."""

_RUNGS_BELOW = {1: (0,), 2: (0, 1), 3: (2,), 4: (3,), 5: (3, 4), 6: (5,), 7: (5, 6)}
"""Steps of escalation, and after which they may come; not every ladder has the fourth and the sixth."""

_NOT_BY = {
    "hazard.accept": ("rectified_by",),
    "hazard.verify": ("rectified_by",),
    "hazard.close": ("rectified_by", "verified_by"),
}


@dataclass
class _Told:
    """A hazard as far as its history has been read."""

    row: AnyRow | None = None
    n: int = 0
    head: bytes = START
    fields: dict[str, Any] = field(default_factory=dict)
    clocks: dict[tuple[str, int], dict[str, Any]] = field(default_factory=dict)
    steps: dict[tuple[str, int], int] = field(default_factory=dict)


class Histories:
    """Reads on in every history and compares it with the rows; `by_operation` counts what each has caused."""

    def __init__(self) -> None:
        self._told: dict[UUID, _Told] = {}
        self.by_operation: dict[UUID, list[tuple[UUID, str, int]]] = {}

    def look(self, tx: sa.Connection, rows: dict[UUID, AnyRow]) -> None:
        """Raises Violation."""
        if gone := self._told.keys() - rows.keys():
            raise Violation(f"hazards have gone: {sorted(map(str, gone))}")
        moved = [row for row in rows.values() if getattr(self._told.get(row.id), "row", None) != row]
        if not moved:
            return
        found = clocks.of_hazards(tx, (row.id for row in moved))
        for row in moved:
            told = self._told.setdefault(row.id, _Told())
            self._read_on(tx, row, told)
            told.row = row
            self._compare(row, told, [clock for _, clock in found.get(row.id, [])])

    def caused_by(self, filed_id: UUID) -> list[tuple[UUID, str]]:
        """Hazards and kinds of the entries that an operation stands for itself."""
        entries = self.by_operation.get(filed_id, [])
        return [(hazard, kind) for hazard, kind, _ in entries if kind not in FOLLOWING]

    def _read_on(self, tx: sa.Connection, row: AnyRow, told: _Told) -> None:
        query = sa.select(HAZARD_EVENT).where(HAZARD_EVENT.c.hazard_id == row.id, HAZARD_EVENT.c.n > told.n)
        for event in tx.execute(query.order_by(HAZARD_EVENT.c.n)):
            args = (event.hazard_id, told.n + 1, told.head, event.kind, event.op_hash, event.event, event.at)
            computed = entry_hash(*args, event.actor)
            if (event.n, event.prev_hash, event.hash) != (told.n + 1, told.head, computed):
                raise Violation(f"{row.number}: its chain is broken at entry {event.n} {event.kind}")
            told.n, told.head = event.n, event.hash
            self._take(event, msgspec.json.decode(event.event, type=EventBody), told)
        if (row.events, row.head) != (told.n, told.head):
            raise Violation(f"{row.number}: its row says {row.events} entries, its history has {told.n}")

    def _take(self, event: AnyRow, body: EventBody, told: _Told) -> None:
        before, after = told.fields.get("status"), body.set.get("status")
        if after is not None and (before, after) not in _MOVES.get(event.kind, set()):
            raise Violation(f"{event.hazard_id}: {event.kind} from {before} to {after}")
        _check_actor(event, told.fields)
        if event.kind == "hazard.opened" and after == "closed" and body.set["grade"] != "general":
            raise Violation(f"{event.hazard_id}: a major hazard was closed on the spot")
        if event.kind == "hazard.escalated":
            _check_step(event.hazard_id, body, told)
        if event.op_id is not None:
            caused = self.by_operation.setdefault(event.op_id, [])
            if event.kind not in FOLLOWING and any(
                (hazard, kind) == (event.hazard_id, event.kind) for hazard, kind, _ in caused
            ):
                raise Violation(f"{event.op_id}: two entries {event.kind} of one operation")
            caused.append((event.hazard_id, event.kind, event.n))
        told.fields.update(body.set)
        told.clocks.update({(clock["kind"], clock["cycle"]): clock for clock in body.clocks})

    def _compare(self, row: AnyRow, told: _Told, running: list[Any]) -> None:
        stands = plain_hazard(state_of(row))
        if stands != told.fields:
            pairs = {name: (stands[name], told.fields.get(name)) for name in stands}
            wrong = {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}
            raise Violation(f"{row.number}: its row differs from its history: {wrong}")
        plain = {(clock.kind, clock.cycle): msgspec.to_builtins(clock) for clock in running}
        if plain != told.clocks:
            raise Violation(f"{row.number}: its clocks differ from its history")


def _check_step(hazard_id: UUID, body: EventBody, told: _Told) -> None:
    """A ladder is climbed rung by rung, each of them once; only the reminder may be too late to be sent."""
    clock, step = (str(body.why["clock"]), int(body.why["cycle"])), int(body.why["step"])
    before = told.steps.get(clock, 0)
    if before >= step:
        raise Violation(f"{hazard_id}: step {step} of {clock} was taken twice")
    if before not in _RUNGS_BELOW[step]:
        raise Violation(f"{hazard_id}: step {step} of {clock} was taken right after step {before}")
    told.steps[clock] = step


def _check_actor(event: AnyRow, before: dict[str, Any]) -> None:
    roles = _ROLES.get(event.kind)
    if roles is not None and BY_ID[UUID(event.actor)].role not in roles:
        raise Violation(f"{event.hazard_id}: {event.kind} by {BY_ID[UUID(event.actor)].username}")
    for who in _NOT_BY.get(event.kind, ()):
        if before.get(who) == event.actor:
            raise Violation(f"{event.hazard_id}: {event.kind} by the person in {who}")
