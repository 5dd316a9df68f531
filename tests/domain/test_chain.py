"""The hash chain: whoever changes, removes, inserts or moves an entry is found at that entry."""

import hashlib
import struct
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import NamedTuple
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspect_api.domain.chain import START, entry_hash, first_broken, moment_text

HAZARD = UUID(int=0xA)
AT = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)


class Entry(NamedTuple):
    hazard_id: UUID
    n: int
    kind: str
    op_hash: bytes | None
    event: bytes
    at: datetime
    actor: str
    prev_hash: bytes
    hash: bytes


def link(previous: bytes, n: int, kind: str = "hazard.note", event: bytes = b"{}", actor: str = "u") -> Entry:
    op_hash = bytes([n]) * 32 if n % 2 else None
    at = AT + timedelta(minutes=n)
    made = entry_hash(HAZARD, n, previous, kind, op_hash, event, at, actor)
    return Entry(HAZARD, n, kind, op_hash, event, at, actor, previous, made)


def chain(length: int = 6) -> list[Entry]:
    entries: list[Entry] = []
    for n in range(1, length + 1):
        entries.append(link(entries[-1].hash if entries else START, n, event=b'{"n":%d}' % n))
    return entries


def test_the_hash_by_hand() -> None:
    """SHA-256 over the nine fields, each behind its length as four bytes."""
    fields = [
        b"inspect-event/v1/sha256",
        HAZARD.bytes,
        struct.pack(">Q", 3),
        b"\x07" * 32,
        b"hazard.verify",
        b"",
        hashlib.sha256('{"作":1}'.encode()).digest(),
        b"2026-11-21T02:00:00.000000Z",
        b"system",
    ]
    expected = hashlib.sha256(b"".join(struct.pack(">I", len(field)) + field for field in fields)).digest()
    found = entry_hash(HAZARD, 3, b"\x07" * 32, "hazard.verify", None, '{"作":1}'.encode(), AT, "system")
    assert found == expected


def test_moments_are_in_utc_and_of_one_length() -> None:
    china = AT.astimezone(timezone(timedelta(hours=8)))
    assert moment_text(china) == moment_text(AT) == "2026-11-21T02:00:00.000000Z"
    assert moment_text(AT + timedelta(microseconds=7)) == "2026-11-21T02:00:00.000007Z"


def test_a_whole_chain_holds() -> None:
    assert first_broken(chain()) is None
    assert first_broken([]) is None


CHANGES: dict[str, Callable[[Entry], Entry]] = {
    "hazard_id": lambda e: e._replace(hazard_id=UUID(int=0xB)),
    "n": lambda e: e._replace(n=e.n + 1),
    "kind": lambda e: e._replace(kind=e.kind + "x"),
    "op_hash": lambda e: e._replace(op_hash=None if e.op_hash else bytes(32)),
    "event": lambda e: e._replace(event=e.event + b" "),
    "at": lambda e: e._replace(at=e.at + timedelta(microseconds=1)),
    "actor": lambda e: e._replace(actor="v"),
    "prev_hash": lambda e: e._replace(prev_hash=bytes(32) if e.n > 1 else b"\x01" * 32),
    "hash": lambda e: e._replace(hash=bytes(32)),
}


@pytest.mark.parametrize("field", CHANGES)
@pytest.mark.parametrize("place", range(6))
def test_a_changed_field_is_found_at_its_entry(field: str, place: int) -> None:
    entries = chain()
    entries[place] = CHANGES[field](entries[place])
    assert first_broken(entries) == place + 1


@pytest.mark.parametrize("place", range(5))
def test_a_removed_entry_is_found(place: int) -> None:
    entries = chain()
    del entries[place]
    assert first_broken(entries) == place + 1


@pytest.mark.parametrize("place", range(6))
def test_an_inserted_entry_is_found(place: int) -> None:
    """Even one that is linked rightly to what stands before it."""
    entries = chain()
    previous = entries[place - 1].hash if place else START
    entries.insert(place, link(previous, place + 1, kind="hazard.close"))
    assert first_broken(entries) == place + 2


@given(st.integers(0, 5), st.integers(0, 5))
def test_a_moved_entry_is_found(one: int, other: int) -> None:
    entries = chain()
    entries[one], entries[other] = entries[other], entries[one]
    assert first_broken(entries) == (None if one == other else min(one, other) + 1)


@given(
    st.tuples(st.text(max_size=3), st.text(max_size=3)), st.tuples(st.text(max_size=3), st.text(max_size=3))
)
def test_no_two_entries_have_the_same_bytes(one: tuple[str, str], other: tuple[str, str]) -> None:
    """What stands at the end of one field cannot pass for the beginning of the next."""

    def of(kind: str, actor: str) -> bytes:
        return entry_hash(HAZARD, 1, START, kind, b"", b"", AT, actor)

    assert (of(*one) == of(*other)) is (one == other)
