"""Rows as the entities of the wire: the same for queries and for pull.

Each `…_by_ids` costs a fixed number of statements, however many ids are asked for, and leaves out whatever
lies outside the caller's scope, exactly as it leaves out what does not exist.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Literal, cast
from uuid import NAMESPACE_URL, UUID, uuid5

import msgspec
from msgspec.structs import asdict

from inspect_api.actions.work import Work
from inspect_api.domain.access import Caller
from inspect_api.domain.deadline import overdue_days
from inspect_api.domain.escalation import STEP_NAMES
from inspect_api.domain.moves import permitted_commands
from inspect_api.domain.photo_claims import Claimed, compare, flags_of, is_older
from inspect_api.domain.photo_rules import PhotoRules
from inspect_api.domain.position import to_wgs84
from inspect_api.store import (
    calendar_days,
    calendar_queries,
    hazard_queries,
    inspection_queries,
    notice_queries,
    photo_queries,
    site_queries,
)
from inspect_api.store.hazards import state_of
from inspect_api.store.schema import AnyRow
from sync.bodies import Industry, Position, SubmitInspection
from sync.entities import (
    Calendar,
    CalendarDay,
    Enterprise,
    EscalationState,
    Hazard,
    Inspection,
    LateEvidence,
    Listing,
    Named,
    Notice,
    NoticeAnswer,
    Person,
    RegionRef,
    Role,
    Site,
)
from sync.photo import ExifClaims, PhoneClaim, Photo, Wgs84

_submitted = msgspec.json.Decoder(SubmitInspection)
_THUMBNAIL: dict[str, Literal["pending", "ready"]] = {"waiting": "pending", "ready": "ready"}


def hazards_by_ids(work: Work, ids: Iterable[UUID]) -> dict[UUID, Hazard]:
    """Hazards as the register shows them now."""
    rows = hazard_queries.by_ids(work.tx, ids, work.who)
    return {row.id: hazard_of(row, work.who, work.now) for row in rows}


def sites_by_ids(work: Work, ids: Iterable[UUID]) -> dict[UUID, Site]:
    """Sites by id."""
    return {row.id: site_of(row) for row in site_queries.by_ids(work.tx, ids, work.who)}


def enterprises_by_ids(work: Work, ids: Iterable[UUID]) -> dict[UUID, Enterprise]:
    """Enterprises by id."""
    rows = site_queries.enterprises_by_ids(work.tx, ids, work.who)
    return {row.id: enterprise_of(row) for row in rows}


def inspections_by_ids(work: Work, ids: Iterable[UUID]) -> dict[UUID, Inspection]:
    """Inspections as submitted, with the hazards that they opened and the photos that are awaited."""
    rows = inspection_queries.by_ids(work.tx, ids, work.who)
    return {inspection.id: inspection for inspection in inspections_of(work, rows)}


def photos_by_ids(work: Work, ids: Iterable[UUID]) -> dict[UUID, Photo]:
    """Photos that records name, by the id of the naming."""
    rules = work.rules.photos
    return {row.id: photo_of(row, rules) for row in photo_queries.by_ids(work.tx, ids, work.who)}


def notices_by_ids(work: Work, ids: Iterable[UUID]) -> dict[UUID, Notice]:
    """Notices to the caller himself; nobody reads another's."""
    return {row.id: notice_of(row) for row in notice_queries.by_ids(work.tx, ids, work.who.id)}


def calendars_by_ids(work: Work, ids: Iterable[UUID]) -> dict[UUID, Calendar]:
    """Years of the working-day calendar by `calendar_id`."""
    wanted = set(ids)
    return {calendar.id: calendar for calendar in calendars(work) if calendar.id in wanted}


def calendars(work: Work) -> list[Calendar]:
    """Every year whose notice is known."""
    days: dict[int, list[CalendarDay]] = {}
    for row in calendar_queries.days(work.tx):
        days.setdefault(row.day.year, []).append(CalendarDay(date=row.day, worked=row.worked, name=row.name))
    return [
        Calendar(
            id=calendar_id(row.year),
            year=row.year,
            version=row.version,
            noticed=True,
            days=days.get(row.year, []),
            rev=row.rev,
        )
        for row in calendar_days.years(work.tx)
    ]


def calendar_id(year: int) -> UUID:
    """The same on every server and phone: UUIDv5 (RFC 9562) of `urn:inspect-api:calendar:<year>`."""
    return uuid5(NAMESPACE_URL, f"urn:inspect-api:calendar:{year}")


def hazard_of(row: AnyRow, caller: Caller, as_of: datetime) -> Hazard:
    """A row of `hazard_queries.shown()`; whether it is overdue holds for `as_of`."""
    overdue = row.due_at is not None and row.due_at < as_of
    return Hazard(
        id=row.id,
        number=row.number,
        title=row.title,
        grade=row.grade,
        suspected_major=row.suspected_major,
        order=row.order_kind,
        status=row.status,
        industry=row.industry,
        site=_named(row.site_id, row.site_name),
        enterprise=_named(row.enterprise_id, row.enterprise_name),
        region=_region(row),
        grid_code=row.grid_code,
        position=_position(row.position),
        wgs84=None if row.lat is None else _degrees(row.lat, row.lon),
        reported_at=row.reported_at,
        served_at=row.served_at,
        due_at=row.due_at,
        due_rule=row.due_rule,
        due_provisional=row.due_provisional,
        overdue=overdue,
        overdue_days=overdue_days(late_since(row), as_of) if overdue else 0,
        overdue_by=row.due_party if overdue else None,
        escalation=_escalation(row),
        listed=_listing(row),
        suspended=row.suspended,
        sample=row.sample,
        evidence_pending=row.evidence_pending,
        late_evidence=None if row.late_evidence is None else msgspec.convert(row.late_evidence, LateEvidence),
        rev=row.rev,
        permitted_commands=permitted_commands(state_of(row), caller, as_of),
    )


def late_since(row: AnyRow) -> datetime:
    """From when an overdue hazard's days count: after a failed re-inspection from the first due date."""
    first = cast(datetime | None, row.first_due_at)
    due_at = cast(datetime, row.due_at)
    return min(first, due_at) if first is not None and row.due_kind == "rectification" else due_at


def site_of(row: AnyRow) -> Site:
    """A row of `site_queries.shown()`."""
    return Site(
        id=row.id,
        name=row.name,
        industry=row.industry,
        enterprise=_named(row.enterprise_id, row.enterprise_name),
        region=_region(row),
        grid_code=row.grid_code,
        position=_position(row.position),
        risk=row.risk,
        qr=row.qr,
        facts=row.facts,
        rev=row.rev,
    )


def enterprise_of(row: AnyRow) -> Enterprise:
    """A row of an enterprise with `region_name`."""
    return Enterprise(
        id=row.id,
        name=row.name,
        credit_code=row.credit_code,
        contact=row.contact,
        industry=row.industry,
        region=_region(row),
        rev=row.rev,
    )


def inspections_of(work: Work, rows: list[AnyRow]) -> list[Inspection]:
    """Rows of `inspection_queries.shown()`, in their order."""
    ids = [row.id for row in rows]
    opened = inspection_queries.hazards_opened(work.tx, ids) if ids else {}
    awaited = inspection_queries.photos_awaited(work.tx, ids) if ids else {}
    submitted = [_submitted.decode(row.body) for row in rows]
    return [
        Inspection(
            **asdict(body),
            id=row.id,
            root=row.root,
            site=Named(row.site_id, row.site_name),
            enterprise=_named(row.enterprise_id, row.enterprise_name),
            industry=cast(Industry, row.industry),
            region=_region(row),
            grid_code=row.grid_code,
            wgs84=_wgs84(body.position),
            inspector=person(row.inspector_id, row.inspector_name, row.inspector_role),
            received_at=row.received_at,
            hazards=opened.get(row.id, []),
            score=row.score,
            flags=row.flags.split(),
            missing_blobs=awaited.get(row.id, []),
            rev=row.rev,
        )
        for row, body in zip(rows, submitted, strict=True)
    ]


def photo_of(row: AnyRow, rules: PhotoRules) -> Photo:
    """A row of `photo_queries.shown()`; once stored, size and type are those of the bytes."""
    rule, position = rules.of(row.region_code), _position(row.position)
    claimed = Claimed(row.taken_at, position, row.phone_model)
    exif = None if row.exif is None else msgspec.convert(row.exif, ExifClaims)
    disagreement = None if exif is None else compare(claimed, exif, rule)
    reported_at = cast(datetime | None, row.hazard_reported_at)
    older = reported_at is not None and is_older(claimed, exif, reported_at, rule)
    has_phone = row.phone_platform is not None or row.phone_model is not None
    return Photo(
        id=row.id,
        sha256=row.sha256,
        size=row.size if row.stored_size is None else row.stored_size,
        content_type=row.stored_type or row.content_type,
        stored=row.is_present and row.fault is None,
        fault=row.fault,
        inspection_id=row.inspection_id,
        hazard_id=row.hazard_id,
        purpose=row.purpose,
        taken_at=row.taken_at,
        position=position,
        wgs84=_wgs84(position),
        caption=row.caption,
        device=PhoneClaim(platform=row.phone_platform, model=row.phone_model) if has_phone else None,
        exif=exif,
        disagreement=disagreement,
        flags=flags_of(row.purpose, disagreement, older=older, own_finding=bool(row.own_finding), rule=rule),
        thumbnail=None if row.prepared is None else _THUMBNAIL.get(row.prepared, "failed"),
        thumbnail_failure=None if row.prepared in (None, *_THUMBNAIL) else row.prepared,
        rev=row.rev,
    )


def notice_of(row: AnyRow) -> Notice:
    """A row of a notice."""
    answer = None if row.answer is None else NoticeAnswer(text=row.answer, at=row.answered_at)
    return Notice(
        id=row.id,
        number=row.number,
        kind=row.kind,
        step=row.step,
        title=row.title,
        text=row.text,
        hazard_id=row.hazard_id,
        created_at=row.created_at,
        delivered_at=row.delivered_at,
        answer_due_at=row.answer_due_at,
        answer=answer,
        rev=row.rev,
    )


def person(account_id: UUID, name: str, role: str) -> Person:
    """An account as others see it."""
    return Person(id=account_id, name=name, role=cast(Role, role))


def _named(entity_id: UUID | None, name: str | None) -> Named | None:
    return None if entity_id is None else Named(entity_id, name or "")


def _region(row: AnyRow) -> RegionRef:
    return RegionRef(row.region_code, row.region_name or "")


def _position(plain: dict[str, Any] | None) -> Position | None:
    return None if plain is None else msgspec.convert(plain, Position)


def _wgs84(position: Position | None) -> Wgs84 | None:
    return None if position is None else _degrees(*to_wgs84(position))


def _degrees(lat: float, lon: float) -> Wgs84:
    """To a centimetre."""
    return Wgs84(round(lat, 7), round(lon, 7))


def _escalation(row: AnyRow) -> EscalationState | None:
    if not row.step:
        return None
    chinese, _ = STEP_NAMES[row.step]
    return EscalationState(step=row.step, name=chinese, since=row.step_since)


def _listing(row: AnyRow) -> Listing | None:
    if row.listed_level is None:
        return None
    return Listing(level=row.listed_level, since=row.listed_since, due_at=row.listed_due_at)
