"""Room in memory for photos on their way in: bounded for all senders together.

Who finds none is written to a temporary file from the start, so that senders who hang, however many, cost a
little of the disk instead of the memory.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import SpooledTemporaryFile
from typing import IO, cast

_LEAST = 4096


class Room:
    """For `size` bytes. Safe for many threads."""

    def __init__(self, size: int) -> None:
        self._left, self._guard = size, threading.Lock()

    @contextmanager
    def file(self, most: int) -> Iterator[IO[bytes]]:
        """An empty file, up to `most` bytes of it in memory where there is room for so many."""
        with self._guard:
            taken = most if most <= self._left else 0
            self._left -= taken
        try:
            with SpooledTemporaryFile(taken or _LEAST) as file:
                yield cast("IO[bytes]", file)
        finally:
            with self._guard:
                self._left += taken


PHOTOS = Room(16 * 1024 * 1024)
