"""Entering a status: which obligations end, and which begin.

Served first: an enterprise's clock starts when it was told (signature or recorded refusal on the spot,
else the first delivered notice); until then the regulator owes the service.
"""

from datetime import UTC, datetime

from inspect_api.domain.clocks import HazardFile, Rulebook

STAGE_CLOCKS = (
    "confirmation",
    "plan",
    "plan_decision",
    "rectification",
    "extension_decision",
    "reinspection",
    "final_review",
    "service",
)
_UNTIL_CLOSED = ("report_to_workers", "listing")


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
    runs_on = status == "verifying" and hazard.order_kind == "self"
    file.stop(set(STAGE_CLOCKS) - ({"rectification"} if runs_on else set()), at)
    hazard.status = status
    hazard.extension_pending = hazard.on_site_pending = False
    if status == "reported":
        file.start("confirmation", at, book)
    elif status == "plan_review":
        file.start("plan_decision", at, book)
    elif runs_on:
        if file.running("rectification") is None:
            _start_enterprise(file, status, at, book, due_at, rule)
    elif status == "verifying":
        file.start("reinspection", at, book)
    elif status == "review":
        file.start("final_review", at, book)
    elif status in ("plan_due", "rectifying"):
        _start_enterprise(file, status, at, book, due_at, rule)
    elif status in ("closed", "dismissed"):
        file.stop(_UNTIL_CLOSED, at)
        hazard.listed_level = hazard.listed_since = hazard.listed_due_at = None


def serve(file: HazardFile, at: datetime, book: Rulebook) -> bool:
    """The enterprise was told at this moment: its clock starts. False when it had been told before."""
    hazard = file.hazard
    if hazard.served_at is not None:
        return False
    hazard.served_at = at
    if file.running("service") is not None:
        file.stop(["service"], at)
        set_date, hazard.first_due_at = hazard.first_due_at, None
        # a date that has passed before anybody was told of it binds nobody
        due_at = set_date if set_date is not None and set_date > at else None
        planned = hazard.plan is not None and bool(hazard.plan.get("approved"))
        rule = "hazard.submit_plan" if planned else "hazard.confirm"
        _start_enterprise(file, hazard.status, at, book, due_at, rule)
    return True


def _start_enterprise(
    file: HazardFile, status: str, at: datetime, book: Rulebook, due_at: datetime | None, rule: str
) -> None:
    hazard = file.hazard
    if hazard.served_at is None:
        file.start("service", at, book)
        # the date that a person set waits for the service with it
        hazard.first_due_at = due_at.astimezone(UTC) if due_at and status == "rectifying" else None
        return
    if status == "plan_due":
        file.start("plan", at, book, due_at, rule)
        if hazard.workers_told_at is None and file.running("report_to_workers") is None:
            file.start("report_to_workers", at, book)
        return
    file.start("rectification", at, book, due_at, rule)
    if hazard.first_due_at is None:
        clock = file.running("rectification")
        hazard.first_due_at = clock.due_at if clock else None
