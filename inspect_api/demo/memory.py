"""What a phone keeps through everything: its outbox, its photos, its receipts, and its copy of the county."""

import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from uuid import UUID

import msgspec
from msgspec import Struct

from sync.envelope import Change, Outcome, PushAnswer, Receipt


class Captured(Struct, frozen=True):
    """One operation, encoded once: whenever it is sent it is these bytes, for its digest is theirs."""

    op_id: UUID
    raw: bytes


class Kept(Struct, frozen=True):
    """What the server has acknowledged, when, and in which epoch: after a restore it may be lost there."""

    captured: Captured
    epoch: str
    server_time: datetime


class Proof(Struct, frozen=True):
    """A receipt with all that its signature covers: what was filed, and when."""

    origin: str
    receipt: Receipt
    outcomes: list[Outcome]
    server_time: datetime


class Memory(Struct, kw_only=True):
    """The outbox forgets only what the server holds; the copy and its cursor are always of one moment.

    `kept` is what the server has acknowledged and may yet lose with its database.
    `aside` is what cannot be sent as it is (too large, unreadable): kept for a person to look at.
    `wanted` names the photos that the server has asked for, `brought_by` the stream that brought each entity
    of the copy last.
    """

    device_id: UUID
    epoch: str | None = None
    next_seq: int = 1
    waiting: list[Captured] = []
    kept: list[Kept] = []
    aside: list[Captured] = []
    outcomes: dict[UUID, Outcome] = {}
    proofs: list[Proof] = []
    album: dict[str, bytes] = {}
    wanted: set[str] = set()
    copy: dict[tuple[str, str], object] = {}
    brought_by: dict[tuple[str, str], str] = {}
    cursor: str | None = None

    def take_over(self, batch: list[Captured], answer: PushAnswer, origin: str) -> None:
        """Note what became of a batch: what is durable is forgotten, what is not stays or is laid aside."""
        for captured, outcome in zip(batch, answer.outcomes, strict=True):
            self.outcomes[captured.op_id] = outcome
            self.wanted.update(outcome.missing_blobs)
            if outcome.durable:
                self._drop(captured)
                self.kept.append(Kept(captured, answer.epoch, answer.server_time))
            elif outcome.code == "too_large":
                self.lay_aside(captured)
        self.meet(answer.epoch)
        safe = answer.safe_to_forget_before
        self.kept = [kept for kept in self.kept if kept.server_time >= safe]
        self.proofs = [proof for proof in self.proofs if proof.server_time >= safe]
        self.proofs.append(Proof(origin, answer.receipt, answer.outcomes, answer.server_time))

    def meet(self, epoch: str) -> None:
        """The server's epoch. In a new one it may have lost what it acknowledged before: all of that waits
        again, in the order of capture and before anything newer, and what was pulled counts for nothing.
        """
        again = [kept.captured for kept in self.kept if kept.epoch != epoch]
        if self.epoch not in (None, epoch):
            self.cursor = None
        self.waiting = [*again, *(one for one in self.waiting if one not in again)]
        self.kept = [kept for kept in self.kept if kept.epoch == epoch]
        self.epoch = epoch

    def lay_aside(self, captured: Captured) -> None:
        """Stop sending it, and keep it."""
        if captured in self.waiting:
            self._drop(captured)
            self.aside.append(captured)

    def absorb(self, changes: list[Change], cursor: str, epoch: str, reset: Sequence[str] = ()) -> None:
        """One page of a pull, and the cursor behind it. A pull from nothing begins with an empty copy.

        What the streams in `reset` brought goes first: they begin anew.
        """
        copy = {} if self.cursor is None else dict(self.copy)
        brought_by = {} if self.cursor is None else dict(self.brought_by)
        for key in [key for key, stream in brought_by.items() if stream in reset]:
            copy.pop(key, None)
        for change in changes:
            if change.kind == "put":
                copy[change.entity, change.id] = change.data
                brought_by[change.entity, change.id] = change.stream
                if change.entity == "outcome":
                    self._learn(msgspec.convert(change.data, Outcome))
            else:
                copy.pop((change.entity, change.id), None)
        self.meet(epoch)
        self.copy, self.cursor = copy, cursor
        self.brought_by = {key: stream for key, stream in brought_by.items() if key in copy}

    def _learn(self, outcome: Outcome) -> None:
        """What has become of something that was held: its photos are asked for only now."""
        self.wanted.update(outcome.missing_blobs)
        for op_id in self.outcomes:
            if str(op_id) == outcome.op_id:
                self.outcomes[op_id] = outcome

    def forget_photos(self, names: set[str]) -> None:
        """The bytes of these are stored for good."""
        self.album = {name: data for name, data in self.album.items() if name not in names}
        self.wanted -= names

    def _drop(self, captured: Captured) -> None:
        self.waiting = [other for other in self.waiting if other != captured]
        self.aside = [other for other in self.aside if other != captured]
        self.kept = [other for other in self.kept if other.captured != captured]


def recall(path: Path, device_id: UUID) -> Memory:
    """What was saved there, or the empty memory of a new phone."""
    if not path.exists():
        return Memory(device_id=device_id)
    return msgspec.msgpack.decode(path.read_bytes(), type=Memory)


def save(memory: Memory, path: Path) -> None:
    """All of it or nothing: a phone that dies in the middle wakes up with what it had before."""
    new = path.with_suffix(".new")
    with new.open("wb") as file:
        file.write(msgspec.msgpack.encode(memory))
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
