"""Entering a status: which obligations end, and which begin.

Served first: an enterprise's clock starts when it was told (signature or recorded refusal on the spot, the
first delivered notice, or its own act on the hazard); until then the regulator owes the service.
"""

from datetime import UTC, datetime

from inspect_api.domain.clocks import HazardFile, Rulebook
from inspect_api.domain.deadline import ClockKind

OWED: dict[str, ClockKind] = {
    "reported": "confirmation",
    "plan_due": "plan",
    "plan_review": "plan_decision",
    "rectifying": "rectification",
    "verifying": "reinspection",
    "review": "final_review",
}
"""What is owed in a status. Those that are the enterprise's wait for its service."""

_ENDED: frozenset[str] = frozenset({*OWED.values(), "extension_decision", "service"})
_WITH_SERVICE = ("plan_due", "rectifying")
_LISTING_CLOCKS = ("listing_publication", "listing", "delisting")


def enter(
    file: HazardFile,
    status: str,
    at: datetime,
    book: Rulebook,
    due_at: datetime | None = None,
    rule: str = "",
) -> None:
    """Change the status, stop the clocks of the one before and start those of the new one.

    `due_at` with `rule` sets the date of the enterprise's clock where a person fixed it.
    """
    hazard = file.hazard
    # what an enterprise found itself it also accepts itself: its own clock runs on until then
    runs_on = status == "verifying" and hazard.order_kind == "self" and hazard.grade == "general"
    file.stop(_ENDED - {"rectification"} if runs_on else _ENDED, at)
    hazard.status = status
    hazard.set_due_at = None
    hazard.extension_pending = hazard.on_site_pending = False
    if status in _WITH_SERVICE or (runs_on and file.running("rectification") is None):
        _start_enterprise(file, at, book, due_at, rule)
    elif status in OWED and not runs_on:
        file.start(OWED[status], at, book)
    if not hazard.is_open:
        file.stop(["report_to_workers"], at)
        end_listing(file, at)
    elif status == "review" and hazard.listed_level is not None:
        # what the listing was for is done; taking it off the list is what remains
        file.stop(["listing"], at)
        file.start("delisting", at, book)


def serve(file: HazardFile, at: datetime, book: Rulebook) -> bool:
    """The enterprise was told at this moment: its clock starts. False when it had been told before."""
    hazard = file.hazard
    if hazard.served_at is not None:
        return False
    hazard.served_at = at
    if file.running("service") is not None:
        file.stop(["service"], at)
        planned = hazard.plan is not None and bool(hazard.plan.get("approved"))
        rule = "hazard.submit_plan" if planned else "hazard.confirm"
        set_date, hazard.set_due_at = hazard.set_due_at, None
        _start_enterprise(file, at, book, still_ahead(set_date, at), rule)
    return True


def serve_by_act(file: HazardFile, at: datetime, book: Rulebook) -> None:
    """An enterprise that acts upon what it owes knows of it: it counts as served by its own act."""
    if serve(file, at, book):
        tell_workers(file, at, book)


def still_ahead(due_at: datetime | None, at: datetime) -> datetime | None:
    """A date that has passed before its clock could start binds nobody: the rule's takes its place."""
    return due_at if due_at is not None and due_at > at else None


def tell_workers(file: HazardFile, at: datetime, book: Rulebook) -> None:
    """A major hazard that is known to the enterprise is owed to its workers too (双报告)."""
    hazard = file.hazard
    owed = hazard.is_open and hazard.grade == "major" and hazard.workers_told_at is None
    if owed and file.running("report_to_workers") is None:
        file.start("report_to_workers", at, book)


def list_it(file: HazardFile, level: str, due_at: datetime, at: datetime, book: Rulebook) -> None:
    """Listed supervision begins: the notice is to be published, the hazard gone by its date."""
    hazard = file.hazard
    hazard.listed_level, hazard.listed_since, hazard.listed_due_at = level, at, due_at.astimezone(UTC)
    if hazard.enterprise_id is not None:
        file.start("listing_publication", at, book)
    if hazard.status == "review":
        file.start("delisting", at, book)
    else:
        file.start("listing", at, book, due_at, "hazard.list_supervision")


def end_listing(file: HazardFile, at: datetime) -> None:
    """Taken off the list, or off the register and so off the list."""
    hazard = file.hazard
    hazard.listed_level = hazard.listed_since = hazard.listed_due_at = None
    file.stop(_LISTING_CLOCKS, at)


def _start_enterprise(
    file: HazardFile, at: datetime, book: Rulebook, due_at: datetime | None, rule: str
) -> None:
    hazard = file.hazard
    if hazard.served_at is None:
        file.start("service", at, book)
        # the date that a person set waits for the service with it
        hazard.set_due_at = due_at.astimezone(UTC) if due_at else None
        return
    tell_workers(file, at, book)
    if hazard.status == "plan_due":
        file.start("plan", at, book, due_at, rule)
        return
    file.start("rectification", at, book, due_at, rule)
    if hazard.first_due_at is None:
        clock = file.running("rectification")
        hazard.first_due_at = clock.due_at if clock else None
