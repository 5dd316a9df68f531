"""What each command does to a hazard beyond its status, once the table of moves has allowed it.

Each effect answers with the turn that it takes: the way, by the name that the row of the table gives it, and
the date where a person has set one.
"""

from datetime import UTC, datetime
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

import msgspec

from inspect_api.domain.access import Caller
from inspect_api.domain.calendar import CIVIL, civil_date
from inspect_api.domain.clocks import HazardFile, Rulebook, fixed_due, next_moment
from inspect_api.domain.opening import order_of
from inspect_api.domain.sampling import is_drawn
from inspect_api.domain.stages import end_listing, list_it, still_ahead
from inspect_api.errors import Code, Fault, Refusal
from sync import commands as wire
from sync.text import says_something

Body = TypeVar("Body")


class Deed(NamedTuple):
    """A command in the hands of the person who gives it, at the server's moment.

    `officers` are those named in it that are known and in office.
    """

    kind: str
    body: wire.Command
    actor: Caller
    now: datetime
    book: Rulebook
    salt: str
    officers: tuple[UUID, ...] = ()


class Turn(NamedTuple):
    """How a command turned out: `way` is one that its row of the table names."""

    way: str = ""
    due_at: datetime | None = None
    rule: str = ""


def confirm(file: HazardFile, deed: Deed) -> Turn:
    body, hazard = _as(deed, wire.Confirm), file.hazard
    _in_future(body.due_at, deed.now)
    if body.grade == "major" and body.criterion is None and hazard.criterion is None:
        raise Refusal(Code.CRITERION_MISSING, pointer="/body/criterion")
    hazard.criterion = body.criterion or hazard.criterion
    hazard.grade, hazard.suspected_major = body.grade, False
    if hazard.order_kind == "urged":
        hazard.order_kind = order_of(deed.actor.role, deed.officers)
    if body.grade == "general":
        file.stop(["report_to_workers"], deed.now)
        end_listing(file, deed.now)
    file.climb_anew(deed.book)
    return Turn(body.grade, body.due_at, "hazard.confirm")


def dismiss(file: HazardFile, deed: Deed) -> Turn:
    body = _as(deed, wire.Dismiss)
    if body.duplicate_of == file.hazard.id:
        raise Refusal(Code.INVALID_BODY, "A hazard is no duplicate of itself", pointer="/body/duplicate_of")
    file.hazard.duplicate_of = body.duplicate_of
    return Turn()


def submit_plan(file: HazardFile, deed: Deed) -> Turn:
    body = _as(deed, wire.SubmitPlan)
    missing = [name for name in wire.PLAN_ELEMENTS if _is_empty(getattr(body, name))]
    if missing:
        faults = tuple(
            Fault(f"/body/{name}", "missing", "This element of the plan is owed") for name in missing
        )
        raise Refusal(Code.PLAN_INCOMPLETE, "Missing: " + ", ".join(missing), faults=faults)
    _in_future(body.due_at, deed.now)
    # the salt keeps the responsible person's name out of the history, which shows a commitment to it
    file.hazard.plan = _plain(body) | {
        "due_at": _plain(_utc(body.due_at)),
        "submitted_at": _plain(deed.now),
        "approved": None,
        "reason": None,
        "salt": deed.salt,
    }
    return Turn()


def decide_plan(file: HazardFile, deed: Deed) -> Turn:
    body, hazard = _as(deed, wire.DecidePlan), file.hazard
    plan = hazard.plan or {}
    hazard.plan = plan | {"approved": body.approved, "reason": body.reason}
    if not body.approved:
        return Turn("refused")
    due_at = still_ahead(msgspec.convert(plan["due_at"], datetime), deed.now)
    return Turn("approved", due_at, "hazard.submit_plan")


def request_extension(file: HazardFile, deed: Deed) -> None:
    body, hazard = _as(deed, wire.RequestExtension), file.hazard
    if hazard.rectify_by is not None and body.due_at <= hazard.rectify_by:
        raise Refusal(Code.INVALID_BODY, "Not later than the present due date", pointer="/body/due_at")
    asked = _plain(body) | {
        "due_at": _plain(_utc(body.due_at)),
        "requested_at": _plain(deed.now),
        "approved": None,
    }
    hazard.extensions = [*hazard.extensions, asked]
    hazard.extension_pending = True
    file.start("extension_decision", deed.now, deed.book)


def decide_extension(file: HazardFile, deed: Deed) -> None:
    body, hazard = _as(deed, wire.DecideExtension), file.hazard
    asked, clock = hazard.extensions[-1], file.running("rectification")
    decided = {"approved": body.approved, "decided_at": _plain(deed.now), "decision_reason": body.reason}
    if body.approved and clock is not None:
        until = _utc(body.due_at) or msgspec.convert(asked["due_at"], datetime)
        if until <= clock.due_at:
            raise Refusal(Code.INVALID_BODY, "Not later than the present due date", pointer="/body/due_at")
        due = fixed_due(until, "hazard.decide_extension", deed.book)
        clock.due_at, clock.rule, clock.explanation = (
            due.at,
            due.rule_id,
            [*clock.explanation, *due.explanation],
        )
        clock.next_step_at = next_moment(hazard.ruling_grade, clock, deed.book)
        if hazard.repeats == 0:
            hazard.first_due_at = until
        decided["granted_until"] = _plain(until)
    hazard.extensions = [*hazard.extensions[:-1], asked | decided]
    hazard.extension_pending = False
    file.stop(["extension_decision"], deed.now)


def submit_rectification(file: HazardFile, deed: Deed) -> Turn:
    body, hazard = _as(deed, wire.SubmitRectification), file.hazard
    if not body.photos and hazard.found_role != "enterprise":
        raise Refusal(Code.EVIDENCE_MISSING, "At least one photo of what was done", pointer="/body/photos")
    hazard.rectified_by = deed.actor.id
    return Turn()


def accept(file: HazardFile, deed: Deed) -> Turn:
    hazard = file.hazard
    hazard.verified_by = deed.actor.id
    share = deed.book.sampling.share(hazard.region_code, civil_date(deed.now))
    # only what has an item can be looked at again by a checklist
    drawn = hazard.item is not None and is_drawn(hazard.id, deed.now, share)
    hazard.sample = "drawn" if drawn else None
    return Turn()


def verify(file: HazardFile, deed: Deed) -> Turn:
    body, hazard = _as(deed, wire.Verify), file.hazard
    hazard.verified_by = deed.actor.id
    if body.passed:
        return Turn("passed")
    hazard.cycle += 1
    hazard.repeats += 1
    return Turn("failed")


def close(_file: HazardFile, _deed: Deed) -> Turn:
    return Turn()


def reopen(file: HazardFile, _: Deed) -> Turn:
    hazard = file.hazard
    hazard.rectified_by = hazard.verified_by = hazard.duplicate_of = hazard.sample = None
    if hazard.status == "closed":
        hazard.cycle += 1
        hazard.first_due_at = None
        hazard.workers_told_at = None  # what they were told is over; this is new
    return Turn()


def order_suspension(file: HazardFile, _: Deed) -> None:
    file.hazard.suspended = True


def request_resumption(file: HazardFile, deed: Deed) -> None:
    file.hazard.resumption_pending = True
    file.start("resumption_decision", deed.now, deed.book)


def decide_resumption(file: HazardFile, deed: Deed) -> None:
    body, hazard = _as(deed, wire.DecidePlan), file.hazard
    hazard.resumption_pending = False
    hazard.suspended = not body.approved
    file.stop(["resumption_decision"], deed.now)


def report_to_workers(file: HazardFile, deed: Deed) -> None:
    body = _as(deed, wire.ReportToWorkers)
    if not body.proof:
        raise Refusal(Code.EVIDENCE_MISSING, "The proof of the report", pointer="/body/proof")
    file.hazard.workers_told_at = deed.now
    file.stop(["report_to_workers"], deed.now)


def list_supervision(file: HazardFile, deed: Deed) -> None:
    body = _as(deed, wire.ListSupervision)
    _in_future(body.due_at, deed.now)
    list_it(file, body.level, body.due_at, deed.now, deed.book)


def delist(file: HazardFile, deed: Deed) -> None:
    end_listing(file, deed.now)


def transfer(file: HazardFile, deed: Deed) -> None:
    """The record that goes with the case: number, to whom, why, when, by whom, and what the case is."""
    body, hazard = _as(deed, wire.Transfer), file.hazard
    hazard.transferred_to = body.to
    record = {
        "number": f"{hazard.number}-Y{len(hazard.transfers) + 1}",
        "to": body.to,
        "reason": body.reason,
        "at": _plain(deed.now),
        "by": str(deed.actor.id),
        "title": hazard.title,
        "grade": hazard.grade,
        "criterion": hazard.criterion,
        "status": hazard.status,
        "due_on": str(hazard.rectify_by.astimezone(CIVIL).date()) if hazard.rectify_by else None,
        "repeats": hazard.repeats,
    }
    hazard.transfers = [*hazard.transfers, record]


def decide_evidence(_file: HazardFile, _deed: Deed) -> None:
    """The decision stands in the history; what follows from it is `domain.late_evidence`."""


def note(_file: HazardFile, _deed: Deed) -> None:
    """A note changes nothing; its text stands in the history."""


def _as(deed: Deed, kind: type[Body]) -> Body:
    assert isinstance(deed.body, kind)  # noqa: S101 - COMMANDS pairs each kind with its body
    return deed.body


def _is_empty(element: object) -> bool:
    return not says_something(element) if isinstance(element, str) else element is None


def _in_future(due_at: datetime | None, now: datetime) -> None:
    if due_at is not None and due_at <= now:
        raise Refusal(Code.INVALID_BODY, "A due date lies in the future", pointer="/body/due_at")


def _utc(moment: datetime | None) -> datetime | None:
    """As rows keep it, so that a row that is read again says what its history says."""
    return moment.astimezone(UTC) if moment is not None else None


def _plain(value: object) -> Any:
    """As it goes into JSON columns and events."""
    return msgspec.to_builtins(value)
