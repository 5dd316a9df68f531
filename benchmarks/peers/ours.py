"""Our own server as the peers are run: one process, with a PostgreSQL of its own."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

from benchmarks.peers.peer import own_postgres
from benchmarks.records import INSPECTORS, prepare_work
from tests.live import LiveServer
from tests.postgres import psycopg_dialect


class Ours(NamedTuple):
    """A server that runs; inspector -> his sites."""

    server: LiveServer
    postgres: int
    sites: dict[str, list[UUID]]


@contextmanager
def run_ours(folder: Path) -> Iterator[Ours]:
    """The product with the county of records.py."""
    with own_postgres() as (url, postgres):
        env = {"DATA_DIR": str(folder), "DATABASE_URL": psycopg_dialect(url), "DEMO": "true"}
        sites = prepare_work(env)
        server = LiveServer(env)
        try:
            server.start()
            yield Ours(server, postgres, sites)
        finally:
            server.kill()


def inspectors(clients: int) -> list[str]:
    """Who stands behind each client."""
    return [INSPECTORS[n % len(INSPECTORS)] for n in range(clients)]
