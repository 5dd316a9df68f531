"""Failed logins: five in a row lock the name for a quarter of an hour (GB/T 22239, 8.1.4.1 b)."""

import hashlib
import threading
from collections import OrderedDict
from datetime import datetime, timedelta
from typing import NamedTuple

MOST_FAILURES = 5
LOCKED_FOR = timedelta(minutes=15)
_REMEMBERED = 10_000


class Tally(NamedTuple):
    """How often in a row a name has failed, and until when it is locked."""

    failures: int = 0
    locked_until: datetime | None = None

    def locked_for(self, now: datetime) -> int:
        """Seconds that the lock still holds, at least 1; 0 when there is none."""
        if self.locked_until is None or self.locked_until <= now:
            return 0
        return max(1, round((self.locked_until - now).total_seconds()))

    def one_more(self, now: datetime) -> "Tally":
        """After one more failure."""
        if self.failures + 1 >= MOST_FAILURES:
            return Tally(0, now + LOCKED_FOR)
        return Tally(self.failures + 1, self.locked_until)


class Attempts:
    """Tallies of names that no account has, so that they answer as accounts do.

    Kept in memory only, the oldest forgotten first: whoever tries names at random fills no table.
    """

    def __init__(self) -> None:
        self._tallies: OrderedDict[bytes, Tally] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, name: str) -> Tally:
        with self._lock:
            return self._tallies.get(_key(name), Tally())

    def note_failure(self, name: str, now: datetime) -> None:
        with self._lock:
            key = _key(name)
            self._tallies[key] = self._tallies.pop(key, Tally()).one_more(now)
            while len(self._tallies) > _REMEMBERED:
                self._tallies.popitem(last=False)


def _key(name: str) -> bytes:
    return hashlib.sha256(name.encode()).digest()
