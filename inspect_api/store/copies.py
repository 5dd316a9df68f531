"""Copies of the embedded database: a backup while it is served, and putting one back; is anybody using it?"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import sqlalchemy as sa

from inspect_api.store.database import NAME, Database


class InUse(Exception):
    """A server or a worker has the database open."""


class BackupUnusable(Exception):
    """The file is no whole database of this product."""


def back_up(database: Path, target: Path) -> None:
    """A whole copy of one moment, while others go on writing; it appears under its name when it is durable.

    Raises OSError, BackupUnusable, InUse where the target is the database itself or its log.
    """
    if target.resolve() in [
        database.with_name(database.name + log).resolve() for log in ("", "-wal", "-shm")
    ]:
        raise InUse(f"{target} is what is served: name another file for the backup")
    part = _part_of(target)
    with _damage_told(database), closing(_open(database, "ro")) as source:
        source.execute("VACUUM INTO ?", (str(part),))
    _sync(part)
    part.replace(target)
    _sync(target.parent)


def copy_whole(backup: Path, database: Path) -> Path:
    """A backup beside the place of a database, checked; to be `put_in_place`. Raises BackupUnusable."""
    part = _part_of(database)
    with _damage_told(backup), closing(_open(backup, "ro")) as source:
        found = source.execute("PRAGMA quick_check(1)").fetchone()[0]
        if found != "ok":
            raise BackupUnusable(f"{backup}: {found}")
        source.execute("SELECT count(*) FROM instance")
        source.execute("VACUUM INTO ?", (str(part),))
    return part


def put_in_place(part: Path, database: Path) -> Path | None:
    """Let a copy take the place of the database; where the old one was put aside. Raises InUse.

    At every moment there is one of the two under the name, and never the log of the one beside the other.
    """
    with _damage_told(part), closing(_open(part, "rw")) as copy:
        copy.execute("PRAGMA journal_mode=DELETE")
    _sync(part)
    aside = None
    if database.exists():
        require_unused(database)
        aside = database.with_name(f"{database.name}.before-{os.urandom(4).hex()}")
        for log in ("-wal", "-shm"):  # of one that could not be opened any more
            beside = database.with_name(database.name + log)
            if beside.exists():
                beside.replace(aside.with_name(aside.name + log))
        os.link(database, aside)
    part.replace(database)
    _sync(database.parent)
    return aside


def require_unused(database: Path) -> None:
    """Write its log into the file, which can only be done where nobody else has it open. Raises InUse."""
    try:
        with closing(_open(database, "rw")) as alone:
            alone.execute("PRAGMA locking_mode=EXCLUSIVE")
            alone.execute("PRAGMA journal_mode=DELETE")
            alone.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError as error:
        raise InUse(f"{database} is open elsewhere ({error}): stop every server and worker first") from None
    except sqlite3.DatabaseError:
        return  # it is damaged, so nobody is served from it


def require_alone(database: Database) -> None:
    """Raises InUse while processes of the product are connected to the PostgreSQL database."""
    others = sa.text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
        " AND application_name = :name AND pid <> pg_backend_pid()"
    )
    with database.read() as tx:
        count = tx.execute(others, {"name": NAME}).scalar_one()
    if count:
        raise InUse(f"{count} connections of servers or workers are open: stop them first")


def _open(path: Path, mode: str) -> sqlite3.Connection:
    address = f"{path.resolve().as_uri()}?mode={mode}"
    return sqlite3.connect(address, uri=True, isolation_level=None, timeout=1)


@contextmanager
def _damage_told(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.DatabaseError as error:
        raise BackupUnusable(f"{path}: {error}") from None


def _part_of(target: Path) -> Path:
    part = target.with_name(f".{target.name}.{os.getpid()}")
    part.unlink(missing_ok=True)
    return part


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
