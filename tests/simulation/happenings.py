"""What may happen in one step: people work and sync, workers work, clocks and scopes move, time passes."""

from collections.abc import Callable
from datetime import timedelta

from tests.simulation.authority import Authority
from tests.simulation.fieldwork import Fieldwork
from tests.simulation.office import Office
from tests.simulation.phones import Holder
from tests.simulation.places import PEOPLE
from tests.simulation.poison import Poison
from tests.simulation.restoring import Keeper
from tests.simulation.world import World

_PAGES = (1, 2, 3, 7, 500)
_SKEWS = (timedelta(0), timedelta(minutes=-4), timedelta(hours=3), timedelta(days=-400), timedelta(days=3650))
_WHILES = (
    timedelta(minutes=61),
    timedelta(hours=9),
    timedelta(days=1),
    timedelta(days=4),
    timedelta(days=9),
    timedelta(days=40),
)


class Happenings:
    """Chooses, by weights of which some are the seed's own."""

    def __init__(self, world: World) -> None:
        self._world, self._chance = world, world.chance
        self._fieldwork, self._poison = Fieldwork(self._chance), Poison(self._chance)
        self._authority = Authority(self._chance)
        self._office = Office(self._chance, world.audit.filing.decided.add)
        keeper = Keeper(world)
        self._acts: dict[Callable[[], None], int] = {
            self._shift: 40,
            self._sync: 16,
            self._part_of_sync: 9,
            self._take_poison: 3,
            world.work: 6,
            self._time_passes: 4,
            self._at_the_desk: 5,
            self._late_arrival: 3,
            self._clock_jumps: 2,
            self._hand_over: 1,
            self._scope_moves: self._chance.choice((0, 0, 3, 8)),
            keeper.keep: self._chance.choice((0, 0, 0, 0, 25)),
        }

    def happen(self) -> None:
        """One of them."""
        self._chance.choices(list(self._acts), list(self._acts.values()))[0]()

    def _somebody(self, *roles: str) -> Holder | None:
        idle = [holder for holder in self._world.holders if not holder.is_busy]
        fitting = [holder for holder in idle if not roles or holder.person.role in roles]
        return self._chance.choice(fitting) if fitting else None

    def _shift(self) -> None:
        """Somebody captures a few things, often after or before a sync."""
        holder = self._somebody()
        if holder is None:
            return
        if self._chance.random() < 0.3:
            self._world.sync(holder, 500)
        for _ in range(self._chance.randint(1, 4)):
            self._world.use_phone(holder, lambda: self._capture(holder), online=False)
        if self._chance.random() < 0.3:
            self._world.sync(holder, 500)

    def _capture(self, holder: Holder) -> str:
        told = [hazard for other in self._world.holders for done in other.done for hazard in done.hazards]
        return self._fieldwork.do_something(holder, told)

    def _take_poison(self) -> None:
        if holder := self._somebody():
            self._world.use_phone(holder, lambda: self._poison.add(holder), online=False)

    def _sync(self) -> None:
        if holder := self._somebody():
            self._world.tell(f"{holder.name} syncs")
            self._world.sync(holder, self._chance.choice(_PAGES))

    def _part_of_sync(self) -> None:
        if holder := self._somebody():
            phone, limit = holder.phone, self._chance.choice(_PAGES)
            parts: dict[str, Callable[[], object]] = {
                "pushes": phone.push,
                "uploads": phone.upload,
                "uploads early": holder.upload_something,
                "pulls": lambda: phone.pull(limit),
            }
            name = self._chance.choice(list(parts))
            self._world.tell(f"{holder.name} {name}")
            self._world.use_phone(holder, parts[name], online=True)

    def _time_passes(self) -> None:
        by = self._chance.choice(_WHILES)
        self._world.clock.advance(by)
        self._world.tell(f"{by} passes")

    def _at_the_desk(self) -> None:
        if holder := self._somebody("regulator", "officer", "enterprise"):
            desk = self._office.decide if self._chance.random() < 0.5 else self._office.give_command
            self._world.use_phone(holder, lambda: desk(holder), online=True)

    def _late_arrival(self) -> None:
        self._world.network.deliver_late()

    def _clock_jumps(self) -> None:
        if holder := self._somebody():
            if self._chance.random() < 0.4:
                holder.clock.reboot()
            holder.clock.skew = self._chance.choice(_SKEWS)
            self._world.tell(f"{holder.name}'s clock is off by {holder.clock.skew}")

    def _hand_over(self) -> None:
        if holder := self._somebody():
            person = self._chance.choice([one for one in PEOPLE if one.role == holder.person.role])
            holder.hand_to(person)
            self._world.tell(f"{holder.name} is {person.username}'s now")

    def _scope_moves(self) -> None:
        what, change, revived = self._authority.change(self._world.holders)
        self._world.tell(what)
        self._world.network.work(lambda node: node.app.write(change))
        for holder in self._world.holders:
            holder.is_ended = holder.is_ended and holder.person != revived
