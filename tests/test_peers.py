"""`make bench-peers` starts its servers by hand only; what of it could rot unseen is held here."""

import json
import random
from uuid import uuid4

from benchmarks.peers import kinto, parse_server, pouchdb_server
from benchmarks.peers.installing import KINTO_LOCK, NPM_FILES
from benchmarks.peers.pushes import records_of
from benchmarks.records import push_body


def test_locks_hold_digests_and_no_hosts():
    for lock in (KINTO_LOCK, *NPM_FILES):
        assert "://" not in lock.read_text()
    packages = json.loads(NPM_FILES[1].read_bytes())["packages"]
    assert all("resolved" not in one and ("integrity" in one or name == "") for name, one in packages.items())
    assert "--hash=sha256:" in KINTO_LOCK.read_text()


def test_peers_get_the_very_records_that_we_get():
    push = push_body([uuid4()], uuid4(), 3, random.Random(1))
    ours = json.loads(push)["ops"]
    records = records_of(push)
    assert len(ours) == 3

    asked = json.loads(kinto.pack(records, 0))["requests"]
    assert [one["body"]["data"] for one in asked] == [{"id": op["entity_id"], **op} for op in ours]
    asked = json.loads(parse_server.pack(records, 0))["requests"]
    assert [one["body"] for one in asked] == ours
    asked = json.loads(pouchdb_server.pack(records, 0))["docs"]
    assert asked == [{"_id": op["entity_id"], **op} for op in ours]
