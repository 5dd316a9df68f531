"""The entities: one schema each, the same in queries, in pull `data` and in the OpenAPI document."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from msgspec import Struct

from sync.bodies import Grade, Industry, Position, SubmitInspection
from sync.commands import Level
from sync.photo import Photo, PhotoDoubt, Wgs84

Status = Literal[
    "reported", "plan_due", "plan_review", "rectifying", "verifying", "review", "closed", "dismissed"
]
Order = Literal["self", "urged", "ordered"]
Party = Literal["enterprise", "regulator"]
Sample = Literal["drawn", "confirmed", "refuted"]
Colour = Literal["red", "orange", "yellow", "blue"]
Role = Literal[
    "inspector",
    "officer",
    "regulator",
    "enterprise",
    "expert",
    "admin",
    "security_admin",
    "auditor",
    "service",
]


class Named(Struct, frozen=True):
    id: UUID
    name: str


class RegionRef(Struct, frozen=True):
    """An official statistical division."""

    code: str
    name: str


class Person(Struct, frozen=True, kw_only=True):
    id: UUID
    name: str
    role: Role


class Site(Struct, frozen=True, kw_only=True):
    id: UUID
    name: str
    industry: Industry
    enterprise: Named | None
    region: RegionRef
    grid_code: str | None
    position: Position | None
    risk: Colour | None
    qr: str | None
    facts: dict[str, str | float | bool | None] = {}
    rev: int = 1


class Enterprise(Struct, frozen=True, kw_only=True):
    id: UUID
    name: str
    credit_code: str | None
    contact: str | None
    industry: Industry
    region: RegionRef
    rev: int = 1


class EscalationState(Struct, frozen=True, kw_only=True):
    """The highest step taken on the running clocks: 1 reminder … 7 transfer to enforcement."""

    step: int
    name: str
    since: datetime


class Listing(Struct, frozen=True, kw_only=True):
    """Listed supervision (挂牌督办)."""

    level: Level
    since: datetime
    due_at: datetime


class LateEvidence(Struct, frozen=True, kw_only=True):
    """Proof that came after the due date of work said to be done before it: a regulator decides.

    `captured_at` is the corrected time of the capture, `uncertainty_s` to either side.
    """

    clock: str
    cycle: int
    due_at: datetime
    captured_at: datetime
    uncertainty_s: int
    asked_at: datetime


class Hazard(Struct, frozen=True, kw_only=True):
    """A hazard as the register shows it; `overdue…` hold for the moment of the answer.

    `due_provisional`: the date crosses a year whose holidays are not announced yet, and may move later.
    """

    id: UUID
    number: str
    title: str
    grade: Grade
    suspected_major: bool
    order: Order
    status: Status
    industry: Industry
    site: Named | None
    enterprise: Named | None
    region: RegionRef
    grid_code: str | None
    position: Position | None
    wgs84: Wgs84 | None
    reported_at: datetime
    served_at: datetime | None
    due_at: datetime | None
    due_rule: str | None
    due_provisional: bool
    overdue: bool
    overdue_days: int
    overdue_by: Party | None
    escalation: EscalationState | None
    listed: Listing | None
    suspended: bool
    sample: Sample | None
    evidence_pending: int
    late_evidence: LateEvidence | None
    rev: int
    permitted_commands: list[str]


class RunningClock(Struct, frozen=True, kw_only=True):
    """One obligation: whose, until when, by which rule, and how far it escalated."""

    party: Party
    kind: str
    cycle: int
    started_at: datetime
    due_at: datetime
    rule: str
    calendar_version: str
    provisional: bool
    step: int
    running: bool
    stopped_at: datetime | None


class Plan(Struct, frozen=True, kw_only=True):
    """The five in place (五到位) and Order 16 art. 15."""

    goals: str
    measures: str
    funds_cny: float
    organisation: str
    responsible_person: str
    due_at: datetime
    contingency_plan: str
    submitted_at: datetime
    approved: bool | None = None
    reason: str | None = None


class Extension(Struct, frozen=True, kw_only=True):
    requested_at: datetime
    due_at: datetime
    reason: str
    interim_measures: str
    approved: bool | None = None
    granted_until: datetime | None = None
    decided_at: datetime | None = None
    decision_reason: str | None = None


class Source(Struct, frozen=True, kw_only=True):
    """Where a hazard comes from."""

    kind: Literal["inspection", "report"]
    inspection_id: UUID | None
    checklist: str | None
    item: str | None
    n: int
    criterion: str | None
    category: str | None
    found_by: Person | None


class FindingNote(Struct, frozen=True, kw_only=True):
    inspection_id: UUID | None
    item: str | None
    n: int
    note: str
    photos: list[str]


LateReason = Literal["enterprise", "regulator", "suspended", "extension", "open_question"]


class LateSpan(Struct, frozen=True, kw_only=True):
    """Overdue days in a row with one reason, both ends included."""

    reason: LateReason
    first: date
    last: date
    days: int


class Lateness(Struct, frozen=True, kw_only=True):
    """Every overdue day that the hazard ever had, by whose it was; the five add up to `days`."""

    days: int
    enterprise: int
    regulator: int
    suspended: int
    extension: int
    open_question: int
    spans: list[LateSpan]


class Transfer(Struct, frozen=True, kw_only=True):
    """The record of a transfer to enforcement or another authority (移送): to whom, why, what stood then."""

    number: str
    to: str
    reason: str
    at: datetime
    by: UUID
    title: str
    grade: Grade
    criterion: str | None
    status: Status
    due_on: date | None
    repeats: int


class HazardDetail(Hazard, frozen=True, kw_only=True):
    """A hazard with its source, evidence, clocks, plan and extensions."""

    description: str
    source: Source
    findings: list[FindingNote]
    photos: list[Photo]
    doubts: list[PhotoDoubt]
    clocks: list[RunningClock]
    plan: Plan | None
    extensions: list[Extension]
    lateness: Lateness
    transfers: list[Transfer]
    possible_duplicates: list[UUID]
    duplicate_of: UUID | None
    duplicates: list[UUID]


class Inspection(SubmitInspection, frozen=True, kw_only=True):
    """An inspection as it was submitted, and beside it what the server made of it."""

    id: UUID
    root: UUID
    site: Named
    enterprise: Named | None
    industry: Industry
    region: RegionRef
    grid_code: str | None
    wgs84: Wgs84 | None
    inspector: Person
    received_at: datetime
    hazards: list[UUID]
    score: float | None
    flags: list[str]
    missing_blobs: list[str]
    rev: int = 1


class NoticeAnswer(Struct, frozen=True, kw_only=True):
    text: str
    at: datetime


class Notice(Struct, frozen=True, kw_only=True):
    """A numbered notice to one receiver, with its delivery and its answer."""

    id: UUID
    number: str
    kind: str
    step: int | None
    title: str
    text: str
    hazard_id: UUID
    created_at: datetime
    delivered_at: datetime | None
    answer_due_at: datetime | None
    answer: NoticeAnswer | None
    rev: int = 1


class CalendarDay(Struct, frozen=True, kw_only=True):
    date: date
    worked: bool
    name: str


class Calendar(Struct, frozen=True, kw_only=True):
    """One year's exceptions to the ordinary week; `noticed` is false until the State Council's notice."""

    id: UUID
    year: int
    version: str
    noticed: bool
    days: list[CalendarDay]
    rev: int = 1
