"""Does a command that was applied prove that something was done in time which the register saw as late?"""

from inspect_api.actions.batch import Batch
from inspect_api.actions.notify import withdrawals
from inspect_api.actions.read_operations import Filed
from inspect_api.domain.clocks import ClockState, HazardFile
from inspect_api.domain.late_evidence import PROVING, Proof, Retraction, ask, asked, retract, seen_late, weigh
from sync.commands import DecideEvidence, Verify

_ASKED = "hazard.late_evidence_asked"
_REFUSED = "hazard.late_evidence_refused"
_RETRACTED = "hazard.steps_retracted"


def weigh_late_evidence(batch: Batch, filed: Filed, file: HazardFile) -> None:
    """Take steps back, or ask the regulator, each by an entry of its own after that of the command."""
    op, body = filed.op, filed.body
    assert op is not None  # noqa: S101 - only read operations are handled
    if isinstance(body, DecideEvidence):
        _decide(batch, filed, file, body.in_time)
        return
    if isinstance(body, Verify) and not body.passed:
        # what is not fixed now was not fixed then
        if file.hazard.late_evidence is not None:
            _refuse(batch, filed, file)
        return
    proof = Proof(batch.work.who.role, filed.when.at, filed.when.uncertainty)
    for clock in seen_late(file, PROVING.get(op.kind, ())):
        weight = weigh(proof, clock)
        if weight == "in_time":
            _retract(batch, filed, file, retract(file, clock, proof.at, batch.work.book), "device")
        elif weight == "question" and file.hazard.late_evidence is None:
            ask(file, clock, proof, batch.work.now)
            why = {"clock": clock.kind, "cycle": clock.cycle}
            batch.ledger.record(file.hazard.id, _ASKED, batch.cause(filed), why)


def _decide(batch: Batch, filed: Filed, file: HazardFile, in_time: bool) -> None:
    question = asked(file)
    assert question is not None  # noqa: S101 - the table of moves allows the command only while it is open
    if not in_time:
        _refuse(batch, filed, file)
        return
    clock, done_at = question
    _retract(batch, filed, file, retract(file, clock, done_at, batch.work.book), "regulator")


def _refuse(batch: Batch, filed: Filed, file: HazardFile) -> None:
    why = {"question": file.hazard.late_evidence}
    file.hazard.late_evidence = None
    batch.ledger.record(file.hazard.id, _REFUSED, batch.cause(filed), why)


def _retract(batch: Batch, filed: Filed, file: HazardFile, back: Retraction, by: str) -> None:
    why = {**_named(back.clock), "steps": [step.n for step in back.steps], "decided_by": by}
    batch.ledger.record(file.hazard.id, _RETRACTED, batch.cause(filed), why)
    batch.notices += withdrawals(file.hazard, back.clock, back.steps)


def _named(clock: ClockState) -> dict[str, object]:
    return {"clock": clock.kind, "cycle": clock.cycle, "done_at": clock.stopped_at, "due_at": clock.due_at}
