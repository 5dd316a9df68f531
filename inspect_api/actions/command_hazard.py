"""A command on a hazard, the same whether it was given online or offline days ago."""

from uuid import UUID

from inspect_api.actions.batch import Batch
from inspect_api.actions.evidence import Evidence
from inspect_api.actions.late_evidence import weigh_late_evidence
from inspect_api.actions.notify import alerts, listing_notices, service_notices
from inspect_api.actions.outcomes import CRITERION_UNKNOWN, SINGLE_OFFICER, outcome, refused
from inspect_api.actions.read_operations import Filed
from inspect_api.clock import new_token
from inspect_api.domain.clocks import HazardFile
from inspect_api.domain.commands import apply_command
from inspect_api.domain.effects import Deed
from inspect_api.domain.hazard import HazardState
from inspect_api.domain.moves import judge, permitted_commands
from inspect_api.errors import Code, Refusal
from sync.commands import Command, Confirm, Dismiss, ReportToWorkers
from sync.envelope import Outcome


def command_hazard(batch: Batch, filed: Filed, body: Command) -> Outcome:
    """Apply it, or say where the hazard stands. Raises Refusal when the hazard is not known here."""
    op, who = filed.op, batch.work.who
    assert op is not None  # noqa: S101 - only read operations are handled
    file = _find(batch, filed, op.entity_id)
    officers = batch.in_office(body.officers, filed.when.at) if isinstance(body, Confirm) else ()
    deed = Deed(op.kind, body, who, batch.work.now, batch.work.book, new_token(), officers)
    try:
        _check_rev(op.base_rev, file.hazard)
        other = _merged_into(batch, filed, body)
        apply_command(file, deed)
    except Refusal as refusal:
        return _conflict(batch, filed, file, refusal)
    answer = outcome(filed, "applied")
    if isinstance(body, Confirm):
        answer.flags += _doubts(batch, file.hazard, body)
    purpose = "rectified" if op.kind == "hazard.submit_rectification" else "command"
    _attach(batch, filed, file, answer, purpose)
    batch.ledger.record(op.entity_id, op.kind, batch.cause(filed))
    weigh_late_evidence(batch, filed, file)
    if other is not None:
        why = {"duplicate": str(op.entity_id), "number": file.hazard.number}
        batch.ledger.record(other.hazard.id, "hazard.merged", batch.cause(filed), why)
    batch.notices += service_notices(file)
    if op.kind == "hazard.list_supervision":
        batch.notices += listing_notices(file)
    if op.kind == "hazard.confirm":
        batch.notices += [request for request in alerts(file) if file.hazard.grade == "major"]
    say_where_it_stands(answer, file, batch)
    return answer


def follow_conflict(batch: Batch, filed: Filed, refusal: Refusal, *, in_vain: bool) -> Outcome:
    """A command that builds on one that was a conflict.

    Raises Refusal when the hazard is not known here: to wait for it, so that what it brings is kept there,
    or, `in_vain`, the conflict itself, for what would have opened it was dismissed.
    """
    assert filed.op is not None  # noqa: S101 - only read operations are handled
    try:
        file = _find(batch, filed, filed.op.entity_id)
    except Refusal as unknown:
        if in_vain and unknown.code is Code.UNKNOWN_ENTITY:
            raise refusal from None
        raise
    return _conflict(batch, filed, file, refusal)


def _find(batch: Batch, filed: Filed, hazard_id: UUID) -> HazardFile:
    file = batch.ledger.get(hazard_id)
    unknown = Refusal(
        Code.UNKNOWN_ENTITY, "This hazard is not known here", pointer="/entity_id", awaits=hazard_id
    )
    if file is None:
        raise unknown
    batch.scope.admit(filed, file.hazard, file.hazard.site_id, unknown)
    return file


def _merged_into(batch: Batch, filed: Filed, body: Command) -> HazardFile | None:
    """The hazard that this one is a duplicate of: known, visible, and open, so that neither is lost."""
    if not isinstance(body, Dismiss) or body.duplicate_of is None:
        return None
    other = batch.ledger.get(body.duplicate_of)
    if other is None or not batch.work.who.sees_at(other.hazard, other.hazard.site_id):
        raise Refusal(Code.INVALID_BODY, "No such hazard", pointer="/body/duplicate_of")
    own = filed.op is not None and filed.op.entity_id == body.duplicate_of
    if not own and not other.hazard.is_open:
        raise Refusal(Code.CONFLICT, "It is merged into an open hazard only", pointer="/body/duplicate_of")
    return other


def _doubts(batch: Batch, hazard: HazardState, body: Confirm) -> list[str]:
    """What a supervisor should see of a confirmation that is applied all the same."""
    flags = []
    if body.grade == "major" and hazard.criterion not in batch.shelf.criteria:
        flags.append(CRITERION_UNKNOWN)
    if hazard.order_kind == "urged" and (body.officers or body.grade == "major"):
        flags.append(SINGLE_OFFICER)
    return flags


def _check_rev(seen: int | None, hazard: HazardState) -> None:
    """Stale is what was seen before somebody acted; a reminder that went out since changes nothing."""
    if seen is not None and not hazard.acted_rev <= seen <= hazard.rev:
        raise Refusal(Code.STALE_REV, f"It is at rev {hazard.rev}", pointer="/base_rev")


def _conflict(batch: Batch, filed: Filed, file: HazardFile, refusal: Refusal) -> Outcome:
    """The loser is told why; what it brought stays in the hazard's history (P7)."""
    filed.judged = refusal
    answer = refused(filed, refusal, on_hazard=True)
    if answer.code != "conflict" or filed.op is None:
        return answer
    who, now = batch.work.who, batch.work.now
    if judge(file.hazard, "hazard.note", who.role, None, now).move is not None:
        _attach(batch, filed, file, answer, "conflict")
        why = {"command": filed.op.kind, "code": refusal.code.wire, "status": file.hazard.status}
        batch.ledger.record(file.hazard.id, "hazard.conflict", batch.cause(filed), why)
    say_where_it_stands(answer, file, batch)
    return answer


def _attach(batch: Batch, filed: Filed, file: HazardFile, answer: Outcome, purpose: str) -> None:
    evidence = Evidence(batch, filed, file.hazard)
    names = getattr(filed.body, "photos", [])
    if isinstance(filed.body, ReportToWorkers):
        names, purpose = filed.body.proof, "proof"
    evidence.expect(names, purpose, hazard_id=file.hazard.id)
    if evidence.missing:
        answer.flags.append("blob_missing")
        answer.missing_blobs = sorted(evidence.missing)


def say_where_it_stands(answer: Outcome, file: HazardFile, batch: Batch) -> None:
    """Status, rev and what the caller may do next: nothing, where he sees it no longer."""
    who = batch.work.who
    answer.rev = file.hazard.rev
    answer.status = file.hazard.status
    seen = who.sees_at(file.hazard, file.hazard.site_id)
    answer.permitted_commands = permitted_commands(file.hazard, who, batch.work.now) if seen else []
