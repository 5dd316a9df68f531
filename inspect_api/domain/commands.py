"""What each command does to a hazard, once the table of moves has allowed it."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, NamedTuple, TypeVar

import msgspec

from inspect_api.domain.access import Caller
from inspect_api.domain.clocks import HazardFile, Rulebook, fixed_due, next_moment
from inspect_api.domain.hazard import judge
from inspect_api.domain.stages import enter
from inspect_api.errors import Code, Fault, Refusal
from sync import commands as wire

Body = TypeVar("Body")


class Deed(NamedTuple):
    """A command in the hands of the person who gives it, at the server's moment."""

    kind: str
    body: wire.Command
    actor: Caller
    now: datetime
    book: Rulebook
    salt: str


def apply_command(file: HazardFile, deed: Deed) -> None:
    """Change the hazard and its clocks. Raises Refusal, having changed nothing, when it may not be."""
    verdict = judge(file.hazard, deed.kind, deed.actor.role, deed.actor.id)
    if not verdict.allowed:
        raise _REFUSALS[verdict.reason](file.hazard.status, deed)
    _EFFECTS[deed.kind](file, deed)
    file.settle()


_REFUSALS: dict[str, Callable[[str, Deed], Refusal]] = {
    "status": lambda status, deed: Refusal(
        Code.CONFLICT, f"{deed.kind} is not possible while the hazard is {status}"
    ),
    "role": lambda _, deed: Refusal(Code.FORBIDDEN, f"{deed.kind} is not for the role {deed.actor.role}"),
    "person": lambda _, deed: Refusal(
        Code.SEPARATION_OF_DUTIES, f"{deed.kind} is for another person than the one before"
    ),
}


def _confirm(file: HazardFile, deed: Deed) -> None:
    body, hazard = _as(deed, wire.Confirm), file.hazard
    _in_future(body.due_at, deed.now)
    if body.grade == "major":
        criterion = body.criterion or hazard.criterion
        if criterion is None:
            raise Refusal(Code.CRITERION_MISSING, pointer="/body/criterion")
        hazard.criterion = criterion
        # Order 16 art. 20: a major hazard is rectified under a written order
        hazard.order_kind = "ordered"
    elif body.criterion is not None:
        hazard.criterion = body.criterion
    hazard.grade, hazard.suspected_major = body.grade, False
    status = "plan_due" if body.grade == "major" else "rectifying"
    enter(file, status, deed.now, deed.book, body.due_at, "hazard.confirm")
    file.climb_anew(deed.book)


def _dismiss(file: HazardFile, deed: Deed) -> None:
    body = _as(deed, wire.Dismiss)
    if body.duplicate_of == file.hazard.id:
        raise Refusal(Code.INVALID_BODY, "A hazard is no duplicate of itself", pointer="/body/duplicate_of")
    file.hazard.duplicate_of = body.duplicate_of
    enter(file, "dismissed", deed.now, deed.book)


def _submit_plan(file: HazardFile, deed: Deed) -> None:
    body = _as(deed, wire.SubmitPlan)
    texts = ("goals", "measures", "organisation", "responsible_person", "contingency_plan")
    missing = [name for name in texts if not getattr(body, name).strip()]
    missing += [name for name in ("funds_cny", "due_at") if getattr(body, name) is None]
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
    enter(file, "plan_review", deed.now, deed.book)


def _decide_plan(file: HazardFile, deed: Deed) -> None:
    body, hazard = _as(deed, wire.DecidePlan), file.hazard
    plan = hazard.plan or {}
    hazard.plan = plan | {"approved": body.approved, "reason": body.reason}
    if body.approved:
        due_at = msgspec.convert(plan["due_at"], datetime)
        enter(file, "rectifying", deed.now, deed.book, due_at, "hazard.submit_plan")
    else:
        enter(file, "plan_due", deed.now, deed.book)


def _request_extension(file: HazardFile, deed: Deed) -> None:
    body, hazard = _as(deed, wire.RequestExtension), file.hazard
    clock = file.running("rectification")
    if clock is None:
        raise Refusal(Code.CONFLICT, "The order has not been served, so no date runs that could be extended")
    if deed.now > clock.due_at:
        raise Refusal(Code.EXTENSION_TOO_LATE)
    if body.due_at <= clock.due_at:
        raise Refusal(Code.INVALID_BODY, "Not later than the present due date", pointer="/body/due_at")
    asked = _plain(body) | {
        "due_at": _plain(_utc(body.due_at)),
        "requested_at": _plain(deed.now),
        "approved": None,
    }
    hazard.extensions = [*hazard.extensions, asked]
    hazard.extension_pending = True
    file.start("extension_decision", deed.now, deed.book)


def _decide_extension(file: HazardFile, deed: Deed) -> None:
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


def _submit_rectification(file: HazardFile, deed: Deed) -> None:
    body, hazard = _as(deed, wire.SubmitRectification), file.hazard
    if not body.photos and hazard.found_role != "enterprise":
        raise Refusal(Code.EVIDENCE_MISSING, "At least one photo of what was done", pointer="/body/photos")
    hazard.rectified_by = deed.actor.id
    enter(file, "verifying", deed.now, deed.book)


def _accept(file: HazardFile, deed: Deed) -> None:
    file.hazard.verified_by = deed.actor.id
    enter(file, "closed", deed.now, deed.book)


def _verify(file: HazardFile, deed: Deed) -> None:
    body, hazard = _as(deed, wire.Verify), file.hazard
    hazard.verified_by = deed.actor.id
    if body.passed:
        enter(file, "review" if hazard.grade == "major" else "closed", deed.now, deed.book)
        return
    hazard.cycle += 1
    hazard.repeats += 1
    enter(file, "rectifying", deed.now, deed.book)


def _close(file: HazardFile, deed: Deed) -> None:
    enter(file, "closed", deed.now, deed.book)


def _reopen(file: HazardFile, deed: Deed) -> None:
    hazard = file.hazard
    hazard.rectified_by = hazard.verified_by = None
    if hazard.status == "dismissed":
        hazard.duplicate_of = None
        enter(file, "reported", deed.now, deed.book)
        return
    hazard.cycle += 1
    hazard.first_due_at = None
    enter(file, "rectifying", deed.now, deed.book)


def _order_suspension(file: HazardFile, _: Deed) -> None:
    file.hazard.suspended = True


def _request_resumption(file: HazardFile, deed: Deed) -> None:
    file.hazard.resumption_pending = True
    file.start("resumption_decision", deed.now, deed.book)


def _decide_resumption(file: HazardFile, deed: Deed) -> None:
    body, hazard = _as(deed, wire.DecidePlan), file.hazard
    hazard.resumption_pending = False
    hazard.suspended = not body.approved
    file.stop(["resumption_decision"], deed.now)


def _report_to_workers(file: HazardFile, deed: Deed) -> None:
    body = _as(deed, wire.ReportToWorkers)
    if not body.proof:
        raise Refusal(Code.EVIDENCE_MISSING, "The proof of the report", pointer="/body/proof")
    file.hazard.workers_told_at = deed.now
    file.stop(["report_to_workers"], deed.now)


def _list_supervision(file: HazardFile, deed: Deed) -> None:
    body, hazard = _as(deed, wire.ListSupervision), file.hazard
    _in_future(body.due_at, deed.now)
    hazard.listed_level, hazard.listed_since, hazard.listed_due_at = body.level, deed.now, _utc(body.due_at)
    file.start("listing", deed.now, deed.book, body.due_at, "hazard.list_supervision")


def _delist(file: HazardFile, deed: Deed) -> None:
    hazard = file.hazard
    hazard.listed_level = hazard.listed_since = hazard.listed_due_at = None
    file.stop(["listing"], deed.now)


def _transfer(file: HazardFile, deed: Deed) -> None:
    file.hazard.transferred_to = _as(deed, wire.Transfer).to


def _note(_file: HazardFile, _deed: Deed) -> None:
    """A note changes no status; its text stands in the history."""


def _decide_evidence(_file: HazardFile, _deed: Deed) -> None:
    """The decision stands in the history; what follows from it is `domain.late_evidence`."""


_EFFECTS: dict[str, Callable[[HazardFile, Deed], None]] = {
    "hazard.confirm": _confirm,
    "hazard.dismiss": _dismiss,
    "hazard.submit_plan": _submit_plan,
    "hazard.decide_plan": _decide_plan,
    "hazard.request_extension": _request_extension,
    "hazard.decide_extension": _decide_extension,
    "hazard.submit_rectification": _submit_rectification,
    "hazard.accept": _accept,
    "hazard.verify": _verify,
    "hazard.close": _close,
    "hazard.reopen": _reopen,
    "hazard.order_suspension": _order_suspension,
    "hazard.request_resumption": _request_resumption,
    "hazard.decide_resumption": _decide_resumption,
    "hazard.report_to_workers": _report_to_workers,
    "hazard.list_supervision": _list_supervision,
    "hazard.delist": _delist,
    "hazard.transfer": _transfer,
    "hazard.decide_evidence": _decide_evidence,
    "hazard.note": _note,
}


def _as(deed: Deed, kind: type[Body]) -> Body:
    assert isinstance(deed.body, kind)  # noqa: S101 - COMMANDS pairs each kind with its body
    return deed.body


def _in_future(due_at: datetime | None, now: datetime) -> None:
    if due_at is not None and due_at <= now:
        raise Refusal(Code.INVALID_BODY, "A due date lies in the future", pointer="/body/due_at")


def _utc(moment: datetime | None) -> datetime | None:
    """As rows keep it, so that a row that is read again says what its history says."""
    return moment.astimezone(UTC) if moment is not None else None


def _plain(value: object) -> Any:
    """As it goes into JSON columns and events."""
    return msgspec.to_builtins(value)
