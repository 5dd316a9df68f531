"""The same register on both databases."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from inspect_api.actions.index_hazards import index_hazards, seal_segment
from inspect_api.store import search_index
from inspect_api.store.database import Database
from tests.postgres import create_database, drop_database
from tests.queries.world import PROVINCE, World, make_world, work


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """SQLAlchemy URL of an empty database at the head of the migrations."""
    if request.param == "sqlite":
        folder: Path = tmp_path_factory.mktemp("queries")
        copy = shutil.copy(request.getfixturevalue("migrated_file"), folder / "register.db")
        yield f"sqlite:///{copy}"
        return
    found = create_database(
        request.getfixturevalue("postgres_url"), template=request.getfixturevalue("migrated_database")
    )
    yield found
    drop_database(found)


@pytest.fixture(scope="module")
def db(url: str) -> Iterator[Database]:
    database = Database(url, pool=4)
    yield database
    database.close()


@pytest.fixture(scope="module")
def world(db: Database) -> Iterator[World]:
    """Three counties with 400 hazards in every state, the same on both databases.

    Words are found in four segments of the index, in what is not sealed, and in 57 not indexed at all.
    """
    made = make_world()
    with pytest.MonkeyPatch.context() as patch, db.write() as tx:
        patch.setattr(search_index, "SEGMENT", 64)
        made.write(tx)
        index_hazards(work(tx, PROVINCE), len(made.hazards) - 57)
        while seal_segment(work(tx, PROVINCE)):
            pass
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(search_index, "SEGMENT", 64)
        yield made
