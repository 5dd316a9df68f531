"""The same register on both databases."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from inspect_api.store.database import Database
from inspect_api.store.migrating import migrate
from tests.queries.world import World, make_world


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """SQLAlchemy URL of an empty database at the head of the migrations."""
    if request.param == "sqlite":
        folder: Path = tmp_path_factory.mktemp("queries")
        found = f"sqlite:///{folder / 'register.db'}"
    else:
        found = request.getfixturevalue("postgres_database")
    migrate(found)
    return found


@pytest.fixture(scope="module")
def db(url: str) -> Iterator[Database]:
    database = Database(url, pool=4)
    yield database
    database.close()


@pytest.fixture(scope="module")
def world(db: Database) -> World:
    """Three counties with 400 hazards in every state, the same on both databases."""
    made = make_world()
    with db.write() as tx:
        made.write(tx)
    return made
