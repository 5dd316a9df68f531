"""Many slow readers, and senders who hang: what they cost, and whether others are served. `make soak`"""

import hashlib
import random
import re
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.http.serving import copy_folder
from tests.live import LiveServer

READERS = 100
PHOTO = b"\xff\xd8\xff\xe0" + random.Random(5).randbytes(12_000_000)
NAME = hashlib.sha256(PHOTO).hexdigest()
ALLOWED = 64 * 1024 * 1024

pytestmark = pytest.mark.soak


@pytest.fixture(params=["folder", "s3"])
def server(request: pytest.FixtureRequest, sqlite_county: Path, tmp_path: Path) -> Iterator[LiveServer]:
    env = {"DATA_DIR": str(copy_folder(sqlite_county, tmp_path / "var"))}
    if request.param == "s3":
        env |= request.getfixturevalue("s3_bucket").env
    running = LiveServer(env)
    running.start()
    yield running
    running.kill()


def resident(server: LiveServer) -> int:
    """Bytes of memory that the server holds."""
    told = Path(f"/proc/{server.pid}/status").read_text()
    found = re.search(r"VmRSS:\s+(\d+) kB", told)
    assert found is not None
    return int(found[1]) * 1024


def open_reader(server: LiveServer, token: str, first: int) -> socket.socket:
    line = socket.create_connection(("127.0.0.1", server.port), timeout=120)
    line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
    fields = [
        f"GET /api/v1/photos/{NAME} HTTP/1.1", "Host: x", f"Authorization: Bearer {token}",
        f"Range: bytes={first}-", "Connection: close", "", "",
    ]  # fmt: skip
    line.sendall("\r\n".join(fields).encode())
    return line


def test_a_hundred_slow_readers_cost_little_and_hold_up_nobody(server: LiveServer) -> None:
    token = server.token("officer1")
    headers = {"Authorization": f"Bearer {token}"}
    with httpx.Client(base_url=f"{server.url}/api/v1", headers=headers, timeout=60) as officer:
        assert officer.put(f"/blobs/{NAME}", content=PHOTO).status_code == 201
        assert officer.get(f"/photos/{NAME}").content == PHOTO
        idle = resident(server)
        lines = [open_reader(server, token, first) for first in range(READERS)]
        taken, peak, slowest = [b""] * READERS, idle, 0.0
        for _ in range(30):
            for number, line in enumerate(lines):
                taken[number] += line.recv(16_384)
            peak = max(peak, resident(server))
            asked = time.perf_counter()
            assert officer.get("/hazards?limit=1").status_code == 200
            slowest = max(slowest, time.perf_counter() - asked)
        for line in lines[1:]:
            line.close()
        sys.stdout.write(
            f"\n{READERS} readers: {(peak - idle) >> 20} MiB above idle; others waited {slowest:.2f} s\n"
        )
        assert peak - idle < ALLOWED
        for number, got in enumerate(taken):
            head, _, body = got.partition(b"\r\n\r\n")
            assert b" 206 " in head.partition(b"\r\n")[0]
            assert PHOTO.startswith(body, number)
        rest = bytearray(taken[0].partition(b"\r\n\r\n")[2])
        while piece := lines[0].recv(1 << 20):
            rest += piece
        lines[0].close()
        assert rest == PHOTO


def test_a_hundred_and_fifty_senders_who_hang_cost_little(server: LiveServer) -> None:
    token = server.token("officer1")
    fields = [
        f"PUT /api/v1/blobs/{NAME} HTTP/1.1", "Host: x", f"Authorization: Bearer {token}",
        f"Content-Length: {len(PHOTO)}", "", "",
    ]  # fmt: skip
    headers = {"Authorization": f"Bearer {token}"}
    with httpx.Client(base_url=f"{server.url}/api/v1", headers=headers, timeout=60) as officer:
        assert officer.put(f"/blobs/{NAME}", content=PHOTO).status_code == 201
        idle, lines = resident(server), []
        for _ in range(150):
            lines.append(line := socket.create_connection(("127.0.0.1", server.port), timeout=120))
            line.sendall("\r\n".join(fields).encode() + PHOTO[:1_000_000])
        asked = time.perf_counter()
        assert officer.get(f"/photos/{NAME}").content == PHOTO
        sys.stdout.write(
            f"\n{len(lines)} senders: {(resident(server) - idle) >> 20} MiB above idle;"
            f" a reader waited {time.perf_counter() - asked:.2f} s\n"
        )
        assert resident(server) - idle < ALLOWED
        lines[0].sendall(PHOTO[1_000_000:])
        assert lines[0].recv(100).startswith(b"HTTP/1.1 200 ")
        for line in lines:
            line.close()
