"""A part of a blob on its way out: a piece at a time, never more in memory than was asked for."""

from collections.abc import Callable
from typing import IO, Protocol


class Reading(Protocol):
    """The bytes of a part, in order; empty after the last."""

    def read(self, size: int, /) -> bytes:
        """At most so many. Raises BlobStoreDown."""

    def close(self) -> None: ...


class Span:
    """Bytes `start` to `stop` (without it) of an open file, which it closes."""

    def __init__(self, file: IO[bytes], start: int, stop: int) -> None:
        file.seek(start)
        self._file, self._left = file, stop - start

    def read(self, size: int, /) -> bytes:
        piece = self._file.read(min(size, self._left))
        self._left -= len(piece)
        return piece

    def close(self) -> None:
        self._file.close()


class Fetched:
    """Bytes `start` to `stop` (without it) of something far away, each piece asked for by itself.

    So a reader who takes his time holds no connection to it.
    """

    def __init__(self, fetch: Callable[[int, int], bytes], start: int, stop: int) -> None:
        self._fetch, self._at, self._stop = fetch, start, stop

    def read(self, size: int, /) -> bytes:
        end = min(self._at + size, self._stop)
        piece = self._fetch(self._at, end) if end > self._at else b""
        self._at = end
        return piece

    def close(self) -> None:
        """Nothing is held."""
