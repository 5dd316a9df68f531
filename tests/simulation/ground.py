"""The small county on SQLite: migrated and entered once a process, put back for every seed."""

import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa

from inspect_api.actions.app import App, open_app
from inspect_api.clock import MovableClock
from inspect_api.settings import Settings
from inspect_api.store.migrating import migrate
from tests.simulation.places import give_places
from tests.simulation.statements import Statements

_MEMORY = Path("/dev/shm")  # noqa: S108
_YEARS = ("2026", "2027")


class Ground:
    """One database file and the application on it. Crashes are transactions that are given up."""

    def __init__(self, folder: Path) -> None:
        self.clock = MovableClock(datetime(2026, 8, 31, tzinfo=UTC))
        settings = Settings(data_dir=folder, unsafe_durability=True, demo=True, leaves_kept_days=1)
        migrate(settings.sqlalchemy_url)
        self.app: App = open_app(settings, self.clock)
        self.app.write(give_places)
        self.app.db.run(forget_checklists)
        self.app.db.run(_forget_most_years)
        self.statements = Statements(self.app.db)
        self._path = folder / "inspect.db"
        self._start = self.copy()

    def copy(self) -> sqlite3.Connection:
        """The whole database as it stands, as a backup would have it."""
        kept = sqlite3.connect(":memory:", check_same_thread=False)
        with self._own() as live:
            live.backup(kept)
        return kept

    def put_back(self, kept: sqlite3.Connection | None = None) -> None:
        """Let the database be that copy again; by default the county on which nobody has worked yet."""
        with self._own() as live:
            (kept or self._start).backup(live)

    @contextmanager
    def _own(self) -> Iterator[sqlite3.Connection]:
        connection = sqlite3.connect(self._path)
        try:
            yield connection
        finally:
            connection.close()


def forget_checklists(tx: sa.Connection) -> None:
    """They are megabytes that no operation changes: no phone of these tests is told of them."""
    tx.execute(sa.text("DELETE FROM feed WHERE entity = 'checklist'"))


def _forget_most_years(tx: sa.Connection) -> None:
    for table, column in (("calendar_day", "substr(day, 1, 4)"), ("calendar_year", "CAST(year AS TEXT)")):
        tx.execute(sa.text(f"DELETE FROM {table} WHERE {column} NOT IN {_YEARS}"))
    tx.execute(sa.text("DELETE FROM feed WHERE entity = 'calendar' AND seq % 40 <> 0"))


@contextmanager
def prepared() -> Iterator[Ground]:
    """A ground in memory where the machine has such a folder."""
    parent = _MEMORY if _MEMORY.is_dir() else None
    with tempfile.TemporaryDirectory(prefix="simulation-", dir=parent) as folder:
        ground = Ground(Path(folder))
        try:
            yield ground
        finally:
            ground.app.close()
