"""Pulls under load, and what memory a worker needs. `python -m benchmarks load`

On PostgreSQL: 16 phones, each of which pulls the same 500 changes with their bodies again and again; beside
it as many plain readers of as many rows (feed, inspection and hazard, whole), which judge and encode nothing.
Then the server's memory after all that, and by how much its largest requests (a push of 300 records, a pull
of 1,000 changes) rise above it.
"""

import http.client
import random
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median
from typing import Any
from uuid import UUID

import msgspec
import psycopg

from benchmarks.measuring import machine, memory_mb, report
from benchmarks.records import INSPECTORS, prepare_work, push_body
from inspect_api.clock import new_id
from tests.live import LiveServer
from tests.postgres import PostgresServer, create_database, libpq

PHONES, PULLS, ROUNDS, PAGE = 16, 8, 3, 500
MEMORY_GOAL_MB, RISE_GOAL_MB = 150, 64
_PLAIN = (
    "SELECT f.*, i.*, h.* FROM (SELECT * FROM feed WHERE stream_id = (SELECT id FROM stream "
    "WHERE name LIKE 'township:%%' ORDER BY head DESC LIMIT 1) ORDER BY seq DESC LIMIT %s) AS f "
    "LEFT JOIN inspection AS i ON i.id = f.entity_id LEFT JOIN hazard AS h ON h.id = f.entity_id"
)


class Phone:
    """A device with a login, as phones ask: JSON, not compressed."""

    def __init__(self, server: LiveServer, inspector: str) -> None:
        self.device, self._cursor = new_id(), None
        self._headers = {
            "Authorization": f"Bearer {server.token(inspector, str(self.device))}",
            "Content-Type": "application/json",
        }
        self._http = http.client.HTTPConnection("127.0.0.1", server.port, timeout=120)

    def push(self, sites: list[UUID], records: int) -> None:
        body = push_body(sites, self.device, records, random.Random(records))
        if self._post("push", body).count(b'"code":"applied"') != records:
            raise RuntimeError("not everything was applied")

    def pull(self, limit: int, *, stay: bool = False) -> int:
        """How many changes it brought; `stay`: the next one asks from the same place."""
        ask = {"protocol": 1, "device_id": self.device, "cursor": self._cursor, "limit": limit}
        answer = msgspec.json.decode(self._post("pull", msgspec.json.encode(ask)), type=_Pulled)
        if not stay:
            self._cursor = answer.cursor
        return len(answer.changes)

    def _post(self, what: str, body: bytes) -> bytes:
        self._http.request("POST", f"/api/v1/sync/{what}", body, self._headers)
        response = self._http.getresponse()
        content = response.read()
        if response.status != 200:
            raise RuntimeError(f"{response.status} {content[:500]!r}")
        return content


class _Pulled(msgspec.Struct):
    changes: list[msgspec.Raw]
    cursor: Any


def main() -> None:
    print(machine())
    postgres = PostgresServer()
    postgres.start()
    try:
        with tempfile.TemporaryDirectory() as folder:
            url = create_database(postgres.url)
            env = {"DATA_DIR": folder, "DATABASE_URL": url, "DEMO": "true"}
            sites = prepare_work(env)
            server = LiveServer(env)
            server.start()
            try:
                _pulls(server, sites, url)
                _memory(server, sites["inspector1"])
            finally:
                server.kill()
    finally:
        postgres.remove()


def _pulls(server: LiveServer, sites: dict[str, list[UUID]], url: str) -> None:
    phones = [Phone(server, INSPECTORS[n % len(INSPECTORS)]) for n in range(PHONES)]
    for phone in phones:
        while phone.pull(1000) == 1000:
            pass
    for inspector in INSPECTORS:
        Phone(server, inspector).push(sites[inspector], 200)

    def pull(phone: Phone) -> int:
        return sum(phone.pull(PAGE, stay=True) for _ in range(PULLS))

    def read(connection: psycopg.Connection) -> int:
        return sum(len(connection.execute(_PLAIN, (PAGE,)).fetchall()) for _ in range(PULLS))

    readers = [psycopg.connect(libpq(url), autocommit=True) for _ in range(PHONES)]
    rates: dict[str, list[float]] = {"product": [], "plain": []}
    for _ in range(ROUNDS):
        rates["product"].append(_rate(pull, phones))
        rates["plain"].append(_rate(read, readers))
    report(
        f"pull of {PAGE} changes with bodies, {PHONES} clients, PostgreSQL",
        {
            "rows/s": median(rates["product"]),
            "plain reads rows/s": median(rates["plain"]),
            "ratio to plain reads": median(
                mine / plain for mine, plain in zip(rates["product"], rates["plain"], strict=True)
            ),
        },
    )


def _rate(run: Callable[[Any], int], each: list[Any]) -> float:
    with ThreadPoolExecutor(len(each)) as pool:
        begun = time.perf_counter()
        rows = sum(pool.map(run, each))
        return rows / (time.perf_counter() - begun)


def _memory(server: LiveServer, sites: list[UUID]) -> None:
    phone = Phone(server, "inspector1")
    rest = memory_mb(server.pid)
    rises = {}
    largest: dict[str, Callable[[], object]] = {
        "push of 300 records": lambda: phone.push(sites, 300),
        "pull of 1000 changes": lambda: phone.pull(1000),
    }
    for name, run in largest.items():
        Path(f"/proc/{server.pid}/clear_refs").write_text("5")  # the peak is counted from here
        before = memory_mb(server.pid)
        run()
        rises[f"{name}: MB above"] = memory_mb(server.pid, peak=True) - before
    goals = {"goal MB": MEMORY_GOAL_MB, "goal above": RISE_GOAL_MB}
    report("memory of a worker after load", {"MB": rest, **rises, **goals})


if __name__ == "__main__":
    main()
