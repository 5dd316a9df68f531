"""Streams one after another, read as one."""

import io
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, ExitStack
from typing import IO, Self

from inspect_api.media.blobs import Source

Opener = Callable[[], IO[bytes]]


class Joined(AbstractContextManager["Joined"]):
    """Each is opened when its turn comes and closed after it; one that is open already stays open."""

    def __init__(self, streams: Iterable[Source | Opener]) -> None:
        self._streams = iter(streams)
        self._now: Source = io.BytesIO()
        self._close = ExitStack()

    def read(self, size: int = -1) -> bytes:
        """So many bytes, fewer only at the end; without a number all there are. Raises what opening does."""
        found: list[bytes] = []
        left = size
        while left != 0:
            piece = self._now.read(left)
            if piece:
                found.append(piece)
                left -= len(piece) if size >= 0 else 0
            elif not self._go_on():
                break
        return b"".join(found)

    def _go_on(self) -> bool:
        self._close.close()
        following = next(self._streams, None)
        if following is None:
            return False
        self._now = self._close.enter_context(following()) if callable(following) else following
        return True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._close.close()
