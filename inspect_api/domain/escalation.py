"""What happens when nobody acts: for each grade and party a ladder of steps, who is told and when.

Ladders are data (`rules/ladders.yaml`), all of them policy. A step keeps its number for ever, so that "step n
of this clock and cycle was taken" is one fact that any worker can check, however often it asks.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from functools import cache, lru_cache
from itertools import combinations, pairwise
from typing import Literal, get_args

from inspect_api.domain.calendar import Calendar, civil_date, civil_moment
from inspect_api.domain.deadline import (
    CLOCK_PARTY,
    CLOCKS,
    GRADES,
    MARKS,
    PARTIES,
    ClockKind,
    Grade,
    Mark,
    Party,
)
from inspect_api.domain.rulefiles import Faults, Table, packaged, read_table

Role = Literal["inspector", "officer", "regulator"]
Level = Literal["grid", "township", "county", "city", "province"]

STEP_NAMES: dict[int, tuple[str, str]] = {
    1: ("提示", "reminder"),
    2: ("督办", "urging"),
    3: ("警示", "warning"),
    4: ("约谈", "interview"),
    5: ("通报", "circulated notice"),
    6: ("挂牌督办", "listing"),
    7: ("移送", "transfer to enforcement"),
}
"""Step number -> Chinese and English name."""

_LISTING = 6
_STEP_TIME = time(9)
_OFFICE_LEVELS: tuple[Level, ...] = ("township", "county", "city", "province")
_ROLE_LEVELS: dict[Role, tuple[Level, ...]] = {
    "inspector": ("grid",),
    "officer": _OFFICE_LEVELS,
    "regulator": _OFFICE_LEVELS,
}
_LEVEL_DIGITS: dict[Level, int] = {"grid": 12, "township": 9, "county": 6, "city": 4, "province": 2}


@dataclass(frozen=True, slots=True)
class Receiver:
    """Whoever holds a role at a level above (or at) the hazard's place; see `receiver_prefix`."""

    role: Role
    level: Level


@dataclass(frozen=True, slots=True)
class Step:
    """One rung: `when` in working days from the due date, negative before it; `answer_within` likewise."""

    n: int
    when: int
    to_enterprise: bool
    receivers: tuple[Receiver, ...]
    answer_within: int | None
    zh: str
    en: str

    @property
    def name(self) -> tuple[str, str]:
        """Chinese and English."""
        return STEP_NAMES[self.n]


@dataclass(frozen=True, slots=True, eq=False)
class Ladder:
    """The steps for one grade and party; `clocks` is empty when it serves all that no other ladder names.

    Read once: equal to itself only, so that moments are kept by it.
    """

    grade: Grade
    party: Party
    clocks: tuple[ClockKind, ...]
    mark: Mark
    source: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Ladders:
    """Complete for every grade and party; where two would serve, the first one does."""

    ladders: tuple[Ladder, ...]

    def of(self, grade: Grade, party: Party, clock: ClockKind) -> Ladder:
        """The ladder that names the clock, else the pair's general one."""
        return _ladder_of(self, grade, party, clock)


@lru_cache
def _ladder_of(ladders: Ladders, grade: Grade, party: Party, clock: ClockKind) -> Ladder:
    pair = [ladder for ladder in ladders.ladders if (ladder.grade, ladder.party) == (grade, party)]
    named = (ladder for ladder in pair if clock in ladder.clocks)
    return next(named, None) or next(ladder for ladder in pair if not ladder.clocks)


@lru_cache(maxsize=4096)
def next_step(
    ladder: Ladder, due_at: datetime, taken: int, calendar: Calendar, known_at: datetime | None = None
) -> tuple[Step, datetime] | None:
    """The first step with a number above `taken` (0: none yet) and its moment in UTC; None at the top."""
    return next(_ahead(ladder, due_at, taken, calendar, known_at), None)


def steps_due(
    ladder: Ladder,
    due_at: datetime,
    taken: int,
    now: datetime,
    calendar: Calendar,
    known_at: datetime | None = None,
) -> list[tuple[Step, datetime]]:
    """All steps above `taken` whose moment has come by `now`, in order: what is left to do after downtime."""
    ahead = _ahead(ladder, due_at, taken, calendar, known_at)
    return [(step, moment) for step, moment in ahead if moment <= now]


def _ahead(
    ladder: Ladder, due_at: datetime, taken: int, calendar: Calendar, known_at: datetime | None
) -> Iterator[tuple[Step, datetime]]:
    """The steps that are left, with their moments.

    A record that came from the field after its due date (`known_at` is later) was late through nobody's
    silence: no reminder is sent for a date that has passed, and the other steps are counted from the day on
    which the register learned of it, so that nobody is transferred who has never been urged.
    """
    came_late = known_at is not None and known_at > due_at
    counted_from = known_at if known_at is not None and came_late else due_at
    for step in ladder.steps:
        if step.n > taken and not (came_late and step.when <= 0):
            yield step, step_moment(step, counted_from, calendar)


def step_moment(step: Step, due_at: datetime, calendar: Calendar) -> datetime:
    """09:00 in China of the step's day, in UTC.

    Working days are counted from the due date, which is day 0 even when it is a day of rest. Where a clock of
    hours runs out early in the day, a step before or on the due date is never after the due moment, and a
    later one never before it.
    """
    day, _ = calendar.add_working_days(civil_date(due_at), step.when)
    moment = civil_moment(day, _STEP_TIME)
    return max(moment, due_at) if step.when > 0 else min(moment, due_at)


def receiver_prefix(level: Level, region_code: str, grid_code: str | None) -> str:
    """The code of the place at `level` that holds the hazard: its grid, or its region cut to that level.

    Without a grid it is the village, and without a code fine enough the finest there is: the notice then
    goes to a wider place, never to nobody.
    """
    if level == "grid" and grid_code:
        return grid_code
    return region_code[: _LEVEL_DIGITS[level]]


def read_ladders(text: str, file: str = "ladders.yaml") -> Ladders:
    """Ladders from YAML text; RuleFileError with every mistake when they cannot be used."""
    faults = Faults(file)
    top = read_table(text, faults)
    tables = top.tables("ladders")
    ladders = [read_ladder(table) for table in tables]
    top.end()
    refuse_repeats(ladders, tables)
    if not faults.found:  # a mistyped ladder would show a second time, as a missing one
        _refuse_gaps(ladders, top)
    faults.check()
    return Ladders(tuple(ladders))


@cache
def shipped_ladders() -> Ladders:
    """The ladders that come with the product."""
    return read_ladders(packaged("ladders.yaml"))


def read_ladder(table: Table) -> Ladder:
    """One ladder of a file; its mistakes are noted in the table."""
    rungs = table.tables("steps")
    ladder = Ladder(
        grade=table.choice("grade", GRADES),
        party=table.choice("party", PARTIES),
        clocks=table.choices("clocks", CLOCKS) if table.has("clocks") else (),
        mark=table.choice("mark", MARKS),
        source=table.text("source"),
        steps=tuple(_read_step(rung) for rung in rungs),
    )
    table.end()
    if not table.faulty:
        _refuse_strange_clocks(ladder, table)
        _refuse_disorder(ladder, rungs)
    return ladder


def _read_step(table: Table) -> Step:
    to = table.tables("to")
    step = Step(
        n=table.number("n", 1, max(STEP_NAMES)),
        when=table.number("when", -60, 250),
        to_enterprise=any(entry.has("party") for entry in to),
        receivers=tuple(_read_receiver(entry) for entry in to if not entry.has("party")),
        answer_within=table.number_or_none("answer_within", 1, 60),
        zh=table.text("zh"),
        en=table.text("en"),
    )
    for entry in to:
        if entry.has("party"):
            entry.choice("party", ("enterprise",))
        entry.end()
    table.end()
    return step


def _refuse_strange_clocks(ladder: Ladder, table: Table) -> None:
    for clock in ladder.clocks:
        if CLOCK_PARTY[clock] != ladder.party:
            table.wrong("clocks", f"the clock {clock} is the {CLOCK_PARTY[clock]}'s")


def _refuse_disorder(ladder: Ladder, rungs: Sequence[Table]) -> None:
    for rung, step in zip(rungs, ladder.steps, strict=True):
        if step.n == _LISTING and ladder.grade != "major":
            rung.wrong("n", "only a major hazard is listed")
    for rung, (before, step) in zip(rungs[1:], pairwise(ladder.steps), strict=True):
        if step.n <= before.n:
            rung.wrong("n", f"step {step.n} does not come after step {before.n}")
        if step.when < before.when:
            rung.wrong("when", f"is earlier than step {before.n}")


def _read_receiver(entry: Table) -> Receiver:
    role: Role = entry.choice("role", get_args(Role))
    levels: tuple[Level, ...] = get_args(Level) if entry.faulty else _ROLE_LEVELS[role]
    return Receiver(role, entry.choice("level", levels))


def refuse_repeats(ladders: Sequence[Ladder], tables: Sequence[Table]) -> None:
    """Two ladders for one clock: nobody could say which one it climbs."""
    sound = [pair for pair in zip(ladders, tables, strict=True) if not pair[1].faulty]
    for (earlier, _), (ladder, table) in combinations(sound, 2):
        same_pair = (ladder.grade, ladder.party) == (earlier.grade, earlier.party)
        both_general = not ladder.clocks and not earlier.clocks
        if same_pair and (both_general or set(ladder.clocks) & set(earlier.clocks)):
            name = "clocks" if ladder.clocks else "party"
            table.wrong(name, f"there is another ladder for {ladder.grade}, {ladder.party} above")


def _refuse_gaps(ladders: Sequence[Ladder], top: Table) -> None:
    present = {(ladder.grade, ladder.party) for ladder in ladders if not ladder.clocks}
    for grade in GRADES:
        for party in PARTIES:
            if (grade, party) not in present:
                top.wrong("ladders", f"no ladder without clocks for {grade}, {party}")
