"""A TCP proxy on loopback that cuts connections: before the request is through, or before the answer is."""

import random
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

PASS, CUT_REQUEST, CUT_RESPONSE, REFUSE = "pass", "cut_request", "cut_response", "refuse"
MODES = (PASS, CUT_REQUEST, CUT_RESPONSE, REFUSE)


class Cutter:
    """Listens on a port of its own; each connection gets one of the modes, by `chance` of a cut."""

    def __init__(self, target: int, chance: float, die: random.Random) -> None:
        self.chance = chance
        self.cuts = 0
        self._target, self._die = target, die
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        threading.Thread(target=self._listen, daemon=True).start()

    def close(self) -> None:
        self._socket.close()

    def _listen(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._socket.accept()
                mode = self._die.choice(MODES[1:]) if self._die.random() < self.chance else PASS
                threading.Thread(target=self._serve, args=(client, mode), daemon=True).start()

    def _serve(self, client: socket.socket, mode: str) -> None:
        self.cuts += mode != PASS
        with client, suppress(OSError):
            if mode == REFUSE:
                return
            with socket.create_connection(("127.0.0.1", self._target)) as server:
                back = threading.Thread(target=self._copy, args=(server, client, mode == CUT_RESPONSE))
                back.start()
                self._copy(client, server, mode == CUT_REQUEST)
                back.join()

    def _copy(self, source: socket.socket, sink: socket.socket, cut: bool) -> None:
        """Bytes from one side to the other; a cut comes after some of them, and ends both directions."""
        left = self._die.randint(0, 2000) if cut else 1 << 40
        with suppress(OSError):
            while left > 0 and (piece := source.recv(min(65536, left))):
                sink.sendall(piece)
                left -= len(piece)
        for end in (source, sink) if cut else (sink,):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR if cut else socket.SHUT_WR)


@contextmanager
def cutting(target: int, chance: float, die: random.Random) -> Iterator[Cutter]:
    """A cutter before a port, while the block lasts."""
    cutter = Cutter(target, chance, die)
    try:
        yield cutter
    finally:
        cutter.close()
