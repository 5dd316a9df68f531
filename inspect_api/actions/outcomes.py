"""What a phone is told of each operation."""

from datetime import datetime

import msgspec

from inspect_api.actions.read_operations import Filed
from inspect_api.errors import Code, Refusal
from sync.envelope import DURABLE, Outcome, OutcomeCode, Problem, ProblemFault

_CONFLICTS = frozenset(
    {
        Code.CONFLICT,
        Code.STALE_REV,
        Code.FORBIDDEN,
        Code.SEPARATION_OF_DUTIES,
        Code.EXTENSION_TOO_LATE,
    }
)
_HELD = frozenset({Code.UNKNOWN_ENTITY, Code.DEPENDENCY_MISSING})
SINGLE_OFFICER = "single_officer"
"""Flag: found or confirmed by an officer without a second one, so it is urged and no order."""

CRITERION_UNKNOWN = "criterion_unknown"
"""Flag: a hazard was confirmed as major by a criterion that no known set has."""

_RETRIES = frozenset({Code.BUSY, Code.INTERNAL})


def outcome(filed: Filed, code: OutcomeCode) -> Outcome:
    """A bare outcome of one operation."""
    return Outcome(
        op_id=filed.shown_id,
        code=code,
        durable=code in DURABLE,
        digest=filed.digest,
        flags=list(filed.flags),
        missing_blobs=[],
    )


def refused(filed: Filed, refusal: Refusal, *, on_hazard: bool = False) -> Outcome:
    """The outcome of an operation that was not applied: a conflict, waiting, to be sent again, or kept."""
    if on_hazard and refusal.code in _CONFLICTS:
        answer = outcome(filed, "conflict")
    elif refusal.code in _HELD:
        answer = outcome(filed, "held")
    elif refusal.code in _RETRIES:
        answer = outcome(filed, "retry")
    else:
        answer = outcome(filed, "quarantined")
    answer.problem = problem_of(refusal)
    return answer


def problem_of(refusal: Refusal, request_id: str = "") -> Problem:
    """RFC 9457 problem details of a refusal."""
    return Problem(
        type=f"urn:inspect-api:problem:{refusal.code.wire}",
        title=refusal.code.title,
        status=refusal.code.status,
        detail=refusal.detail,
        code=refusal.code.wire,
        request_id=request_id,
        errors=[ProblemFault(*fault) for fault in refusal.faults],
    )


def stored_form(answer: Outcome) -> bytes:
    """An outcome as it is kept with its operation."""
    return msgspec.json.encode(answer)


def from_store(raw: bytes) -> Outcome:
    return msgspec.json.decode(raw, type=Outcome)


def moment(at: datetime) -> str:
    """A moment as responses print it: RFC 3339, UTC."""
    text: str = msgspec.to_builtins(at)
    return text
