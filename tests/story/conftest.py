"""The small county in September 2026, on each database."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from inspect_api.actions.app import open_app
from inspect_api.clock import MovableClock
from inspect_api.settings import Settings
from inspect_api.store.migrating import migrate
from tests.actions.bench import Bench
from tests.actions.county import make_county
from tests.postgres import create_database, drop_database

START = datetime(2026, 9, 1, 2, 0, tzinfo=UTC)


@pytest.fixture(params=["sqlite", "postgresql"])
def county(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Bench]:
    """A county of its own for each diary: a notice of holidays stays where it was entered."""
    url = "" if request.param == "sqlite" else create_database(request.getfixturevalue("postgres_url"))
    settings = Settings(database_url=url, data_dir=tmp_path / "var")
    migrate(settings.sqlalchemy_url)
    clock = MovableClock(START)
    app = open_app(settings, clock)
    app.write(make_county)
    bench = Bench(app, clock)
    yield bench
    bench.check()
    app.close()
    if url:
        drop_database(url)
