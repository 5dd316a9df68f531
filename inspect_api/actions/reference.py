"""What every phone holds alike: checklists and the working-day calendar, published when they change."""

import hashlib
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any
from uuid import UUID, uuid5

import msgspec

from checklists import catalog
from checklists.catalog import Entry
from inspect_api.actions.entities import calendar_id, calendars
from inspect_api.actions.work import Work
from inspect_api.domain.calendar import civil_date
from inspect_api.store import instance

_CHECKLIST = UUID("6a4b7b0e-8c5f-5d52-9f5c-3a1f6a4f5c10")


def checklist_id(code: str, version: str) -> UUID:
    """The id of a checklist version in pulls: version 5 of `code@version`."""
    return uuid5(_CHECKLIST, f"{code}@{version}")


def checklist_wire(entry: Entry, work: Work) -> dict[str, Any]:
    """A checklist version as queries and pulls show it, with its status today."""
    wire = dict(_decoded(entry.checklist.code, entry.checklist.version))
    wire["status"] = entry.status(civil_date(work.now))
    return wire


@cache
def _decoded(code: str, version: str) -> dict[str, Any]:
    entry = catalog.get(code, version)
    if entry is None:
        raise LookupError(code)
    wire: dict[str, Any] = msgspec.json.decode(entry.wire)
    return wire


def checklists_by_ids(work: Work, ids: Iterable[UUID]) -> Mapping[UUID, object]:
    """The checklist versions with these ids."""
    wanted = set(ids)
    found = {checklist_id(e.checklist.code, e.checklist.version): e for e in catalog.entries()}
    return {entity_id: checklist_wire(found[entity_id], work) for entity_id in wanted & set(found)}


def publish_reference(work: Work) -> int:
    """Tell the feed what has changed since it was last told; how many things that were."""
    known = instance.starting_with(work.tx, _PREFIX)
    told = 0
    for entity, entity_id, digest in _things(work):
        rev, _, last = known.get(f"{_PREFIX}{entity_id}", "0 ").partition(" ")
        if last != digest:
            new_rev = int(rev) + 1
            instance.put(work.tx, f"{_PREFIX}{entity_id}", f"{new_rev} {digest}")
            work.changed_for("reference", entity, entity_id, new_rev)
            told += 1
    return told


_PREFIX = "reference:"


def _things(work: Work) -> Iterable[tuple[str, UUID, str]]:
    today = civil_date(work.now)
    for entry in catalog.entries():
        code, version = entry.checklist.code, entry.checklist.version
        yield "checklist", checklist_id(code, version), f"{entry.digest} {entry.status(today)}"
    for calendar in calendars(work):
        digest = hashlib.sha256(msgspec.json.encode(calendar.days)).hexdigest()
        yield "calendar", calendar_id(calendar.year), digest
