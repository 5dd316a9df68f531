"""From when on what is being written stands in the register: moments in the order of commits.

A writer knows the moment from which its changes hold only at its end, and nobody sees them before its commit.
Between the two a reader would answer for a moment that is still to get changes: the list that is asked for
next, of the same moment, would hold more. So a writer takes a lock of its own before it reads its clock and
keeps it until it has ended; a reader that has read its clock waits for the writers that hold one, for whoever
takes one later has a later moment. No reader keeps what it has waited for: it would be in the way of the
next writer, and of other readers. On PostgreSQL these are advisory locks, on SQLite, which has one writer, a
lock on a file beside the database. All have to read one clock: on PostgreSQL that of its machine, for those
of two nodes never agree; on SQLite all are on one machine.
"""

import fcntl
import os
import stat
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

import sqlalchemy as sa

from inspect_api.clock import Clock, SystemClock
from inspect_api.errors import Code, Refusal

PATIENCE_S = 2.0
"""How long a reader waits for the end of a writer, which takes some milliseconds unless it hangs."""

_GLANCE_S = 0.001
_SPACE = 0x5E771E
_WRITING = sa.text(
    "SELECT CAST(objid AS bigint) FROM pg_locks WHERE locktype = 'advisory' AND classid = :space"
    " AND objsubid = 2 AND mode = 'ExclusiveLock' AND granted"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
).bindparams(space=_SPACE)
_NOW = sa.text("SELECT clock_timestamp()")
_MARK = sa.text(
    "SELECT clock_timestamp() FROM pg_advisory_xact_lock(:space, pg_backend_pid())"  # the lock comes first
).bindparams(space=_SPACE)
_PASS = sa.text(
    "SELECT pg_advisory_lock_shared(:space, writer), pg_advisory_unlock_shared(:space, writer)"
    " FROM unnest(CAST(:writers AS int[])) AS writer"
).bindparams(space=_SPACE)


class Settling(Protocol):
    """The two sides of it; both raise Refusal(BUSY) when the other one hangs. A clock that is not the
    system's, which a test moves, stands for that of the database."""

    def mark(self, tx: sa.Connection, clock: Clock) -> datetime:
        """The transaction is about to end: hold off readers until it has. May be said again. The moment from
        which its changes hold."""

    def unmark(self) -> None:
        """The transaction has ended."""

    def wait(self, connection: sa.Connection, clock: Clock) -> datetime:
        """Until the writers that are about to end have ended; on a connection without a transaction. The
        moment of which a snapshot then holds all."""


class PostgresSettling:
    """A lock for each connection that writes: readers see which are held and wait for those alone."""

    def mark(self, tx: sa.Connection, clock: Clock) -> datetime:
        return _moment(tx.execute(_MARK), clock)

    def unmark(self) -> None:
        """A lock of a transaction ends with it."""

    def wait(self, connection: sa.Connection, clock: Clock) -> datetime:
        now = _moment(connection.execute(_NOW), clock)
        writers = list(connection.execute(_WRITING).scalars())
        connection.rollback()
        if writers:
            with connection.begin():
                connection.execute(sa.text(f"SET LOCAL lock_timeout = '{PATIENCE_S}s'"))
                connection.execute(_PASS, {"writers": writers})
        return now


def _moment(answer: sa.CursorResult[Any], clock: Clock) -> datetime:
    moment: datetime = answer.scalar_one()
    return moment.astimezone(UTC) if isinstance(clock, SystemClock) else clock.now()


class FileSettling:
    """A lock on a file beside the database, the writer's alone or shared by readers for an instant."""

    def __init__(self, database: str) -> None:
        self._database, self._path = Path(database), Path(f"{database}-settling")
        self._held: int | None = None

    def mark(self, tx: sa.Connection, clock: Clock) -> datetime:
        if self._held is None:
            self._held = _locked(self._path, os.O_RDWR | os.O_CREAT, fcntl.LOCK_EX)
            _share(self._held, self._database)
        return clock.now()

    def unmark(self) -> None:
        if self._held is not None:
            os.close(self._held)
            self._held = None

    def wait(self, connection: sa.Connection, clock: Clock) -> datetime:
        now = clock.now()
        if self._path.exists():
            os.close(_locked(self._path, os.O_RDONLY, fcntl.LOCK_SH))
        return now


def _locked(path: Path, mode: int, how: int) -> int:
    """An open file that holds the lock; threads keep each other out as processes do."""
    until = time.monotonic() + PATIENCE_S
    try:
        file = os.open(path, mode | os.O_CLOEXEC, 0o600)
    except OSError as error:  # no room for a file, or no more of them
        raise Refusal(Code.BUSY, "The database cannot be locked", retry_after=2) from error
    while True:
        try:
            fcntl.flock(file, how | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > until:
                os.close(file)
                raise Refusal(Code.BUSY, "A writer does not end", retry_after=2) from None
            time.sleep(_GLANCE_S)
        else:
            return file


def _share(file: int, database: Path) -> None:
    """Whoever may use the database may use its lock, also where a command of root was the first to write: so
    SQLite makes the files beside it."""
    with suppress(OSError):  # somebody else's, who has seen to it
        mine, wanted = os.fstat(file), database.stat()
        if stat.S_IMODE(mine.st_mode) != stat.S_IMODE(wanted.st_mode):
            os.fchmod(file, stat.S_IMODE(wanted.st_mode))
        if (mine.st_uid, mine.st_gid) != (wanted.st_uid, wanted.st_gid):
            os.fchown(file, wanted.st_uid, wanted.st_gid)
