"""One turn after the other, so that whatever disturbs the machine disturbs all that is compared."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

from benchmarks.measuring import processor_seconds

_LOOK_S, _LONGEST_S, _IDLE = 2.5, 60.0, 0.05
"""Duties look for work every two seconds, which is 1 or 2 % of a processor."""


class Turn(NamedTuple):
    """So many rows by the clock, and the processors' seconds of the application and of its PostgreSQL."""

    rows: int
    seconds: float
    application: float
    database: float

    @property
    def rate(self) -> float:
        """Rows a second."""
        return self.rows / self.seconds

    @property
    def processor_us(self) -> float:
        """Application and database, microseconds a row."""
        return (self.application + self.database) / self.rows * 1e6

    @property
    def application_us(self) -> float:
        return self.application / self.rows * 1e6


def take_turn(runs: Sequence[Callable[[], Any]], rows: int, pid: int, postgres: int | None) -> Turn:
    """All clients at once; `rows` is what they do together."""
    pids = [pid] if postgres is None else [pid, postgres]
    before = [processor_seconds(one) for one in pids]
    begun = time.perf_counter()
    _together(runs)
    taken = time.perf_counter() - begun
    spent = [processor_seconds(one) - was for one, was in zip(pids, before, strict=True)]
    return Turn(rows, taken, spent[0], sum(spent[1:]))


def rest(pid: int, postgres: int) -> float:
    """Wait until a server has nothing to do any more (words to index, counts to renew), a minute at most; the
    processors' seconds that this took. So nobody pays for the jobs of another's turn."""
    begun, end = _spent(pid, postgres), time.monotonic() + _LONGEST_S
    busy = True
    while busy and time.monotonic() < end:
        before = _spent(pid, postgres)
        time.sleep(_LOOK_S)
        busy = _spent(pid, postgres) - before > _LOOK_S * _IDLE
    return _spent(pid, postgres) - begun


def _spent(*pids: int) -> float:
    return sum(processor_seconds(pid) for pid in pids)


def _together(runs: Sequence[Callable[[], Any]]) -> None:
    """Raises what one of them raises, and then waits for none: their servers are about to be ended."""
    pool = ThreadPoolExecutor(len(runs))
    try:
        for _ in pool.map(lambda run: run(), runs):
            pass
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
