"""The hash chain of a hazard's history.

`hash = SHA-256(alg, hazard id, n, previous hash, kind, SHA-256 of the operation's bytes or empty,
SHA-256 of the event's bytes, server time, actor)`, each field preceded by its length as four bytes, big
endian, so that no two different entries have the same bytes.
"""

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Protocol
from uuid import UUID

ALGORITHM = "inspect-event/v1/sha256"
START = bytes(32)


class Entry(Protocol):
    """One entry as it is stored."""

    @property
    def hazard_id(self) -> UUID: ...
    @property
    def n(self) -> int: ...
    @property
    def kind(self) -> str: ...
    @property
    def op_hash(self) -> bytes | None: ...
    @property
    def event(self) -> bytes: ...
    @property
    def at(self) -> datetime: ...
    @property
    def actor(self) -> str: ...
    @property
    def prev_hash(self) -> bytes: ...
    @property
    def hash(self) -> bytes: ...


def entry_hash(
    hazard_id: UUID,
    n: int,
    previous: bytes,
    kind: str,
    op_hash: bytes | None,
    event: bytes,
    at: datetime,
    actor: str,
) -> bytes:
    """The hash of one entry; `op_hash` is the SHA-256 of the operation that caused it, if any."""
    fields = (
        ALGORITHM.encode(),
        hazard_id.bytes,
        n.to_bytes(8, "big"),
        previous,
        kind.encode(),
        op_hash or b"",
        hashlib.sha256(event).digest(),
        moment_text(at).encode(),
        actor.encode(),
    )
    return hashlib.sha256(b"".join(len(field).to_bytes(4, "big") + field for field in fields)).digest()


@lru_cache(maxsize=256)
def moment_text(moment: datetime) -> str:
    """UTC with microseconds, always of the same length."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def first_broken(entries: Iterable[Entry]) -> int | None:
    """The number of the first entry that was changed, removed, inserted or moved; None when all hold."""
    previous, expected = START, 1
    for entry in entries:
        computed = entry_hash(
            entry.hazard_id, entry.n, previous, entry.kind, entry.op_hash, entry.event, entry.at, entry.actor
        )
        if entry.n != expected or entry.prev_hash != previous or entry.hash != computed:
            return expected
        previous, expected = entry.hash, expected + 1
    return None
