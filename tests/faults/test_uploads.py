"""Uploads through kills, cuts and other nodes: what was acknowledged stays, little is sent twice (B12)."""

import hashlib
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from tests.cutter import Cutter
from tests.http.test_uploads import OCTETS, metadata, picture
from tests.live import LiveServer, prepare_county
from tests.s3 import S3Bucket

pytestmark = pytest.mark.long

CLIENT = Path(__file__).parent.parent / "tus_client"
PHOTOS = 40


class Phone:
    """A client of tus, through whatever network there is."""

    def __init__(self, url: str, token: str) -> None:
        self._url, self._token = url, token
        self.http = self._connect()

    def _connect(self) -> httpx.Client:
        headers = {"Authorization": f"Bearer {self._token}", "Tus-Resumable": "1.0.0"}
        return httpx.Client(base_url=self._url, headers=headers, timeout=20)

    def begin(self, photo: bytes) -> str:
        told = metadata(sha256=hashlib.sha256(photo).hexdigest())
        headers = {"Upload-Length": str(len(photo)), "Upload-Metadata": told}
        answer = self.http.post("/api/v1/uploads", headers=headers)
        assert answer.status_code == 201, answer.text
        return answer.headers["location"]

    def patch(self, path: str, offset: int, content: bytes) -> httpx.Response:
        headers = {"Upload-Offset": str(offset), "Content-Type": OCTETS}
        return self.http.patch(path, content=content, headers=headers)

    def offset(self, path: str) -> int:
        answer = self.http.head(path)
        assert answer.status_code == 200, answer.status_code
        return int(answer.headers["upload-offset"])

    def send(self, photo: bytes) -> None:
        """Through any number of cuts."""
        path, offset = "", 0
        while offset < len(photo):
            try:
                path = path or self.begin(photo)
                offset = self.offset(path)
                offset = int(self.patch(path, offset, photo[offset:]).headers["upload-offset"])
            except httpx.TransportError:
                self.http = self._connect()

    def status(self, photo: bytes) -> str:
        asked = {"sha256": [hashlib.sha256(photo).hexdigest()]}
        return str(self.http.post("/api/v1/blobs/status", json=asked).json()["items"][0]["status"])


@pytest.fixture(scope="module")
def nodes(
    tmp_path_factory: pytest.TempPathFactory, postgres_database: str, s3_bucket: S3Bucket
) -> Iterator[tuple[LiveServer, LiveServer]]:
    """Two servers on one PostgreSQL and one bucket."""
    env = {"DATA_DIR": str(tmp_path_factory.mktemp("nodes")), "DATABASE_URL": postgres_database}
    env |= {"DEMO": "true", "DB_POOL": "6", **s3_bucket.env}
    prepare_county(env, ["inspector1"])
    servers = LiveServer(env), LiveServer(env)
    for server in servers:
        server.start()
    yield servers
    for server in servers:
        server.kill()


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """One server on SQLite and a folder."""
    env = {"DATA_DIR": str(tmp_path_factory.mktemp("alone")), "DEMO": "true"}
    prepare_county(env, ["inspector1"])
    server = LiveServer(env)
    server.start()
    yield server
    server.kill()


@pytest.mark.parametrize("where", ["folder", "s3"])
def test_after_a_kill_the_upload_stands_no_lower_than_was_acknowledged(request, where):
    server = request.getfixturevalue("alone" if where == "folder" else "nodes")
    server = server if where == "folder" else server[0]
    phone, photo = Phone(server.url, server.token("inspector1")), picture(1 + len(where), 2_500_000)
    path, acked = phone.begin(photo), 0
    for size in (70_000, 1_300_000, 0):  # 0: killed in the middle of a request
        if size:
            answer = phone.patch(path, acked, photo[acked : acked + size])
            acked = int(answer.headers["upload-offset"])
        else:
            _send_some(server, phone, path, photo, acked)
        server.kill()
        server.start()
        phone = Phone(server.url, server.token("inspector1"))
        at = phone.offset(path)
        assert at >= acked
        acked = at
    assert phone.patch(path, acked, photo[acked:]).status_code == 204
    assert phone.http.get(f"/api/v1/photos/{hashlib.sha256(photo).hexdigest()}").content == photo


def _send_some(server: LiveServer, phone: Phone, path: str, photo: bytes, offset: int) -> socket.socket:
    """The head of a PATCH and 300 kB of its body, and then silence."""
    head = f"PATCH {path} HTTP/1.1\r\nHost: x\r\nTus-Resumable: 1.0.0\r\nUpload-Offset: {offset}\r\n"
    head += f"Authorization: {phone.http.headers['authorization']}\r\nContent-Type: {OCTETS}\r\n"
    line = socket.create_connection(("127.0.0.1", server.port))
    line.sendall(f"{head}Content-Length: {len(photo) - offset}\r\n\r\n".encode())
    line.sendall(photo[offset : offset + 300_000])
    return line


def test_a_request_that_hangs_holds_nobody_up_and_what_it_brought_counts(alone):
    phone, photo = Phone(alone.url, alone.token("inspector1")), picture(11, 900_000)
    path = phone.begin(photo)
    line, before = _send_some(alone, phone, path, photo, 0), time.monotonic()
    while (offset := phone.offset(path)) == 0:  # the server may not have seen the hanging one yet
        assert time.monotonic() < before + 10
    assert 0 < offset <= 300_000  # under load it may not have read all that was sent
    assert b" 409 " in line.recv(1000)
    assert phone.patch(path, offset, photo[offset:]).status_code == 204
    assert phone.status(photo) == "stored"
    assert time.monotonic() < before + 10


def test_an_upload_goes_on_at_another_node_past_one_that_hangs(nodes):
    first, second = nodes
    token, photo = first.token("inspector1"), picture(12, 900_000)
    here, there = Phone(first.url, token), Phone(second.url, token)
    path = here.begin(photo)
    assert there.patch(path, 0, photo[:100_000]).status_code == 204
    line = _send_some(first, here, path, photo, 100_000)
    at = there.offset(path)
    assert at in (100_000, 400_000)
    assert there.patch(path, at, photo[at:]).status_code == 204
    line.close()
    assert here.status(photo) == there.status(photo) == "stored"
    assert here.http.get(f"/api/v1/photos/{hashlib.sha256(photo).hexdigest()}").content == photo


def test_a_day_of_photos_over_a_slow_line_with_cuts_costs_a_fifth_more_at_most(alone, capsys):
    photos = [picture(1000 + n, 60_000) for n in range(PHOTOS)]
    cutter = Cutter(alone.port, seed=652327, cuts=(20_000, 250_000), rate=1_500_000)
    phone = Phone(cutter.url, alone.token("inspector1"))
    for photo in photos:
        phone.send(photo)
    direct = Phone(alone.url, alone.token("inspector1"))
    assert {direct.status(photo) for photo in photos} == {"stored"}
    ratio = cutter.sent / sum(map(len, photos))
    cutter.close()
    with capsys.disabled():
        sys.stdout.write(f"\n{PHOTOS} photos, {cutter.cut} cuts: {ratio:.3f} times their bytes were sent\n")
    assert cutter.cut >= 10
    assert ratio <= 1.2


@pytest.fixture(scope="module")
def official(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the official client, as the lock says."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("Node or npm is not installed: the official tus client was not run")
    folder = tmp_path_factory.mktemp("tus-client")
    for name in ("package.json", "package-lock.json", "upload.mjs"):
        shutil.copy(CLIENT / name, folder)
    command = ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    if done.returncode:
        pytest.skip(f"npm cannot install the official tus client: {done.stderr[-300:]}")
    return folder


def test_the_official_client_is_killed_and_goes_on_at_another_server(nodes, official, tmp_path):
    first, second = nodes
    photo = picture(13, 700_000)
    (tmp_path / "photo.jpg").write_bytes(photo)
    balancer = Cutter(first.port)
    command = [
        "node", "upload.mjs", f"{balancer.url}/api/v1/uploads", first.token("inspector1", str(uuid4())),
        str(tmp_path / "photo.jpg"), hashlib.sha256(photo).hexdigest(), str(tmp_path / "urls"), "65536",
    ]  # fmt: skip
    client = subprocess.Popen(command, cwd=official, stdout=subprocess.PIPE, text=True)
    assert client.stdout is not None
    lines = [client.stdout.readline().strip() for _ in range(5)]
    client.kill()
    client.wait()
    assert lines[0] == "new"
    assert lines[-1] == f"at {4 * 65536}"
    first.kill()
    balancer.target, sent = second.port, balancer.sent
    done = subprocess.run(command, cwd=official, capture_output=True, text=True, timeout=60, check=False)
    first.start()
    balancer.close()
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("again ")
    at = [int(line.split()[1]) for line in done.stdout.splitlines() if line.startswith("at ")]
    assert at[0] >= 5 * 65536
    assert at[-1] == len(photo)
    assert balancer.sent - sent <= len(photo) - 4 * 65536 + 20_000
    assert Phone(second.url, second.token("inspector1")).status(photo) == "stored"
