"""One hazard with all that is known of it."""

from uuid import UUID

import msgspec
from msgspec.structs import asdict

from inspect_api.actions.entities import hazard_of, person, photo_of
from inspect_api.actions.work import Work
from inspect_api.domain.clocks import ClockState
from inspect_api.domain.history import EventBody
from inspect_api.domain.lateness import Entry, days_by_reason, overdue_spans
from inspect_api.errors import Code, Refusal
from inspect_api.store import (
    account_queries,
    clocks,
    hazard_events,
    hazard_queries,
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
    Photo,
    Plan,
    RunningClock,
    Source,
    Transfer,
)

_HOLDS: tuple[object, ...] = ("pass", "na", [])
_submitted = msgspec.json.Decoder(SubmitInspection)


def show_hazard(work: Work, hazard_id: UUID) -> HazardDetail:
    """Raises Refusal(NOT_FOUND), alike for what does not exist and for what the caller may not see."""
    row = hazard_row(work, hazard_id)
    photos = [photo_of(photo) for photo in photo_queries.of_hazard(work.tx, row.id, work.who)]
    found = clocks.of_hazards(work.tx, [row.id]).get(row.id, [])
    return HazardDetail(
        **asdict(hazard_of(row, work.who, work.now)),
        description=row.description,
        source=_source(work, row),
        findings=_findings(work, row, photos),
        photos=photos,
        clocks=[_clock(clock) for _, clock in found],
        plan=None if row.plan is None else msgspec.convert(row.plan, Plan),
        extensions=msgspec.convert(row.extensions, list[Extension]),
        lateness=lateness_of(work, row.id),
        transfers=msgspec.convert(row.transfers, list[Transfer]),
        possible_duplicates=hazard_queries.possible_duplicates(work.tx, row, work.who),
        duplicate_of=row.duplicate_of,
        duplicates=hazard_queries.merged_into(work.tx, row.id, work.who),
    )


def lateness_of(work: Work, hazard_id: UUID) -> Lateness:
    """Whose each overdue day was, by the hazard's history."""
    entries = (
        Entry(event.kind, event.at, msgspec.json.decode(event.event, type=EventBody))
        for event in hazard_events.of_hazard(work.tx, hazard_id)
    )
    spans = overdue_spans(entries, work.now)
    counted = days_by_reason(spans)
    told = [LateSpan(reason=s.reason, first=s.first, last=s.last, days=s.days) for s in spans]
    return Lateness(days=sum(counted.values()), spans=told, **counted)


def hazard_row(work: Work, hazard_id: UUID) -> AnyRow:
    """A hazard that the caller may see. Raises Refusal(NOT_FOUND)."""
    rows = hazard_queries.by_ids(work.tx, [hazard_id], work.who)
    if not rows:
        raise Refusal(Code.NOT_FOUND)
    return rows[0]


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


def _findings(work: Work, row: AnyRow, photos: list[Photo]) -> list[FindingNote]:
    """What was noted at the hazard's item, by the inspection that opened it and by those that amend it."""
    if row.inspection_id is None or row.item is None:
        names = list(dict.fromkeys(photo.sha256 for photo in photos))
        return [FindingNote(inspection_id=None, item=None, n=1, note=row.description, photos=names)]
    notes = []
    for inspection in inspection_queries.chain_of(work.tx, row.inspection_id, work.who):
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
