"""A phone asks what has changed in its scope since it last asked."""

from collections.abc import Callable, Iterable, Mapping
from typing import Literal, NamedTuple
from uuid import UUID

import msgspec

from inspect_api.actions import entities
from inspect_api.actions.list_tasks import tasks_by_ids
from inspect_api.actions.quarantine import outcomes_by_ids
from inspect_api.actions.receive_push import Here, check_device, check_epoch, unsupported_protocol
from inspect_api.actions.reference import checklists_by_ids
from inspect_api.actions.streams import Standing, standing_of
from inspect_api.actions.work import Work
from inspect_api.domain.access import Caller
from inspect_api.errors import Code, Refusal
from inspect_api.store import feed, tasks
from sync.cursor import CursorInvalid, EpochChanged, decode_cursor, encode_cursor
from sync.envelope import Change, Outcome, Pull, PullAnswer, StreamChanges
from sync.limits import PROTOCOL

_LOADERS: dict[str, Callable[[Work, Iterable[UUID]], Mapping[UUID, object]]] = {
    "site": entities.sites_by_ids,
    "enterprise": entities.enterprises_by_ids,
    "inspection": entities.inspections_by_ids,
    "hazard": entities.hazards_by_ids,
    "photo": entities.photos_by_ids,
    "notice": entities.notices_by_ids,
    "task": tasks_by_ids,
    "calendar": entities.calendars_by_ids,
    "checklist": checklists_by_ids,
    "outcome": outcomes_by_ids,
}


class Pulled(NamedTuple):
    """The answer, and the notices in it that had not been delivered before."""

    answer: PullAnswer
    undelivered: list[UUID]


def pull_changes(work: Work, pull: Pull, here: Here) -> Pulled:
    """Changes after the cursor, or the present state without one. All from one snapshot.

    First a `leave` for what came by streams that the account has lost and that none of its streams carries,
    then what is new in those that it holds. What it may not see is left out, and reading goes on behind it.
    Before all of it the phone drops what the streams in `reset` brought.
    """
    check_device(work, pull.device_id)
    if not PROTOCOL.min <= pull.protocol <= PROTOCOL.max:
        raise unsupported_protocol()
    check_epoch(work, here)
    standing = standing_of(work, pull.device_id, _positions(work, pull.cursor, here))
    lost = feed.read(work.tx, standing.streams, standing.leaving, pull.limit)
    room = pull.limit - len(lost)
    entries = feed.read(work.tx, standing.streams, standing.held, room + 1)
    page = entries[:room]
    changes = _changes(work, standing, *_own(work, lost, page))
    for entry in lost:
        standing.leaving[entry.stream] = entry.seq
    if room:
        standing.leaving.clear()
    for entry in page:
        standing.held[entry.stream] = entry.seq
    answer = PullAnswer(
        changes=changes,
        cursor=encode_cursor(here.epoch, work.who.id, standing.positions()),
        more=not room or len(entries) > room,
        epoch=here.epoch,
        server_time=work.now,
        streams=StreamChanges(
            added=sorted(standing.added),
            removed=sorted(standing.removed),
            reset=sorted(standing.reset) or msgspec.UNSET,
        ),
    )
    return Pulled(answer, _undelivered(changes))


def is_first(here: Here, who: Caller | None, cursor: str | None) -> bool:
    """Whether a pull from this cursor reads a stream for the first time, which costs as much as it holds."""
    if cursor is None or who is None:
        return True
    try:
        positions = decode_cursor(cursor, here.epoch, who.id).positions
    except (EpochChanged, CursorInvalid):
        return False
    return any(name.startswith("+") for name in positions)


def _positions(work: Work, cursor: str | None, here: Here) -> dict[str, int]:
    if cursor is None:
        return {}
    try:
        return decode_cursor(cursor, here.epoch, work.who.id).positions
    except EpochChanged:
        raise Refusal(Code.EPOCH_CHANGED, pointer="/cursor") from None
    except CursorInvalid:
        raise Refusal(Code.CURSOR_INVALID, pointer="/cursor") from None


def _own(
    work: Work, lost: list[feed.Entry], page: list[feed.Entry]
) -> tuple[list[feed.Entry], list[feed.Entry]]:
    """Without the tasks of others that leave: the stream of a grid carries them for their assignees only."""
    leaving = [*lost, *(entry for entry in page if entry.kind == "leave")]
    ids = {entry.entity_id for entry in leaving if entry.entity == "task"}
    if not ids:
        return lost, page
    others = {("task", task_id) for task_id in tasks.of_others(work.tx, ids, work.who.id)}
    lost = [entry for entry in lost if _key(entry) not in others]
    return lost, [entry for entry in page if _key(entry) not in others]


def _changes(work: Work, standing: Standing, lost: list[feed.Entry], page: list[feed.Entry]) -> list[Change]:
    """What a page tells. An entity leaves only where no stream that is held still carries it.

    Of a stream that began anew the phone has dropped what others carry too: that is told as theirs.
    """
    again = standing.again
    left = [e for e in page if e.kind == "leave" and (standing.had(e) or e.stream in again)]
    doubtful = {_key(entry) for entry in (*lost, *left)}
    carriers = feed.carriers(work.tx, standing.held, doubtful)
    shown = _shown(work, carriers.keys() | {_key(entry) for entry in page if entry.kind == "put"})
    elsewhere = {key: name for key, name in carriers.items() if key in shown}
    changes: list[Change] = []
    for key, entry in {_key(entry): entry for entry in lost}.items():
        if key not in elsewhere:
            changes.append(_change(entry, "leave"))
        elif entry.stream in again:
            changes.append(_change(entry._replace(stream=elsewhere[key]), "put", shown[key]))
    for entry in page:
        key = _key(entry)
        if entry.kind == "put" and key in shown:
            changes.append(_change(entry, "put", shown[key]))
        elif entry.kind == "remove":
            changes.append(_change(entry, "remove"))
        elif entry.kind == "put":
            if (
                standing.had(entry) and entry.stream in standing.marks
            ):  # in a village that is not the caller's
                changes.append(_change(entry, "leave"))
        elif key not in elsewhere:
            if standing.had(entry) or entry.stream in again:
                changes.append(_change(entry, "leave"))
        elif entry.stream in again and not standing.had(entry):
            changes.append(_change(entry._replace(stream=elsewhere[key]), "put", shown[key]))
    return changes


def _key(entry: feed.Entry) -> tuple[str, UUID]:
    return entry.entity, entry.entity_id


def _shown(work: Work, keys: Iterable[tuple[str, UUID]]) -> dict[tuple[str, UUID], object]:
    """Those of the entities that the caller may see."""
    ids: dict[str, set[UUID]] = {}
    for entity, entity_id in keys:
        ids.setdefault(entity, set()).add(entity_id)
    found = {entity: _LOADERS[entity](work, wanted) for entity, wanted in ids.items()}
    return {(entity, entity_id): data for entity in found for entity_id, data in found[entity].items()}


def _change(
    entry: feed.Entry, kind: Literal["put", "remove", "leave"], data: object = msgspec.UNSET
) -> Change:
    return Change(
        stream=entry.stream,
        seq=entry.seq,
        entity=entry.entity,
        id=str(entry.entity_id),
        rev=_rev(data, entry),
        kind=kind,
        data=data,
    )


def _rev(found: object, entry: feed.Entry) -> int:
    """Of the data that goes with it; an outcome's own field tells of what was acted upon."""
    rev: int = entry.rev if isinstance(found, Outcome) else getattr(found, "rev", entry.rev)
    return rev


def _undelivered(changes: list[Change]) -> list[UUID]:
    return [
        UUID(change.id)
        for change in changes
        if change.entity == "notice" and getattr(change.data, "delivered_at", "") is None
    ]
