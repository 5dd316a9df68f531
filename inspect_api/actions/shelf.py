"""The one place where a checklist version is found: the built-in library and what was published here.

What is stored is read again only when its mark in `instance` has changed, so that a push pays one look.
"""

from collections.abc import Mapping
from typing import NamedTuple
from uuid import UUID

import sqlalchemy as sa
import structlog
from msgspec.structs import replace

from checklists import catalog
from checklists.catalog import Entry, arrange, file_name
from checklists.criteria import Criteria
from checklists.document import InvalidData
from checklists.loading import Library, load_checklist
from checklists.model import Checklist
from inspect_api.store import checklist_versions
from inspect_api.store.schema import AnyRow

_log = structlog.get_logger("inspect_api.checklists")
_KEPT = 8

Key = tuple[str, str]
"""Code and version."""


class Trial(NamedTuple):
    """A draft, and the devices that may try it."""

    entry: Entry
    devices: frozenset[UUID]


class Shelf:
    """Every version that there is. Nothing of it changes."""

    def __init__(self, published: Mapping[Key, Entry], trials: Mapping[Key, Trial]) -> None:
        self._published, self._trials = published, trials
        self.criteria: Criteria = catalog.criteria()

    def get(self, code: str, version: str, device_id: UUID | None) -> Entry | None:
        """A version that this device may use: any that is published, and a draft that it is to try."""
        entry = self._published.get((code, version))
        trial = self._trials.get((code, version))
        return trial.entry if entry is None and trial is not None and device_id in trial.devices else entry

    def find(self, code: str, version: str) -> Entry | None:
        """A version, or a draft whoever is to try it."""
        trial = self._trials.get((code, version))
        return self._published.get((code, version)) or (trial.entry if trial is not None else None)

    def seen_by(self, device_id: UUID | None) -> list[Entry]:
        """Every version that this device may use, by code and then by first day."""
        tried = [trial.entry for trial in self._trials.values() if device_id in trial.devices]
        return sorted([*self._published.values(), *tried], key=_order)

    def published(self) -> list[Entry]:
        """Every published version, by code and then by first day."""
        return sorted(self._published.values(), key=_order)

    def trials(self) -> list[Trial]:
        """Every draft."""
        return list(self._trials.values())


def current(tx: sa.Connection) -> Shelf:
    """The shelf as it stands in this transaction."""
    mark = checklist_versions.mark(tx)
    shelf = _shelves.get(mark)
    if shelf is None:
        rows = checklist_versions.every(tx)
        shelf = _fill(rows)
        while len(_shelves) >= _KEPT:
            _shelves.pop(next(iter(_shelves)), None)
        # what was read may be newer than the mark that was read before
        _shelves[checklist_versions.mark_of(rows)] = shelf
    return shelf


_shelves: dict[str, Shelf] = {}


def read_stored(row: AnyRow) -> Checklist | None:
    """A stored version with the first day that it was published with; None when it is no longer right.

    A stricter release must not keep the server from starting: what was made with the version is
    quarantined as unknown meanwhile, and nothing is lost.
    """
    try:
        checklist = load_checklist(row.content.decode(), stored_name(row))
    except (InvalidData, UnicodeDecodeError) as error:
        _log.error("stored_checklist_unusable", code=row.code, version=row.version, why=str(error)[:500])
        return None
    if row.live_from is None:
        return replace(checklist, effective_from=None, effective_to=None)
    return replace(checklist, effective_from=row.live_from)


def stored_name(row: AnyRow) -> str:
    """What mistakes call the file of a stored version."""
    return f"published/{file_name(row.code, row.version)}"


def _fill(rows: list[AnyRow]) -> Shelf:
    """Families with a stored version are arranged anew, the others are as they were built in.

    Where a release brings a version that was published here before, the one that phones have used stays;
    a draft makes way.
    """
    built_in = {(entry.checklist.code, entry.checklist.version): entry for entry in catalog.entries()}
    devices: dict[Key, frozenset[UUID]] = {}
    stored: dict[Key, Checklist] = {}
    for row in rows:
        key = row.code, row.version
        if key in built_in:
            _log.warning("checklist_also_built_in", code=row.code, version=row.version, state=row.state)
        if row.state == "draft" and key in built_in:
            continue
        checklist = read_stored(row)
        if checklist is None:
            continue
        stored[key] = checklist
        if row.state == "draft":
            devices[key] = frozenset(UUID(device) for device in row.devices)
    families = {code for code, _ in stored}
    kept = {key: entry.checklist for key, entry in built_in.items() if key[0] in families}
    entries = {**built_in, **arrange(Library({**kept, **stored}, catalog.criteria()))}
    trials = {key: Trial(entries[key], tried_on) for key, tried_on in devices.items()}
    return Shelf({key: entry for key, entry in entries.items() if key not in trials}, trials)


def _order(entry: Entry) -> tuple[str, str, str]:
    return entry.checklist.code, str(entry.live_from), entry.checklist.version
