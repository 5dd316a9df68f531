"""The only source of time and of new ids; a test replaces it, nothing else calls now()."""

import secrets
import threading
from datetime import UTC, datetime, timedelta
from typing import Protocol
from uuid import UUID

from uuid_utils.compat import uuid7


class Clock(Protocol):
    """What the product needs of time."""

    def now(self) -> datetime:
        """The present moment, aware, UTC."""


class SystemClock:
    """The server's own clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class MovableClock:
    """A clock that stands still until it is moved: for tests and for making the demo's past."""

    def __init__(self, start: datetime) -> None:
        self._now = start.astimezone(UTC)
        self._lock = threading.Lock()

    def now(self) -> datetime:
        with self._lock:
            return self._now

    def set(self, moment: datetime) -> None:
        with self._lock:
            self._now = moment.astimezone(UTC)

    def advance(self, by: timedelta) -> None:
        with self._lock:
            self._now += by


def new_id() -> UUID:
    """A fresh UUIDv7 (RFC 9562)."""
    return uuid7()


def new_token() -> str:
    """256 random bits, URL-safe."""
    return secrets.token_urlsafe(32)
