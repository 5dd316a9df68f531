"""An installation on each database, for each test; the county in it is made once."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.live import prepare_county
from tests.postgres import create_database, drop_database
from tests.restore.installation import PEOPLE, Installation


@pytest.fixture(scope="module")
def county_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("county")
    prepare_county({"DATA_DIR": str(folder)}, PEOPLE)
    return folder


@pytest.fixture(scope="module")
def county_url(postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    url = create_database(postgres_url)
    prepare_county({"DATABASE_URL": url, "DATA_DIR": str(tmp_path_factory.mktemp("county"))}, PEOPLE)
    yield url
    drop_database(url)


@pytest.fixture
def on_sqlite(county_folder: Path, tmp_path: Path) -> Iterator[Installation]:
    shutil.copytree(county_folder, tmp_path / "var")
    made = Installation(tmp_path)
    yield made
    made.remove()


@pytest.fixture
def on_postgres(county_url: str, tmp_path: Path) -> Iterator[Installation]:
    made = Installation(tmp_path, create_database(county_url, template=county_url))
    yield made
    made.remove()


@pytest.fixture(params=["sqlite", "postgres"])
def installation(request: pytest.FixtureRequest) -> Installation:
    made: Installation = request.getfixturevalue(f"on_{request.param}")
    return made
