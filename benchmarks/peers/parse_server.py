"""Parse Server on PostgreSQL (PostGIS is needed only for questions about places), one node process.

Its batch saves objects of a class that exists already. The master key is sent, so that no rights are checked.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec

from benchmarks.peers.peer import Peer, Record, ask, own_postgres, running
from tests.launching import free_port

_HEADERS = {
    "Content-Type": "application/json",
    "X-Parse-Application-Id": "county",
    "X-Parse-Master-Key": "loopback",
}
_FIELDS = {
    "op_id": "String", "seq": "Number", "kind": "String", "entity_id": "String", "at": "Object",
    "body": "Object",
}  # fmt: skip


def pack(records: Sequence[Record], client: int) -> bytes:
    """A batch of requests, each of which saves one object."""
    requests = [{"method": "POST", "path": "/parse/classes/Inspection", "body": record} for record in records]
    return msgspec.json.encode({"requests": requests})


@contextmanager
def run_parse_server(programs: Path, folder: Path) -> Iterator[Peer]:
    """Parse Server with an empty class."""
    port, settings = free_port(), folder / "parse.json"
    with own_postgres() as (url, postgres):
        settings.write_bytes(
            msgspec.json.encode(
                {
                    "appId": "county",
                    "masterKey": "loopback",
                    "databaseURI": url,
                    "serverURL": f"http://127.0.0.1:{port}/parse",
                    "host": "127.0.0.1",
                    "port": port,
                    "mountPath": "/parse",
                    "logLevel": "error",
                    "logsFolder": str(folder / "logs"),
                    "requestComplexity": {"batchRequestLimit": 500},
                }
            )
        )
        with running([programs / "parse-server", settings], folder, port, "/parse/health") as pid:
            fields = {name: {"type": kind} for name, kind in _FIELDS.items()}
            schema = msgspec.json.encode({"className": "Inspection", "fields": fields})
            ask("POST", port, "/parse/schemas/Inspection", schema, **_HEADERS)
            yield Peer(
                "Parse Server", "a transaction for each record on PostgreSQL", 2.0, port, pid, postgres,
                "/parse/batch", _HEADERS, pack, b'{"success":',
            )  # fmt: skip
