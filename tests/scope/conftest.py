"""One application on each database; every test has a county of its own in it."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from inspect_api.actions.app import App, open_app
from inspect_api.clock import MovableClock
from inspect_api.settings import Settings
from inspect_api.store.feed import FEED
from inspect_api.store.migrating import migrate
from tests.http.serving import Served, serve
from tests.postgres import create_database, drop_database
from tests.scope.county import START, County


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def scope_settings(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Settings]:
    """Of an installation at the head of its migrations, in which nobody works yet."""
    folder = tmp_path_factory.mktemp("scope")
    url = "" if request.param == "sqlite" else create_database(request.getfixturevalue("postgres_url"))
    settings = Settings(database_url=url, data_dir=folder, demo=True, unsafe_durability=True, db_pool=6)
    migrate(settings.sqlalchemy_url)
    app = open_app(settings)
    with app.db.write() as tx:  # checklists and calendars are megabytes that every first pull would carry
        tx.execute(sa.delete(FEED).where(FEED.c.entity.in_(("checklist", "calendar"))))
    app.close()
    yield settings
    if url:
        drop_database(url)


@pytest.fixture(scope="session")
def served(scope_settings: Settings) -> Iterator[Served]:
    """The product on each database in turn, with one clock that only goes forward."""
    with serve(scope_settings, MovableClock(START)) as running:
        yield running


@pytest.fixture
def app(served: Served) -> App:
    return served.app


@pytest.fixture
def county(served: Served) -> County:
    """A county that no other test knows."""
    return County.found(served.app, served.clock)
