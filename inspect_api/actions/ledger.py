"""The hazards that a unit of work touches: loaded once, changed by rules, written back in one go.

Every change is recorded as an entry of the hazard's hash chain, which holds all of its effects; the
row is the projection of those entries.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec.structs import asdict

from inspect_api.actions.work import Work
from inspect_api.clock import new_id
from inspect_api.domain.chain import START, entry_hash
from inspect_api.domain.clocks import ClockState, HazardFile
from inspect_api.domain.hazard import HazardState
from inspect_api.domain.history import EventBody, Snapshot, event_bytes
from inspect_api.store import clocks, hazard_events, hazards, past_hazards, search_index, tallies
from inspect_api.store.schema import AnyRow


@dataclass
class Cause:
    """Who or what did it: an account's id or `system`, and the operation with its digest if there was one."""

    actor: str
    op_id: UUID | None = None
    op_hash: bytes | None = None


@dataclass
class Tracked:
    """A hazard file with what the row keeps beside the state."""

    file: HazardFile
    seen: Snapshot
    clock_ids: dict[tuple[str, int], UUID]
    events: int
    head: bytes
    evidence_pending: int
    since: datetime
    is_new: bool
    stored: frozenset[tuple[str, int]] = frozenset()
    is_changed: bool = False


class Ledger:
    """Hazards by id, for one unit of work."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._tracked: dict[UUID, Tracked] = {}
        self._events: list[dict[str, object]] = []

    def load(self, ids: Iterable[UUID]) -> None:
        """Lock and load those of the hazards that exist and are not loaded yet."""
        wanted = [hazard_id for hazard_id in ids if hazard_id not in self._tracked]
        self.track(hazards.load(self._work.tx, wanted, lock=True))

    def track(self, rows: list[AnyRow]) -> None:
        """Take up rows that were locked already."""
        found = clocks.of_hazards(self._work.tx, (row.id for row in rows))
        for row in rows:
            pairs = found.get(row.id, [])
            file = HazardFile(hazards.state_of(row), (clock for _, clock in pairs))
            ids = {(clock.kind, clock.cycle): clock_id for clock_id, clock in pairs}
            self._tracked[row.id] = Tracked(
                file,
                Snapshot(file),
                ids,
                row.events,
                row.head,
                row.evidence_pending,
                row.updated_at,
                is_new=False,
                stored=frozenset(ids),
            )

    def get(self, hazard_id: UUID) -> HazardFile | None:
        tracked = self._tracked.get(hazard_id)
        return tracked.file if tracked else None

    def open(self, state: HazardState) -> HazardFile:
        """Begin a new hazard; its first entry is the next one recorded."""
        file = HazardFile(state)
        self._tracked[state.id] = Tracked(file, Snapshot(None), {}, 0, START, 0, self._work.now, is_new=True)
        return file

    def opened(self) -> set[UUID]:
        """Hazards that did not exist before this unit of work."""
        return {hazard_id for hazard_id, tracked in self._tracked.items() if tracked.is_new}

    def sites(self) -> set[UUID]:
        """The sites of the hazards."""
        found = (tracked.file.hazard.site_id for tracked in self._tracked.values())
        return {site_id for site_id in found if site_id is not None}

    def add_pending(self, hazard_id: UUID, count: int) -> None:
        """Photos that are named as its evidence and not stored yet; negative when they have come."""
        tracked = self._tracked[hazard_id]
        tracked.evidence_pending += count
        tracked.is_changed = True

    def clock_id(self, hazard_id: UUID, clock: ClockState) -> UUID:
        """The id of a clock's row, given when it is first asked for."""
        return self._tracked[hazard_id].clock_ids.setdefault((clock.kind, clock.cycle), new_id())

    def record(
        self, hazard_id: UUID, kind: str, cause: Cause, why: dict[str, Any] | None = None
    ) -> EventBody:
        """Append an entry with all effects since the last one; the hazard's rev grows when it has any."""
        tracked = self._tracked[hazard_id]
        hazard = tracked.file.hazard
        body = tracked.seen.changes(tracked.file)
        if tracked.events and (body.set or body.clocks):
            hazard.rev += 1
            body.set["rev"] = hazard.rev
            if cause.op_id is not None:
                hazard.acted_rev = body.set["acted_rev"] = hazard.rev
        body.why = why or {}
        raw, n = event_bytes(body), tracked.events + 1
        digest = entry_hash(hazard_id, n, tracked.head, kind, cause.op_hash, raw, self._work.now, cause.actor)
        self._events.append(
            {
                "hazard_id": hazard_id,
                "n": n,
                "kind": kind,
                "op_id": cause.op_id,
                "op_hash": cause.op_hash,
                "event": raw,
                "at": self._work.now,
                "actor": cause.actor,
                "prev_hash": tracked.head,
                "hash": digest,
            }
        )
        tracked.events, tracked.head, tracked.is_changed = n, digest, True
        tracked.seen.take_in(body)
        return body

    def write(self) -> None:
        """Write what has changed and what it was before, one statement a table, and tell the feed."""
        changed = [tracked for tracked in self._tracked.values() if tracked.is_changed]
        new = [t for t in changed if t.is_new]
        old = [t for t in changed if not t.is_new]
        if not changed:
            return
        tx, moment = self._work.tx, self._work.holds_from()
        past_hazards.keep(tx, (t.file.hazard.id for t in old), moment)
        hazards.add(tx, [_hazard_row(t, moment) for t in new])
        search_index.note(tx, (t.file.hazard.id for t in new))
        tallies.note(tx, (t.file.hazard.region_code for t in changed))
        hazards.change(tx, [_hazard_row(t, moment) for t in old])
        fresh, known = self._clock_rows(changed)
        clocks.add(tx, fresh)
        clocks.change(tx, known)
        hazard_events.add(tx, self._events)
        for tracked in changed:
            hazard = tracked.file.hazard
            self._work.changed("hazard", hazard.id, hazard.rev, hazard)

    def _clock_rows(self, changed: list[Tracked]) -> tuple[list[dict[str, object]], list[dict[str, object]]]:
        fresh: list[dict[str, object]] = []
        known: list[dict[str, object]] = []
        for tracked in changed:
            for clock in tracked.file.clocks:
                key = (clock.kind, clock.cycle)
                row: dict[str, object] = asdict(clock)
                row["id"] = tracked.clock_ids.setdefault(key, new_id())
                (known if key in tracked.stored else fresh).append(row)
        return fresh, known


def _hazard_row(tracked: Tracked, moment: datetime) -> dict[str, object]:
    hazard = tracked.file.hazard
    row: dict[str, object] = asdict(hazard)
    row["is_open"] = hazard.is_open
    row["evidence_pending"] = tracked.evidence_pending
    row["events"] = tracked.events
    row["head"] = tracked.head
    # a clock that was set back: a hazard is in one state at a time
    row["updated_at"] = moment if tracked.is_new else max(moment, tracked.since)
    return row
