"""What a pull costs: after one change in a small scope and a large one, and the first one of 50,000 entities.

`python -m benchmarks.pull`, on SQLite and PostgreSQL. The two scopes are asked in turns, so that whatever
disturbs the machine disturbs both. In the middle of the first pull the server is killed and started again.
"""

import gc
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from statistics import median
from typing import Any
from uuid import UUID, uuid4

import httpx
import zstandard

from benchmarks.measuring import machine, report
from inspect_api.actions import set_up
from inspect_api.actions.app import open_app
from inspect_api.clock import MovableClock, SystemClock
from inspect_api.settings import load_settings
from inspect_api.store.migrating import migrate
from inspect_api.store.sites import NewSite
from tests.live import LiveServer
from tests.postgres import PostgresServer, create_database
from tests.records import clock
from tests.scope.county import County

LARGE, SMALL, SITES = 10_000, 100, 40_000
ROUNDS, PAGE = 100, 500
GOAL_BYTES, GOAL_RATIO = 2_000, 1.2


class Puller:
    """A phone that asks as phones do: JSON, zstd."""

    def __init__(self, server: LiveServer, county: County, name: str) -> None:
        self.device, self.cursor, self._seq = str(uuid4()), None, count(1)
        token = server.token(county.username(name), self.device)
        headers = {"Authorization": f"Bearer {token}", "Accept-Encoding": "zstd"}
        self._http = httpx.Client(base_url=f"{server.url}/api/v1", headers=headers, timeout=60)
        self.hazard = ""

    def pull(self) -> tuple[dict[str, Any], float, int, int]:
        """One page: its answer, ms, bytes on the wire, bytes unpacked."""
        ask = {"protocol": 1, "device_id": self.device, "cursor": self.cursor, "limit": PAGE}
        begun = time.perf_counter()
        with self._http.stream("POST", "/sync/pull", json=ask) as response:
            wire = b"".join(response.iter_raw())
        ms = (time.perf_counter() - begun) * 1000
        response.raise_for_status()
        packed = response.headers.get("content-encoding") == "zstd"
        body = zstandard.ZstdDecompressor().decompressobj().decompress(wire) if packed else wire
        answer = httpx.Response(200, content=body).json()
        self.cursor = answer["cursor"]
        self.hazard = next((c["id"] for c in answer["changes"] if c["entity"] == "hazard"), self.hazard)
        return answer, ms, len(wire), len(body)

    def pull_all(self) -> int:
        """Everything; how many changes that were."""
        total, more = 0, True
        while more:
            answer, *_ = self.pull()
            total, more = total + len(answer["changes"]), answer["more"]
        return total

    def change_something(self) -> None:
        now = clock(SystemClock().now())
        op = {"op_id": str(uuid4()), "seq": next(self._seq), "kind": "hazard.note", "entity_id": self.hazard,
              "at": now, "body": {"text": "已通知负责人，三日内整改"}}  # fmt: skip
        batch = {"protocol": 1, "device_id": self.device, "batch_id": str(uuid4()), "sent": now, "ops": [op]}
        answer = self._http.post("/sync/push", json=batch).raise_for_status().json()
        assert answer["outcomes"][0]["code"] == "applied", answer


def main() -> None:
    print(machine())
    with tempfile.TemporaryDirectory() as folder:
        _measure("SQLite", {"DATA_DIR": f"{folder}/sqlite", "DEMO": "true"})
        postgres = PostgresServer()
        postgres.start()
        try:
            url = create_database(postgres.url)
            _measure("PostgreSQL", {"DATA_DIR": f"{folder}/postgres", "DATABASE_URL": url, "DEMO": "true"})
        finally:
            postgres.remove()


def _measure(name: str, env: dict[str, str]) -> None:
    with _county(env) as county, _server(env) as server:
        _after_one_change(name, server, county)
        _first_pull(name, server, county)


@contextmanager
def _county(env: dict[str, str]) -> Iterator[County]:
    """Somebody with 10,000 hazards in twenty grids, somebody with 100 in one, somebody who sees all."""
    settings = load_settings(env)
    Path(env["DATA_DIR"]).mkdir(parents=True)
    migrate(settings.sqlalchemy_url)
    app = open_app(settings, now := MovableClock(SystemClock().now()))
    county = County.found(app, now)
    grids = [county.grid(1, n) for n in range(1, 22)]
    county.join("small", "inspector", grids=grids[:1])
    county.join("large", "inspector", grids=grids[1:])
    county.join("all", "officer", regions=[county.code])
    _report(county, "small", grids[:1], SMALL)
    _report(county, "large", grids[1:], LARGE)
    rows = [_shop(f"沿街商铺{n}号", county.grid(2)) for n in range(SITES)]
    for start in range(0, SITES, 5000):
        app.write(lambda work, some=rows[start : start + 5000]: set_up.add_sites(work, [], some))  # type: ignore[misc]
    app.close()
    gc.collect()
    yield county


def _shop(name: str, grid: str) -> NewSite:
    return NewSite(uuid4(), name, "fire", None, grid[:12], grid, None, None, None, None, None, {}, 1)


def _report(county: County, who: str, grids: list[str], hazards: int) -> None:
    sites: list[UUID] = [county.build(grid, firm=False) for grid in grids]
    phone = county.phone(who)
    for start in range(0, hazards, 500):
        ops = [phone.report(site_id=sites[n % len(sites)]) for n in range(start, min(start + 500, hazards))]
        assert {outcome["code"] for outcome in phone.push(*ops)} == {"applied"}


@contextmanager
def _server(env: dict[str, str]) -> Iterator[LiveServer]:
    server = LiveServer(env)
    server.start()
    try:
        yield server
    finally:
        server.kill()


def _after_one_change(name: str, server: LiveServer, county: County) -> None:
    phones = {name: Puller(server, county, name) for name in ("small", "large")}
    for phone in phones.values():
        phone.pull_all()
    taken: dict[str, list[float]] = {name: [] for name in phones}
    sizes: dict[str, tuple[int, int]] = {}
    for number in range(ROUNDS):
        for who in sorted(phones, reverse=number % 2 == 1):
            phones[who].change_something()
            answer, ms, wire, plain = phones[who].pull()
            assert len(answer["changes"]) == 1, answer
            taken[who].append(ms)
            sizes[who] = (wire, plain)
    small, large = median(taken["small"]), median(taken["large"])
    paired = median(b / a for a, b in zip(taken["small"], taken["large"], strict=True))
    wire, plain = sizes["large"]
    report(
        f"pull after one change, {LARGE} hazards against {SMALL}, {name}",
        {
            "ratio, median of pairs": paired,
            "goal ratio": GOAL_RATIO,
            "large p50 ms": large,
            "small p50 ms": small,
            "bytes with zstd": wire,
            "bytes without": plain,
            "goal bytes": GOAL_BYTES,
            "small scope bytes with zstd": sizes["small"][0],
            "small scope bytes without": sizes["small"][1],
        },
    )


def _first_pull(name: str, server: LiveServer, county: County) -> None:
    phone = Puller(server, county, "all")
    before = _memory(server.pid)
    taken: list[float] = []
    shops: list[float] = []
    seen: set[tuple[str, str]] = set()
    more, was_killed, highest = True, False, before
    while more:
        answer, ms, _, _ = phone.pull()
        taken.append(ms)
        seen |= {(change["entity"], change["id"]) for change in answer["changes"]}
        if all(change["entity"] == "site" for change in answer["changes"]):
            shops.append(ms)
        more, highest = answer["more"], max(highest, _memory(server.pid))
        if not was_killed and len(seen) > (LARGE + SITES) // 2:
            was_killed = True
            server.kill()
            server.start()
    assert len(seen) >= LARGE + SMALL + SITES, len(seen)
    report(
        f"first pull, killed in the middle, {name}",
        {
            "entities": len(seen),
            "pages": len(taken),
            "s": sum(taken) / 1000,
            "first ten pages of sites ms": median(shops[:10]),
            "last ten ms": median(shops[-10:]),
            "server before MB": before,
            "server at most MB": highest,
        },
    )


def _memory(pid: int) -> int:
    """Resident, in MB."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1]) // 1024


if __name__ == "__main__":
    main()
