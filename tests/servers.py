"""Real servers for the tests: PostgreSQL out of its wheel, S3 by rclone, both on free ports of loopback.

`TEST_POSTGRES_URL`, and `S3_ENDPOINT` with `S3_ACCESS_KEY` and `S3_SECRET_KEY`, name others to use instead.
A server that this machine cannot run is a visible skip, but not on Linux x86_64, where both always can.
"""

import os
import platform
import shutil
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import NoReturn

import pytest

from inspect_api.settings import Settings
from inspect_api.store.migrating import migrate
from tests.launching import ServerUnavailable
from tests.postgres import PostgresServer, create_database, drop_database, psycopg_dialect
from tests.s3 import S3Bucket, S3Server, create_bucket, drop_bucket, run_rclone


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """A PostgreSQL of this test process, which may be stopped and killed as long as it is started again."""
    with ExitStack() as stack:
        try:
            server = PostgresServer()
            stack.callback(server.remove)
            server.start()
        except ServerUnavailable as why:
            _cannot_run("PostgreSQL", why)
        yield server


@pytest.fixture(scope="session")
def postgres_url(request: pytest.FixtureRequest) -> str:
    """SQLAlchemy URL of a PostgreSQL on which databases may be created."""
    if given := os.environ.get("TEST_POSTGRES_URL"):
        return psycopg_dialect(given)
    server: PostgresServer = request.getfixturevalue("postgres_server")
    return server.url


@pytest.fixture(scope="module")
def postgres_database(postgres_url: str) -> Iterator[str]:
    """SQLAlchemy URL of an empty database of this test module."""
    url = create_database(postgres_url)
    yield url
    drop_database(url)


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file at the head of the migrations, which is only ever copied."""
    file = tmp_path_factory.mktemp("migrated") / "inspect.db"
    migrate(f"sqlite:///{file}")
    return file


@pytest.fixture(scope="session")
def migrated_database(postgres_url: str) -> Iterator[str]:
    """The same on PostgreSQL."""
    url = create_database(postgres_url)
    migrate(url)
    yield url
    drop_database(url)


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_installation(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Settings]:
    """An installation of the test's own on each database, migrated, in which nothing has happened."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("migrated_file"), tmp_path / "inspect.db")
        yield Settings(data_dir=tmp_path)
        return
    url = create_database(
        request.getfixturevalue("postgres_url"), template=request.getfixturevalue("migrated_database")
    )
    yield Settings(data_dir=tmp_path, database_url=url)
    drop_database(url)


@pytest.fixture(scope="session")
def s3_server() -> Iterator[S3Server]:
    """An S3 endpoint with its keys."""
    given = {name: os.environ.get(name, "") for name in ("S3_ENDPOINT", "S3_ACCESS_KEY", "S3_SECRET_KEY")}
    if given["S3_ENDPOINT"]:
        yield S3Server(given["S3_ENDPOINT"], given["S3_ACCESS_KEY"], given["S3_SECRET_KEY"])
        return
    with ExitStack() as stack:
        try:
            server = stack.enter_context(run_rclone())
        except ServerUnavailable as why:
            _cannot_run("rclone serve s3", why)
        yield server


@pytest.fixture(scope="module")
def s3_bucket(s3_server: S3Server) -> Iterator[S3Bucket]:
    """An empty bucket of this test module."""
    bucket = create_bucket(s3_server)
    yield bucket
    drop_bucket(bucket)


def _cannot_run(what: str, why: ServerUnavailable) -> NoReturn:
    if sys.platform == "linux" and platform.machine() == "x86_64":
        pytest.fail(f"{what} must run here: {why}")
    pytest.skip(f"no {what} here: {why}")
