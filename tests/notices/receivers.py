"""Those who receive: a real HTTP server that answers as told, a real SMTP server, and a port that hangs."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.launching import free_port

Answer = tuple[int, dict[str, str], bytes]


class Got(NamedTuple):
    """One request."""

    path: str
    headers: dict[str, str]
    body: bytes


class HttpReceiver:
    """Remembers what it got; `answer` decides what it says."""

    def __init__(self) -> None:
        self.got: list[Got] = []
        self.answer: Callable[[Got], Answer] = lambda _got: (200, {}, b'{"errcode":0,"code":0}')
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers.get("Content-Length", 0))
                headers = {name.lower(): value for name, value in self.headers.items()}
                got = Got(self.path, headers, self.rfile.read(length))
                receiver.got.append(got)
                status, more, body = receiver.answer(got)
                self.send_response(status)
                for name, value in {**more, "Content-Length": str(len(body))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            do_PUT = do_GET = do_POST  # noqa: N815 - the library's names

            def log_message(self, *_: object) -> None: ...

        class Server(ThreadingHTTPServer):
            request_queue_size = 64
            daemon_threads = True

        self._server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class MailReceiver:
    """A mail server. `refuse` says what it answers to an address instead of taking it."""

    def __init__(self) -> None:
        self.got: list[EmailMessage] = []
        self.refuse: dict[str, str] = {}
        self.port = free_port()
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)
        self._controller.start()

    async def handle_RCPT(  # noqa: N802 - the library's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if address in self.refuse:
            return self.refuse[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        content = envelope.content
        assert isinstance(content, bytes)
        message: Any = message_from_bytes(content, policy=policy.default)
        self.got.append(message)
        return f"250 2.0.0 Ok: queued as 4F{len(self.got):04d}"

    def close(self) -> None:
        self._controller.stop()


@contextmanager
def silent_port(drip: bytes = b"") -> Iterator[int]:
    """Takes connections and never answers; or answers these bytes over and over, one every 50 ms."""
    with socket.create_server(("127.0.0.1", 0), backlog=128) as server:
        over = threading.Event()
        held: list[socket.socket] = []

        def take() -> None:
            while not over.is_set():
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                held.append(connection)
                if drip:
                    threading.Thread(target=feed, args=(connection,), daemon=True).start()

        def feed(connection: socket.socket) -> None:
            place = 0
            try:
                while not over.is_set():
                    connection.sendall(drip[place : place + 1])
                    place = min(place + 1, len(drip) - 1)
                    time.sleep(0.05)
            except OSError:
                return

        threading.Thread(target=take, daemon=True).start()
        try:
            yield server.getsockname()[1]
        finally:
            over.set()
            for connection in held:
                connection.close()
