"""The body of each kind of operation that captures something new in the field.

What a push has many of is hidden from the garbage collector (`gc=False`): nothing of it can hold itself.
"""

from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from sync.envelope import Sha256
from sync.text import Line, Name, Text
from sync.times import Moment, check_moments

Industry = Literal[
    "hazmat",
    "coal_mine",
    "mine",
    "tailings",
    "construction",
    "fire",
    "public_place",
    "natural_hazard",
    "other",
]
Grade = Literal["general", "major"]
PhotoNames = Annotated[list[Sha256], Meta(max_length=50)]
Code = Annotated[str, Meta(max_length=120, min_length=1)]
GridCode = Annotated[str, Meta(max_length=24, min_length=1)]
Whole = Annotated[int, Meta(ge=-(10**15), le=10**15)]
Number = Annotated[float, Meta(ge=-1e15, le=1e15)]


Datum = Literal["wgs84", "gcj02", "bd09"]


class Position(Struct, frozen=True, kw_only=True, gc=False):
    """Degrees in the stated datum, accuracy in metres; phones in China hand out GCJ-02."""

    lat: Annotated[float, Meta(ge=-90, le=90)]
    lon: Annotated[float, Meta(ge=-180, le=180)]
    datum: Datum
    accuracy_m: Annotated[float, Meta(ge=0, le=1e6)] | None = None


class PhotoClaim(Struct, frozen=True, kw_only=True, gc=False):
    """A photo that belongs to the record; its bytes come before or after, by its SHA-256."""

    sha256: Sha256
    size: Annotated[int, Meta(ge=1, le=2**40)]
    content_type: Annotated[str, Meta(max_length=100)]
    taken_at: Moment
    position: Position | None = None
    caption: Text | None = None

    def __post_init__(self) -> None:
        check_moments(self.taken_at)


# evidence beside the answers: the names of photos, or full claims where the phone knows more
Photos = Annotated[list[Sha256 | PhotoClaim], Meta(max_length=50)]


class AnswerFinding(Struct, frozen=True, kw_only=True, gc=False):
    """One of several findings at one item, counted from 1."""

    n: Annotated[int, Meta(ge=1, le=999)]
    note: Text
    photos: PhotoNames = []
    position: Position | None = None


class FixedOnSite(Struct, frozen=True, kw_only=True, gc=False):
    """Corrected before the inspector left (即查即改)."""

    note: Text
    photos: PhotoNames = []


class Answer(Struct, frozen=True, kw_only=True, gc=False):
    """The answer to one item of the checklist."""

    item: Code
    value: (
        Annotated[str, Meta(max_length=4000)] | Whole | Number | Annotated[list[Code], Meta(max_length=200)]
    )
    note: Text | None = None
    deduct: Annotated[float, Meta(ge=0, le=1000)] | None = None
    photos: PhotoNames = []
    findings: Annotated[list[AnswerFinding], Meta(max_length=100)] = []
    fixed_on_site: FixedOnSite | None = None


class Refused(Struct, frozen=True, kw_only=True, gc=False):
    """A refusal to sign, with its reason and witness (Work Safety Law art. 68)."""

    reason: Text
    witness: Name | None = None


class Attendee(Struct, frozen=True, kw_only=True, gc=False):
    role: Literal["principal", "safety_manager", "operator", "inspector", "expert", "witness"]
    name: Name
    signature: Sha256 | None = None
    refused: Refused | None = None


class Officer(Struct, frozen=True, kw_only=True, gc=False):
    user_id: UUID
    certificate_no: Line


class ChecklistRef(Struct, frozen=True, kw_only=True, gc=False):
    code: Code
    version: Annotated[str, Meta(max_length=40, min_length=1)]


class SubmitInspection(Struct, frozen=True, kw_only=True):
    """`inspection.submit`: a fact, never edited; a correction is a new one with `amends`."""

    site_id: UUID
    checklist: ChecklistRef
    started_at: Moment
    finished_at: Moment
    answers: Annotated[list[Answer], Meta(max_length=1000)]
    attendees: Annotated[list[Attendee], Meta(max_length=50)] = []
    photos: Annotated[list[PhotoClaim], Meta(max_length=500)] = []
    officers: Annotated[list[Officer], Meta(max_length=20)] = []
    task_id: UUID | None = None
    position: Position | None = None
    amends: UUID | None = None

    def __post_init__(self) -> None:
        check_moments(self.started_at, self.finished_at)


class ReportHazard(Struct, frozen=True, kw_only=True):
    """`hazard.report`: seen without a checklist (随手拍)."""

    description: Annotated[str, Meta(max_length=4000, min_length=1)]
    photos: Photos = []
    site_id: UUID | None = None
    position: Position | None = None
    grid_code: GridCode | None = None
    category: Line | None = None
    suggested_grade: Grade | None = None


class NewEnterprise(Struct, frozen=True, kw_only=True):
    name: Name
    credit_code: Annotated[str, Meta(pattern="^[0-9A-HJ-NPQRTUWXY]{18}$", max_length=18)] | None = None
    contact: Line | None = None


class RegisterSite(Struct, frozen=True, kw_only=True):
    """`site.register`: the shop that nobody had listed."""

    name: Name
    industry: Industry
    grid_code: GridCode
    position: Position
    enterprise: NewEnterprise | None = None


class RecordVisit(Struct, frozen=True, kw_only=True):
    """`visit.record`: nobody could be inspected."""

    site_id: UUID
    result: Literal["closed", "refused", "moved"]
    note: Text | None = None
    photos: Photos = []
