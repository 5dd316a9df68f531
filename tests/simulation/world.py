"""One seed, one run: people with phones, several processes of the server, a bad network, and an auditor."""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from unittest.mock import patch

import httpx

from inspect_api.clock import MovableClock
from inspect_api.demo.link import Offline
from inspect_api.jobs.loop import run_due
from tests.simulation.audit import Audit
from tests.simulation.door import Node
from tests.simulation.fieldwork import Fieldwork
from tests.simulation.ground import Ground
from tests.simulation.network import CALM, Network, Wire, new_client, some_weather
from tests.simulation.office import Office
from tests.simulation.phones import Disk, Holder, PhoneKilled
from tests.simulation.picture import Picture
from tests.simulation.places import BY_NAME, PEOPLE, Person, same_scope
from tests.simulation.poison import Poison
from tests.simulation.seeded import Ids, seeded
from tests.simulation.shelf import Shelf
from tests.simulation.violation import Violation

START = datetime(2026, 9, 1, 1, 0, tzinfo=UTC)  # a Tuesday, nine in the morning in the county
_DEEPEST = 2
_LIMITS = (1, 2, 3, 7, 500)
_SKEWS = (timedelta(0), timedelta(minutes=-4), timedelta(hours=3), timedelta(days=-400), timedelta(days=3650))


class World:
    """Everything of one run, driven step by step by its chance alone."""

    def __init__(self, seed: int, ground: Ground) -> None:
        self.chance = Random(f"chance {seed}")
        self.ground = ground
        self.clock: MovableClock = ground.clock
        self.audit = Audit()
        self.disk = Disk(self._whim)
        self.shelf = Shelf()
        self.network = Network(self.chance, self._new_node, ground.statements, self._others, self.tell)
        self.network.answered = self.audit.note_answer
        self.holders: list[Holder] = []
        self.trace: list[str] = []
        self.steps = 0
        self.is_living = False
        self._ids = Ids(Random(f"ids {seed}"))
        self._fieldwork = Fieldwork(self.chance)
        self._poison = Poison(self.chance)
        self._office = Office(self.chance, self.audit.filing.decided.add)
        self._depth = 0
        self._phone_dies = 0.0
        self._seen_commits = -1

    def live(self, rest: Callable[["World"], None]) -> None:
        """The whole run: some dozens of steps, then rest. Raises Violation."""
        with ExitStack() as stack:
            stack.enter_context(seeded(self._ids))
            stack.enter_context(self.disk.in_use())
            stack.enter_context(patch("inspect_api.jobs.loop.log", _Ears(self)))
            stack.enter_context(patch("inspect_api.actions.judge_operations._log", _Ears(self)))
            self.ground.put_back()
            self.clock.set(START)
            self._begin()
            for _ in range(self.chance.randint(20, 60)):
                self.step()
            self.is_living = False
            self.network.weather, self._phone_dies = CALM, 0.0
            rest(self)

    def tell(self, what: str) -> None:
        """One more line of what happened."""
        self.trace.append(f"{'  ' * self._depth}{what}")

    def step(self) -> None:
        """One thing happens, and the auditor looks."""
        self.steps += 1
        self.clock.advance(timedelta(seconds=self.chance.randint(1, 600)))
        acts: list[tuple[int, Callable[[], None]]] = [
            (42, self._capture),
            (26, self._sync),
            (9, self._part_of_sync),
            (3, self._take_poison),
            (6, self.work),
            (4, self._time_passes),
            (5, self._at_the_desk),
            (3, self._late_arrival),
            (2, self._clock_jumps),
            (1, self._hand_over),
        ]
        act = self.chance.choices([act for _, act in acts], [weight for weight, _ in acts])[0]
        act()
        self.look()

    def look(self) -> Picture | None:
        """The auditor, where something was written since he last looked."""
        if self.ground.statements.commits == self._seen_commits:
            return None
        with self.ground.statements.with_mishap(None), self.ground.app.db.read() as tx:
            picture = self.audit.look(tx, self.clock.now())
        self._seen_commits = self.ground.statements.commits
        return picture

    def use_phone(self, holder: Holder, act: Callable[[], object], *, online: bool) -> None:
        """Something done with a phone, which may die of it or find no network."""
        holder.is_busy = True
        try:
            result = holder.online(act) if online else act()
            if isinstance(result, str):
                self.tell(f"{holder.name}: {result}")
        except PhoneKilled:
            self.tell(f"{holder.name} dies")
            holder.wake_up()
        except Offline:
            self.tell(f"{holder.name} has no network")
        finally:
            holder.is_busy = False

    def work(self) -> None:
        """A worker does what is due."""
        self.tell("worker")
        self.network.work(lambda node: run_due(node.app))

    def _begin(self) -> None:
        chance = self.chance
        self.network.start(chance.randint(1, 3))
        for number, person in enumerate(_cast(chance)):
            holder = Holder(f"phone{number}", person, self._client(), self.clock, chance)
            self.holders.append(holder)
            self.use_phone(holder, holder.log_in, online=True)
            self.use_phone(holder, holder.phone.pull, online=True)
        self.look()
        self.tell(", ".join(holder.person.username for holder in self.holders))
        self.network.weather = some_weather(chance)
        self._phone_dies = chance.choice((0, 0, 0.01, 0.03))
        self.is_living = True

    def _client(self) -> httpx.Client:
        return new_client(Wire(self.network, self._whim, self._whim))

    def _new_node(self, others: Callable[[], None]) -> Node:
        return Node(replace(self.ground.app, clock=self.clock, blobs=self.shelf), others)

    def _others(self) -> None:
        """Whoever is not in the middle of something does one or two things, while a request waits."""
        if not self.is_living or self._depth >= _DEEPEST:
            return
        self._depth += 1
        try:
            with self.ground.statements.with_mishap(None):
                for _ in range(self.chance.randint(1, 2)):
                    self.step()
        finally:
            self._depth -= 1

    def _whim(self) -> None:
        if self._phone_dies and self.chance.random() < self._phone_dies:
            self.network.faults += 1
            raise PhoneKilled

    def _somebody(self, *roles: str) -> Holder | None:
        idle = [holder for holder in self.holders if not holder.is_busy]
        fitting = [holder for holder in idle if not roles or holder.person.role in roles]
        return self.chance.choice(fitting) if fitting else None

    def _capture(self) -> None:
        if holder := self._somebody():
            self.use_phone(holder, lambda: self._fieldwork.do_something(holder), online=False)

    def _take_poison(self) -> None:
        if holder := self._somebody():
            self.use_phone(holder, lambda: self._poison.add(holder), online=False)

    def _sync(self) -> None:
        if holder := self._somebody():
            self.tell(f"{holder.name} syncs")
            limit = self.chance.choice(_LIMITS)
            self.use_phone(holder, lambda: holder.sync(limit), online=True)

    def _part_of_sync(self) -> None:
        if holder := self._somebody():
            phone, limit = holder.phone, self.chance.choice(_LIMITS)
            parts: dict[str, Callable[[], object]] = {
                "pushes": phone.push,
                "uploads": phone.upload,
                "uploads early": holder.upload_something,
                "pulls": lambda: phone.pull(limit),
            }
            name = self.chance.choice(list(parts))
            self.tell(f"{holder.name} {name}")
            self.use_phone(holder, parts[name], online=True)

    def _time_passes(self) -> None:
        by = self.chance.choice(
            (
                timedelta(minutes=61),
                timedelta(hours=9),
                timedelta(days=1),
                timedelta(days=4),
                timedelta(days=9),
            )
        )
        self.clock.advance(by)
        self.tell(f"{by} passes")

    def _at_the_desk(self) -> None:
        if holder := self._somebody("regulator", "officer", "enterprise"):
            desk = self._office.decide if self.chance.random() < 0.5 else self._office.give_command
            self.use_phone(holder, lambda: desk(holder), online=True)

    def _late_arrival(self) -> None:
        self.network.deliver_late()

    def _clock_jumps(self) -> None:
        if holder := self._somebody():
            if self.chance.random() < 0.4:
                holder.clock.reboot()
            holder.clock.skew = self.chance.choice(_SKEWS)
            self.tell(f"{holder.name}'s clock is off by {holder.clock.skew}")

    def _hand_over(self) -> None:
        if holder := self._somebody():
            person = self.chance.choice([one for one in PEOPLE if one.role == holder.person.role])
            holder.hand_to(person)
            self.tell(f"{holder.name} is {person.username}'s now")


class _Ears:
    """The product's log: what it says is part of the story; an exception that nobody caused is a violation."""

    def __init__(self, world: World) -> None:
        self._world = world

    def warning(self, event: str, **_: object) -> None:
        self._world.tell(f"log: {event}")

    def exception(self, event: str, **_: object) -> None:
        self._world.tell(f"log: {event}")
        if not self._world.ground.statements.has_failed:
            raise Violation(f"the log says {event}")


def _cast(chance: Random) -> list[Person]:
    """An inspector, and two to four others, often with two of one scope among them."""
    cast = [BY_NAME["inspector1"]]
    for _ in range(chance.randint(2, 4)):
        alike = [person for person in PEOPLE for one in cast if same_scope(one, person)]
        cast.append(chance.choice(alike if chance.random() < 0.3 else PEOPLE))
    return cast
