"""Phones in people's hands: memories that outlive them, wrong clocks, sudden deaths between two steps."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from unittest.mock import patch
from uuid import UUID

import httpx
import msgspec

from inspect_api.clock import Clock, new_id
from inspect_api.demo.link import LoggedOut
from inspect_api.demo.memory import Captured, Memory
from inspect_api.demo.phone import Phone, PhoneClock
from tests.simulation.places import PASSWORD, Person


class PhoneKilled(BaseException):
    """The battery is empty: whatever was not saved is gone."""


class Disk:
    """The durable stores of all phones; `whims` may kill the phone that saves, before or after it has."""

    def __init__(self, whims: Callable[[], None]) -> None:
        self.captured: dict[bytes, Captured] = {}
        self._owner: dict[bytes, str] = {}
        self._whims = whims
        self._kept: dict[Path, bytes] = {}

    def save(self, memory: Memory, path: Path) -> None:
        """As `demo.memory.save`."""
        self._whims()
        self._kept[path] = msgspec.msgpack.encode(memory)
        for captured in memory.waiting:
            if captured.raw not in self.captured:
                self.captured[captured.raw], self._owner[captured.raw] = captured, path.name
        self._whims()

    def captured_by(self, phone: str) -> list[Captured]:
        """All that was ever captured on one phone."""
        return [captured for raw, captured in self.captured.items() if self._owner[raw] == phone]

    def recall(self, path: Path, device_id: UUID) -> Memory:
        """As `demo.memory.recall`."""
        if path not in self._kept:
            return Memory(device_id=device_id)
        return msgspec.msgpack.decode(self._kept[path], type=Memory)

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """Let phones keep their memories here."""
        with (
            patch("inspect_api.demo.phone.save", self.save),
            patch("inspect_api.demo.phone.recall", self.recall),
        ):
            yield


class AnyOrderPhone(Phone):
    """Hands in what waits in any batches and any order, as a phone may."""

    chance: Random | None = None

    def keep(self, op_id: UUID, raw: bytes) -> None:
        """Put bytes into the outbox that `capture` would not make."""
        self.memory.waiting.append(Captured(op_id, raw))
        self.memory.next_seq += 1
        self._save()

    def batches(self) -> list[list[Captured]]:
        found = super().batches()
        chance = self.chance
        if chance is None or chance.random() < 0.5:
            return found
        ops = [captured for batch in found for captured in batch]
        if chance.random() < 0.5:
            chance.shuffle(ops)
        cuts = (
            sorted(chance.sample(range(1, len(ops)), min(len(ops) - 1, chance.randint(0, 2)))) if ops else []
        )
        parts = [ops[start:end] for start, end in zip([0, *cuts], [*cuts, len(ops)], strict=True)]
        return [part for part in parts if part]


class Holder:
    """A person with a phone. What the person remembers (`done`) is not the phone's memory."""

    def __init__(self, name: str, person: Person, client: httpx.Client, clock: Clock, chance: Random) -> None:
        self.name, self.person = name, person
        self.device_id = new_id()
        self.clock = PhoneClock(clock)
        self.is_busy = False
        self.is_ended = False
        self._is_new = True
        self.done: list[Done] = []
        self.taken: list[str] = []
        self._client, self._chance = client, chance
        self.phone = self._start()

    def wake_up(self) -> None:
        """After its death: a new process, a new boot, the old memory."""
        self.clock.reboot()
        before = self.phone
        self.phone = self._start()
        self.phone.user, self.phone.link = before.user, before.link

    def log_in(self) -> None:
        self.phone.log_in(self.person.username, PASSWORD)
        self._is_new = False

    def online(self, act: Callable[[], object]) -> object:
        """Something that needs a login: where the old one serves no more, the person logs in again."""
        if self._is_new:
            self.log_in()
        try:
            return act()
        except LoggedOut:
            self.log_in()
            return act()

    def sync(self, limit: int) -> None:
        """All that a phone does when it has a network."""
        self.hand_in()
        self.phone.pull(limit)

    def hand_in(self) -> None:
        """What waits, what no push takes, and the photos that are asked for."""
        self.phone.push()
        self.phone.deposit()
        self.phone.upload()

    def deposit_all(self) -> None:
        """The account or the phone has ended: all that waits is handed in by deposit."""
        self.phone.lay_all_aside()
        self.phone.deposit()

    def upload_something(self) -> None:
        """A photo goes up before anybody has asked for it."""
        album = self.phone.memory.album
        if album:
            name = self._chance.choice(sorted(album))
            self.phone.link.put_photo(name, album[name])

    def hand_to(self, person: Person) -> None:
        """Somebody else takes the phone; what the one before captured is still on it."""
        self.person = person
        self.done, self.taken = [], []
        self.phone.user = None
        self.is_ended, self._is_new = False, True

    def another(self) -> Phone:
        """A new phone with the same login and an empty memory, which nobody keeps."""
        fresh = Phone(self._client, self.clock, self.device_id, compression="")
        fresh.link, fresh.user = self.phone.link, self.phone.user
        return fresh

    def _start(self) -> AnyOrderPhone:
        phone = AnyOrderPhone(
            self._client,
            self.clock,
            self.device_id,
            compression="",
            pause=lambda _seconds: None,
            path=Path(self.name),
        )
        phone.chance = self._chance
        return phone


class Done(msgspec.Struct, frozen=True, kw_only=True):
    """Something that a person did on his phone, to come back to it."""

    op_id: UUID
    kind: str
    entity_id: UUID
    site_id: UUID | None = None
    root: UUID | None = None
    hazards: tuple[UUID, ...] = ()
