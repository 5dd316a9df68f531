"""The demo's month of work as a plan: who inspects where, what fails, and what becomes of each hazard.

`data/story.yaml` is a list of inspections and snap reports; under each finding stands the life of its hazard,
step by step, in the words of the wire. Days are told from today, so that the month always ends yesterday.
"""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Annotated, Literal, NamedTuple, cast

from msgspec import Meta, Struct

from inspect_api.demo.county import County, Key
from inspect_api.demo.datafile import DATA, check_rows, decode_rows, read_yaml
from inspect_api.domain.calendar import CIVIL, civil_date
from sync.bodies import Grade, Refused
from sync.entities import Party, Status

DayTime = Annotated[str, Meta(pattern=r"^[+-]\d{1,2} \d{2}:\d{2}$")]
"""Days from today and civil time, such as `-30 11:00`."""

_ANY_DAY = date(2000, 1, 1)


class Step(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One command on a hazard. `body` is the wire's, but that photos are captions, moments are `DayTime`,
    `held_on` is days from today, and `duplicate_of` is a hazard's key; see `story_wire.command_body`."""

    at: DayTime
    by: str
    do: Annotated[str, Meta(pattern="^[a-z_]+$")]
    body: dict[str, object]
    offline_hours: float = 0

    @property
    def kind(self) -> str:
        """The operation kind of the wire."""
        return f"hazard.{self.do}"


class Fixed(Struct, frozen=True, forbid_unknown_fields=True):
    """Corrected before the inspector left; `photos` are captions."""

    note: str
    photos: tuple[str, ...] = ()


class Finding(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is wrong at one item, and the life of the hazard that it opens.

    An item that stands twice in an inspection has several findings, counted in the order of the file.
    `limbs` are those that hold, at an item that has them.
    `ends` and `late` say how the hazard stands today: its status, and who is overdue.
    """

    hazard: Key
    item: str
    note: str
    limbs: tuple[str, ...] = ()
    photos: tuple[str, ...] = ()
    fixed_on_site: Fixed | None = None
    then: tuple[Step, ...] = ()
    ends: Status
    late: Party | None = None


class Present(Struct, frozen=True, forbid_unknown_fields=True):
    """Somebody of the enterprise who attended, and signed unless he refused."""

    role: Literal["principal", "safety_manager", "operator", "witness"]
    name: str
    refused: Refused | None = None


class Inspection(
    Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="what", tag="inspection"
):
    """One visit with a checklist, begun at `at`; all items that are not in `fails` pass.

    `by` are those who inspect, the first of them holds the device: an inspector, officers, or a person of
    the enterprise. The device reaches the network `offline_hours` after the end. `task` is the key of the
    task in `tasks.yaml` that it does.
    """

    key: Key
    at: DayTime
    minutes: int
    by: Annotated[tuple[str, ...], Meta(min_length=1)]
    site: Key
    checklist: Annotated[str, Meta(pattern="^[a-z0-9.-]+@[a-z0-9.-]+$")]
    task: Key | None = None
    attendees: tuple[Present, ...] = ()
    fails: tuple[Finding, ...] = ()
    offline_hours: float = 0

    @property
    def checklist_code(self) -> str:
        return self.checklist.partition("@")[0]

    @property
    def checklist_version(self) -> str:
        return self.checklist.partition("@")[2]


class SnapReport(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="what", tag="snap"):
    """A hazard seen without a checklist (随手拍)."""

    hazard: Key
    at: DayTime
    by: Annotated[tuple[str, ...], Meta(min_length=1, max_length=1)]
    site: Key
    description: str
    category: str | None = None
    suggested_grade: Grade | None = None
    photos: tuple[str, ...] = ()
    then: tuple[Step, ...] = ()
    ends: Status
    late: Party | None = None
    offline_hours: float = 0


Entry = Inspection | SnapReport


class HazardPlan(NamedTuple):
    """One hazard of the story: where it comes from, and its own part. `n` counts findings at an item."""

    key: str
    entry: Entry
    finding: Finding | SnapReport
    n: int

    @property
    def steps(self) -> tuple[Step, ...]:
        return self.finding.then


class Happening(NamedTuple):
    """One operation: when it was captured, when it reaches the server, by whom. `hazard` is a step's.

    A device that reaches the server also pulls, so an enterprise that acts has been told of its hazards.
    """

    synced: datetime
    captured: datetime
    by: tuple[str, ...]
    act: Entry | Step
    hazard: str | None


class Story(Struct, frozen=True):
    """The month, in the order of the file."""

    entries: tuple[Entry, ...]

    def inspections(self) -> list[Inspection]:
        return [entry for entry in self.entries if isinstance(entry, Inspection)]

    def snaps(self) -> list[SnapReport]:
        return [entry for entry in self.entries if isinstance(entry, SnapReport)]

    def hazards(self) -> dict[str, HazardPlan]:
        """Every hazard by its key."""
        return {plan.key: plan for entry in self.entries for plan in _plans(entry)}

    def timeline(self, today: date) -> list[Happening]:
        """Everything that happens, in the order in which it reaches the server."""
        return sorted(
            (happening for entry in self.entries for happening in _happenings(entry, today)),
            key=lambda happening: happening[:2],
        )


def moment(at: str, today: date) -> datetime:
    """The moment of a `DayTime`, in China."""
    day, _, hour = at.partition(" ")
    return datetime.combine(today + timedelta(days=int(day)), time.fromisoformat(hour), CIVIL)


def load_story(county: County, folder: Path = DATA) -> Story:
    """The month of `county`; DataError names the row of `story.yaml` that is wrong."""
    # mypy knows no type[] of a union
    kind = cast("type[Entry]", Entry)
    entries = decode_rows("story.yaml", read_yaml(folder / "story.yaml"), kind)
    check_rows("story.yaml", entries, lambda entry: _fault(entry, county))
    seen: set[str] = set()
    check_rows("story.yaml", entries, lambda entry: _repeated(entry, seen))
    return Story(entries)


def _repeated(entry: Entry, seen: set[str]) -> str | None:
    """A key of the entry that it or an earlier one has used; `seen` is added to."""
    keys = [plan.key for plan in _plans(entry)]
    if isinstance(entry, Inspection):
        keys.append(entry.key)
    for key in keys:
        if key in seen:
            return f"{key} is there twice"
        seen.add(key)
    return None


def _plans(entry: Entry) -> Iterator[HazardPlan]:
    if isinstance(entry, SnapReport):
        yield HazardPlan(entry.hazard, entry, entry, 1)
        return
    found: dict[str, int] = {}
    for finding in entry.fails:
        found[finding.item] = found.get(finding.item, 0) + 1
        yield HazardPlan(finding.hazard, entry, finding, found[finding.item])


def _happenings(entry: Entry, today: date) -> Iterator[Happening]:
    captured = moment(entry.at, today)
    if isinstance(entry, Inspection):
        captured += timedelta(minutes=entry.minutes)
    yield Happening(captured + timedelta(hours=entry.offline_hours), captured, entry.by, entry, None)
    for plan in _plans(entry):
        for step in plan.steps:
            at = moment(step.at, today)
            yield Happening(at + timedelta(hours=step.offline_hours), at, (step.by,), step, plan.key)


def _fault(entry: Entry, county: County) -> str | None:
    """What is wrong with an entry: an unknown site or person, one out of scope, a story out of order."""
    sites = {site.key: site for site in county.sites}
    people = {account.username: account for account in county.accounts}
    if entry.site not in sites:
        return f"site {entry.site} is not in sites.yaml"
    who = [*entry.by, *(step.by for plan in _plans(entry) for step in plan.steps)]
    for username in who:
        if username not in people:
            return f"{username} is not in accounts.yaml"
        if not county.sees(people[username], sites[entry.site]):
            return f"{username} does not see {entry.site}"
    for plan in _plans(entry):
        times = [moment(at, _ANY_DAY) for at in (entry.at, *(step.at for step in plan.steps))]
        if times != sorted(times):
            return f"the steps of {plan.key} are not in order"
    if any(civil_date(happening.synced) >= _ANY_DAY for happening in _happenings(entry, _ANY_DAY)):
        return "not everything has reached the server before today"
    return None
