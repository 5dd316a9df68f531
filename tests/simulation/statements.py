"""What can befall a handler between two statements: its process dies, the database fails, others go first."""

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import sqlalchemy as sa

from inspect_api.store.database import Database, RaceLost


class ServerKilled(BaseException):
    """kill -9: whatever was not committed is gone, and nobody answers."""


EVERYWHERE = frozenset({"read", "write"})
READING, WRITING, COMMITTING = frozenset({"read"}), frozenset({"write"}), frozenset({"commit"})


@dataclass
class Mishap:
    """Happens once in a handler, before the n-th of its statements (or commits) of these kinds."""

    at: frozenset[str]
    n: int
    what: Callable[[], None]
    happened: bool = False


class Statements:
    """Counts the statements and commits on a database and lets mishaps happen."""

    def __init__(self, db: Database) -> None:
        self.commits = 0
        self._mishap: Mishap | None = None
        self._counts = Counter[str]()
        sa.event.listen(db.engine, "before_cursor_execute", lambda *_: self._count("write"))
        sa.event.listen(db._readers, "before_cursor_execute", lambda *_: self._count("read"))
        sa.event.listen(db.engine, "commit", self._before_commit)

    @property
    def has_failed(self) -> bool:
        """Whether the handler that runs has met an error of the database's making."""
        return self._mishap is not None and self._mishap.happened and self._mishap.what is not die

    @contextmanager
    def with_mishap(self, mishap: Mishap | None) -> Iterator[None]:
        """For one handler; what it calls meanwhile (other handlers) counts for itself."""
        outer = (self._mishap, self._counts)
        self._mishap, self._counts = mishap, Counter()
        try:
            yield
        finally:
            self._mishap, self._counts = outer

    def _before_commit(self, _connection: sa.Connection) -> None:
        self._count("commit")
        self.commits += 1

    def _count(self, kind: str) -> None:
        self._counts[kind] += 1
        mishap = self._mishap
        if mishap is None or mishap.happened or kind not in mishap.at:
            return
        if sum(self._counts[each] for each in mishap.at) == mishap.n:
            mishap.happened = True
            mishap.what()


def die() -> None:
    """The process is killed here."""
    raise ServerKilled


def fail() -> None:
    """The database has a moment of weakness."""
    why = sqlite3.OperationalError("database is locked")
    why.sqlite_errorcode = sqlite3.SQLITE_BUSY
    why.sqlite_errorname = "SQLITE_BUSY"
    raise sa.exc.OperationalError("", {}, why)


def lose_race() -> None:
    """Another transaction got there first."""
    raise RaceLost
