"""What `lifecycle.md` allows, restated by hand as a plain table: the model that the product is tried against.

Two readings are stricter than the document's words. An inspector re-inspects what is urged and general; a
major hazard found by a single officer, urged for want of a second one, is re-inspected by officers. And
what is not confirmed yet is not graded yet, so it is not listed as major.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from inspect_api.domain.hazard import HazardState

OPEN = "reported plan_due plan_review rectifying verifying review"
CONFIRMED = OPEN.removeprefix("reported ")
ANY = f"{OPEN} closed dismissed"
SEEING = "inspector officer regulator enterprise expert admin"


class Rule(NamedTuple):
    """Who may, from where, if what; and who of the hazard's past may not."""

    roles: str
    statuses: str
    holds: Callable[[HazardState], bool] = lambda _: True
    in_time: bool = False
    not_who: str = ""


LIFECYCLE: dict[str, list[Rule]] = {
    "confirm": [Rule("regulator officer", "reported")],
    "dismiss": [
        Rule("regulator officer", "reported"),
        Rule("regulator", OPEN, lambda h: h.grade == "general"),
    ],
    "submit_plan": [Rule("enterprise", "plan_due")],
    "decide_plan": [Rule("regulator", "plan_review")],
    "request_extension": [Rule("enterprise", "rectifying", lambda h: not h.extension_pending, in_time=True)],
    "decide_extension": [Rule("regulator", "rectifying", lambda h: h.extension_pending)],
    "submit_rectification": [Rule("enterprise", "rectifying")],
    "accept": [
        Rule(
            "enterprise",
            "verifying",
            lambda h: h.order_kind == "self" and h.grade == "general",
            not_who="rectified_by",
        )
    ],
    "verify": [
        Rule("officer", "verifying", not_who="rectified_by"),
        Rule(
            "inspector",
            "verifying",
            lambda h: h.order_kind == "urged" and h.grade == "general",
            not_who="rectified_by",
        ),
    ],
    "close": [Rule("regulator", "review", not_who="rectified_by verified_by")],
    "reopen": [Rule("regulator", "closed dismissed")],
    "order_suspension": [Rule("officer regulator", OPEN, lambda h: not h.suspended)],
    "request_resumption": [Rule("enterprise", ANY, lambda h: h.suspended and not h.resumption_pending)],
    "decide_resumption": [Rule("regulator", ANY, lambda h: h.resumption_pending)],
    "list_supervision": [
        Rule("regulator", CONFIRMED, lambda h: h.grade == "major" and h.listed_level is None)
    ],
    "delist": [Rule("regulator", OPEN, lambda h: h.listed_level is not None)],
    "transfer": [Rule("regulator", OPEN)],
    "report_to_workers": [Rule("enterprise", OPEN, lambda h: h.grade == "major")],
    "decide_evidence": [Rule("regulator", ANY, lambda h: h.late_evidence is not None)],
    "note": [Rule(SEEING, ANY)],
}


def may(hazard: HazardState, name: str, role: str, who: UUID, now: datetime) -> bool:
    """Whether a person of this role may give the command now."""
    return any(
        role in rule.roles.split()
        and hazard.status in rule.statuses.split()
        and rule.holds(hazard)
        and not (rule.in_time and (hazard.rectify_by is None or hazard.rectify_by < now))
        and who not in {getattr(hazard, past) for past in rule.not_who.split()}
        for rule in LIFECYCLE[name]
    )


def leads_to(hazard: HazardState, name: str, body: dict[str, Any]) -> str:
    """The status after a command that may be given."""
    major = hazard.grade == "major"
    if name == "verify":
        return "rectifying" if not body["passed"] else "review" if major else "closed"
    if name == "confirm":
        return "plan_due" if body["grade"] == "major" else "rectifying"
    if name == "decide_plan":
        return "rectifying" if body["approved"] else "plan_due"
    if name == "reopen":
        return "reported" if hazard.status == "dismissed" else "rectifying"
    moves = {
        "dismiss": "dismissed", "submit_plan": "plan_review", "submit_rectification": "verifying",
        "accept": "closed", "close": "closed",
    }  # fmt: skip
    return moves.get(name, hazard.status)
