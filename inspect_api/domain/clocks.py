"""The running clocks of one hazard: start, stop, extend, and what they sum up to.

A clock is an obligation of one party. A hazard shows the earliest that runs, so that the register
always says who is late: the enterprise, or the regulator whom it waits for.
"""

from collections.abc import Collection, Iterable
from datetime import UTC, datetime
from typing import NamedTuple, cast
from uuid import UUID

from msgspec import Struct

from inspect_api.domain.calendar import Calendar, civil_date
from inspect_api.domain.deadline import CLOCK_PARTY, ClockKind, DeadlineRules, Due, Grade, Party, compute_due
from inspect_api.domain.escalation import Ladders, next_step
from inspect_api.domain.hazard import HazardState
from inspect_api.domain.sampling import SampleRules


class Rulebook(NamedTuple):
    """The rules in force for a unit of work."""

    deadlines: DeadlineRules
    ladders: Ladders
    calendar: Calendar
    sampling: SampleRules


class ClockState(Struct, kw_only=True):
    """One clock; `cycle` counts how often its kind has run for the hazard.

    `known_at` is when the register learned of a clock that had been running since a service in the field.
    """

    hazard_id: UUID
    party: str
    kind: str
    cycle: int
    started_at: datetime
    due_at: datetime
    rule: str
    calendar_version: str
    provisional: bool
    explanation: list[str]
    step: int = 0
    step_since: datetime | None = None
    next_step_at: datetime | None = None
    is_running: bool = True
    stopped_at: datetime | None = None
    known_at: datetime | None = None


class HazardFile:
    """A hazard with its clocks, as rules see and change it."""

    def __init__(self, hazard: HazardState, clocks: Iterable[ClockState] = ()) -> None:
        self.hazard = hazard
        self.clocks = list(clocks)

    def running(self, kind: str) -> ClockState | None:
        return next((clock for clock in self.clocks if clock.kind == kind and clock.is_running), None)

    def start(
        self, kind: ClockKind, at: datetime, book: Rulebook, due_at: datetime | None = None, rule: str = ""
    ) -> None:
        """Start a clock by its rule, or until a date that somebody with the power to has set."""
        due = fixed_due(due_at, rule, book) if due_at is not None else self._due(kind, at, book)
        cycle = 1 + max((clock.cycle for clock in self.clocks if clock.kind == kind), default=0)
        clock = ClockState(
            hazard_id=self.hazard.id,
            party=CLOCK_PARTY[kind],
            kind=kind,
            cycle=cycle,
            started_at=at,
            due_at=due.at,
            rule=due.rule_id,
            calendar_version=due.calendar_version,
            provisional=due.provisional,
            explanation=due.explanation,
        )
        clock.next_step_at = next_moment(self.hazard.ruling_grade, clock, book)
        self.clocks.append(clock)

    def stop(self, kinds: Collection[str], at: datetime) -> None:
        """Stop those of these kinds that run; a stopped clock has no next step to find."""
        for clock in self.clocks:
            if clock.is_running and clock.kind in kinds:
                clock.is_running = False
                clock.stopped_at = at
                clock.next_step_at = None

    def learned(self, at: datetime, book: Rulebook, but: Collection[str] = ()) -> None:
        """Only now does the register know of clocks that run since they were started in the field.

        `but`: kinds of clocks that it knew of before.
        """
        for clock in self.clocks:
            if clock.is_running and clock.started_at < at and clock.kind not in but:
                clock.known_at = at
                clock.next_step_at = next_moment(self.hazard.ruling_grade, clock, book)

    def climb_anew(self, book: Rulebook) -> None:
        """Another grade has other ladders: when the next step of each running clock is due."""
        for clock in self.clocks:
            clock.next_step_at = next_moment(self.hazard.ruling_grade, clock, book)

    def settle(self) -> None:
        """Sum the running clocks up on the hazard: earliest due date, highest step."""
        hazard = self.hazard
        running = sorted((c for c in self.clocks if c.is_running), key=lambda c: (c.due_at, c.kind))
        first = running[0] if running else None
        hazard.due_at = first.due_at if first else None
        hazard.due_party = first.party if first else None
        hazard.due_kind = first.kind if first else None
        hazard.due_rule = first.rule if first else None
        hazard.due_provisional = first.provisional if first else False
        hazard.rectify_by = next((c.due_at for c in running if c.kind == "rectification"), None)
        highest = max(running, key=lambda c: c.step, default=None)
        hazard.step = highest.step if highest else 0
        hazard.step_since = highest.step_since if highest and highest.step else None

    def _due(self, kind: ClockKind, at: datetime, book: Rulebook) -> Due:
        hazard = self.hazard
        rule = book.deadlines.pick(
            kind, cast(Grade, hazard.ruling_grade), hazard.industry, hazard.region_code, civil_date(at)
        )
        return compute_due(rule, at, book.calendar)


def fixed_due(due_at: datetime, rule: str, book: Rulebook) -> Due:
    """A date that a person set: by plan, extension, confirmation or listing."""
    return Due(due_at.astimezone(UTC), rule, book.calendar.version, False, [f"由人员设定的日期（{rule}）。"])


def next_moment(grade: str, clock: ClockState, book: Rulebook) -> datetime | None:
    """When the next step of the clock's ladder is due; None at its top or when it has stopped."""
    if not clock.is_running:
        return None
    ladder = book.ladders.of(cast(Grade, grade), cast(Party, clock.party), cast(ClockKind, clock.kind))
    found = next_step(ladder, clock.due_at, clock.step, book.calendar, clock.known_at)
    return found[1] if found else None
