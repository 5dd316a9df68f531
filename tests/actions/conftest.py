"""The small county on both databases: made once, looked over and emptied after each test."""

from collections.abc import Iterator, MutableMapping
from datetime import UTC, datetime
from typing import Any

import pytest
from structlog.testing import capture_logs

from inspect_api.actions.app import open_app
from inspect_api.clock import MovableClock
from inspect_api.settings import Settings
from inspect_api.store.migrating import migrate
from tests.actions.bench import Bench
from tests.actions.county import make_county
from tests.postgres import create_database, drop_database

START = datetime(2026, 11, 9, 2, 0, tzinfo=UTC)  # a Monday, ten in the morning in the county


@pytest.fixture(scope="session")
def sqlite_bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    yield from _bench(Settings(data_dir=tmp_path_factory.mktemp("actions") / "var"))


@pytest.fixture(scope="session")
def postgres_bench(postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    url = create_database(postgres_url)
    yield from _bench(Settings(database_url=url, data_dir=tmp_path_factory.mktemp("actions"), db_pool=24))
    drop_database(url)


def _bench(settings: Settings) -> Iterator[Bench]:
    migrate(settings.sqlalchemy_url)
    clock = MovableClock(START)
    app = open_app(settings, clock)
    app.write(make_county)
    yield Bench(app, clock)
    app.close()


def _used(bench: Bench) -> Iterator[Bench]:
    yield bench
    try:
        bench.check()
    finally:
        bench.reset(START)


@pytest.fixture(autouse=True)
def logged() -> Iterator[list[MutableMapping[str, Any]]]:
    """What the test's work writes into the log."""
    with capture_logs() as entries:
        yield entries


@pytest.fixture(params=["sqlite", "postgresql"])
def bench(request: pytest.FixtureRequest) -> Iterator[Bench]:
    """The small county where nothing has happened yet, on each database; looked over afterwards."""
    name = "sqlite_bench" if request.param == "sqlite" else "postgres_bench"
    yield from _used(request.getfixturevalue(name))


@pytest.fixture
def on_postgres(postgres_bench: Bench) -> Iterator[Bench]:
    """Where many write at once."""
    yield from _used(postgres_bench)


@pytest.fixture
def on_sqlite(sqlite_bench: Bench) -> Iterator[Bench]:
    """Where the database does not matter."""
    yield from _used(sqlite_bench)
