"""What every phone holds alike: checklists and the working-day calendar, published when they change."""

import hashlib
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID, uuid5

import msgspec

from checklists.catalog import Entry
from inspect_api.actions import shelf
from inspect_api.actions.entities import calendars
from inspect_api.actions.work import Work
from inspect_api.domain.calendar import civil_date
from inspect_api.store import instance

_CHECKLIST = UUID("6a4b7b0e-8c5f-5d52-9f5c-3a1f6a4f5c10")
_PREFIX = "reference:"
_TOLD = "reference_told"


def checklist_id(code: str, version: str) -> UUID:
    """The id of a checklist version in pulls: version 5 of `code@version`."""
    return uuid5(_CHECKLIST, f"{code}@{version}")


def checklist_wire(entry: Entry, work: Work) -> dict[str, Any]:
    """A checklist version as queries and pulls show it, with its status today and its last day."""
    wire = {**_decoded(entry.wire), "status": entry.status(civil_date(work.now))}
    if entry.live_to is not None:
        wire["effective_to"] = entry.live_to
    return wire


def checklist_state(entry: Entry, work: Work) -> str:
    """What of a version may change beside its content, in a word: its status with the days, its last day."""
    return f"{entry.status(civil_date(work.now))}-{entry.live_to or 'open'}"


@lru_cache(maxsize=256)
def _decoded(raw: bytes) -> dict[str, Any]:
    wire: dict[str, Any] = msgspec.json.decode(raw)
    return wire


def checklists_by_ids(work: Work, ids: Iterable[UUID]) -> Mapping[UUID, object]:
    """The checklist versions with these ids, drafts only for who is to try them."""
    seen = shelf.current(work.tx).seen_by(work.who.device_id)
    found = {checklist_id(e.checklist.code, e.checklist.version): e for e in seen}
    return {entity_id: checklist_wire(found[entity_id], work) for entity_id in set(ids) & set(found)}


def publish_reference(work: Work) -> int:
    """Tell the feed what has changed since it was last told; how many things that were."""
    # a lock: two who publish at once would count one rev twice
    instance.put_new(work.tx, _TOLD, "")
    known = instance.starting_with(work.tx, _PREFIX)
    told = 0
    for thing in _things(work):
        rev, _, last = known.get(f"{_PREFIX}{thing.entity_id}", "0 ").partition(" ")
        if last != thing.digest:
            new_rev = thing.rev or int(rev) + 1
            instance.put(work.tx, f"{_PREFIX}{thing.entity_id}", f"{new_rev} {thing.digest}")
            for stream in thing.streams:
                work.changed_for(stream, thing.entity, thing.entity_id, new_rev)
            told += 1
    return told


def is_told(work: Work) -> bool:
    """Whether this day, with the checklists that there are now, was seen to by the worker."""
    return instance.get(work.tx, _TOLD) == _day_and_lists(work)


def note_told(work: Work) -> None:
    """The worker has seen to this day."""
    instance.put(work.tx, _TOLD, _day_and_lists(work))


def published_ids(work: Work) -> list[UUID]:
    """The ids of all published checklist versions."""
    published = shelf.current(work.tx).published()
    return [checklist_id(entry.checklist.code, entry.checklist.version) for entry in published]


def _day_and_lists(work: Work) -> str:
    digests = "".join(entry.digest for entry in shelf.current(work.tx).published())
    return f"{civil_date(work.now)} {hashlib.sha256(digests.encode()).hexdigest()}"


def withdraw_draft(work: Work, code: str, version: str, devices: Iterable[str]) -> None:
    """Let devices forget a draft that they are no longer to try: it stays with who holds it otherwise."""
    entity_id = checklist_id(code, version)
    rev = (instance.get(work.tx, f"{_PREFIX}{entity_id}") or "1").partition(" ")[0]
    work.left("checklist", entity_id, int(rev), [f"device:{device}" for device in sorted(devices)])


class _Thing(NamedTuple):
    streams: tuple[str, ...]
    entity: str
    entity_id: UUID
    digest: str
    rev: int | None = None
    """The entity's own, where it counts its changes itself."""


def _things(work: Work) -> Iterable[_Thing]:
    on_the_shelf = shelf.current(work.tx)
    for entry in on_the_shelf.published():
        yield _checklist(("reference",), entry, checklist_state(entry, work))
    for entry, devices in on_the_shelf.trials():
        streams = tuple(sorted(f"device:{device}" for device in devices))
        yield _checklist(streams, entry, hashlib.sha256("".join(streams).encode()).hexdigest())
    for calendar in calendars(work):
        yield _Thing(("reference",), "calendar", calendar.id, calendar.version, calendar.rev)


def _checklist(streams: tuple[str, ...], entry: Entry, state: str) -> _Thing:
    entity_id = checklist_id(entry.checklist.code, entry.checklist.version)
    return _Thing(streams, "checklist", entity_id, f"{entry.digest} {state}")
