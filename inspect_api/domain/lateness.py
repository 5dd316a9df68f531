"""Whose every overdue day was: enterprise, regulator, suspended, extension, or an open question.

Computed from a hazard's history alone, so that any past moment can be asked. A civil day belongs to whoever
owed at its beginning, so that the days of all reasons add up to the days after the due date. Counted is each
day after the first due date of the rectification until the hazard is closed, whoever holds it, and before
that each day on which some clock had run out. Times by the clocks are those at which a thing truly was, which
late evidence may set right; the entries keep when the register knew.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import Literal, NamedTuple, cast, get_args

import msgspec

from inspect_api.domain.calendar import civil_date, civil_moment
from inspect_api.domain.clocks import ClockState
from inspect_api.domain.history import EventBody

Reason = Literal["enterprise", "regulator", "suspended", "extension", "open_question"]
REASONS: tuple[Reason, ...] = get_args(Reason)

_ENDED = ("closed", "dismissed")
_STAGES = frozenset(
    {"confirmation", "plan_decision", "reinspection", "final_review", "service", "plan", "rectification"}
)
"""The clocks of which one runs while a hazard is open."""

_REGULATORS_TURN = _STAGES - {"plan", "rectification"} | {"extension_decision"}
_ONE_DAY = timedelta(days=1)


class Span(NamedTuple):
    """Days in a row with one reason, both ends included."""

    reason: Reason
    first: date
    last: date

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1


class Entry(NamedTuple):
    """One entry of the history."""

    kind: str
    at: datetime
    body: EventBody


@dataclass
class _Clock:
    """What counts of a clock: `first_due` is its date before any extension."""

    state: ClockState
    first_due: datetime

    def runs(self, at: datetime) -> bool:
        stopped = self.state.stopped_at
        return self.state.started_at <= at and (stopped is None or stopped > at)


@dataclass
class _Run:
    """From the opening, or a re-opening, to the close."""

    clocks: dict[tuple[str, int], _Clock] = field(default_factory=dict)
    is_ended: bool = False

    @property
    def first_due(self) -> datetime | None:
        dues = [clock.first_due for clock in self.clocks.values() if clock.state.kind == "rectification"]
        return dues[0] if dues else None

    def end(self, as_of: datetime) -> datetime:
        if not self.is_ended:
            return as_of
        stops = [
            clock.state.stopped_at
            for clock in self.clocks.values()
            if clock.state.stopped_at is not None and clock.state.kind in _STAGES
        ]
        return min(max(stops, default=as_of), as_of)


@dataclass
class _Story:
    runs: list[_Run] = field(default_factory=lambda: [_Run()])
    suspensions: list[tuple[datetime, datetime | None]] = field(default_factory=list)
    question: tuple[str, int] | None = None

    def is_suspended(self, at: datetime) -> bool:
        return any(begun <= at and (ended is None or ended > at) for begun, ended in self.suspensions)


def overdue_spans(entries: Iterable[Entry], as_of: datetime) -> list[Span]:
    """Every overdue day until `as_of`, as spans in order; entries after it are left out."""
    story = _read(entry for entry in entries if entry.at <= as_of)
    days = [day for run in story.runs for day in _days(run, story, as_of)]
    spans = []
    for (reason, _), group in groupby(
        enumerate(days), key=lambda pair: (pair[1][1], _gap(pair[0], pair[1][0]))
    ):
        run = [day for _, (day, _) in group]
        spans.append(Span(reason, run[0], run[-1]))
    return spans


def days_by_reason(spans: Iterable[Span]) -> dict[Reason, int]:
    """How many days each reason has; every reason is there."""
    counted: dict[Reason, int] = dict.fromkeys(REASONS, 0)
    for span in spans:
        counted[span.reason] += span.days
    return counted


def _gap(index: int, day: date) -> int:
    """The same for days in a row."""
    return day.toordinal() - index


def _read(entries: Iterable[Entry]) -> _Story:
    story = _Story()
    for kind, at, body in entries:
        status = body.set.get("status")
        if status is not None and status not in _ENDED and story.runs[-1].is_ended:
            story.runs.append(_Run())
        run = story.runs[-1]
        for plain in body.clocks:
            _note(run, msgspec.convert(plain, ClockState), kind)
        if status is not None:
            run.is_ended = status in _ENDED
        if "suspended" in body.set:
            _suspend(story, at, cast(bool, body.set["suspended"]))
        if "late_evidence" in body.set:
            asked = body.set["late_evidence"]
            story.question = None if asked is None else (asked["clock"], asked["cycle"])
    return story


def _note(run: _Run, state: ClockState, kind: str) -> None:
    key = (state.kind, state.cycle)
    known = run.clocks.get(key)
    if known is None:
        run.clocks[key] = _Clock(state, state.due_at)
        return
    # a date that a notice of holidays moved is no extension
    if kind == "hazard.dates_recomputed" and known.state.due_at != state.due_at:
        known.first_due = state.due_at
    known.state = state


def _suspend(story: _Story, at: datetime, is_suspended: bool) -> None:
    if is_suspended:
        story.suspensions.append((at, None))
    elif story.suspensions and story.suspensions[-1][1] is None:
        story.suspensions[-1] = (story.suspensions[-1][0], at)


def _days(run: _Run, story: _Story, as_of: datetime) -> Iterator[tuple[date, Reason]]:
    if not run.clocks:
        return
    day = civil_date(min(clock.first_due for clock in run.clocks.values())) + _ONE_DAY
    last = civil_date(run.end(as_of))
    while day <= last:
        reason = _reason(run, story, civil_moment(day, time()))
        if reason is not None:
            yield day, reason
        day += _ONE_DAY


def _reason(run: _Run, story: _Story, at: datetime) -> Reason | None:
    """Why the hazard is still open at this moment; None when nobody is late."""
    running = [clock for clock in run.clocks.values() if clock.runs(at)]
    if run.first_due is None or run.first_due >= at:
        return _reason_before(running, story, at)
    owed = next((clock for clock in running if clock.state.kind in ("rectification", "plan")), None)
    # where nothing runs it was done in time and nobody knew: it waits for the regulator
    if owed is None or any(_awaits_regulator(clock.state, at) for clock in running):
        return "regulator"
    if (owed.state.kind, owed.state.cycle) == story.question:
        return "open_question"
    if story.is_suspended(at):
        return "suspended"
    if owed.first_due < at <= owed.state.due_at:
        return "extension"
    return "enterprise"


def _awaits_regulator(clock: ClockState, at: datetime) -> bool:
    """Whether it is the regulator's turn; an extension was asked in time, so its answer is owed at once."""
    if clock.kind == "resumption_decision":
        return clock.due_at < at
    return clock.kind in _REGULATORS_TURN


def _reason_before(running: list[_Clock], story: _Story, at: datetime) -> Reason | None:
    """Before the rectification is due only a clock that has run out makes a day overdue."""
    out = min((c for c in running if c.state.due_at < at), key=lambda c: c.state.due_at, default=None)
    if out is None:
        return None
    if out.state.party == "regulator":
        return "regulator"
    return "suspended" if story.is_suspended(at) else "enterprise"
