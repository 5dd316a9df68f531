"""Legal holds are placed and lifted by the person who runs the installation; both are booked."""

from uuid import UUID

from inspect_api.actions.work import Work
from inspect_api.clock import new_id
from inspect_api.errors import Code, Refusal
from inspect_api.store import custody, enterprises, hazards, holds, regions

_OPERATOR = "operator"


def place_hold(work: Work, kind: str, target: str, reason: str) -> UUID:
    """The id of the new hold. Raises NOT_FOUND where there is no such hazard, enterprise or region."""
    if kind == "region":
        exists = bool(regions.names(work.tx, [target]))
    else:
        target = str(_id(target))
        exists = bool(
            hazards.load(work.tx, [UUID(target)], lock=False)
            if kind == "hazard"
            else enterprises.by_ids(work.tx, [UUID(target)])
        )
    if not exists:
        raise Refusal(Code.NOT_FOUND, f"There is no {kind} {target}")
    hold_id = new_id()
    row = {"id": hold_id, "kind": kind, "target": target, "reason": reason[:500], "placed_at": work.now}
    holds.add(work.tx, row)
    custody.note(work.tx, "held", None, work.now, _OPERATOR, f"{hold_id} {kind} {target}: {reason}")
    return hold_id


def lift_hold(work: Work, hold_id: UUID, reason: str) -> None:
    """Raises NOT_FOUND where no hold stands under this id."""
    row = holds.lift(work.tx, hold_id, work.now)
    if row is None:
        raise Refusal(Code.NOT_FOUND, f"No hold {hold_id} stands")
    custody.note(work.tx, "lifted", None, work.now, _OPERATOR, f"{hold_id} {row.kind} {row.target}: {reason}")


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Refusal(Code.NOT_FOUND, f"{text} is no id") from None
