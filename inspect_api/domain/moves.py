"""The one table of what may be done with a hazard: status, command, role, order and grade -> where it leads.

Everything that knows a move asks this table: commands online and offline, `permitted_commands`, the
documentation (`docs/lifecycle.md`). A move that is not in it is a conflict, in whatever order operations
arrive. Sources: Work Safety Law (2021) art. 41, 65, 68; Order 16 (2007) art. 15, 18, 20, 23;
Administrative Penalty Law art. 42.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from inspect_api.domain.access import Caller
from inspect_api.domain.hazard import ANY_STATUS, OPEN, HazardState
from inspect_api.errors import Code


class Condition(NamedTuple):
    """What has to hold besides the status; `code` is what a command is told where it does not."""

    holds: Callable[[HazardState, datetime], bool]
    zh: str
    en: str
    code: Code = Code.CONFLICT


class Move(NamedTuple):
    """A row of the table: this command, by these roles, in these statuses, where every condition holds.

    `to` names the ways on which the command can turn out, each with the status after it; without any the
    status stays. `other_than` names the persons of the hazard's past who may not take it (separation of
    duties).
    """

    command: str
    roles: tuple[str, ...]
    statuses: frozenset[str]
    to: Mapping[str, str]
    when: tuple[Condition, ...]
    other_than: tuple[str, ...]


GENERAL = Condition(lambda h, _: h.grade == "general", "一般隐患", "general")
MAJOR = Condition(lambda h, _: h.grade == "major", "重大事故隐患", "major")
SELF_FOUND = Condition(lambda h, _: h.order_kind == "self", "企业自查", "self-found")
URGED = Condition(lambda h, _: h.order_kind == "urged", "督促整改", "urged")
RUNNING = Condition(lambda h, _: h.rectify_by is not None, "整改期限已起算", "its date runs: it was served")
IN_TIME = Condition(
    lambda h, now: h.rectify_by is None or now <= h.rectify_by,
    "期限届满之前",
    "before the due date",
    Code.EXTENSION_TOO_LATE,
)
ASKED = Condition(lambda h, _: h.extension_pending, "有待批的延期申请", "an extension is pending")
NOT_ASKED = Condition(lambda h, _: not h.extension_pending, "无待批的延期申请", "no extension is pending")
SUSPENDED = Condition(lambda h, _: h.suspended, "已责令停产停业", "suspended")
NOT_SUSPENDED = Condition(lambda h, _: not h.suspended, "未责令停产停业", "not suspended")
RESUMING = Condition(lambda h, _: h.resumption_pending, "有待批的复产申请", "a request to resume is pending")
NOT_RESUMING = Condition(
    lambda h, _: not h.resumption_pending, "无待批的复产申请", "no request to resume is pending"
)
IN_QUESTION = Condition(
    lambda h, _: h.late_evidence is not None, "有待认定的迟到证据", "a question of late evidence is open"
)
LISTED = Condition(lambda h, _: h.listed_level is not None, "已挂牌", "listed")
NOT_LISTED = Condition(lambda h, _: h.listed_level is None, "未挂牌", "not listed")

_UNCONFIRMED = frozenset({"reported"})
_CONFIRMED = OPEN - _UNCONFIRMED
_SEEING = "inspector officer regulator enterprise expert admin"
_RECTIFIER, _VERIFIER = "rectified_by", "verified_by"


def _row(
    command: str,
    roles: str,
    statuses: Iterable[str],
    to: Mapping[str, str] | str = "",
    *when: Condition,
    other_than: tuple[str, ...] = (),
) -> Move:
    ways = ({"": to} if to else {}) if isinstance(to, str) else to
    return Move(f"hazard.{command}", tuple(roles.split()), frozenset(statuses), ways, when, other_than)


MOVES: tuple[Move, ...] = (
    _row("confirm", "regulator officer", ["reported"], {"general": "rectifying", "major": "plan_due"}),
    _row("dismiss", "regulator officer", ["reported"], "dismissed"),
    _row("dismiss", "regulator", _CONFIRMED, "dismissed", GENERAL),
    _row("submit_plan", "enterprise", ["plan_due"], "plan_review"),
    _row("decide_plan", "regulator", ["plan_review"], {"approved": "rectifying", "refused": "plan_due"}),
    _row("request_extension", "enterprise", ["rectifying"], "", RUNNING, IN_TIME, NOT_ASKED),
    _row("decide_extension", "regulator", ["rectifying"], "", ASKED),
    _row("submit_rectification", "enterprise", ["rectifying"], "verifying"),
    _row("accept", "enterprise", ["verifying"], "closed", SELF_FOUND, GENERAL, other_than=(_RECTIFIER,)),
    _row(
        "verify", "officer", ["verifying"], {"passed": "closed", "failed": "rectifying"},
        GENERAL, other_than=(_RECTIFIER,),
    ),
    # re-inspecting a major hazard is an act of enforcement, which a grid inspector has no power for
    _row(
        "verify", "officer", ["verifying"], {"passed": "review", "failed": "rectifying"},
        MAJOR, other_than=(_RECTIFIER,),
    ),
    _row(
        "verify", "inspector", ["verifying"], {"passed": "closed", "failed": "rectifying"},
        URGED, GENERAL, other_than=(_RECTIFIER,),
    ),
    _row("close", "regulator", ["review"], "closed", other_than=(_RECTIFIER, _VERIFIER)),
    _row("reopen", "regulator", ["closed"], "rectifying"),
    _row("reopen", "regulator", ["dismissed"], "reported"),
    _row("order_suspension", "officer regulator", OPEN, "", NOT_SUSPENDED),
    _row("request_resumption", "enterprise", ANY_STATUS, "", SUSPENDED, NOT_RESUMING),
    _row("decide_resumption", "regulator", ANY_STATUS, "", RESUMING),
    # listing names an enterprise in public: only what has been confirmed as major is listed
    _row("list_supervision", "regulator", _CONFIRMED, "", MAJOR, NOT_LISTED),
    _row("delist", "regulator", OPEN, "", LISTED),
    _row("transfer", "regulator", OPEN),
    # also before it is confirmed: telling the workers too early is never wrong
    _row("report_to_workers", "enterprise", OPEN, "", MAJOR),
    _row("decide_evidence", "regulator", ANY_STATUS, "", IN_QUESTION),
    _row("note", _SEEING, ANY_STATUS),
)  # fmt: skip

COMMANDS: tuple[str, ...] = tuple(dict.fromkeys(move.command for move in MOVES))
"""Every command, in the table's order."""

_BY_ROLE: dict[tuple[str, str], tuple[Move, ...]] = {
    (role, status): tuple(move for move in MOVES if role in move.roles and status in move.statuses)
    for role in sorted({role for move in MOVES for role in move.roles})
    for status in ANY_STATUS
}


class Verdict(NamedTuple):
    """The row that allows a command, or why none does: by the role, the state or the person."""

    move: Move | None
    code: Code = Code.CONFLICT
    why: str = ""


def judge(hazard: HazardState, command: str, role: str, person: UUID | None, now: datetime) -> Verdict:
    """Whether this person may give the command at this moment."""
    if not any(move.command == command and role in move.roles for move in MOVES):
        return Verdict(None, Code.FORBIDDEN, f"{command} is not for the role {role}")
    rows = [move for move in _BY_ROLE[role, hazard.status] if move.command == command]
    verdicts = [_judge_row(move, hazard, person, now) for move in rows]
    # the best that can be said: it is allowed, else only the person is the wrong one, else what is lacking
    verdicts.sort(key=lambda found: (found.move is None, found.code is not Code.SEPARATION_OF_DUTIES))
    impossible = Verdict(None, why=f"{command} is not possible while the hazard is {hazard.status}")
    return next(iter(verdicts), impossible)


def permitted_commands(hazard: HazardState, caller: Caller, now: datetime) -> list[str]:
    """What this caller may do with the hazard as it stands at this moment, in the table's order."""
    rows = _BY_ROLE.get((caller.role, hazard.status), ())
    allowed = (
        move.command
        for move in rows
        if _unmet(move, hazard, now) is None and not _came_before(move, hazard, caller.id)
    )
    return list(dict.fromkeys(allowed))


def _unmet(move: Move, hazard: HazardState, now: datetime) -> Condition | None:
    """The first condition of a move that does not hold."""
    for condition in move.when:
        if not condition.holds(hazard, now):
            return condition
    return None


def _came_before(move: Move, hazard: HazardState, person: UUID) -> bool:
    """Whether this person may not take it, for what he has done."""
    return any(getattr(hazard, who) == person for who in move.other_than)


def _judge_row(move: Move, hazard: HazardState, person: UUID | None, now: datetime) -> Verdict:
    unmet = _unmet(move, hazard, now)
    if unmet is not None:
        return Verdict(None, unmet.code, f"{move.command} needs: {unmet.en}")
    if person is not None and _came_before(move, hazard, person):
        why = f"{move.command} is for another person than the one before"
        return Verdict(None, Code.SEPARATION_OF_DUTIES, why)
    return Verdict(move)
