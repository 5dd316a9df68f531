"""The demo county is loaded: what an installation is given, then a month of work through the public API.

The clock is moved from happening to happening, so that what comes out is what the product makes of such a
month, deadlines and escalation included; no table is written by hand. An interrupted load goes on where it
stopped, with the day on which it began.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, time
from typing import NamedTuple

import httpx
from msgspec import Struct

from inspect_api.actions.app import App, open_app
from inspect_api.actions.work import Work
from inspect_api.clock import MovableClock, SystemClock
from inspect_api.demo.base import give_county
from inspect_api.demo.broken import StoryBroken
from inspect_api.demo.county import COUNTY, PASSWORD, Account, demo_id, load_county
from inspect_api.demo.inprocess import ADDRESS, served
from inspect_api.demo.link import Compression, Encoding
from inspect_api.demo.loaded import LOADED, MARKER
from inspect_api.demo.month import CAPTURE, SYNC, Month, Scene, scenes
from inspect_api.demo.phone import Phone, PhoneClock
from inspect_api.demo.story_data import load_story
from inspect_api.demo.tasks import load_tasks
from inspect_api.domain.calendar import CIVIL, civil_date
from inspect_api.jobs.loop import escalate, run_jobs
from inspect_api.main import Service
from inspect_api.settings import Settings
from inspect_api.store import instance
from sync.entities import Hazard
from sync.task import GiveTasks, Task

Progress = Callable[[str], None]

_LOADING = "loading"
_TOLD_EVERY_DAYS = 5
_WIRES: dict[str, tuple[Encoding, Compression]] = {
    "inspector": ("msgpack", "zstd"),
    "officer": ("msgpack", "gzip"),
}
"""By role; all others speak JSON."""


class _Marker(NamedTuple):
    """How far a load has come: its first day, and how many scenes are done for good."""

    state: str
    today: date
    done: int


class _HazardPage(Struct, frozen=True):
    items: list[Hazard]
    cursor: str | None


def load_demo(settings: Settings, progress: Progress, today: date | None = None) -> None:
    """Load it once into a migrated database; the month ends yesterday.

    `today` stands for the present day in tests: nothing is done that falls due after it has begun. Raises
    StoryBroken when a hazard does not end as told.
    """
    present = SystemClock().now()
    clock = MovableClock(present)
    service = Service(settings, run_worker=False)
    app = open_app(settings, clock)
    service.let_in(app)
    with (
        _quiet(),
        served(service.litestar) as network,
        httpx.Client(base_url=ADDRESS, transport=network) as client,
    ):
        marker = app.write(lambda work: _begin(work, today or civil_date(present)))
        if marker.state == LOADED:
            return
        load = _Load(app, clock, client, progress, marker)
        load.give_base()
        load.give_tasks()
        load.live()
        clock.set(datetime.combine(marker.today, time(), CIVIL))
        _do_due(app)
        load.check()
        if today is None:
            clock.set(present)
            _do_due(app)
        app.write(lambda work: instance.put(work.tx, MARKER, f"{LOADED} {marker.today}"))


class _TaskPage(Struct, frozen=True):
    items: list[Task]


class _Load:
    def __init__(
        self, app: App, clock: MovableClock, client: httpx.Client, progress: Progress, marker: _Marker
    ) -> None:
        self._app, self._clock, self._client = app, clock, client
        self._progress, self._marker = progress, marker
        self._county = load_county()
        self._story = load_story(self._county)
        self._month = Month(self._county, self._story, marker.today, self._new_phone)

    def give_base(self) -> None:
        """Regions, enterprises, sites, accounts and the working-day calendar."""
        county = self._county
        self._clock.set(scenes(self._story, self._marker.today)[0].at)
        self._app.write(lambda work: give_county(work, county))
        self._progress(
            f"demo: county {COUNTY} with {len(county.enterprises)} enterprises, {len(county.sites)} sites, "
            f"{len(county.accounts)} accounts"
        )

    def give_tasks(self) -> None:
        """As those who give them do it: sent again after an interruption, they stand as they are."""
        given = 0
        for username, wanted in load_tasks(self._county, self._marker.today).items():
            link = self._new_phone(self._county.account(username)).link
            given += len(link.post("/tasks", GiveTasks(tasks=wanted), _TaskPage).items)
        self._progress(f"demo: {given} inspection tasks")

    def live(self) -> None:
        """The month, scene by scene; what was done for good before an interruption is only captured again."""
        told = 0
        for number, scene in enumerate(scenes(self._story, self._marker.today), 1):
            self._clock.set(scene.at)
            if scene.what == CAPTURE and scene.happening is not None:
                self._month.capture(scene.happening)
            elif number > self._marker.done:
                self._do(scene)
                self._note(number)
            day = 30 - (self._marker.today - civil_date(scene.at)).days
            if day // _TOLD_EVERY_DAYS > told:
                told = day // _TOLD_EVERY_DAYS
                self._progress(f"demo: day {day} of a month of inspections")

    def check(self) -> None:
        """Every hazard stands as the story says, when today begins. Raises StoryBroken with its key."""
        phone = self._new_phone(self._county.account("city"))
        found: dict[str, Hazard] = {}
        cursor: str | None = ""
        while cursor is not None:
            query = {"limit": "200", **({"cursor": cursor} if cursor else {})}
            page = phone.link.get("/hazards", _HazardPage, query)
            found |= {str(hazard.id): hazard for hazard in page.items}
            cursor = page.cursor
        plans = self._story.hazards()
        for key, plan in plans.items():
            hazard = found.get(str(self._month.hazard_id(key)))
            stands = (hazard.status, hazard.overdue_by) if hazard else None
            if stands != (plan.finding.ends, plan.finding.late):
                raise StoryBroken(f"{key} ends {stands}, not {(plan.finding.ends, plan.finding.late)}")
        late = sum(hazard.overdue for hazard in found.values())
        self._progress(f"demo: {len(plans)} hazards, {late} of them overdue")

    def _do(self, scene: Scene) -> None:
        _do_due(self._app)
        if scene.what == SYNC and scene.happening is not None:
            self._month.sync(scene.happening)

    def _note(self, number: int) -> None:
        text = f"{_LOADING} {self._marker.today} {number}"
        self._app.write(lambda work: instance.put(work.tx, MARKER, text))

    def _new_phone(self, account: Account) -> Phone:
        """A phone that was booted when it is first used, and with which its owner logs in at once."""
        encoding, compression = _WIRES.get(account.role, ("json", "gzip"))
        phone = Phone(
            self._client,
            PhoneClock(self._clock, boot_id=f"demo-{account.username}"),
            demo_id("device", account.username),
            encoding=encoding,
            compression=compression,
        )
        phone.log_in(account.username, PASSWORD)
        return phone


def _do_due(app: App) -> None:
    """What the worker does, but that a step of a ladder which cannot be taken stops the load."""
    escalate(app)
    run_jobs(app)


def _begin(work: Work, today: date) -> _Marker:
    text = instance.put_new(work.tx, MARKER, f"{_LOADING} {today} 0")
    state, day, *done = text.split()
    return _Marker(state, date.fromisoformat(day), int(done[0]) if done else 0)


@contextmanager
def _quiet() -> Iterator[None]:
    """Our own requests are not worth a line in the log each."""
    loggers = [logging.getLogger(name) for name in ("inspect_api.http.door", "httpx")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.WARNING)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
