"""A phone asks what has changed in its scope since it last asked."""

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple
from uuid import UUID

import msgspec

from inspect_api.actions import entities
from inspect_api.actions.receive_push import Here, check_device, check_protocol
from inspect_api.actions.reference import checklists_by_ids
from inspect_api.actions.work import Work
from inspect_api.domain.access import REGION_ROLES, Caller
from inspect_api.errors import Code, Refusal
from inspect_api.store import feed, regions
from sync.cursor import CursorInvalid, EpochChanged, decode_cursor, encode_cursor
from sync.envelope import Change, Pull, PullAnswer, StreamChanges
from sync.limits import LIMITS

_LOADERS: dict[str, Callable[[Work, Iterable[UUID]], Mapping[UUID, object]]] = {
    "site": entities.sites_by_ids,
    "enterprise": entities.enterprises_by_ids,
    "inspection": entities.inspections_by_ids,
    "hazard": entities.hazards_by_ids,
    "photo": entities.photos_by_ids,
    "notice": entities.notices_by_ids,
    "calendar": entities.calendars_by_ids,
    "checklist": checklists_by_ids,
}


class Pulled(NamedTuple):
    """The answer, and the notices in it that had not been delivered before."""

    answer: PullAnswer
    undelivered: list[UUID]


def pull_changes(work: Work, pull: Pull, here: Here) -> Pulled:
    """Changes after the cursor, or the present state without one. All from one snapshot.

    A cursor counts what was read of each stream; what a caller no longer may see is left out of what is
    read, and reading goes on behind it.
    """
    check_device(work, pull.device_id)
    check_protocol(pull.protocol)
    held = streams_of_caller(work, pull.device_id)
    before = _positions(work, pull.cursor, here)
    positions = {stream: before.get(stream, 0) for stream in held}
    entries = feed.read(work.tx, positions, pull.limit + 1)
    page = entries[: pull.limit]
    for entry in page:
        positions[entry.stream] = entry.seq
    changes = _with_data(work, page)
    answer = PullAnswer(
        changes=changes,
        cursor=encode_cursor(here.epoch, work.who.id, positions),
        more=len(entries) > pull.limit,
        epoch=here.epoch,
        server_time=work.now,
        streams=StreamChanges(added=sorted(set(held) - set(before)), removed=sorted(set(before) - set(held))),
    )
    return Pulled(answer, _undelivered(changes))


def streams_of_caller(work: Work, device_id: UUID) -> list[str]:
    """The streams that this account holds. Raises Refusal(SCOPE_TOO_WIDE) beyond 512."""
    who = work.who
    streams = ["reference", f"user:{who.id}", f"device:{device_id}", *_places(work, who)]
    if len(streams) > LIMITS.streams:
        raise Refusal(Code.SCOPE_TOO_WIDE, f"More than {LIMITS.streams} streams")
    return streams


def _places(work: Work, who: Caller) -> list[str]:
    if who.role == "enterprise":
        return [f"enterprise:{who.enterprise_id}"]
    if who.role in ("inspector", "expert"):
        return [f"grid:{code}" for code in sorted(who.grids)]
    if who.role in REGION_ROLES:
        codes = regions.townships(work.tx, who.regions, who.excluded, LIMITS.streams + 1)
        return [f"township:{code}" for code in codes]
    return []


def _positions(work: Work, cursor: str | None, here: Here) -> dict[str, int]:
    if cursor is None:
        return {}
    try:
        return decode_cursor(cursor, here.epoch, work.who.id).positions
    except EpochChanged:
        raise Refusal(Code.EPOCH_CHANGED, pointer="/cursor") from None
    except CursorInvalid:
        raise Refusal(Code.CURSOR_INVALID, pointer="/cursor") from None


def _with_data(work: Work, page: list[feed.Entry]) -> list[Change]:
    ids: dict[str, set[UUID]] = {}
    for entry in page:
        if entry.kind == "put":
            ids.setdefault(entry.entity, set()).add(entry.entity_id)
    data = {entity: _LOADERS[entity](work, wanted) for entity, wanted in ids.items()}
    changes: list[Change] = []
    for entry in page:
        found = data.get(entry.entity, {}).get(entry.entity_id)
        if entry.kind == "put" and found is None:
            continue  # not this caller's to see
        changes.append(
            Change(
                stream=entry.stream,
                seq=entry.seq,
                entity=entry.entity,
                id=str(entry.entity_id),
                rev=getattr(found, "rev", entry.rev),
                kind=entry.kind,  # type: ignore[arg-type]  # the column's CHECK holds it to the three
                data=msgspec.UNSET if found is None else found,
            )
        )
    return changes


def _undelivered(changes: list[Change]) -> list[UUID]:
    return [
        UUID(change.id)
        for change in changes
        if change.entity == "notice" and getattr(change.data, "delivered_at", "") is None
    ]
