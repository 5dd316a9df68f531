"""How a hazard begins: by whom it was found decides its order and its first status."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from inspect_api.domain.calendar import civil_date
from inspect_api.domain.clocks import HazardFile, Rulebook
from inspect_api.domain.stages import enter, serve
from sync.bodies import Attendee, Refused
from sync.text import says_something

ENFORCERS: frozenset[str] = frozenset({"officer", "regulator"})
_ORDERING_OFFICERS = 2  # Administrative Penalty Law art. 42
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"  # base 32 of RFC 4648
_MAY_BE_SERVED = ("principal", "safety_manager")


def order_of(role: str, officers: Iterable[UUID]) -> str:
    """`self`, `urged` or `ordered`; `officers` are the known ones that were there with certificates."""
    if role == "enterprise":
        return "self"
    if role in ENFORCERS and len(set(officers)) >= _ORDERING_OFFICERS:
        return "ordered"
    return "urged"


def was_served(attendees: Iterable[Attendee]) -> bool:
    """Whether the principal or the safety manager signed, or refused before a witness, on the spot.

    A refusal counts when its reason and its witness are written down (Work Safety Law art. 68).
    """
    return any(
        person.role in _MAY_BE_SERVED
        and (person.signature is not None or (person.refused is not None and _is_recorded(person.refused)))
        for person in attendees
    )


def _is_recorded(refusal: Refused) -> bool:
    return says_something(refusal.reason) and says_something(refusal.witness)


def open_found(file: HazardFile, now: datetime, book: Rulebook, fixed: bool | None = None) -> None:
    """A failing item's hazard enters its first status.

    The enterprise's time runs from its service in the field, the regulator's from `now`, when the record
    reached it. `fixed` tells of a correction on the spot: None when there was none, False while its
    photo is awaited, True when it is stored. A major hazard is never closed on the
    spot, and what an enterprise found and corrected itself waits for its second person.
    """
    hazard = file.hazard
    told = hazard.served_at or now
    if hazard.grade == "major":
        if hazard.found_role in ENFORCERS:
            enter(file, "plan_due", told, book)
        else:
            hazard.suspected_major = True
            enter(file, "reported", now, book)
    elif fixed is None:
        enter(file, "rectifying", told, book)
    elif hazard.order_kind == "self":
        hazard.rectified_by = hazard.found_by  # so that another person of the enterprise accepts it
        enter(file, "verifying", told, book)
    elif fixed:
        enter(file, "closed", now, book)
    else:
        enter(file, "verifying", now, book)
        hazard.on_site_pending = True
    file.learned(now, book)
    file.settle()


def serve_at_visit(file: HazardFile, visited_at: datetime, now: datetime, book: Rulebook) -> bool:
    """A later visit at which somebody signed, or refused, tells the enterprise what the first could not.

    False where it had been told before, or nothing is owed any more.
    """
    hazard, owed = file.hazard, file.running("service")
    if not hazard.is_open or owed is None:
        return False
    known = {clock.kind for clock in file.clocks if clock.is_running}
    told = max(visited_at, owed.started_at)
    serve(file, told, book)
    file.learned(now, book, but=known)
    file.settle()
    return True


def open_reported(file: HazardFile, at: datetime, book: Rulebook) -> None:
    """A report without a checklist waits to be confirmed and graded."""
    enter(file, "reported", at, book)
    file.settle()


def prove_fixed_on_site(file: HazardFile, at: datetime, book: Rulebook) -> None:
    """The photo of a correction on the spot has arrived: the hazard closes (即查即改)."""
    enter(file, "closed", at, book)
    file.settle()


def number_of(hazard_id: UUID, region_code: str, found_at: datetime) -> str:
    """County, day and six letters of the id: a phone prints the same number with no network."""
    last = hazard_id.int & 0xFFFF_FFFF
    letters = "".join([_LETTERS[last >> shift & 31] for shift in (27, 22, 17, 12, 7, 2)])
    return f"{region_code[:6]}-{civil_date(found_at):%y%m%d}-{letters}"
