"""Stop asking a store that does not answer, so that nobody waits behind those who wait for it already."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

from inspect_api.media.blobs import BlobMissing, BlobStoreDown

FAILURES = 3
"""So many one after another open it."""

OVERDUE_S = 4.0
"""A call that takes longer, while no other is answered either, opens it as well."""

PAUSE_S = 5.0
_BYTES_PER_S = 256 * 1024  # a slow line is not a store that hangs


class _Call(NamedTuple):
    began: float
    patience: float


class Breaker:
    """Closed while calls are answered. Open, it refuses them for PAUSE_S; then one may try, and decides.

    Safe for many threads. `clock` counts seconds and never goes back.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._guard = clock, threading.Lock()
        self._under_way: dict[int, _Call] = {}
        self._number, self._failures, self._answered_at = 0, 0, clock()
        self._open_until: float | None = None
        self._trial: int | None = None

    @property
    def is_open(self) -> bool:
        """Whether a call would be refused now."""
        with self._guard:
            return self._refuses()

    @contextmanager
    def call(self, size: int = 0) -> Iterator[None]:
        """Around one request that moves `size` bytes. Raises BlobStoreDown without making it, when open.

        An answer that there is no such thing is an answer too.
        """
        number = self._begin(size)
        is_answered = True
        try:
            yield
        except BlobMissing:
            raise
        except BlobStoreDown:
            is_answered = False
            raise
        finally:
            self._end(number, is_answered=is_answered)

    def heard(self) -> None:
        """Something of an answer has come."""
        with self._guard:
            self._answered_at = self._clock()

    def _begin(self, size: int) -> int:
        with self._guard:
            if self._refuses():
                raise BlobStoreDown("the photo store did not answer a moment ago and is left in peace")
            self._number += 1
            if self._open_until is not None:
                self._trial = self._number
            self._under_way[self._number] = _Call(self._clock(), OVERDUE_S + size / _BYTES_PER_S)
            return self._number

    def _end(self, number: int, *, is_answered: bool) -> None:
        with self._guard:
            call = self._under_way.pop(number, None)
            is_trial = number == self._trial
            if is_trial:
                self._trial = None
            if is_answered:
                self._failures, self._answered_at = 0, self._clock()
                if is_trial:
                    self._open_until = None
                return
            self._failures += 1
            is_late = call is not None and self._is_late(call)
            if is_trial or is_late or (self._open_until is None and self._failures >= FAILURES):
                self._open()

    def _refuses(self) -> bool:
        now = self._clock()
        late = [n for n, call in self._under_way.items() if self._is_late(call)]
        if late:
            for number in late:  # each counts once; when it ends it is a failure like others
                del self._under_way[number]
            if self._trial in late:
                self._trial = None
            self._open()
        return self._open_until is not None and (self._trial is not None or now < self._open_until)

    def _is_late(self, call: _Call) -> bool:
        return self._clock() > max(call.began, self._answered_at) + call.patience

    def _open(self) -> None:
        self._open_until = self._clock() + PAUSE_S
