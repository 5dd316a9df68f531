"""A bad network: a TCP forwarder that is slow, cuts connections at drawn bytes, and can change its target."""

import contextlib
import random
import socket
import threading
import time


class Cutter:
    """Listens on `port` of loopback while it is open. `sent` counts the bytes that came from clients.

    With `cuts` (least, most) each connection is cut after so many of them, drawn from `seed`.
    """

    def __init__(
        self, target: int, *, seed: int = 0, cuts: tuple[int, int] | None = None, rate: float | None = None
    ) -> None:
        self.target, self.sent, self.cut = target, 0, 0
        self._chance, self._cuts, self._rate = random.Random(seed), cuts, rate
        self._guard = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
            with self._guard:
                left = self._chance.randint(*self._cuts) if self._cuts else None
            threading.Thread(target=self._carry, args=(client, left), daemon=True).start()

    def _carry(self, client: socket.socket, left: int | None) -> None:
        try:
            server = socket.create_connection(("127.0.0.1", self.target))
        except OSError:
            client.close()
            return
        threading.Thread(target=_copy, args=(server, client), daemon=True).start()
        with contextlib.suppress(OSError):
            while piece := client.recv(4096):
                with self._guard:
                    self.sent += len(piece)
                if left is not None and (left := left - len(piece)) <= 0:
                    self.cut += 1
                    break
                if self._rate:
                    time.sleep(len(piece) / self._rate)
                server.sendall(piece)
        _end(client, server)


def _copy(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while piece := source.recv(65536):
            target.sendall(piece)
    _end(source, target)


def _end(*sockets: socket.socket) -> None:
    for one in sockets:
        with contextlib.suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)
        one.close()
