"""Where blocking work runs: a bounded number of threads for each kind, and a bounded queue before them."""

from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

from anyio import CapacityLimiter, move_on_after, to_thread

from inspect_api.errors import Code, Refusal

Kept = TypeVar("Kept")
Result = TypeVar("Result")

MOST_WAITING = 256
_NEWCOMERS_WAITING = 16
_READERS = 8
_BLOBS_PATIENCE_S = 4.0
_ALONE = 1
_PULLS = 3
"""A full page is some 8 MB of objects until it is encoded. More of them at once are not sooner done, since
one Python thread runs at a time; these are enough that it never waits for the database.
"""


class Threads:
    """Writers: one on SQLite. On PostgreSQL readers and writers share the pool of connections and never
    wait in it: each has its part, and one is left for the jobs.
    """

    def __init__(self, *, is_sqlite: bool, pool: int) -> None:
        self._is_sqlite = is_sqlite
        readers = _READERS if is_sqlite else max(1, min(_READERS, pool // 2))
        self.readers = CapacityLimiter(readers)
        self.writers = CapacityLimiter(1 if is_sqlite else max(1, pool - readers - 1))
        self.passwords = CapacityLimiter(2)
        self.blobs = CapacityLimiter(8)
        self.aside = CapacityLimiter(4)
        self.inflating = CapacityLimiter(2)
        self.newcomers = CapacityLimiter(1)
        self.exports = CapacityLimiter(2)  # pages at once; another reader is never behind more than these
        self.pulls = CapacityLimiter(_PULLS)
        self._present: Counter[CapacityLimiter] = Counter()

    @asynccontextmanager
    async def newcomer(self) -> AsyncIterator[None]:
        """One at a time, so that many phones that begin at once slow down nobody who has begun.

        Raises Refusal(BUSY) when so many wait that the last one's patience would end first.
        """
        if self.newcomers.statistics().tasks_waiting >= _NEWCOMERS_WAITING:
            raise Refusal(Code.BUSY, "Many phones begin at once", retry_after=10)
        async with self.newcomers:
            yield

    @asynccontextmanager
    async def pull(self) -> AsyncIterator[None]:
        """A place for a page of changes while it is in memory. Raises Refusal(BUSY) when too many wait."""
        if self.pulls.statistics().tasks_waiting >= MOST_WAITING:
            raise Refusal(Code.BUSY, "Too many phones pull at once", retry_after=5)
        async with self.pulls:
            yield

    async def store(self, keep: Callable[[], Kept], record: Callable[[Kept], Result]) -> Result:
        """Put bytes into the blob store, then record them in the database; in one thread where that waits for
        its transaction without holding a connection. Raises Refusal(BUSY).
        """
        if self._is_sqlite:
            return await self.run(self.blobs, lambda: record(keep()))
        kept = await self.run(self.blobs, keep)
        return await self.run(self.writers, lambda: record(kept))

    async def run(self, limiter: CapacityLimiter, work: Callable[[], Result]) -> Result:
        """Run it in a thread when one is free. Raises Refusal(BUSY) when too many are waiting already.

        Nobody waits long behind those who wait for the photo store: STORAGE_DOWN.
        """
        present = self._present[limiter]
        if present >= limiter.total_tokens + MOST_WAITING:
            raise Refusal(Code.BUSY, "Too many requests at once", retry_after=5)
        self._present[limiter] = present + 1
        try:
            if limiter is not self.blobs:
                return await to_thread.run_sync(work, limiter=limiter)
            async with self._place_at_store():
                return await to_thread.run_sync(work, limiter=CapacityLimiter(_ALONE))
        finally:
            self._present[limiter] -= 1

    @asynccontextmanager
    async def _place_at_store(self) -> AsyncIterator[None]:
        me = object()
        with move_on_after(_BLOBS_PATIENCE_S) as wait:
            await self.blobs.acquire_on_behalf_of(me)
        if wait.cancelled_caught:
            raise Refusal(Code.STORAGE_DOWN, "Many wait for the photo store", retry_after=10)
        try:
            yield
        finally:
            self.blobs.release_on_behalf_of(me)
