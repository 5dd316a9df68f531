"""After every step: looks at all that stands in the database and compares it with all that was promised."""

import re
from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

import msgspec
import sqlalchemy as sa

from inspect_api.store.schema import AnyRow
from sync.commands import COMMANDS
from sync.envelope import Outcome, PushAnswer
from tests.simulation.door import Answer, Request
from tests.simulation.filing import Filing
from tests.simulation.history import Histories
from tests.simulation.picture import Picture, take_picture
from tests.simulation.violation import Violation

_NAME = re.compile(rb'"([0-9a-f]{64})"')


class Audit:
    """One for a run; it forgets nothing."""

    def __init__(self) -> None:
        self.filing = Filing()
        self.histories = Histories()
        self._stored: set[str] = set()
        self._named: dict[UUID, set[str]] = {}
        self.given_up: set[str] = set()
        """Photos that were stored before a restore, so that no phone has them any more."""

    def start_again(self) -> None:
        """The server was restored: what stood there counts no more; what phones were promised is owed."""
        self.filing = self.filing.after_restore()
        self.histories = Histories()
        self.given_up |= self._stored
        self._stored, self._named = set(), {}

    def note_answer(self, request: Request, answer: Answer) -> None:
        """An answer has reached a phone: from now on it can be held against the server."""
        if answer.status >= 500 and answer.status != 503:
            raise Violation(f"{request.method} {request.path}: {answer.status} {answer.content[:300]!r}")
        if request.method == "PUT" and answer.status in (200, 201):
            self._stored.add(request.path.rpartition("/")[2])
        if answer.status == 200 and request.path.endswith(("/sync/push", "/sync/deposit")):
            for outcome in msgspec.json.decode(answer.content, type=PushAnswer).outcomes:
                self.filing.note(outcome, is_kept=True)
        if answer.status in (200, 409) and request.path.endswith("/commands"):
            self._note_command(answer)

    def _note_command(self, answer: Answer) -> None:
        try:
            self.filing.note(msgspec.json.decode(answer.content, type=Outcome), is_kept=False)
        except msgspec.ValidationError:
            return  # a problem

    def look(self, tx: sa.Connection, at: datetime) -> Picture:
        """Raises Violation for the first promise that does not hold."""
        now = take_picture(tx)
        changed = self.filing.look(now, at)
        self.histories.look(tx, now.hazards)
        for row in changed:
            if row.code == "applied":
                self._check_effect(row, now)
            if row.code == "conflict":
                self._check_conflict(row)
        self._check_order(changed, now.operations.values())
        self._check_photos(now)
        return now

    def _check_effect(self, row: AnyRow, now: Picture) -> None:
        """An operation is applied: there is exactly what it says, once."""
        caused = self.histories.caused_by(row.filed_id)
        if row.kind in COMMANDS and caused != [(row.entity_id, row.kind)]:
            raise Violation(f"{row.filed_id}: {row.kind} is applied, its hazard's history has {caused}")
        if row.kind == "hazard.report" and caused != [(row.entity_id, "hazard.reported")]:
            raise Violation(f"{row.filed_id}: reported, and no such hazard")
        if row.kind == "inspection.submit" and now.inspections.get(row.filed_id) != [row.entity_id]:
            raise Violation(f"{row.filed_id}: inspections {now.inspections.get(row.filed_id)}")
        if row.kind == "site.register" and row.entity_id not in now.sites:
            raise Violation(f"{row.filed_id}: registered, and there is no such site")
        self._named[row.filed_id] = {name.decode() for name in _NAME.findall(row.raw)}

    def _check_conflict(self, row: AnyRow) -> None:
        """Who came too late is in the hazard's history all the same, with what he brought."""
        caused = self.histories.caused_by(row.filed_id)
        if not caused and self.filing.stands_on_nothing(row):
            return
        if caused != [(row.entity_id, "hazard.conflict")]:
            raise Violation(f"{row.filed_id}: {row.kind} is a conflict, its hazard's history has {caused}")
        self._named[row.filed_id] = {name.decode() for name in _NAME.findall(row.raw)}

    def _check_order(self, changed: Iterable[AnyRow], operations: Iterable[AnyRow]) -> None:
        """Operations of a batch on one hazard apply by `seq`; what they depend on may only put them back."""
        touched = {(row.device_id, row.batch_id) for row in changed}
        entries: dict[tuple[UUID, UUID, UUID], list[tuple[int, int, bool]]] = {}
        for row in operations:
            op = self.filing.read(row)
            if (row.device_id, row.batch_id) not in touched or row.rev > 1 or op is None:
                continue
            for hazard, _, n in self.histories.by_operation.get(row.filed_id, []):
                key = (row.device_id, row.batch_id, hazard)
                entries.setdefault(key, []).append((n, row.seq, bool(op.depends_on)))
        for (_, _, hazard), found in entries.items():
            for n, seq, depends in found:
                if not depends and any(other > seq and earlier < n for earlier, other, _ in found):
                    raise Violation(f"{hazard}: operation {seq} of a batch came after a later one")

    def _check_photos(self, now: Picture) -> None:
        if unstored := self._stored - now.blobs:
            raise Violation(f"acknowledged photos are not stored: {sorted(unstored)}")
        pending: Counter[UUID] = Counter()
        rows: dict[UUID, set[str]] = {}
        unproved: set[UUID] = set()
        for photo in now.photos:
            rows.setdefault(photo.op_id, set()).add(photo.sha256)
            if photo.is_present and photo.sha256 not in now.blobs:
                raise Violation(f"photo {photo.sha256} is present without its bytes")
            if not photo.is_present:
                if (photo.sha256, photo.account_id) in now.uploads:
                    raise Violation(f"photo {photo.sha256} was handed in, and is still awaited")
                if photo.hazard_id is not None:
                    pending[photo.hazard_id] += 1
                    if photo.purpose == "fixed":
                        unproved.add(photo.hazard_id)
        for hazard in now.hazards.values():
            if hazard.evidence_pending != pending[hazard.id]:
                raise Violation(
                    f"{hazard.number}: {hazard.evidence_pending} photos awaited, {pending[hazard.id]}"
                )
        self._check_fixed(now, unproved)
        for filed_id, names in self._named.items():
            if lost := names - rows.get(filed_id, set()):
                raise Violation(f"{filed_id}: photos named and not kept: {sorted(lost)}")

    def _check_fixed(self, now: Picture, unproved: set[UUID]) -> None:
        """What was closed on the spot, and by nobody since, has its photo."""
        proofs = {photo.hazard_id for photo in now.photos if photo.purpose == "fixed"}
        for hazard in now.hazards.values():
            on_spot = hazard.status == "closed" and hazard.verified_by is None and hazard.cycle == 1
            if on_spot and (hazard.id in unproved or hazard.id not in proofs):
                raise Violation(f"{hazard.number}: closed on the spot without its photo")
