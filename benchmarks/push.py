"""What a push costs, over HTTP, beside the floor under it. `python -m benchmarks push`

Pushes of 100 records (records.py) by 1 client and by 16, on SQLite and on PostgreSQL. After each round the
rows that it has written are written once more by the cheapest means (floor.py), with as many writers. On
PostgreSQL the product runs as the README says: API processes (one, and two for 16 clients once more) and a
worker beside them. The processors' time of the processes and of PostgreSQL is what /proc says; on SQLite that
of the API's process holds its worker's.
"""

import http.client
import random
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from benchmarks.cluster import start_node
from benchmarks.floor import PostgresFloor, SqliteFloor
from benchmarks.measuring import machine, processor_seconds, report
from benchmarks.records import INSPECTORS, prepare_work, push_body
from inspect_api.clock import new_id
from tests.live import LiveServer, LiveWorker
from tests.postgres import PostgresServer, create_database

RECORDS, PUSHES, ROUNDS = 100, 16, 3
FLOOR_GOAL, SQLITE_GOAL, P50_GOAL, P95_GOAL, CPU_GOAL_US = 0.50, 0.40, 2.0, 3.0, 450

Floor = PostgresFloor | SqliteFloor


class Phone:
    """A device with a login; its pushes are made before the clock runs."""

    def __init__(self, server: LiveServer, inspector: str, sites: list[UUID]) -> None:
        self._sites, self._device, self._port = sites, new_id(), server.port
        self._headers = {
            "Authorization": f"Bearer {server.token(inspector, str(self._device))}",
            "Content-Type": "application/json",
        }
        self.bodies: list[bytes] = []
        self.batches: list[UUID] = []

    def prepare(self, pushes: int, dice: random.Random) -> None:
        self.bodies = [push_body(self._sites, self._device, RECORDS, dice) for _ in range(pushes)]
        self.batches = [msgspec.json.decode(body, type=_Batch).batch_id for body in self.bodies]

    def push(self) -> list[float]:
        """Everything that was prepared; the seconds of each push."""
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=120)
        taken = []
        for body in self.bodies:
            begun = time.perf_counter()
            connection.request("POST", "/api/v1/sync/push", body, self._headers)
            answer = connection.getresponse().read()
            taken.append(time.perf_counter() - begun)
            if answer.count(b'"code":"applied"') != RECORDS:
                raise RuntimeError(answer[:2000].decode())
        connection.close()
        return taken


class _Batch(msgspec.Struct):
    batch_id: UUID


def main() -> None:
    print(machine())
    with tempfile.TemporaryDirectory() as folder:
        env = {"DATA_DIR": f"{folder}/sqlite", "DEMO": "true"}
        sites = prepare_work(env)
        data = Path(env["DATA_DIR"])
        floors: dict[str, Floor] = {"executemany": SqliteFloor(data / "inspect.db", data / "floor.db")}
        _measure("SQLite", env, sites, floors, [Crowd(1, 1)], None)
        postgres = PostgresServer()
        postgres.start()
        try:
            url = create_database(postgres.url)
            env = {"DATA_DIR": f"{folder}/postgres", "DATABASE_URL": url, "DEMO": "true"}
            sites = prepare_work(env)
            floors = {means: PostgresFloor(url, postgres.url, means) for means in ("copy", "json")}
            _measure(
                "PostgreSQL", env, sites, floors, [Crowd(1, 1), Crowd(16, 1), Crowd(16, 2)], postgres.pid
            )
        finally:
            postgres.remove()


class Crowd(NamedTuple):
    """Who pushes at once, and how many processes serve them."""

    clients: int
    nodes: int

    @property
    def in_words(self) -> str:
        many = f"{self.clients} client{'s' * (self.clients > 1)}"
        return many if self.nodes == 1 else f"{many}, {self.nodes} API processes"


def _measure(
    name: str,
    env: dict[str, str],
    sites: dict[str, list[UUID]],
    floors: dict[str, Floor],
    crowds: Sequence[Crowd],
    postgres: int | None,
) -> None:
    for crowd in crowds:
        servers = [LiveServer(env) for _ in range(crowd.nodes)]
        worker = LiveWorker(env) if postgres else None
        try:
            for server in servers:
                server.start() if worker is None else start_node(server)
            phones = []
            for n in range(crowd.clients):
                inspector = INSPECTORS[n % len(INSPECTORS)]
                phones.append(Phone(servers[n % crowd.nodes], inspector, sites[inspector]))
            pids = {"application": [server.pid for server in servers]}
            if worker is not None and postgres is not None:
                pids |= {"worker": [worker.process.pid], "PostgreSQL": [postgres]}
            rounds = [_round(phones, floors, pids, seed) for seed in range(ROUNDS + 1)][1:]
            _tell(name, crowd, rounds, list(floors), list(pids))
        finally:
            for server in servers:
                server.kill()
            if worker is not None:
                worker.kill()


def _round(
    phones: list[Phone], floors: dict[str, Floor], pids: dict[str, list[int]], seed: int
) -> dict[str, tuple[float, list[float]]]:
    """What was done -> seconds by the clock and seconds of each push; beside it the processors' seconds."""
    for n, phone in enumerate(phones):
        phone.prepare(PUSHES // len(phones), random.Random(seed * 100 + n))
    before = _spent(pids)
    found = {"product": _together([phone.push for phone in phones])}
    spent = [after - was for after, was in zip(_spent(pids), before, strict=True)]
    found["processor"] = sum(spent), spent
    for means, floor in floors.items():
        rows = [[floor.take(batch) for batch in phone.batches] for phone in phones]
        found[means] = _together([_writer(floor, mine) for mine in rows])
    return found


def _spent(pids: dict[str, list[int]]) -> list[float]:
    return [sum(map(processor_seconds, those)) for those in pids.values()]


def _together(runs: list[Callable[[], list[float]]]) -> tuple[float, list[float]]:
    with ThreadPoolExecutor(len(runs)) as pool:
        begun = time.perf_counter()
        taken = [each for mine in pool.map(lambda run: run(), runs) for each in mine]
        return time.perf_counter() - begun, taken


def _writer(floor: Any, pushes: list[Any]) -> Callable[[], list[float]]:
    connection = floor.connect()

    def write() -> list[float]:
        taken = []
        for rows in pushes:
            begun = time.perf_counter()
            floor.write(connection, rows)
            taken.append(time.perf_counter() - begun)
        connection.close()
        return taken

    return write


def _tell(
    name: str,
    crowd: Crowd,
    rounds: list[dict[str, tuple[float, list[float]]]],
    means: list[str],
    spenders: list[str],
) -> None:
    """Ratios of pairs from the same round, and their median."""
    best = min(means, key=lambda one: median(round_[one][0] for round_ in rounds))
    records = PUSHES // crowd.clients * crowd.clients * RECORDS
    report(
        f"push, {crowd.in_words}, {name}",
        {
            "records/s": records / median(each["product"][0] for each in rounds),
            f"floor ({best}) records/s": records / median(each[best][0] for each in rounds),
            "ratio to the floor": median(each[best][0] / each["product"][0] for each in rounds),
            "goal": SQLITE_GOAL if name == "SQLite" else FLOOR_GOAL,
            "p50 ms": _quantile(rounds, "product", 0.5) * 1000,
            "p50 x floor's": _quantile(rounds, "product", 0.5) / _quantile(rounds, best, 0.5),
            "p95 x floor's": _quantile(rounds, "product", 0.95) / _quantile(rounds, best, 0.95),
            "goals": f"{P50_GOAL}, {P95_GOAL}",
            "processor us a record": median(each["processor"][0] for each in rounds) / records * 1e6,
            "goal us": CPU_GOAL_US,
        }
        | {
            f"of it {spender}": median(each["processor"][1][n] for each in rounds) / records * 1e6
            for n, spender in enumerate(spenders)
        },
    )


def _quantile(rounds: list[dict[str, tuple[float, list[float]]]], what: str, share: float) -> float:
    taken = sorted(each for round_ in rounds for each in round_[what][1])
    return taken[int(len(taken) * share)]


if __name__ == "__main__":
    main()
