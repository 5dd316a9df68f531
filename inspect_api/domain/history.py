"""What an entry of a hazard's history holds: every effect that it had, so that the row can be rebuilt.

The event's bytes are JSON: `set` maps each changed field of the hazard to its new value, `clocks` lists
each clock that was started, changed or stopped, whole. Values that name a person beyond an account
id stand in the event as a salted commitment; the values themselves stay beside it and can be erased.
"""

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import cache
from typing import Any, get_args, get_type_hints

import msgspec

from inspect_api.domain.clocks import ClockState, HazardFile
from inspect_api.domain.hazard import HazardState

_PERSONAL = ("responsible_person",)


class EventBody(msgspec.Struct, omit_defaults=True):
    """The effects of one entry."""

    v: int = 1
    set: dict[str, Any] = {}
    clocks: list[dict[str, Any]] = []
    why: dict[str, Any] = {}


class Snapshot:
    """A hazard file as it stood before a change, to find out afterwards what the change was."""

    def __init__(self, file: HazardFile | None) -> None:
        self._hazard = _plain(file.hazard) if file else {}
        self._clocks = {_key(clock): _plain(clock) for clock in file.clocks} if file else {}

    def changes(self, file: HazardFile) -> EventBody:
        """The effects between then and now."""
        now = _plain(file.hazard)
        was = self._hazard
        changed = {name: value for name, value in now.items() if was[name] != value} if was else now
        clocks = [plain for clock in file.clocks if self._clocks.get(_key(clock)) != (plain := _plain(clock))]
        return EventBody(set=changed, clocks=clocks)

    def take_in(self, recorded: EventBody) -> None:
        """From now on these effects lie before it."""
        self._hazard |= recorded.set
        self._clocks |= {(clock["kind"], clock["cycle"]): clock for clock in recorded.clocks}


def event_bytes(body: EventBody) -> bytes:
    """The bytes to store verbatim; personal values are replaced by their commitments."""
    plan = body.set.get("plan")
    if isinstance(plan, dict):
        body = EventBody(set=body.set | {"plan": _committed(plan)}, clocks=body.clocks, why=body.why)
    return msgspec.json.encode(body, order="deterministic")


def rebuild(events: Iterable[bytes]) -> tuple[dict[str, Any], dict[tuple[str, int], dict[str, Any]]]:
    """Hazard fields and clocks (by kind and cycle) as the history says they are, in plain values."""
    hazard: dict[str, Any] = {}
    clocks: dict[tuple[str, int], dict[str, Any]] = {}
    for raw in events:
        body = msgspec.json.decode(raw, type=EventBody)
        hazard.update(body.set)
        clocks.update({(clock["kind"], clock["cycle"]): clock for clock in body.clocks})
    return hazard, clocks


def plain_hazard(hazard: HazardState) -> dict[str, Any]:
    """A hazard's fields as the history writes them, for comparison with `rebuild`."""
    plain = _plain(hazard)
    if isinstance(plain.get("plan"), dict):
        plain["plan"] = _committed(plain["plan"])
    return plain


def _committed(plan: dict[str, Any]) -> dict[str, Any]:
    salt = str(plan.get("salt", ""))
    kept = {name: value for name, value in plan.items() if name not in _PERSONAL and name != "salt"}
    for name in _PERSONAL:
        if name in plan:
            kept[f"{name}_sha256"] = hashlib.sha256(f"{salt}\n{plan[name]}".encode()).hexdigest()
    return kept


def _plain(value: HazardState | ClockState) -> dict[str, Any]:
    """In plain values, moments in UTC: as the database gives them back, whatever the phone's offset was."""
    plain: dict[str, Any] = msgspec.to_builtins(value)
    for name in _moments(type(value)):
        at = getattr(value, name)
        if at is not None and at.tzinfo is not UTC:
            plain[name] = msgspec.to_builtins(at.astimezone(UTC))
    return plain


@cache
def _moments(kind: type[HazardState] | type[ClockState]) -> tuple[str, ...]:
    """The fields of a state that hold a moment."""
    return tuple(name for name, held in get_type_hints(kind).items() if datetime in (held, *get_args(held)))


def _key(clock: ClockState) -> tuple[str, int]:
    return (clock.kind, clock.cycle)
