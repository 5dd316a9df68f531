"""PouchDB Server on its own LevelDB, one node process, everybody is its administrator.

It writes without `sync`: what it has acknowledged is in the operating system's memory, and a power loss takes
it away. The others here, and we, have it on the disk.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec

from benchmarks.peers.peer import Peer, Record, ask, running
from tests.launching import free_port


def pack(records: Sequence[Record], client: int) -> bytes:
    """One bulk of documents."""
    return msgspec.json.encode({"docs": [{"_id": record["entity_id"], **record} for record in records]})


@contextmanager
def run_pouchdb_server(programs: Path, folder: Path) -> Iterator[Peer]:
    """PouchDB Server with an empty database."""
    port = free_port()
    command = [programs / "pouchdb-server", "--host", "127.0.0.1", "--port", str(port), "-n"]
    with running([*command, "--dir", folder, "--config", folder / "pouchdb.json"], folder, port, "/") as pid:
        ask("PUT", port, "/inspections")
        yield Peer(
            "PouchDB Server", "LevelDB, not synced before it answers", 1.2, port, pid, None,
            "/inspections/_bulk_docs", {"Content-Type": "application/json"}, pack, b'"ok":true',
        )  # fmt: skip
