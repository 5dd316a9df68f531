"""A proxy before a real S3 server that can fail in every way that stores fail, and lie.

It passes requests on as they are (signatures hold: the Host header is passed on too). What a store that lies
would keep instead is put there under the tests' own signature.
"""

import contextlib
import http.client
import socket
import struct
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit

from tests.s3 import S3Server, client

REFUSALS = {
    "error": (500, b"<Error><Code>InternalError</Code></Error>"),
    "slow_down": (503, b"<Error><Code>SlowDown</Code></Error>"),
}
LIES = ("forget", "truncate", "corrupt", "wrong_etag")
FAULTS = ("down", "hang", "reset", "reset_after", "give_other", "give_less", *REFUSALS, *LIES)
"""What `fault` can be:

down: connections end at once. hang: no answer while it lasts. reset: in the middle of a body, either way.
reset_after: done, but the answer is lost. error, slow_down: 500, 503. forget, truncate, corrupt: 200 to what
is not kept, or not as it was. wrong_etag: of a PUT. give_other, give_less: what is read is not what is kept.
"""


class FaultyS3(ThreadingHTTPServer):
    """`fault` None passes everything. `lets_pass` so many requests go by unharmed before it strikes."""

    daemon_threads = True

    def __init__(self, behind: S3Server) -> None:
        self.behind, self.own = behind, client(behind)
        self.address_behind = urlsplit(behind.endpoint).netloc
        self.fault: str | None = None
        self.lets_pass, self.struck = 0, 0
        self.released = threading.Event()
        self._guard = threading.Condition()
        self._under_way = 0
        super().__init__(("127.0.0.1", 0), _Mouth)
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def server(self) -> S3Server:
        """As the product is to know it."""
        endpoint = f"http://127.0.0.1:{self.server_address[1]}"
        return S3Server(endpoint, self.behind.access_key, self.behind.secret_key)

    def strike(self, fault: str | None, lets_pass: int = 0) -> None:
        """From now on; None heals, and ends what hangs."""
        with self._guard:
            self.fault, self.lets_pass = fault, lets_pass
            self.released.set()
            self.released = threading.Event()

    def settle(self) -> None:
        """Until every request has ended, also those that nobody waits for any more."""
        with self._guard:
            self._guard.wait_for(lambda: self._under_way == 0, 60)

    @contextlib.contextmanager
    def serving(self) -> Iterator[None]:
        with self._guard:
            self._under_way += 1
        try:
            yield
        finally:
            with self._guard:
                self._under_way -= 1
                self._guard.notify_all()

    def draw(self) -> tuple[str | None, threading.Event]:
        """What happens to the next request."""
        with self._guard:
            if self.fault is not None and self.lets_pass > 0:
                self.lets_pass -= 1
                return None, self.released
            self.struck += self.fault is not None
            return self.fault, self.released

    def close(self) -> None:
        self.strike(None)
        self.shutdown()
        self.server_close()

    def handle_error(self, *_: object) -> None:
        """Connections that end in the middle are what this is for."""


class _Mouth(BaseHTTPRequestHandler):
    """One connection."""

    server: FaultyS3
    protocol_version = "HTTP/1.1"

    def _serve(self) -> None:
        with self.server.serving():
            self._serve_one()

    def _serve_one(self) -> None:
        fault, released = self.server.draw()
        length = int(self.headers.get("Content-Length") or 0)
        if fault == "down":
            self._cut()
            return
        if fault == "reset" and length:
            self.rfile.read(length // 2)
            self._cut()
            return
        body = self.rfile.read(length)
        if fault == "hang":
            released.wait(60)
            self._cut()
        elif fault in REFUSALS:
            self._answer(*REFUSALS[fault])
        elif fault in ("forget", "truncate", "corrupt") and self.command == "PUT":
            self._keep(fault, body)
            self._answer(200, b"")
        else:
            self._pass_on(fault, body)

    do_GET = do_PUT = do_HEAD = do_DELETE = do_POST = _serve  # noqa: N815  (as the base class names them)

    def _keep(self, fault: str, body: bytes) -> None:
        if fault == "forget":
            return
        other = body[: len(body) // 2] if fault == "truncate" else body[:-1] + bytes([body[-1] ^ 1])
        bucket, _, key = unquote(urlsplit(self.path).path).lstrip("/").partition("/")
        self.server.own.put_object(Bucket=bucket, Key=key, Body=other)

    def _pass_on(self, fault: str | None, body: bytes) -> None:
        behind = http.client.HTTPConnection(self.server.address_behind, timeout=30)
        with contextlib.closing(behind):
            headers = {name: value for name, value in self.headers.items() if name.lower() != "expect"}
            behind.request(self.command, self.path, body=body, headers=headers)
            answer = behind.getresponse()
            content, told = answer.read(), dict(answer.getheaders())
        if fault == "reset_after":
            self._cut()
            return
        if fault == "wrong_etag" and "ETag" in told:
            told["ETag"] = f'"{"0" * 32}"'
        is_object = self.command == "GET" and answer.status == 200 and content
        if is_object and fault == "give_other":
            content = content[:-1] + bytes([content[-1] ^ 2])  # `corrupt` must not be undone by it
        if is_object and fault == "give_less":
            content = content[: len(content) // 2]
        self._answer(answer.status, content, told, cut=bool(is_object) and fault == "reset")

    def _answer(
        self, status: int, content: bytes, told: dict[str, Any] | None = None, *, cut: bool = False
    ) -> None:
        self.send_response_only(status)
        for name, value in (told or {}).items():
            if name.lower() not in ("content-length", "transfer-encoding", "connection"):
                self.send_header(name, value)
        length = (told or {}).get("Content-Length", "0") if self.command == "HEAD" else str(len(content))
        self.send_header("Content-Length", length)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content[: len(content) // 2] if cut else content)
        if cut:
            self.wfile.flush()
            self._cut()

    def _cut(self) -> None:
        """The connection ends with a reset."""
        self.close_connection = True
        with contextlib.suppress(OSError):
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()

    def log_message(self, *_: object) -> None:
        """Silence."""
