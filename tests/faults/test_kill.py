"""kill -9 of the server in the middle of pushes loses no acknowledged operation (P1, A1)."""

import random
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.live import LiveServer, prepare_county
from tests.records import inspection, plain_items, push

pytestmark = pytest.mark.long

PUSHES = 120
PUSHERS = 4
KILLS = 2


@pytest.fixture(params=["sqlite", "postgresql"])
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[LiveServer]:
    env = {"DATA_DIR": str(tmp_path), "DEMO": "true"}
    if request.param == "postgresql":
        env["DATABASE_URL"] = request.getfixturevalue("postgres_database")
    prepare_county(env, ["inspector1", "county"])
    live = LiveServer(env)
    live.start()
    yield live
    live.kill()


class Pusher(threading.Thread):
    """A phone that pushes one inspection after another and remembers what was acknowledged."""

    def __init__(self, server: LiveServer, site_id: str, count: int) -> None:
        super().__init__()
        self._server, self._count = server, count
        self._device = str(uuid4())
        item = plain_items("general")[0].code
        self._ops = [inspection(site_id, fails={item: {}}, passes=3, seq=i) for i in range(count)]
        self.acknowledged: dict[str, str] = {}
        self.resent = 0

    def run(self) -> None:
        token = ""
        for op in self._ops:
            while op["op_id"] not in self.acknowledged:
                try:
                    token = token or self._server.token("inspector1", self._device)
                    self._push(op, token)
                except (httpx.TransportError, httpx.HTTPStatusError):
                    self.resent += 1
                    time.sleep(0.05)

    def _push(self, op: dict[str, Any], token: str) -> None:
        answer = httpx.post(
            f"{self._server.url}/api/v1/sync/push",
            json=push([op], self._device),
            headers={"Authorization": f"Bearer {token}"},
            timeout=10,
        )
        answer.raise_for_status()
        outcome = answer.json()["outcomes"][0]
        assert outcome["code"] in ("applied", "duplicate"), outcome
        self.acknowledged[op["op_id"]] = op["entity_id"]


def test_no_acknowledged_inspection_is_lost(server: LiveServer) -> None:
    push_through_kills(server, PUSHES, KILLS)


@pytest.mark.soak
def test_nor_is_one_in_forty_kills(server: LiveServer) -> None:
    push_through_kills(server, 10 * PUSHES, 40)


def push_through_kills(server: LiveServer, pushes: int, kills: int) -> None:
    """Push, kill -9 and start again; what was acknowledged is exactly what is there afterwards."""
    site = next(s for s in _county_sites() if s.industry == "hazmat")
    pushers = [Pusher(server, str(site.id), pushes // PUSHERS) for _ in range(PUSHERS)]
    for pusher in pushers:
        pusher.start()
    chance = random.Random(652327)
    for _ in range(kills):
        before = sum(len(pusher.acknowledged) for pusher in pushers)
        target = before + chance.randint(10, 40)
        while sum(len(p.acknowledged) for p in pushers) < target and any(p.is_alive() for p in pushers):
            time.sleep(0.005)
        server.kill()
        server.start()
    for pusher in pushers:
        pusher.join(timeout=120 + pushes)
        assert not pusher.is_alive()
    acknowledged = {entity for pusher in pushers for entity in pusher.acknowledged.values()}
    pulled = _pull(server)
    assert len(acknowledged) == pushes
    assert sum(pusher.resent for pusher in pushers) > 0, "the server was never missed: the kills did nothing"
    inspections = {change["id"] for change in pulled if change["entity"] == "inspection"}
    assert acknowledged == inspections
    hazards = [change["id"] for change in pulled if change["entity"] == "hazard"]
    assert len(hazards) == len(set(hazards)) == pushes


def _county_sites() -> list[Any]:
    from inspect_api.demo.county import load_county

    county = load_county()
    grids = county.account("inspector1").grids
    return [site for site in county.sites if site.grid_code in grids]


def _pull(server: LiveServer) -> list[dict[str, Any]]:
    device, found, cursor = str(uuid4()), [], None
    token = server.token("inspector1", device)
    while True:
        answer = httpx.post(
            f"{server.url}/api/v1/sync/pull",
            json={"protocol": 1, "device_id": device, "cursor": cursor, "limit": 1000},
            headers={"Authorization": f"Bearer {token}"},
            timeout=30,
        )
        answer.raise_for_status()
        page = answer.json()
        found += page["changes"]
        cursor = page["cursor"]
        if not page["more"]:
            return found
