"""What another server is to the comparison, and how it is started and always ended."""

import http.client
import os
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from tests.launching import Account, launch, wait_until
from tests.postgres import PostgresServer, create_database, libpq

Record = dict[str, Any]
"""What a phone has captured, just as it stands in `ops` of a push (benchmarks/records.py)."""


class Peer(NamedTuple):
    """A server that runs. `pack` makes the body of a batch of one client (its number); the answer has
    `accepted` once for each record. `durable` says what was done with the records before it answered."""

    name: str
    durable: str
    goal: float
    port: int
    pid: int
    postgres: int | None
    path: str
    headers: Mapping[str, str]
    pack: Callable[[Sequence[Record], int], bytes]
    accepted: bytes

    def send(self, batches: Sequence[tuple[bytes, int]]) -> None:
        """One client with its batches and how many records each has; raises when not all were taken."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=300)
        for batch, records in batches:
            connection.request("POST", self.path, batch, dict(self.headers))
            answer = connection.getresponse()
            content = answer.read()
            if content.count(self.accepted) != records:
                raise RuntimeError(f"{self.name}: {answer.status} {content[:500]!r}")
        connection.close()


@contextmanager
def running(command: Sequence[str | Path], folder: Path, port: int, path: str, **env: str) -> Iterator[int]:
    """The process id of a server, from its first answer to GET `path` until the context is left."""
    log = folder / "server.log"
    with log.open("ab") as file:
        process = launch(
            command, folder=folder, log=file, env=env, account=Account(), last_will=signal.SIGKILL
        )
    try:
        wait_until(lambda: _answers(port, path), process, log, seconds=120)
        yield process.pid
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@contextmanager
def own_postgres() -> Iterator[tuple[str, int]]:
    """URL of an empty database and the postmaster's process id. A server for each contender, so that the
    processor's time that one causes is never counted for another."""
    server = PostgresServer()
    try:
        server.start()
        yield libpq(create_database(server.url)), server.pid
    finally:
        server.remove()


def ask(method: str, port: int, path: str, body: bytes = b"", **headers: str) -> bytes:
    """The content of one answer; raises RuntimeError when its status is not one of success."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=300)
    connection.request(method, path, body, headers)
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    if not 200 <= answer.status < 300:
        raise RuntimeError(f"{method} {path}: {answer.status} {content[:500]!r}")
    return content


def _answers(port: int, path: str) -> bool:
    try:
        ask("GET", port, path)
    except (OSError, RuntimeError):
        return False
    return True
