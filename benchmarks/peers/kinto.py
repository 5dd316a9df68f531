"""Kinto on PostgreSQL: records and permissions there, its cache in memory, one waitress process.

Basic authentication, which any name passes and which costs next to nothing; nothing is logged. A batch is one
transaction; the limit of 25 requests in a batch is raised. Each client writes to a collection of its own: of
records that several write to one at the same time Kinto refuses some, because two got the same millisecond.
"""

import base64
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec

from benchmarks.peers.peer import Peer, Record, ask, own_postgres, running
from tests.launching import free_port

PULL_GOAL = 3.0
_COLLECTIONS = "/v1/buckets/county/collections"
_HEADERS = {
    "Content-Type": "application/json",
    "Authorization": "Basic " + base64.b64encode(b"phone:phone").decode(),
}
_SETTINGS = """
[app:main]
use = egg:kinto
kinto.storage_backend = kinto.core.storage.postgresql
kinto.storage_url = {url}
kinto.permission_backend = kinto.core.permission.postgresql
kinto.permission_url = {url}
kinto.cache_backend = kinto.core.cache.memory
kinto.userid_hmac_secret = loopback
kinto.batch_max_requests = 500
multiauth.policies = basicauth
[server:main]
use = egg:waitress#main
host = 127.0.0.1
port = {port}
threads = 16
[loggers]
keys = root
[handlers]
keys = console
[formatters]
keys =
[logger_root]
level = WARNING
handlers = console
[handler_console]
class = StreamHandler
args = (sys.stderr,)
"""


def pack(records: Sequence[Record], client: int) -> bytes:
    """A batch of requests, each of which creates one record."""
    path = f"{_COLLECTIONS}/{client}/records"
    requests = [{"body": {"data": {"id": record["entity_id"], **record}}} for record in records]
    return msgspec.json.encode({"defaults": {"method": "POST", "path": path}, "requests": requests})


@contextmanager
def run_kinto(python: Path, folder: Path, clients: int) -> Iterator[Peer]:
    """Kinto with an empty collection for each client."""
    port, settings = free_port(), folder / "kinto.ini"
    kinto = [python, "-W", "ignore", python.with_name("kinto")]
    with own_postgres() as (url, postgres):
        settings.write_text(_SETTINGS.format(url=url, port=port))
        subprocess.run([*kinto, "migrate", "--ini", settings], check=True, capture_output=True)
        start = [*kinto, "start", "--ini", settings, "--port", str(port)]
        with running(start, folder, port, "/v1/") as pid:
            for made in ("/v1/buckets/county", *(f"{_COLLECTIONS}/{n}" for n in range(clients))):
                ask("PUT", port, made, **_HEADERS)
            yield Peer(
                "Kinto", "one transaction a batch on PostgreSQL", 25.0, port, pid, postgres,
                "/v1/batch", _HEADERS, pack, b'"status":201',
            )  # fmt: skip


class KintoReader:
    """A client that has a collection up to some moment, and asks again and again for what came since."""

    def __init__(self, kinto: Peer, collection: int, since: str) -> None:
        self._port, self._path = kinto.port, f"{_COLLECTIONS}/{collection}/records?_since={since}"

    def pull(self) -> tuple[int, int]:
        """How many records and bytes one pull brought."""
        content = ask("GET", self._port, self._path, **_HEADERS)
        return len(msgspec.json.decode(content, type=_Listed).data), len(content)


class _Listed(msgspec.Struct):
    data: list[msgspec.Raw]


def last_change(kinto: Peer, collection: int) -> str:
    """The moment of a collection's last change, as `_since` takes it."""
    latest = f"{_COLLECTIONS}/{collection}/records?_sort=-last_modified&_limit=1"
    listed = ask("GET", kinto.port, latest, **_HEADERS)
    return str(msgspec.json.decode(listed)["data"][0]["last_modified"])
