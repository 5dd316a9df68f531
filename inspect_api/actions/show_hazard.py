"""One hazard with all that is known of it."""

from datetime import datetime
from uuid import UUID

import msgspec
from msgspec.structs import asdict

from inspect_api.actions.entities import hazard_of, person, photo_of
from inspect_api.actions.list_hazards import check_come
from inspect_api.actions.photo_doubts import doubts_of
from inspect_api.actions.work import Work
from inspect_api.domain.clocks import ClockState
from inspect_api.domain.history import EventBody, rebuild
from inspect_api.domain.lateness import Entry, days_by_reason, overdue_spans
from inspect_api.errors import Code, Refusal
from inspect_api.store import (
    account_queries,
    clocks,
    hazard_events,
    hazard_queries,
    history_queries,
    inspection_queries,
    photo_queries,
)
from inspect_api.store.schema import AnyRow
from sync.bodies import Answer, SubmitInspection
from sync.entities import (
    Extension,
    FindingNote,
    HazardDetail,
    Lateness,
    LateSpan,
    Plan,
    RunningClock,
    Source,
    Transfer,
)
from sync.photo import Photo

_HOLDS: tuple[object, ...] = ("pass", "na", [])
_submitted = msgspec.json.Decoder(SubmitInspection)


def show_hazard(work: Work, hazard_id: UUID, as_of: datetime | None = None) -> HazardDetail:
    """As it stands, or as it stood at a past moment with all that was known of it then.

    Raises Refusal: NOT_FOUND, alike for what does not exist, for what the caller may not see and for what was
    not known then; MALFORMED_QUERY for a moment that has not come.
    """
    check_come(as_of, work.now)
    row = hazard_row(work, hazard_id, as_of)
    named = photo_queries.of_hazard(work.tx, row.id, work.who, as_of)
    photos = [photo_of(photo, work.rules.photos) for photo in named]
    return HazardDetail(
        **asdict(hazard_of(row, work.who, as_of or work.now)),
        description=row.description,
        source=_source(work, row),
        findings=_findings(work, row, photos, as_of),
        photos=photos,
        doubts=doubts_of(work, row, named, photos, as_of),
        clocks=[_clock(clock) for clock in _clocks(work, row, as_of)],
        plan=None if row.plan is None else msgspec.convert(row.plan, Plan),
        extensions=msgspec.convert(row.extensions, list[Extension]),
        lateness=lateness_of(work, row, as_of),
        transfers=msgspec.convert(row.transfers, list[Transfer]),
        possible_duplicates=hazard_queries.possible_duplicates(work.tx, row, work.who, as_of),
        duplicate_of=row.duplicate_of,
        duplicates=hazard_queries.merged_into(work.tx, row.id, work.who, as_of),
    )


def lateness_of(work: Work, row: AnyRow, as_of: datetime | None = None) -> Lateness:
    """Whose each overdue day was, by the hazard's history so far."""
    entries = (
        Entry(event.kind, event.at, msgspec.json.decode(event.event, type=EventBody))
        for event in hazard_events.of_hazard(work.tx, row.id)[: row.events]
    )
    spans = overdue_spans(entries, as_of or work.now)
    counted = days_by_reason(spans)
    told = [LateSpan(reason=s.reason, first=s.first, last=s.last, days=s.days) for s in spans]
    return Lateness(days=sum(counted.values()), spans=told, **counted)


def hazard_row(work: Work, hazard_id: UUID, as_of: datetime | None = None) -> AnyRow:
    """A hazard that the caller may see, as it stands or stood. Raises Refusal(NOT_FOUND)."""
    row = hazard_queries.at_moment(work.tx, hazard_id, work.who, as_of)
    if row is None:
        raise Refusal(Code.NOT_FOUND)
    return row


def _clocks(work: Work, row: AnyRow, as_of: datetime | None) -> list[ClockState]:
    if as_of is None:
        return [clock for _, clock in clocks.of_hazards(work.tx, [row.id]).get(row.id, [])]
    _, told = rebuild(history_queries.first_entries(work.tx, row.id, row.events))
    known = [msgspec.convert(plain, ClockState) for plain in told.values()]
    return sorted(known, key=lambda clock: (clock.started_at, clock.kind, clock.cycle))


def _source(work: Work, row: AnyRow) -> Source:
    finder = account_queries.persons(work.tx, [row.found_by]).get(row.found_by)
    return Source(
        kind=row.source_kind,
        inspection_id=row.inspection_id,
        checklist=row.checklist,
        item=row.item,
        n=row.n,
        criterion=row.criterion,
        category=row.category,
        # the role that found it decided its order, whatever the account became since
        found_by=None if finder is None else person(finder.id, finder.name, row.found_role),
    )


def _findings(work: Work, row: AnyRow, photos: list[Photo], as_of: datetime | None) -> list[FindingNote]:
    """What was noted at the hazard's item, by the inspection that opened it and by those that amend it."""
    if row.inspection_id is None or row.item is None:
        names = list(dict.fromkeys(photo.sha256 for photo in photos))
        return [FindingNote(inspection_id=None, item=None, n=1, note=row.description, photos=names)]
    notes = []
    for inspection in inspection_queries.chain_of(work.tx, row.inspection_id, work.who, as_of):
        for answer in _submitted.decode(inspection.body).answers:
            note = _note(answer, inspection.id, row.n) if answer.item == row.item else None
            if note is not None:
                notes.append(note)
    return notes


def _note(answer: Answer, inspection_id: UUID, n: int) -> FindingNote | None:
    """The n-th finding at an item; an answer that lists none has one, unless it found nothing wrong."""
    note, photos = answer.note or "", answer.photos
    if answer.findings:
        own = next((finding for finding in answer.findings if finding.n == n), None)
        if own is None:
            return None
        note, photos = own.note, own.photos
    elif n != 1 or answer.value in _HOLDS:
        return None
    return FindingNote(inspection_id=inspection_id, item=answer.item, n=n, note=note, photos=list(photos))


def _clock(clock: ClockState) -> RunningClock:
    return msgspec.convert(
        {
            "party": clock.party,
            "kind": clock.kind,
            "cycle": clock.cycle,
            "started_at": clock.started_at,
            "due_at": clock.due_at,
            "rule": clock.rule,
            "calendar_version": clock.calendar_version,
            "provisional": clock.provisional,
            "step": clock.step,
            "running": clock.is_running,
            "stopped_at": clock.stopped_at,
        },
        RunningClock,
    )
