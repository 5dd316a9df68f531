"""Too much at once, too slow, or nothing behind: an answer in any case, and afterwards all is well."""

import asyncio
import contextlib
import socket
import threading
import time
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
import uvicorn
from litestar.response import Stream

from inspect_api.actions.log_in import Login
from inspect_api.errors import Code, Refusal
from inspect_api.http import connections, receiving
from inspect_api.http.connections import BoundedProtocol
from inspect_api.http.door import make_door
from inspect_api.http.edge import Edge
from inspect_api.http.route import PUBLIC, Route
from inspect_api.http.threads import MOST_WAITING, Threads
from inspect_api.settings import Settings
from inspect_api.store.database import RaceLost
from tests.http.serving import make_county, serve
from tests.live import free_port
from tests.postgres import PostgresServer


def test_more_than_can_wait_are_told_to_come_back() -> None:
    async def crowd() -> tuple[int, list[Refusal]]:
        threads, release = Threads(is_sqlite=True, pool=1), threading.Event()
        tasks = [
            asyncio.create_task(threads.run(threads.writers, release.wait)) for _ in range(MOST_WAITING + 11)
        ]
        await asyncio.sleep(0.2)
        refused = [task.exception() for task in tasks if task.done()]
        release.set()
        done = await asyncio.gather(*tasks, return_exceptions=True)
        return done.count(True), [error for error in refused if isinstance(error, Refusal)]

    served, refused = asyncio.run(crowd())
    assert served == MOST_WAITING + 1
    assert len(refused) == 10
    assert {refusal.code for refusal in refused} == {Code.BUSY}
    assert all(refusal.retry_after for refusal in refused)


@pytest.mark.parametrize("pool", [1, 2, 6, 16, 200])
def test_on_postgresql_nobody_waits_for_a_connection(pool):
    async def total() -> float:
        threads = Threads(is_sqlite=False, pool=pool)
        return threads.readers.total_tokens + threads.writers.total_tokens

    assert asyncio.run(total()) <= max(2, pool - 1)


def test_phones_that_begin_wait_their_turn_and_nobody_else_does(settings):
    """A first pull costs as much as the scope holds; thirty at once take one thread, not all of them."""
    with serve(settings) as served:
        inspector = served.person("inspector1")
        ask = {"protocol": 1, "device_id": str(inspector.device_id)}
        cursor = inspector.post("/sync/pull", ask).json()["cursor"]
        kept_going = 0
        with ThreadPoolExecutor(30) as crowd:
            firsts = [crowd.submit(inspector.post, "/sync/pull", ask) for _ in range(30)]
            while not all(first.done() for first in firsts):
                kept_going += 1
                assert inspector.post("/sync/pull", ask | {"cursor": cursor}).status_code == 200
        answers = [first.result() for first in firsts]
    assert kept_going > 1
    assert {answer.status_code for answer in answers} == {200, 503}
    assert sum(answer.status_code == 200 for answer in answers) >= 17
    assert all(answer.headers["retry-after"] for answer in answers if answer.status_code == 503)


class Silent:
    """A request whose sender stops in the middle of its body."""

    def __init__(self, pieces: list[bytes]) -> None:
        self.headers: dict[str, str] = {}
        self._pieces = list(pieces)

    async def receive(self) -> dict[str, Any]:
        if self._pieces:
            return {"type": "http.request", "body": self._pieces.pop(), "more_body": True}
        await asyncio.sleep(3600)
        raise AssertionError


@pytest.mark.parametrize("pieces", [[], [b"{"], [b"{"] * 100])
def test_a_sender_that_falls_silent_is_given_up(monkeypatch, pieces):
    monkeypatch.setattr(receiving, "IDLE_S", 0.05)

    async def read() -> bytes:
        return await receiving.read_body(Silent(pieces), Threads(is_sqlite=True, pool=1))  # type: ignore[arg-type]

    with pytest.raises(receiving.BodyRefused) as refused:
        asyncio.run(read())
    assert refused.value.code is Code.MALFORMED_BODY


def test_a_race_that_is_lost_is_run_again_and_again_then_busy(sqlite_served):
    runs = []

    def lose(_work: object, _asked: object) -> object:
        runs.append(1)
        raise RaceLost

    with in_a_server(
        sqlite_served, Route(method="POST", path="/lose", roles=PUBLIC, handler=lose, writes=True, summary="")
    ) as client:
        answer = client.post("/api/v1/lose")
    assert (answer.status_code, answer.json()["code"]) == (503, "busy")
    assert len(runs) == 3


@contextmanager
def in_a_server(served: Any, *routes: Route) -> Iterator[httpx.Client]:
    edge = Edge(served.settings)
    edge.let_in(served.app)
    port = free_port()
    config = uvicorn.Config(make_door(edge, routes), port=port, log_config=None, http=BoundedProtocol)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
            yield client
    finally:
        server.should_exit = True
        thread.join()


QUICK = Route(method="GET", path="/quick", roles=PUBLIC, handler=lambda _w, _a: {"quick": True}, summary="")


def test_a_slow_action_holds_up_nobody_else(sqlite_served):
    gate = threading.Event()

    def wait(_work: object, _asked: object) -> object:
        gate.wait(20)
        return {"done": True}

    slow = Route(method="POST", path="/slow", roles=PUBLIC, handler=wait, writes=True, summary="")
    with in_a_server(sqlite_served, slow, QUICK) as client, ThreadPoolExecutor(4) as pool:
        waiting = [pool.submit(client.post, "/api/v1/slow") for _ in range(3)]
        time.sleep(0.1)
        assert client.get("/api/v1/quick").json() == {"quick": True}
        gate.set()
        assert [answer.result().json() for answer in waiting] == [{"done": True}] * 3


BEGUN = b"GET /api/v1/quick HTTP/1.1\r\nHost: x\r\nX-Slow: "


@pytest.mark.parametrize(("begun", "is_second"), [(b"", False), (BEGUN, False), (BEGUN, True)])
def test_a_head_that_does_not_come_to_its_end_is_given_up(sqlite_served, monkeypatch, begun, is_second):
    monkeypatch.setattr(connections, "HEAD_WITHIN_S", 0.3)
    with in_a_server(sqlite_served, QUICK) as client:
        with socket.create_connection(("127.0.0.1", int(client.base_url.port or 0)), timeout=10) as line:
            if is_second:
                line.sendall(b"GET /api/v1/quick HTTP/1.1\r\nHost: x\r\n\r\n")
                assert b'{"quick":true}' in line.recv(65536)
            line.sendall(begun)
            assert line.recv(65536) == b""
        assert client.get("/api/v1/quick").status_code == 200


def test_a_reader_who_does_not_read_on_is_given_up(sqlite_served, monkeypatch):
    monkeypatch.setattr(connections, "READ_ON_WITHIN_S", 0.3)
    ended = threading.Event()

    async def endless() -> AsyncIterator[bytes]:
        try:
            while True:
                await asyncio.sleep(0)
                yield bytes(65536)
        finally:
            ended.set()

    async def give(_asked: object) -> Stream:
        return Stream(endless())

    route = Route(method="GET", path="/endless", roles=PUBLIC, endpoint=give, summary="")
    with in_a_server(sqlite_served, route, QUICK) as client:
        with socket.create_connection(("127.0.0.1", int(client.base_url.port or 0)), timeout=10) as line:
            line.sendall(b"GET /api/v1/endless HTTP/1.1\r\nHost: x\r\n\r\n")
            assert ended.wait(20)
        assert client.get("/api/v1/quick").status_code == 200


def test_an_endless_head_is_refused(sqlite_served):
    with in_a_server(sqlite_served, QUICK) as client:
        with socket.create_connection(("127.0.0.1", int(client.base_url.port or 0)), timeout=10) as line:
            line.sendall(b"GET /api/v1/quick HTTP/1.1\r\nHost: x\r\nX-Long: ")
            sent = 0
            with contextlib.suppress(ConnectionError):
                for _ in range(64):
                    sent += line.send(b"x" * 262_144)
            assert sent < 16 * 1024 * 1024
        assert client.get("/api/v1/quick").status_code == 200


def test_a_long_body_is_not_a_long_head(sqlite_served):
    body = Route(
        method="POST", path="/echo", roles=PUBLIC, body=Login, summary="",
        handler=lambda _w, asked: {"size": len(asked.raw)},
    )  # fmt: skip
    content = b'{"username":"x","password":"y"}' + b" " * 900_000
    with in_a_server(sqlite_served, body) as client:
        for _ in range(3):
            answer = client.post(
                "/api/v1/echo", content=content, headers={"Content-Type": "application/json"}
            )
            assert answer.json() == {"size": len(content)}


@pytest.fixture
def own_server() -> Iterator[PostgresServer]:
    server = PostgresServer()
    server.start()
    yield server
    server.remove()


def test_while_the_database_is_down_it_is_503_and_afterwards_all_is_well(own_server, tmp_path):
    make_county({"DATABASE_URL": own_server.url, "DATA_DIR": str(tmp_path)})
    settings = Settings(database_url=own_server.url, data_dir=tmp_path, demo=True, db_pool=4)
    with serve(settings) as served:
        person = served.person("inspector1")
        first = person.get("/sites?limit=2").json()
        following = f"/sites?limit=200&cursor={first['cursor']}"
        own_server.stop("immediate")
        for answer in (person.get(following), person.push(), served.client.get("/api/v1/hello")):
            assert (answer.status_code, answer.json()["code"]) == (503, "busy")
            assert int(answer.headers["retry-after"]) > 0
        ready = served.client.get("/health/ready")
        assert (ready.status_code, ready.json()) == (503, {"status": "down", "degraded": ["database"]})
        assert served.client.get("/health/live").status_code == 200
        own_server.start()
        rest = person.get(following).json()
        assert first["items"] + rest["items"] == person.get("/sites?limit=200").json()["items"]
        assert person.push().status_code == 200
        assert served.client.get("/health/ready").json()["status"] == "ready"


def test_a_writer_that_holds_sqlite_too_long_makes_it_busy(sqlite_served, monkeypatch):
    monkeypatch.setattr("inspect_api.store.database.BUSY_TIMEOUT_S", 0.2)
    person = sqlite_served.person("inspector1")
    with sqlite_served.app.db.write() as tx:
        tx.execute(sa.text("SELECT 1"))
        answer = person.push()
        assert (answer.status_code, answer.json()["code"]) == (503, "busy")
        assert person.get("/sites").status_code == 200
    assert person.push().status_code == 200
