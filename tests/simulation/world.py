"""One seed, one run: people with phones, several processes of the server, a bad network, and an auditor."""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from unittest.mock import patch

import httpx

from inspect_api.clock import MovableClock
from inspect_api.demo.link import LoggedOut, Offline, Refused
from inspect_api.jobs.loop import run_due
from tests.simulation.audit import Audit
from tests.simulation.door import Node
from tests.simulation.ground import Ground
from tests.simulation.network import CALM, Network, Wire, new_client, some_weather
from tests.simulation.phones import Disk, Holder, PhoneKilled
from tests.simulation.picture import Picture
from tests.simulation.places import BY_NAME, PEOPLE, Person, first_scope
from tests.simulation.seeded import Ids, seeded
from tests.simulation.shelf import Shelf
from tests.simulation.violation import Violation

START = datetime(2026, 9, 1, 1, 0, tzinfo=UTC)  # a Tuesday, nine in the morning in the county
_SHORT, _LONG = (4, 12), (12, 26)
"""Steps of most runs, and of some: many short stories find more in an hour than a few long ones."""

_DEEPEST = 2
_NO_LOGIN = (401, 429)


class World:
    """Everything of one run, driven by its chance alone; `happen` is given what one step may be."""

    def __init__(self, seed: int, ground: Ground) -> None:
        self.chance = Random(f"chance {seed}")
        self.ids = Ids(Random(f"ids {seed}"))
        self.ground = ground
        self.clock: MovableClock = ground.clock
        self.audit = Audit()
        self.disk = Disk(self._whim)
        self.network = Network(
            self.chance, self._new_node, ground.statements, self.others_go_first, self.tell
        )
        self.network.answered = self.audit.note_answer
        self.holders: list[Holder] = []
        self.trace: list[str] = []
        self.steps = 0
        self.epoch = ground.app.epoch
        self._shelf = Shelf(ground.clock)
        self._happen: Callable[[], None] = lambda: None
        self._is_living = False
        self._depth = 0
        self._phone_dies = 0.0
        self._most_steps = 0
        self._seen_commits = -1

    def live(self, happen: Callable[[], None], rest: Callable[[], None]) -> None:
        """The whole run: some dozens of steps in bad weather, then rest. Raises Violation."""
        with ExitStack() as stack:
            stack.enter_context(seeded(self.ids))
            stack.enter_context(self.disk.in_use())
            stack.enter_context(patch("inspect_api.jobs.loop.log", _Ears(self)))
            stack.enter_context(patch("inspect_api.actions.judge_operations._log", _StrictEars(self)))
            self._begin()
            self._happen = happen
            planned = self.chance.randint(*(_LONG if self.chance.random() < 0.25 else _SHORT))
            self._most_steps = 2 * planned
            self.network.weather = some_weather(self.chance)
            self._phone_dies = self.chance.choice((0, 0, 0.01, 0.03))
            self._is_living = True
            for _ in range(planned):
                self.step()
            self._is_living = False
            self.network.weather, self._phone_dies = CALM, 0.0
            rest()

    def tell(self, what: str) -> None:
        """One more line of what happened."""
        self.trace.append(f"{'  ' * self._depth}{what}")

    def step(self) -> None:
        """One thing happens, and the auditor looks."""
        self.steps += 1
        self.clock.advance(timedelta(seconds=self.chance.randint(1, 600)))
        self._happen()
        self.look()

    @property
    def is_amid_requests(self) -> bool:
        """Whether some request waits for what happens now."""
        return self._depth > 0

    def start_again(self, epoch: str) -> None:
        """The server's processes are all new, on a database that was put back; who was shut out may try."""
        self.epoch = epoch
        self.network.start(self.chance.randint(1, 3))
        self.audit.start_again()
        for holder in self.holders:
            holder.is_ended = False

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
        except (Offline, LoggedOut) as why:
            self.tell(f"{holder.name} gives up: {type(why).__name__}")
        except Refused as refused:
            if refused.problem.status not in _NO_LOGIN:
                raise Violation(f"{holder.name} is refused: {refused}") from refused
            holder.is_ended = True
        finally:
            holder.is_busy = False

    def sync(self, holder: Holder, limit: int) -> None:
        """All that a phone does with a network."""
        self.hand_in(holder, lambda: holder.sync(limit))

    def hand_in(self, holder: Holder, act: Callable[[], None] | None = None) -> None:
        """What waits on a phone goes out; one that may not log in any more deposits what it has."""
        if not holder.is_ended:
            self.use_phone(holder, act or holder.hand_in, online=True)
        if holder.is_ended:
            self.tell(f"{holder.name} deposits, for it may not log in")
            self.use_phone(holder, holder.deposit_all, online=False)

    def work(self) -> None:
        """A worker does what is due."""
        self.tell("worker")
        self.network.work(lambda node: run_due(node.app))

    def others_go_first(self) -> None:
        """Whoever is not in the middle of something does one or two things, while a request waits."""
        if not self._is_living or self._depth >= _DEEPEST or self.steps >= self._most_steps:
            return
        self._depth += 1
        try:
            with self.ground.statements.with_mishap(None):
                for _ in range(self.chance.randint(1, 2)):
                    self.step()
        finally:
            self._depth -= 1

    def sometimes_others_go_first(self) -> None:
        """For handlers that are slow now and then."""
        if self.chance.random() < 0.1:
            self.others_go_first()

    def _begin(self) -> None:
        self.ground.put_back()
        self.clock.set(START)
        self.network.start(self.chance.randint(1, 3))
        for number, person in enumerate(_cast(self.chance)):
            holder = Holder(f"phone{number}", person, self._client(), self.clock, self.chance)
            self.holders.append(holder)
            self.use_phone(holder, holder.log_in, online=True)
            self.use_phone(holder, holder.phone.pull, online=True)
        self.look()
        self.tell(", ".join(holder.person.username for holder in self.holders))

    def _client(self) -> httpx.Client:
        return new_client(Wire(self.network, self._whim, self._whim))

    def _new_node(self, others: Callable[[], None]) -> Node:
        return Node(replace(self.ground.app, clock=self.clock, blobs=self._shelf, epoch=self.epoch), others)

    def _whim(self) -> None:
        if self._phone_dies and self.chance.random() < self._phone_dies:
            self.network.faults += 1
            raise PhoneKilled


class _Ears:
    """The product's log: a part of the story; an exception in it that no fault has caused is a violation."""

    def __init__(self, world: World) -> None:
        self._world = world

    def warning(self, event: str, **_: object) -> None:
        self._world.tell(f"log: {event}")

    def exception(self, event: str, **_: object) -> None:
        self._world.tell(f"log: {event}")
        if not self._world.ground.statements.has_failed:
            raise Violation(f"the log says {event}")


class _StrictEars(_Ears):
    """Where even a warning tells that something could not be written."""

    warning = error = _Ears.exception


def _cast(chance: Random) -> list[Person]:
    """Those who can bring a hazard to its end, or an inspector and anybody, often two of one scope."""
    if chance.random() < 0.5:
        cast = [BY_NAME[name] for name in ("inspector1", "owner1", "county1")]
        return [*cast, chance.choice(PEOPLE)] if chance.random() < 0.3 else cast
    cast = [BY_NAME["inspector1"]]
    for _ in range(chance.choice((1, 2, 2, 3))):
        alike = [person for person in PEOPLE for one in cast if first_scope(one) == first_scope(person)]
        cast.append(chance.choice(alike if chance.random() < 0.4 else PEOPLE))
    return cast
