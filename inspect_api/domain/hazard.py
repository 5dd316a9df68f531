"""A hazard's state, and the one table of what may be done with it, when and by whom.

Everything that knows a move asks this table: commands online and offline, `permitted_commands`, the
documentation. A move that is not in it is a conflict, in whatever order operations arrive. Sources:
Work Safety Law (2021) art. 41, 65, 68; Order 16 (2007) art. 15, 18, 20, 23; Administrative Penalty Law
art. 42.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from msgspec import Struct

from inspect_api.domain.access import Caller

OPEN: frozenset[str] = frozenset({"reported", "plan_due", "plan_review", "rectifying", "verifying", "review"})
ANY_STATUS: frozenset[str] = OPEN | {"closed", "dismissed"}


class HazardState(Struct, kw_only=True):
    """What rules and queries know of one hazard; every field can be rebuilt from its history."""

    id: UUID
    number: str
    title: str
    description: str
    grade: str
    suspected_major: bool
    order_kind: str
    status: str
    industry: str
    site_id: UUID | None
    enterprise_id: UUID | None
    region_code: str
    grid_code: str | None
    position: dict[str, Any] | None
    source_kind: str
    inspection_id: UUID | None
    checklist: str | None
    item: str | None
    n: int
    criterion: str | None
    category: str | None
    found_by: UUID
    found_role: str
    reported_at: datetime
    served_at: datetime | None = None
    cycle: int = 1
    repeats: int = 0
    first_due_at: datetime | None = None
    rectified_by: UUID | None = None
    verified_by: UUID | None = None
    on_site_pending: bool = False
    withdrawn: bool = False
    plan: dict[str, Any] | None = None
    extensions: list[dict[str, Any]] = []
    extension_pending: bool = False
    suspended: bool = False
    resumption_pending: bool = False
    workers_told_at: datetime | None = None
    listed_level: str | None = None
    listed_since: datetime | None = None
    listed_due_at: datetime | None = None
    transferred_to: str | None = None
    duplicate_of: UUID | None = None
    due_at: datetime | None = None
    due_party: str | None = None
    due_kind: str | None = None
    due_rule: str | None = None
    step: int = 0
    step_since: datetime | None = None
    rev: int = 1
    acted_rev: int = 1
    due_provisional: bool = False
    late_evidence: dict[str, Any] | None = None

    @property
    def ruling_grade(self) -> str:
        """The grade whose deadlines and ladders apply: a suspected major hazard is treated as one."""
        return "major" if self.suspected_major else self.grade

    @property
    def is_open(self) -> bool:
        return self.status in OPEN


Condition = Callable[[HazardState], bool]


class Move(NamedTuple):
    """A row of the table: this command, by these roles, in these statuses, where `when` holds.

    `other_than` names the persons of the hazard's past who may not take it (separation of duties).
    """

    command: str
    roles: frozenset[str]
    statuses: frozenset[str]
    to: str
    when: Condition | None = None
    condition: str = ""
    other_than: tuple[str, ...] = ()


def _row(
    command: str,
    roles: str,
    statuses: Iterable[str],
    to: str = "",
    when: Condition | None = None,
    condition: str = "",
    other_than: tuple[str, ...] = (),
) -> Move:
    return Move(
        f"hazard.{command}", frozenset(roles.split()), frozenset(statuses), to, when, condition, other_than
    )


_SEEING = "inspector officer regulator enterprise expert admin"

MOVES: tuple[Move, ...] = (
    _row("confirm", "regulator officer", ["reported"], "rectifying, or plan_due when major"),
    _row("dismiss", "regulator officer", ["reported"], "dismissed"),
    _row(
        "dismiss", "regulator", OPEN - {"reported"}, "dismissed",
        lambda h: h.grade == "general", "general",
    ),
    _row("submit_plan", "enterprise", ["plan_due"], "plan_review"),
    _row("decide_plan", "regulator", ["plan_review"], "rectifying, or plan_due when refused"),
    _row(
        "request_extension", "enterprise", ["rectifying"], "",
        lambda h: not h.extension_pending, "no extension pending; before the due date",
    ),
    _row(
        "decide_extension", "regulator", ["rectifying"], "",
        lambda h: h.extension_pending, "an extension is pending",
    ),
    _row("submit_rectification", "enterprise", ["rectifying"], "verifying"),
    _row(
        "accept", "enterprise", ["verifying"], "closed",
        lambda h: h.order_kind == "self" and h.grade == "general", "self, general", ("rectified_by",),
    ),
    _row(
        "verify", "officer", ["verifying"], "closed, review when major, rectifying when failed",
        other_than=("rectified_by",),
    ),
    _row(
        "verify", "inspector", ["verifying"], "closed, or rectifying when failed",
        lambda h: h.order_kind == "urged" and h.grade == "general", "urged, general", ("rectified_by",),
    ),
    _row("close", "regulator", ["review"], "closed", other_than=("rectified_by", "verified_by")),
    _row("reopen", "regulator", ["closed"], "rectifying"),
    _row("reopen", "regulator", ["dismissed"], "reported"),
    _row("order_suspension", "officer regulator", OPEN, "", lambda h: not h.suspended, "not suspended"),
    _row(
        "request_resumption", "enterprise", ANY_STATUS, "",
        lambda h: h.suspended and not h.resumption_pending, "suspended, no request pending",
    ),
    _row(
        "decide_resumption", "regulator", ANY_STATUS, "",
        lambda h: h.resumption_pending, "a request is pending",
    ),
    _row(
        "list_supervision", "regulator", OPEN, "",
        lambda h: h.grade == "major" and h.listed_level is None, "major, not listed",
    ),
    _row("delist", "regulator", OPEN, "", lambda h: h.listed_level is not None, "listed"),
    _row("transfer", "regulator", OPEN, ""),
    _row("report_to_workers", "enterprise", OPEN, "", lambda h: h.grade == "major", "major"),
    _row(
        "decide_evidence", "regulator", ANY_STATUS, "",
        lambda h: h.late_evidence is not None, "a question of late evidence is open",
    ),
    _row("note", _SEEING, ANY_STATUS, ""),
)  # fmt: skip


class Verdict(NamedTuple):
    """Whether a move is allowed; when not, whether by the status, by the role or by the person."""

    allowed: bool
    reason: str = ""


def judge(hazard: HazardState, command: str, role: str, person: UUID | None) -> Verdict:
    """`reason` is "status", "role" or "person"; "role" when the role never takes this command."""
    rows = [move for move in MOVES if move.command == command]
    mine = [move for move in rows if role in move.roles]
    if not mine:
        return Verdict(False, "role")
    fitting = [
        move for move in mine if hazard.status in move.statuses and (move.when is None or move.when(hazard))
    ]
    if not fitting:
        return Verdict(False, "status")
    if all(_barred(hazard, move, person) for move in fitting):
        return Verdict(False, "person")
    return Verdict(True)


def _barred(hazard: HazardState, move: Move, person: UUID | None) -> bool:
    return any(person is not None and getattr(hazard, who) == person for who in move.other_than)


def permitted_commands(hazard: HazardState, caller: Caller, now: datetime) -> list[str]:
    """What this caller may do with the hazard as it stands at this moment, in the table's order."""
    allowed = dict.fromkeys(
        move.command
        for move in MOVES
        if caller.role in move.roles
        and hazard.status in move.statuses
        and (move.when is None or move.when(hazard))
        and not _barred(hazard, move, caller.id)
    )
    if not _may_be_extended(hazard, now):
        allowed.pop("hazard.request_extension", None)
    return list(allowed)


def _may_be_extended(hazard: HazardState, now: datetime) -> bool:
    """An extension is asked while the time runs: after the service, before the due date."""
    late = hazard.due_kind == "rectification" and hazard.due_at is not None and hazard.due_at < now
    return hazard.served_at is not None and not late
