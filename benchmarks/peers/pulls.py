"""500 changes with their bodies, pulled by many clients at once: ours by its cursor, Kinto's by `_since`."""

import random
from collections.abc import Callable, Sequence
from statistics import median
from typing import Any

import msgspec

from benchmarks.measuring import report
from benchmarks.peers.kinto import PULL_GOAL, KintoReader, last_change
from benchmarks.peers.ours import Ours, inspectors
from benchmarks.peers.peer import Peer, ask
from benchmarks.peers.pushes import records_of
from benchmarks.peers.turns import rest, take_turn
from benchmarks.push import RECORDS, Phone
from benchmarks.records import INSPECTORS
from inspect_api.clock import new_id

CHANGES = 500
_FIRST, _PUSHES = 1000, 2


class OurReader:
    """A phone that has everything of its inspector's, and asks again and again for what came since."""

    def __init__(self, ours: Ours, inspector: str) -> None:
        self._device, self._cursor, self._port = new_id(), None, ours.server.port
        token = ours.server.token(inspector, str(self._device))
        self._headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
        while len((answer := self._ask(_FIRST)[0]).changes) == _FIRST:
            self._cursor = answer.cursor
        self._cursor = answer.cursor

    def pull(self) -> tuple[int, int]:
        """How many changes and bytes one pull brought."""
        answer, size = self._ask(CHANGES)
        return len(answer.changes), size

    def _ask(self, limit: int) -> tuple["_Pulled", int]:
        asked = {"protocol": 1, "device_id": self._device, "cursor": self._cursor, "limit": limit}
        path, body = "/api/v1/sync/pull", msgspec.json.encode(asked)
        content = ask("POST", self._port, path, body, **self._headers)
        return msgspec.json.decode(content, type=_Pulled), len(content)


class _Pulled(msgspec.Struct):
    changes: list[msgspec.Raw]
    cursor: Any


Reader = OurReader | KintoReader


def compare_pulls(ours: Ours, kinto: Peer, clients: int, pulls: int, rounds: int) -> None:
    """So many pulls a client and round, of the same changes again and again. A record of Kinto's is a whole
    inspection; two of three changes of ours are hazards. Ratios are of pairs of one round."""
    phones = [OurReader(ours, inspector) for inspector in inspectors(clients)]
    readers = _since_loading(ours, kinto, clients)
    ours_each, theirs_each = _bytes_each(phones[0]), _bytes_each(readers[0])
    rest(ours.server.pid, ours.postgres)
    mine, theirs = [], []
    for _ in range(rounds):
        rows = clients * pulls * CHANGES
        mine.append(take_turn(_pulling(phones, pulls), rows, ours.server.pid, ours.postgres))
        theirs.append(take_turn(_pulling(readers, pulls), rows, kinto.pid, kinto.postgres))
    report(
        f"pull of {CHANGES} changes with bodies, {clients} clients, ours beside Kinto",
        {
            "ours rows/s": median(turn.rate for turn in mine),
            "theirs rows/s": median(turn.rate for turn in theirs),
            "ratio": median(a.rate / b.rate for a, b in zip(mine, theirs, strict=True)),
            "goal": PULL_GOAL,
            "ours bytes a row": ours_each,
            "theirs bytes a row": theirs_each,
            "ours processor us a row": median(turn.processor_us for turn in mine),
            "theirs processor us": median(turn.processor_us for turn in theirs),
        },
    )


def _since_loading(ours: Ours, kinto: Peer, clients: int) -> list[KintoReader]:
    """Every inspector pushes more changes than a pull brings. Kinto's first collection gets a batch that its
    readers have already, and then as many records as a pull brings."""
    pushed: list[bytes] = []
    for n, inspector in enumerate(INSPECTORS):
        phone = Phone(ours.server, inspector, ours.sites[inspector])
        phone.prepare(_PUSHES, random.Random(-n))
        phone.push()
        pushed += phone.bodies
    batches = [(kinto.pack(records_of(body), 0), RECORDS) for body in pushed[: CHANGES // RECORDS + 1]]
    kinto.send(batches[:1])
    since = last_change(kinto, 0)
    kinto.send(batches[1:])
    return [KintoReader(kinto, 0, since) for _ in range(clients)]


def _bytes_each(reader: Reader) -> int:
    rows, size = reader.pull()
    return size // rows


def _pulling(readers: Sequence[Reader], pulls: int) -> list[Callable[[], None]]:
    def pull(reader: Reader) -> None:
        for _ in range(pulls):
            if (rows := reader.pull()[0]) != CHANGES:
                raise RuntimeError(f"{rows} changes instead of {CHANGES}")

    return [lambda reader=reader: pull(reader) for reader in readers]  # type: ignore[misc]
