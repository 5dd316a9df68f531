"""The real server on a real socket: what a client library would never send."""

import gzip
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import msgspec
import pytest

from sync.limits import LIMITS
from tests.http.serving import copy_folder
from tests.live import ROOT, LiveServer, free_port

PUSH = "/api/v1/sync/push"


@pytest.fixture(scope="module")
def server(sqlite_county: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    folder = copy_folder(sqlite_county, tmp_path_factory.mktemp("server") / "var")
    running = LiveServer({"DATA_DIR": str(folder)})
    running.start()
    yield running
    running.kill()


@pytest.fixture(scope="module")
def token(server: LiveServer) -> str:
    return server.token("officer1")


class Answer(msgspec.Struct):
    status: int
    head: str
    body: bytes
    is_closed: bool


def talk(server: LiveServer, *pieces: bytes, pause: float = 0.0) -> Answer:
    """Send bytes as they are, and read one answer."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=15) as line:
        for piece in pieces:
            try:
                line.sendall(piece)
            except (BrokenPipeError, ConnectionResetError):
                break
            if pause:
                time.sleep(pause)
        data = b""
        while b"\r\n\r\n" not in data and (got := line.recv(65536)):
            data += got
        head, _, body = data.partition(b"\r\n\r\n")
        text = head.decode("latin-1").lower()
        length = int(text.partition("content-length: ")[2].partition("\r\n")[0] or 0)
        while len(body) < length and (got := line.recv(65536)):
            body += got
        return Answer(int(text.split(" ")[1]), text, body, "connection: close" in text)


def head(token: str, *lines: str, method: str = "POST", path: str = PUSH) -> bytes:
    fields = [f"{method} {path} HTTP/1.1", "Host: x", f"Authorization: Bearer {token}", *lines, "", ""]
    return "\r\n".join(fields).encode()


def chunked(body: bytes, size: int) -> Iterator[bytes]:
    for start in range(0, len(body), size):
        piece = body[start : start + size]
        yield b"%x\r\n%s\r\n" % (len(piece), piece)
    yield b"0\r\n\r\n"


JSON, CHUNKED = "Content-Type: application/json", "Transfer-Encoding: chunked"


def test_a_chunked_body_is_read_whole(server, token):
    body = b'{"protocol":1' + b" " * 200_000  # cut off: so it must have been read to its end to be refused
    answer = talk(server, head(token, JSON, CHUNKED), *chunked(body, 1000))
    assert answer.status == 400
    assert b'"code":"malformed_body"' in answer.body
    assert not answer.is_closed


@pytest.mark.parametrize("size", [1000, 60_000])
def test_a_chunked_body_over_the_limit_is_413(server, token, size):
    answer = talk(server, head(token, JSON, CHUNKED), *chunked(b"[" * (LIMITS.wire_bytes + 1), size))
    assert answer.status == 413
    assert b'"wire_bytes":1048576' in answer.body
    assert answer.is_closed


def test_an_endless_chunked_body_is_413_too(server, token):
    def endless() -> Iterator[bytes]:
        for _ in range(256):
            yield b"40000\r\n" + b"[" * 0x40000 + b"\r\n"

    answer = talk(server, head(token, JSON, CHUNKED), *endless())
    assert answer.status == 413


def test_an_announced_giant_is_refused_before_it_is_sent(server, token):
    answer = talk(server, head(token, JSON, f"Content-Length: {2**30}"))
    assert answer.status == 413
    assert answer.is_closed


def test_a_compressed_chunked_bomb_is_413(server, token):
    bomb = gzip.compress(b" " * 32 * 1024 * 1024)
    answer = talk(server, head(token, JSON, CHUNKED, "Content-Encoding: gzip"), *chunked(bomb, 4096))
    assert answer.status == 413


def test_a_truncated_compressed_chunked_body_is_400(server, token):
    cut = gzip.compress(os.urandom(20_000).hex().encode())[:-1]
    answer = talk(server, head(token, JSON, CHUNKED, "Content-Encoding: gzip"), *chunked(cut, 4096))
    assert answer.status == 400
    assert b"cut off" in answer.body


def test_what_is_no_request_is_a_problem_too(server, token):
    many = "&".join(f"name{n}=1" for n in range(10_000))
    asked = (head(token, method="GET", path=f"/api/v1/hazards?{many}"), b"HELLO\r\n\r\n")
    for answer in (talk(server, one) for one in asked):
        assert (answer.status, answer.is_closed) == (400, True)
        assert "content-type: application/problem+json" in answer.head
        assert msgspec.json.decode(answer.body)["code"] == "malformed_query"


def test_without_login_a_body_is_not_waited_for(server):
    answer = talk(server, head("forged", JSON, "Content-Length: 1000000"))
    assert answer.status == 401


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"\x00\x01\x02\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"POST /api/v1/hello HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST /api/v1/hello HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"GET /\xff\xfe HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /%ff%00 HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /api/v1/../../etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /api/v1/hello?" + b"a=b&" * 15_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /" + b"a" * 65_536 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /api/v1/me HTTP/1.1\r\nHost: a b\r\n\r\n",
        b"GET /api/v1/me HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \xff\xfe\r\n\r\n",
        b"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n",
        b"BREW /api/v1/hello HTTP/1.1\r\nHost: x\r\n\r\n",
    ],
    ids=range(14),
)
def test_what_is_hardly_http_is_a_4xx_and_the_server_lives(server, request_bytes):
    answer = talk(server, request_bytes)
    assert 400 <= answer.status < 500 or (request_bytes.startswith(b"OPTIONS") and answer.status < 500)
    assert httpx.get(f"{server.url}/health/live").status_code == 200


def test_a_connection_that_ends_in_the_middle_of_a_push_changes_nothing(server, token):
    for _ in range(20):
        with socket.create_connection(("127.0.0.1", server.port)) as line:
            line.sendall(head(token, JSON, "Content-Length: 5000") + b'{"protocol":1,')
    assert httpx.get(f"{server.url}/health/ready").json() == {"status": "ready", "degraded": []}


def start(env: dict[str, str], *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "inspect_api", *arguments],
        cwd=ROOT, env={**os.environ, **env}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_it_says_when_it_is_ready_and_ends_when_told(tmp_path, how):
    port = free_port()
    process = start({"DATA_DIR": str(tmp_path / "var"), "PORT": str(port)}, "serve")
    assert process.stdout is not None
    assert process.stdout.readline() == f"ready http://127.0.0.1:{port}\n"
    assert httpx.get(f"http://127.0.0.1:{port}/api/v1/hello").status_code == 200
    begun = time.monotonic()
    process.send_signal(how)
    process.communicate(timeout=20)
    assert time.monotonic() - begun < 10


@pytest.mark.parametrize(
    ("env", "named"),
    [
        ({"PORT": "http"}, "PORT"),
        ({"PORT": "0"}, "PORT"),
        ({"DATABASE_URL": "mysql://x/y"}, "DATABASE_URL"),
        ({"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"}, "database"),
        ({"BLOBS": "s3://bucket"}, "S3_ACCESS_KEY"),
        ({"SIGNING_KEY_FILE": "/etc/hostname"}, "hostname"),
    ],
)
@pytest.mark.parametrize("command", ["serve", "worker"])
def test_what_cannot_work_is_said_in_one_line(tmp_path, env, named, command):
    process = start({"DATA_DIR": str(tmp_path / "var"), "PORT": str(free_port()), **env}, command)
    out, errors = process.communicate(timeout=30)
    assert process.returncode == 2
    assert out == ""
    assert named in errors
    assert "Traceback" not in errors
    assert len(errors.strip().splitlines()) == 1


def test_demo_accounts_on_another_address_than_loopback(tmp_path):
    process = start({"DATA_DIR": str(tmp_path / "var"), "HOST": "192.0.2.1"}, "serve", "--demo")
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 2
    assert "HOST" in errors


def test_a_port_that_is_taken(tmp_path, server):
    process = start({"DATA_DIR": str(tmp_path / "var"), "PORT": str(server.port)}, "serve")
    out, errors = process.communicate(timeout=30)
    assert process.returncode != 0
    assert "address already in use" in errors
    assert "ready" not in out


def test_the_signing_key_is_private_and_stays(tmp_path):
    keys = []
    for _ in range(2):
        port = free_port()
        process = start({"DATA_DIR": str(tmp_path / "var"), "PORT": str(port)}, "serve")
        assert process.stdout is not None
        process.stdout.readline()
        keys.append(httpx.get(f"http://127.0.0.1:{port}/api/v1/hello").json()["keys"])
        process.terminate()
        process.communicate(timeout=20)
    assert (tmp_path / "var" / "signing.pem").stat().st_mode & 0o777 == 0o600
    assert keys[0] == keys[1]
    assert len(keys[0]) == 1
