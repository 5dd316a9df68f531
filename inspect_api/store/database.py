"""The two databases behind one door: a transaction to write in, a snapshot to read from.

SQLite has one write connection behind a fair lock (SQLAlchemy's default opens a transaction only at
the first DML and loses read-modify-write updates, so writers say BEGIN IMMEDIATE), WAL, and
synchronous=FULL so that an acknowledged operation survives a power loss. PostgreSQL must have
its durability on; a reader sees one snapshot (REPEATABLE READ).
"""

import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, TypeVar

import msgspec
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from inspect_api.clock import Clock
from inspect_api.errors import Code, Refusal
from inspect_api.store.settling import FileSettling, PostgresSettling, Settling

Result = TypeVar("Result")

BUSY_TIMEOUT_S = 10
_IDLE_AT_MOST_S = 30
"""A node that hangs in a transaction is cut off by PostgreSQL after this, and its locks are free again."""
NAME = "inspect-api"
"""What PostgreSQL shows for the connections of the product."""

_read_json = msgspec.json.decode
_LOST_RACE = {"40001", "40P01"}  # serialization failure, deadlock: run the transaction again
_RACES = 3


class UnsafeDurability(Exception):
    """The database would forget what it has acknowledged."""


class FairLock:
    """A lock that is handed on in the order of arrival, so that no writer starves."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._waiting: deque[threading.Event] = deque()
        self._held = False

    def acquire(self, timeout: float) -> bool:
        with self._guard:
            if not self._held:
                self._held = True
                return True
            turn = threading.Event()
            self._waiting.append(turn)
        if turn.wait(timeout):
            return True
        with self._guard:
            if turn in self._waiting:
                self._waiting.remove(turn)
                return False
        return True  # it was handed on just as the wait ran out

    def release(self) -> None:
        with self._guard:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._held = False


class Database:
    """Engines and transactions. `write()` commits when its block ends well, else rolls back."""

    def __init__(self, url: str, *, pool: int = 16, unsafe: bool = False) -> None:
        self.is_sqlite = url.startswith("sqlite")
        self._lock = FairLock() if self.is_sqlite else None
        self._settling: Settling
        if self.is_sqlite:
            self._settling = FileSettling(sa.make_url(url).database or "")
            self.engine = _sqlite_engine(url, "IMMEDIATE", "OFF" if unsafe else "FULL", pool=1)
            self._readers = _sqlite_engine(url, "DEFERRED", "FULL", pool=8, read_only=True)
        else:
            self._settling = PostgresSettling()
            options = f"-c timezone=UTC -c idle_in_transaction_session_timeout={_IDLE_AT_MOST_S}s"
            self.engine = sa.create_engine(
                url, pool_size=pool, max_overflow=0, pool_timeout=BUSY_TIMEOUT_S, hide_parameters=True,
                pool_pre_ping=True, json_deserializer=_read_json,
                connect_args={"connect_timeout": 5, "options": options, "application_name": NAME},
            )  # fmt: skip
            self._readers = self.engine.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )
        self._unsafe = unsafe

    def check_durability(self) -> None:
        """Raise UnsafeDurability when an acknowledged write could be lost by a crash."""
        if self.is_sqlite or self._unsafe:
            return
        with _translated(), self.engine.connect() as connection:
            for name in ("fsync", "full_page_writes", "synchronous_commit"):
                value = connection.execute(sa.text(f"SHOW {name}")).scalar_one()
                if value in ("off", "local") and not (name == "synchronous_commit" and value == "local"):
                    raise UnsafeDurability(
                        f"PostgreSQL has {name} = {value}; acknowledged records could be lost"
                    )

    @contextmanager
    def write(self) -> Iterator[sa.Connection]:
        """One transaction to write in. Raises Refusal(BUSY) when the database cannot take it now."""
        if self._lock is not None and not self._lock.acquire(BUSY_TIMEOUT_S):
            raise Refusal(Code.BUSY, "The database is busy", retry_after=2)
        try:
            with _translated(), self.engine.begin() as connection:
                yield connection
        finally:
            self._settling.unmark()
            if self._lock is not None:
                self._lock.release()

    def settle(self, tx: sa.Connection, clock: Clock) -> datetime:
        """What follows in this transaction is its last: `read_settled` waits from here on for its end. The
        moment from which it holds, by the clock that all nodes share."""
        return self._settling.mark(tx, clock)

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """One snapshot to read from."""
        with _translated(), self._readers.begin() as connection:
            yield connection

    @contextmanager
    def read_settled(self, clock: Clock) -> Iterator[tuple[sa.Connection, datetime]]:
        """One snapshot with all that holds up to a moment, and that moment by the clock that all nodes share.
        Raises Refusal(BUSY) like `write`."""
        with _translated(), self._readers.connect() as connection:
            now = self._settling.wait(connection, clock)
            with connection.begin():
                yield connection, now

    def run(self, work: Callable[[sa.Connection], Result]) -> Result:
        """Run a unit of work in a write transaction; a lost race against another one runs it again."""
        for attempt in range(_RACES):
            try:
                with self.write() as connection:
                    return work(connection)
            except RaceLost:
                if attempt == _RACES - 1:
                    raise Refusal(Code.BUSY, "Too many writers at the same record", retry_after=1) from None
                time.sleep(0.01 * (attempt + 1))
        raise AssertionError("unreachable")

    def close(self) -> None:
        self.engine.dispose()
        self._readers.dispose()


class RaceLost(Exception):
    """Another transaction got there first; running this one again sees what it wrote."""


def is_passing(error: BaseException) -> bool:
    """Whether an error tells of the moment (a lost race, no room, no connection) and not of the data."""
    if isinstance(error, RaceLost):
        return True
    if not isinstance(error, DBAPIError):
        return False
    state = getattr(error.orig, "sqlstate", None) or ""
    code = getattr(error.orig, "sqlite_errorcode", 0) & 0xFF  # the rest of it tells variants apart
    return error.connection_invalidated or state[:2] in _PASSING_STATES or code in _PASSING_CODES


def _is_full(error: DBAPIError) -> bool:
    is_disk_full = getattr(error.orig, "sqlstate", None) == "53100"
    return is_disk_full or getattr(error.orig, "sqlite_errorcode", 0) == sqlite3.SQLITE_FULL


_PASSING_STATES = {"08", "40", "53", "55", "57", "58", "XX"}
_PASSING_CODES = {
    sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_FULL, sqlite3.SQLITE_CANTOPEN,
}  # fmt: skip


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except PoolTimeout as error:
        raise Refusal(Code.BUSY, "All database connections are in use", retry_after=2) from error
    except (OperationalError, InterfaceError) as error:
        if getattr(error.orig, "sqlstate", None) in _LOST_RACE:
            raise RaceLost from error
        if _is_full(error):
            raise Refusal(Code.STORAGE_FULL, "The disk of the database is full", retry_after=60) from error
        raise Refusal(Code.BUSY, "The database does not answer", retry_after=5) from error
    except DBAPIError as error:
        if error.connection_invalidated:
            raise Refusal(Code.BUSY, "The database went away", retry_after=5) from error
        raise


def _sqlite_engine(
    url: str, begin: str, synchronous: str, *, pool: int, read_only: bool = False
) -> sa.Engine:
    engine = sa.create_engine(
        url, pool_size=pool, max_overflow=0, pool_timeout=BUSY_TIMEOUT_S, hide_parameters=True,
        poolclass=sa.QueuePool, json_deserializer=_read_json,
        connect_args={"check_same_thread": False, "timeout": BUSY_TIMEOUT_S},
    )  # fmt: skip

    @sa.event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # the driver must not open transactions of its own
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute(f"PRAGMA synchronous={synchronous}")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_S * 1000}")
        if read_only:
            cursor.execute("PRAGMA query_only=ON")
        cursor.close()

    @sa.event.listens_for(engine, "begin")
    def start(connection: sa.Connection) -> None:
        connection.exec_driver_sql(f"BEGIN {begin}")

    return engine
