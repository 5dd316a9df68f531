"""A phone as its developer would write one: it works without a network, and syncs when there is one.

It knows `sync`, the protocol, and nothing of the server.
"""

import base64
import hashlib
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from time import sleep
from typing import TypeVar
from uuid import UUID

import httpx
import msgspec
from msgspec import Struct

from inspect_api.clock import Clock as TrueClock
from inspect_api.clock import new_id
from inspect_api.demo.link import Compression, Encoding, Link, Refused, User, pack
from inspect_api.demo.memory import Captured, Memory, recall, save
from inspect_api.domain.calendar import CIVIL
from sync.bodies import PhotoClaim, Position
from sync.commands import KINDS, Command, Fact
from sync.entities import Calendar, Enterprise, Hazard, Inspection, Notice, Site
from sync.envelope import Change, Clock, Operation, Outcome, Pull, PullAnswer, Push, PushAnswer
from sync.identity import digest
from sync.limits import PROTOCOL_MAX, Limits
from sync.photo import Photo
from sync.receipt import receipt_holds
from sync.task import Task

Entity = TypeVar("Entity", Site, Enterprise, Task, Inspection, Hazard, Photo, Notice, Calendar)

_ENVELOPE_BYTES = 4096
"""Of a push, without its operations."""

_START_AGAIN = frozenset({"epoch_changed", "cursor_invalid"})
_UNREADABLE = frozenset({"malformed_body", "too_large"})


class ReceiptInvalid(Exception):
    """The answer is not what the server's key has signed, or not about what was sent."""


class PhoneClock:
    """A phone's clocks: the wall one is wrong by `skew`, the monotonic one counts from the boot."""

    def __init__(self, true: TrueClock, skew: timedelta = timedelta(0), boot_id: str = "") -> None:
        self._true, self.skew = true, skew
        self._booted, self._boot_id = true.now(), boot_id or str(new_id())

    def reboot(self) -> None:
        """The monotonic clock begins anew."""
        self._booted, self._boot_id = self._true.now(), str(new_id())

    def wall(self) -> datetime:
        """What the phone shows."""
        return (self._true.now() + self.skew).astimezone(CIVIL)

    def seconds(self) -> float:
        """Since the boot."""
        return (self._true.now() - self._booted).total_seconds()

    def read(self) -> Clock:
        """All three, as they go onto the wire."""
        return Clock(wall=self.wall().isoformat(), mono_ms=int(self.seconds() * 1000), boot_id=self._boot_id)


class _Key(Struct, frozen=True):
    key_id: str
    public_key: str


class _Hello(Struct, frozen=True):
    origin: str
    epoch: str
    limits: Limits
    keys: list[_Key]


class _BlobState(Struct, frozen=True):
    sha256: str
    status: str


class _BlobStates(Struct, frozen=True):
    items: list[_BlobState]


class Phone:
    """`http` has the server's address; with `path` the phone's memory outlives the process."""

    def __init__(
        self,
        http: httpx.Client,
        clock: PhoneClock,
        device_id: UUID,
        *,
        encoding: Encoding = "json",
        compression: Compression = "gzip",
        pause: Callable[[float], None] = sleep,
        path: Path | None = None,
    ) -> None:
        self.clock = clock
        self.link = Link(http, clock.seconds, encoding=encoding, compression=compression, pause=pause)
        self.memory = recall(path, device_id) if path else Memory(device_id=device_id)
        self.user: User | None = None
        self._path = path
        self._server: _Hello | None = None

    def log_in(self, username: str, password: str) -> User:
        """Once, with a network; the login renews itself from then on."""
        device = {"id": str(self.memory.device_id), "platform": "demo", "app_version": "1"}
        self.user = self.link.log_in(username, password, device)
        return self.user

    def take_photo(
        self, data: bytes, at: datetime, position: Position | None = None, caption: str | None = None
    ) -> PhotoClaim:
        """Keep the bytes until the server has them; the claim is for the record."""
        name = hashlib.sha256(data).hexdigest()
        self.memory.album[name] = data
        self._save()
        return PhotoClaim(
            sha256=name,
            size=len(data),
            content_type="image/jpeg",
            taken_at=at,
            position=position,
            caption=caption,
        )

    def capture(
        self,
        kind: str,
        entity_id: UUID,
        body: Command | Fact,
        *,
        op_id: UUID | None = None,
        base_rev: int | None = None,
        depends_on: Sequence[UUID] = (),
    ) -> UUID:
        """What the person did, as it was done; no network is needed. The id of the operation."""
        if not isinstance(body, KINDS[kind]):
            raise TypeError(f"{kind} has a body of {KINDS[kind].__name__}")
        encoding = self.link.encoding
        operation = Operation(
            op_id=op_id or new_id(),
            seq=self.memory.next_seq,
            user_id=self.user.id if self.user else None,
            kind=kind,
            entity_id=entity_id,
            at=self.clock.read(),
            base_rev=base_rev,
            depends_on=list(depends_on),
            body=msgspec.Raw(pack(msgspec.to_builtins(body), encoding)),
        )
        self.memory.next_seq += 1
        self.memory.waiting.append(Captured(operation.op_id, pack(operation, encoding)))
        self._save()
        return operation.op_id

    def sync(self) -> list[Outcome]:
        """Hand in what waits and its photos, then fetch what is new. Raises what `push` does."""
        before = self.memory.epoch
        outcomes = self.push()
        self.upload()
        self.pull()
        if before not in (None, self.memory.epoch):  # the server was restored: what it has lost waits again
            outcomes += self.push()
            self.upload()
            self.pull()
        return outcomes

    def push(self) -> list[Outcome]:
        """Hand in what waits. Raises Offline, LoggedOut, Refused, ReceiptInvalid: then it goes on waiting."""
        return [outcome for batch in self.batches() for outcome in self._hand_in(batch)]

    def deposit(self) -> list[Outcome]:
        """Hand in, one by one and as it is, what no push takes, for a supervisor. Raises as `push`.

        It works with a login that has ended, for 30 days.
        """
        outcomes: list[Outcome] = []
        for captured in list(self.memory.aside):
            answer = self.link.deposit(captured.raw, PushAnswer)
            self._check_receipt([captured], answer, own_ids=False)
            self.memory.take_over([captured], answer, self._known().origin)
            self._save()
            outcomes += answer.outcomes
        return outcomes

    def lay_all_aside(self) -> None:
        """The account or the phone has ended: nothing of what waits can be pushed any more."""
        for captured in list(self.memory.waiting):
            self.memory.lay_aside(captured)
        self._save()

    def batches(self) -> list[list[Captured]]:
        """What waits, in the order of capture, in batches that the server takes."""
        limits = self._known().limits
        most = limits.decoded_bytes if self.link.compression else limits.wire_bytes
        batches: list[list[Captured]] = []
        room = 0
        for captured in self.memory.waiting:
            if not batches or len(batches[-1]) >= limits.ops or len(captured.raw) > room:
                batches.append([])
                room = most - _ENVELOPE_BYTES
            batches[-1].append(captured)
            room -= len(captured.raw) + 1
        return batches

    def upload(self) -> int:
        """Hand in the photos that the server has asked for, forget those that it holds; how many went up."""
        memory = self.memory
        asked_for = sorted(memory.wanted & memory.album.keys())
        for name in asked_for:
            self.link.put_photo(name, memory.album[name])
            memory.forget_photos({name})
            self._save()
        if memory.album and not memory.waiting:
            states = self.link.post("/blobs/status", {"sha256": list(memory.album)[:1000]}, _BlobStates)
            memory.forget_photos({state.sha256 for state in states.items if state.status == "stored"})
            self._save()
        return len(asked_for)

    def pull(self, limit: int = 500) -> list[Change]:
        """Fetch what is new, page by page. Raises Offline, LoggedOut, Refused."""
        changes: list[Change] = []
        more = True
        while more:
            page = self._pull_page(limit)
            self.memory.absorb(page.changes, page.cursor, page.epoch, page.streams.reset or ())
            self._save()
            changes += page.changes
            more = page.more
        return changes

    def find(self, kind: type[Entity], entity_id: UUID) -> Entity | None:
        """An entity out of the phone's own copy."""
        data = self.memory.copy.get((kind.__name__.lower(), str(entity_id)))
        return None if data is None else msgspec.convert(data, kind)

    def all(self, kind: type[Entity]) -> list[Entity]:
        """Every entity of a kind in the phone's own copy."""
        name = kind.__name__.lower()
        return [
            msgspec.convert(data, kind) for (entity, _), data in self.memory.copy.items() if entity == name
        ]

    def _hand_in(self, batch: list[Captured]) -> list[Outcome]:
        push = Push(
            protocol=PROTOCOL_MAX,
            device_id=self.memory.device_id,
            batch_id=new_id(),
            sent=self.clock.read(),
            known_epoch=self.memory.epoch,
            ops=[msgspec.Raw(captured.raw) for captured in batch],
        )
        try:
            answer = self.link.post("/sync/push", push, PushAnswer)
        except Refused as refused:
            if refused.problem.code not in _UNREADABLE:
                raise
            return self._hand_in_less(batch)
        self._check_receipt(batch, answer)
        self.memory.take_over(batch, answer, self._known().origin)
        self._save()
        return answer.outcomes

    def _hand_in_less(self, batch: list[Captured]) -> list[Outcome]:
        """Something in it cannot be read: halve until it stands alone."""
        if len(batch) == 1:
            self.memory.lay_aside(batch[0])
            self._save()
            return []
        half = len(batch) // 2
        return self._hand_in(batch[:half]) + self._hand_in(batch[half:])

    def _check_receipt(self, batch: list[Captured], answer: PushAnswer, *, own_ids: bool = True) -> None:
        sent = [digest(captured.raw) for captured in batch]
        ids = [str(captured.op_id) for captured in batch]
        if sent != [outcome.digest for outcome in answer.outcomes] or (
            own_ids and ids != [outcome.op_id for outcome in answer.outcomes]
        ):
            raise ReceiptInvalid("The outcomes are not those of what was sent")
        if answer.epoch != self._known().epoch:
            self._server = None
        receipt = answer.receipt
        key = self._key(receipt.key_id)
        origin = self._known().origin
        if not receipt_holds(key, receipt.sig, origin, receipt.received_at, answer.outcomes):
            raise ReceiptInvalid("The signature does not hold")

    def _key(self, key_id: str) -> bytes:
        for _ in range(2):
            for key in self._known().keys:
                if key.key_id == key_id:
                    return base64.b64decode(key.public_key)
            self._server = None  # a new key: ask again
        raise ReceiptInvalid("The server does not know the key of its receipt")

    def _known(self) -> _Hello:
        if self._server is None:
            self._server = self.link.get("/hello", _Hello, public=True)
        return self._server

    def _pull_page(self, limit: int) -> PullAnswer:
        memory = self.memory
        wanted = Pull(protocol=PROTOCOL_MAX, device_id=memory.device_id, cursor=memory.cursor, limit=limit)
        try:
            return self.link.post("/sync/pull", wanted, PullAnswer)
        except Refused as refused:
            if refused.problem.code not in _START_AGAIN or memory.cursor is None:
                raise
        memory.cursor = None  # the outbox stays
        self._server = None
        return self._pull_page(limit)

    def _save(self) -> None:
        if self._path is not None:
            save(self.memory, self._path)
