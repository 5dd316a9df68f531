"""The demo's story in the words of the wire: what the phone of each person would have sent."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from uuid import UUID

import msgspec

from checklists import catalog
from checklists.conditions import Fact, holds
from checklists.model import Checklist
from inspect_api.demo.county import County, Site
from inspect_api.demo.story_data import Finding, Inspection, Present, SnapReport, Step, moment
from inspect_api.demo.tasks import task_id
from sync.bodies import (
    Answer,
    AnswerFinding,
    Attendee,
    ChecklistRef,
    FixedOnSite,
    Officer,
    PhotoClaim,
    Position,
    ReportHazard,
    SubmitInspection,
)
from sync.commands import COMMANDS, Command

Photograph = Callable[[str, datetime], PhotoClaim]
"""Takes the picture of a caption at a moment; whoever passes it also uploads the bytes."""


def inspection_body(
    inspection: Inspection, county: County, today: date, photograph: Photograph
) -> SubmitInspection:
    """The record of a visit: what the story lets fail fails, all else that applies passes."""
    site = county.site(inspection.site)
    started = moment(inspection.at, today)
    finished = started + timedelta(minutes=inspection.minutes)
    claims: dict[str, PhotoClaim] = {}

    def take(caption: str) -> str:
        claim = claims.setdefault(caption, photograph(caption, finished))
        return claim.sha256

    inspectors = [county.account(username) for username in inspection.by]
    return SubmitInspection(
        site_id=site.id,
        checklist=ChecklistRef(code=inspection.checklist_code, version=inspection.checklist_version),
        started_at=started,
        finished_at=finished,
        answers=_answers(inspection, site, take),
        attendees=[_attendee(person, take) for person in inspection.attendees],
        officers=[
            Officer(user_id=person.id, certificate_no=person.certificate_no)
            for person in inspectors
            if person.certificate_no is not None
        ],
        task_id=None if inspection.task is None else task_id(inspection.task),
        position=_position(site),
        photos=list(claims.values()),
    )


def report_body(snap: SnapReport, county: County, today: date, photograph: Photograph) -> ReportHazard:
    """A snap report, taken at the site."""
    site = county.site(snap.site)
    return ReportHazard(
        site_id=site.id,
        position=_position(site),
        description=snap.description,
        category=snap.category,
        suggested_grade=snap.suggested_grade,
        photos=[photograph(caption, moment(snap.at, today)) for caption in snap.photos],
    )


def command_body(
    step: Step, today: date, photograph: Photograph, hazard_id: Callable[[str], UUID]
) -> Command:
    """A step's body; `hazard_id` gives the id of a hazard's key. msgspec.ValidationError when it is wrong.

    A rectification that does not say when it was completed was completed when it was reported.
    """
    at = moment(step.at, today)
    body = dict(step.body)
    if step.do == "submit_rectification":
        body.setdefault("completed_at", step.at)
    for name, value in body.items():
        if name in ("due_at", "completed_at"):
            body[name] = moment(str(value), today)
        elif name == "held_on":
            body[name] = today + timedelta(days=int(str(value)))
        elif name in ("photos", "proof") and isinstance(value, list):
            body[name] = [photograph(caption, at).sha256 for caption in value]
        elif name == "duplicate_of":
            body[name] = hazard_id(str(value))
    command: Command = msgspec.convert(body, COMMANDS[step.kind])
    return command


def _answers(inspection: Inspection, site: Site, take: Callable[[str], str]) -> list[Answer]:
    findings: dict[str, list[Finding]] = {}
    for finding in inspection.fails:
        findings.setdefault(finding.item, []).append(finding)
    answers: list[Answer] = []
    known: dict[str, Fact] = {}
    for item in _checklist(inspection).items():
        if item.applies_when is not None and holds(item.applies_when, known, site.all_facts) is False:
            known[item.code] = "na"
        elif item.code in findings:
            answers.append(_failing(item.code, findings[item.code], take))
            known[item.code] = "fail"
        else:
            answers.append(Answer(item=item.code, value=[] if item.limbs else "pass"))
            known[item.code] = "pass"
    return answers


def _checklist(inspection: Inspection) -> Checklist:
    entry = catalog.get(inspection.checklist_code, inspection.checklist_version)
    if entry is None:
        raise KeyError(inspection.checklist)
    return entry.checklist


def _failing(item: str, found: list[Finding], take: Callable[[str], str]) -> Answer:
    first, *more = found
    fixed = first.fixed_on_site
    return Answer(
        item=item,
        value=list(first.limbs) or "fail",
        note=first.note,
        photos=[] if more else [take(caption) for caption in first.photos],
        findings=[
            AnswerFinding(n=n, note=one.note, photos=[take(caption) for caption in one.photos])
            for n, one in enumerate(found, 1)
            if more
        ],
        fixed_on_site=None
        if fixed is None
        else FixedOnSite(note=fixed.note, photos=[take(caption) for caption in fixed.photos]),
    )


def _attendee(person: Present, take: Callable[[str], str]) -> Attendee:
    signature = take(f"签名：{person.name}") if person.refused is None else None
    return Attendee(role=person.role, name=person.name, signature=signature, refused=person.refused)


def _position(site: Site) -> Position:
    return Position(lat=site.lat, lon=site.lon, datum="wgs84", accuracy_m=8)
