"""Proof that arrives late of work that was done in time.

A record from the field counts from when it was captured, as surely as the clocks allow. What an inspector's
or officer's device proves to lie before the due date takes back the steps that were taken meanwhile; what an
enterprise says of itself, or what the uncertainty leaves open, a regulator decides. Until then the question
stands in the register.
"""

from datetime import datetime, timedelta
from typing import Literal, NamedTuple, cast

import msgspec

from inspect_api.domain.calendar import CIVIL
from inspect_api.domain.clocks import ClockState, HazardFile, Rulebook
from inspect_api.domain.deadline import ClockKind, Grade, Party
from inspect_api.domain.escalation import Step

Weight = Literal["in_time", "question", "nothing"]

PROVING = {
    "hazard.submit_rectification": ("rectification",),
    "hazard.accept": ("rectification",),
    "hazard.verify": ("rectification", "reinspection"),
}
"""Which commands prove that which obligations were met."""

_REGULATORS_DEVICES = frozenset({"inspector", "officer", "regulator", "expert"})


class Proof(NamedTuple):
    """Who captured it, when by the corrected clock of the device, and how uncertain that is either way."""

    role: str
    at: datetime
    uncertainty: timedelta


class Retraction(NamedTuple):
    """A clock that had been met in time after all, and the steps that are taken back."""

    clock: ClockState
    steps: tuple[Step, ...]


def seen_late(file: HazardFile, kinds: tuple[str, ...]) -> list[ClockState]:
    """The last clock of each of these kinds, where the register saw it stop after its due date."""
    last = {clock.kind: clock for clock in sorted(file.clocks, key=lambda clock: clock.cycle)}
    clocks = [last[kind] for kind in kinds if kind in last]
    return [clock for clock in clocks if clock.stopped_at is not None and clock.stopped_at > clock.due_at]


def weigh(proof: Proof, clock: ClockState) -> Weight:
    """What a proof says of a clock that the register saw stop late."""
    if proof.at - proof.uncertainty > clock.due_at:
        return "nothing"
    is_sure = proof.at + proof.uncertainty <= clock.due_at
    return "in_time" if is_sure and proof.role in _REGULATORS_DEVICES else "question"


def ask(file: HazardFile, clock: ClockState, proof: Proof, now: datetime) -> None:
    """Put the question into the register: was it done in time?"""
    question = {
        "clock": clock.kind,
        "cycle": clock.cycle,
        "due_at": clock.due_at,
        "captured_at": proof.at,
        "uncertainty_s": round(proof.uncertainty.total_seconds()),
        "asked_at": now,
    }
    file.hazard.late_evidence = msgspec.to_builtins(question)


def asked(file: HazardFile) -> tuple[ClockState, datetime] | None:
    """The clock that the open question is about, and when the work is said to have been done."""
    question = file.hazard.late_evidence
    if question is None:
        return None
    key = (question["clock"], question["cycle"])
    clock = next(clock for clock in file.clocks if (clock.kind, clock.cycle) == key)
    return clock, msgspec.convert(question["captured_at"], datetime)


def retract(file: HazardFile, clock: ClockState, done_at: datetime, book: Rulebook) -> Retraction:
    """The clock stopped when the work was done; its steps after the due date are taken back."""
    ladder = book.ladders.of(
        cast(Grade, file.hazard.ruling_grade), cast(Party, clock.party), cast(ClockKind, clock.kind)
    )
    taken = [step for step in ladder.steps if step.n <= clock.step]
    steps = tuple(step for step in taken if step.when > 0)
    clock.step = max((step.n for step in taken if step.when <= 0), default=0)
    clock.step_since = clock.step_since if clock.step and not steps else None
    clock.stopped_at = min(done_at, clock.due_at)
    clock.explanation = [*clock.explanation, _told(clock, steps)]
    question = file.hazard.late_evidence
    if question is not None and (question["clock"], question["cycle"]) == (clock.kind, clock.cycle):
        file.hazard.late_evidence = None
    file.settle()
    return Retraction(clock, steps)


def _told(clock: ClockState, steps: tuple[Step, ...]) -> str:
    local = clock.stopped_at.astimezone(CIVIL) if clock.stopped_at else None
    names = "、".join(step.name[0] for step in steps)
    back = f"；期限后采取的{names}予以撤回" if names else ""
    return f"采信迟到的证据：{local:%Y-%m-%d %H:%M} 已完成，未超期{back}。"
