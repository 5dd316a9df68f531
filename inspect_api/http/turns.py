"""Who takes the bytes of an upload now: a newer request ends the wait of an older one, which hangs perhaps.

This is a courtesy within one process: the older one writes down what has come and the newer one goes on from
there at once. What is right does not rest on it, but on the offset in the database.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from uuid import UUID

from inspect_api.errors import Code
from inspect_api.http.receiving import BodyRefused

_PATIENCE_S = 5.0


class Turn:
    """Of one request. It is over when what had come is written down. `is_second`: there was one before."""

    def __init__(self, *, is_second: bool) -> None:
        self.is_second = is_second
        self.is_over = asyncio.Event()
        self._is_ended = False
        self._waiting: asyncio.Timeout | None = None

    def end(self) -> None:
        """Wait for no further bytes."""
        self._is_ended = True
        if self._waiting is not None:
            self._waiting.reschedule(0)

    async def next(self, pieces: AsyncIterator[bytes]) -> bytes | None:
        """The next piece, None after the last. Raises BodyRefused when a newer request has come."""
        if not self._is_ended:
            try:
                async with asyncio.timeout(None) as self._waiting:
                    return await anext(pieces, None)
            except TimeoutError:
                pass
            finally:
                self._waiting = None
        raise BodyRefused(Code.OFFSET_CONFLICT, "A newer request goes on with this upload")


class Turns:
    """Of all uploads in this process; for its event loop only."""

    def __init__(self) -> None:
        self._latest: dict[UUID, Turn] = {}

    @asynccontextmanager
    async def take(self, upload: UUID) -> AsyncIterator[Turn]:
        """The newest request has the upload; whoever had it before ends, or is left behind."""
        before = self._latest.get(upload)
        mine = Turn(is_second=before is not None)
        self._latest[upload] = mine
        try:
            if before is not None:
                before.end()
                with suppress(TimeoutError):
                    await asyncio.wait_for(before.is_over.wait(), _PATIENCE_S)
            yield mine
        finally:
            mine.is_over.set()
            if self._latest.get(upload) is mine:
                del self._latest[upload]
