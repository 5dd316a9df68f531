"""The body of each command on a hazard; `KINDS` maps every operation kind to its body."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from sync.bodies import (
    Code,
    Grade,
    Officer,
    PhotoNames,
    Photos,
    Position,
    RecordVisit,
    RegisterSite,
    ReportHazard,
    SubmitInspection,
)
from sync.text import Said, Text
from sync.times import Moment, check_moments

Level = Literal["county", "city", "province", "state"]
Money = Annotated[float, Meta(ge=0, le=1e13)]


class _Due(Struct, frozen=True, kw_only=True):
    due_at: Moment

    def __post_init__(self) -> None:
        check_moments(self.due_at)


class _MaybeDue(Struct, frozen=True, kw_only=True):
    due_at: Moment | None = None

    def __post_init__(self) -> None:
        check_moments(self.due_at)


class Confirm(_MaybeDue, frozen=True, kw_only=True):
    grade: Grade
    criterion: Code | None = None
    officers: Annotated[list[Officer], Meta(max_length=20)] = []


class Dismiss(Struct, frozen=True, kw_only=True):
    reason: Said
    duplicate_of: UUID | None = None


class SubmitPlan(_MaybeDue, frozen=True, kw_only=True):
    """The five in place (五到位) of a major hazard and Order 16 art. 15.

    All elements are owed; a missing or empty one is refused by name, so none is required to be read.
    """

    goals: Text | None = None
    measures: Text | None = None
    funds_cny: Money | None = None
    organisation: Text | None = None
    responsible_person: Text | None = None
    contingency_plan: Text | None = None


PLAN_ELEMENTS = (
    *("goals", "measures", "funds_cny", "organisation"),
    *("responsible_person", "due_at", "contingency_plan"),
)


class DecidePlan(Struct, frozen=True, kw_only=True):
    approved: bool
    reason: Text | None = None


class RequestExtension(_Due, frozen=True, kw_only=True):
    reason: Said
    interim_measures: Said


class DecideExtension(_MaybeDue, frozen=True, kw_only=True):
    approved: bool
    reason: Said


class SubmitRectification(Struct, frozen=True, kw_only=True):
    description: Said
    completed_at: Moment
    photos: Photos = []
    cost_cny: Money | None = None

    def __post_init__(self) -> None:
        check_moments(self.completed_at)


class Comment(Struct, frozen=True, kw_only=True):
    comment: Text


class Verify(Struct, frozen=True, kw_only=True):
    passed: bool
    comment: Text
    photos: Photos = []
    position: Position | None = None


class OnlyReason(Struct, frozen=True, kw_only=True):
    reason: Said


class OrderSuspension(Struct, frozen=True, kw_only=True):
    scope: Said
    reason: Said


class RequestResumption(Struct, frozen=True, kw_only=True):
    evaluation: Said
    photos: Photos = []


class ReportToWorkers(Struct, frozen=True, kw_only=True):
    """The second of the double report (双报告), with its proof."""

    held_on: date
    form: Said
    proof: PhotoNames


class ListSupervision(_Due, frozen=True, kw_only=True):
    level: Level


class Transfer(Struct, frozen=True, kw_only=True):
    to: Said
    reason: Said


class DecideEvidence(Struct, frozen=True, kw_only=True):
    """Whether work whose proof came late was done in time."""

    in_time: bool
    reason: Said


class Note(Struct, frozen=True, kw_only=True):
    text: Said
    photos: Photos = []


Command = (
    Confirm
    | Dismiss
    | SubmitPlan
    | DecidePlan
    | RequestExtension
    | DecideExtension
    | SubmitRectification
    | Comment
    | Verify
    | OnlyReason
    | OrderSuspension
    | RequestResumption
    | ReportToWorkers
    | ListSupervision
    | Transfer
    | DecideEvidence
    | Note
)

COMMANDS: dict[str, type[Command]] = {
    "hazard.confirm": Confirm,
    "hazard.dismiss": Dismiss,
    "hazard.submit_plan": SubmitPlan,
    "hazard.decide_plan": DecidePlan,
    "hazard.request_extension": RequestExtension,
    "hazard.decide_extension": DecideExtension,
    "hazard.submit_rectification": SubmitRectification,
    "hazard.accept": Comment,
    "hazard.verify": Verify,
    "hazard.close": Comment,
    "hazard.reopen": OnlyReason,
    "hazard.order_suspension": OrderSuspension,
    "hazard.request_resumption": RequestResumption,
    "hazard.decide_resumption": DecidePlan,
    "hazard.report_to_workers": ReportToWorkers,
    "hazard.list_supervision": ListSupervision,
    "hazard.delist": OnlyReason,
    "hazard.transfer": Transfer,
    "hazard.decide_evidence": DecideEvidence,
    "hazard.note": Note,
}

Fact = SubmitInspection | ReportHazard | RegisterSite | RecordVisit

FACTS: dict[str, type[Fact]] = {
    "inspection.submit": SubmitInspection,
    "hazard.report": ReportHazard,
    "site.register": RegisterSite,
    "visit.record": RecordVisit,
}

KINDS: dict[str, type[Command | Fact]] = {**FACTS, **COMMANDS}
