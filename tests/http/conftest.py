"""Databases with the demo county, copied for each test; the product served on them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from inspect_api.settings import Settings
from tests.http.serving import Served, copy_folder, make_county, serve
from tests.postgres import create_database, drop_database


@pytest.fixture(scope="session")
def sqlite_county(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder that is only ever copied."""
    folder = tmp_path_factory.mktemp("county") / "var"
    make_county({"DATA_DIR": str(folder)})
    return folder


@pytest.fixture(scope="session")
def postgres_county(postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A database that is only ever copied."""
    url = create_database(postgres_url)
    make_county({"DATABASE_URL": url, "DATA_DIR": str(tmp_path_factory.mktemp("county"))})
    yield url
    drop_database(url)


@pytest.fixture(params=["sqlite", "postgresql"])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Settings]:
    """Of an installation of the test's own, on each database in turn."""
    folder = tmp_path / "var"
    if request.param == "sqlite":
        yield Settings(data_dir=copy_folder(request.getfixturevalue("sqlite_county"), folder), demo=True)
        return
    url = create_database(
        request.getfixturevalue("postgres_url"), template=request.getfixturevalue("postgres_county")
    )
    yield Settings(database_url=url, data_dir=folder, demo=True, db_pool=6)
    drop_database(url)


@pytest.fixture
def served(settings: Settings) -> Iterator[Served]:
    """The product on each database in turn."""
    with serve(settings) as running:
        yield running


@pytest.fixture
def sqlite_served(sqlite_county: Path, tmp_path: Path) -> Iterator[Served]:
    """The product where the database does not matter."""
    with serve(Settings(data_dir=copy_folder(sqlite_county, tmp_path / "var"), demo=True)) as running:
        yield running


@pytest.fixture(scope="session")
def shared(sqlite_county: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One for all tests that change nothing."""
    folder = copy_folder(sqlite_county, tmp_path_factory.mktemp("shared") / "var")
    with serve(Settings(data_dir=folder, demo=True)) as running:
        yield running
