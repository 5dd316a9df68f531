"""The photo store hangs while photos come in: how long everybody else waits (E4, P13)."""

import hashlib
import sys
import threading
import time
from collections.abc import Iterator

import httpx
import pytest

from tests.http.test_uploads import picture
from tests.live import LiveServer, prepare_county
from tests.s3 import S3Bucket
from tests.s3_faults import FaultyS3

ASKED = 400
SENDERS = 24


@pytest.fixture
def place(tmp_path, s3_bucket: S3Bucket) -> Iterator[tuple[LiveServer, FaultyS3]]:
    proxy = FaultyS3(s3_bucket.server)
    env = {"DATA_DIR": str(tmp_path), "DEMO": "true", **S3Bucket(proxy.server, s3_bucket.name).env}
    prepare_county(env, ["inspector1", "county"])
    server = LiveServer(env)
    server.start()
    yield server, proxy
    server.kill()
    proxy.close()


def ask(server: LiveServer, token: str, times: int) -> list[float]:
    """Seconds of GET /hazards, one after another."""
    taken = []
    with httpx.Client(headers={"Authorization": f"Bearer {token}"}, timeout=60) as client:
        for _ in range(times):
            begun = time.perf_counter()
            assert client.get(f"{server.url}/api/v1/hazards?limit=20").status_code == 200
            taken.append(time.perf_counter() - begun)
    return sorted(taken)


def send(server: LiveServer, token: str, n: int, stop: threading.Event, codes: dict[int, int]) -> None:
    with httpx.Client(headers={"Authorization": f"Bearer {token}"}, timeout=60) as client:
        count = 0
        while not stop.is_set():
            photo = picture(n * 100_000 + count, 50_000)
            count += 1
            name = hashlib.sha256(photo).hexdigest()
            code = client.put(f"{server.url}/api/v1/blobs/{name}", content=photo).status_code
            codes[code] = codes.get(code, 0) + 1
            stop.wait(0.2)


@pytest.mark.soak
def test_hazards_are_asked_for_while_the_store_hangs(place, capsys):
    server, proxy = place
    county, inspector = server.token("county"), server.token("inspector1")
    ask(server, county, 50)
    told = []
    for fault in (None, "hang"):
        proxy.strike(fault)
        stop, codes = threading.Event(), dict[int, int]()
        senders = [
            threading.Thread(target=send, args=(server, inspector, n, stop, codes)) for n in range(SENDERS)
        ]
        for sender in senders:
            sender.start()
        taken = ask(server, county, ASKED)
        stop.set()
        for sender in senders:
            sender.join()
        p50, p99 = (taken[int(len(taken) * share)] * 1000 for share in (0.5, 0.99))
        told.append(f"store {fault or 'works'}: p50 {p50:.0f} ms, p99 {p99:.0f} ms, PUT answered {codes}")
        assert set(codes) <= {200, 201, 202}
    degraded = httpx.get(f"{server.url}/health/ready", timeout=10).json()["degraded"]
    with capsys.disabled():
        sys.stdout.write(f"\nGET /hazards, {SENDERS} phones sending photos: " + "; ".join(told) + "\n")
    assert degraded == ["blobs"]
