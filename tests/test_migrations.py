"""One set of revisions, two databases: up, down, up again; what they make is what the tables say."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa
from alembic import command

from inspect_api.clock import SystemClock
from inspect_api.store.database import Database
from inspect_api.store.hazard_events import HAZARD_EVENT
from inspect_api.store.migrating import configuration, migrate
from inspect_api.store.schema import metadata
from tests.postgres import create_database, drop_database


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database; twice in one test gives two."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'var' / 'inspect.db'}"
        return
    url = create_database(request.getfixturevalue("postgres_url"))
    yield url
    drop_database(url)


def tables(url: str) -> set[str]:
    engine = sa.create_engine(url)
    try:
        return set(sa.inspect(engine).get_table_names())
    finally:
        engine.dispose()


def shape(url: str) -> dict[str, Any]:
    """All that a database knows of its tables, in words that can be compared."""
    engine = sa.create_engine(url)
    try:
        look = sa.inspect(engine)
        return {
            name: {
                "columns": [
                    (c["name"], str(c["type"]), c["nullable"], c["default"]) for c in look.get_columns(name)
                ],
                "key": look.get_pk_constraint(name),
                "foreign": sorted(look.get_foreign_keys(name), key=str),
                "unique": sorted(look.get_unique_constraints(name), key=str),
                "check": sorted(look.get_check_constraints(name), key=str),
                "index": sorted(index_in_words(index) for index in look.get_indexes(name)),
            }
            for name in look.get_table_names()
            if name != "alembic_version"
        }
    finally:
        engine.dispose()


def index_in_words(index: Any) -> str:
    options = {name: str(value) for name, value in index.get("dialect_options", {}).items()}
    return str({**index, "dialect_options": options})


def test_up_down_and_up_again(empty_url):
    migrate(empty_url)
    first = shape(empty_url)
    assert "hazard_event" in first
    command.downgrade(configuration(empty_url), "base")
    assert tables(empty_url) == {"alembic_version"}
    migrate(empty_url)
    assert shape(empty_url) == first
    migrate(empty_url)  # there already: nothing happens


def test_autogenerate_finds_nothing_to_do(empty_url):
    migrate(empty_url)
    command.check(configuration(empty_url))


def test_the_revisions_make_what_the_tables_say(empty_url, tmp_path, request):
    """Autogenerate does not compare CHECKs, and not every index: so the databases themselves are compared."""
    migrate(empty_url)
    if empty_url.startswith("sqlite"):
        made, other = f"sqlite:///{tmp_path / 'made.db'}", ""
    else:
        made = other = create_database(request.getfixturevalue("postgres_url"))
    try:
        engine = sa.create_engine(made)
        metadata.create_all(engine)
        engine.dispose()
        assert shape(empty_url) == shape(made)
    finally:
        if other:
            drop_database(other)


def test_a_failure_in_the_middle_leaves_the_database_as_it_was(empty_url):
    migrate(empty_url)
    command.downgrade(configuration(empty_url), "base")
    engine = sa.create_engine(empty_url)
    with engine.begin() as tx:
        tx.execute(sa.text("CREATE TABLE notice (x integer)"))  # one of the last that the revision makes
    engine.dispose()
    with pytest.raises(sa.exc.DBAPIError):
        migrate(empty_url)
    assert tables(empty_url) == {"alembic_version", "notice"}


def test_two_processes_that_migrate_at_once(empty_url, tmp_path):
    env = {**os.environ, "DATABASE_URL": empty_url, "DATA_DIR": str(tmp_path / "var")}
    line = [sys.executable, "-m", "inspect_api", "migrate"]
    both = [subprocess.Popen(line, env=env, stderr=subprocess.PIPE) for _ in range(2)]
    for process in both:
        _, errors = process.communicate(timeout=300)
        assert process.returncode == 0, errors
    command.check(configuration(empty_url))


@pytest.mark.parametrize("change", ["update", "delete"])
def test_the_database_itself_refuses_to_change_history(empty_url, change):
    migrate(empty_url)
    database = Database(empty_url, pool=2)
    row = {
        "hazard_id": uuid4(), "n": 1, "kind": "hazard.opened", "event": b"{}", "at": SystemClock().now(),
        "actor": "system", "prev_hash": bytes(32), "hash": bytes(32),
    }  # fmt: skip
    statements = {"update": sa.update(HAZARD_EVENT).values(event=b"{1}"), "delete": sa.delete(HAZARD_EVENT)}
    engine = sa.create_engine(empty_url)  # without the product's PRAGMA: SQLite lets the stray row in
    with engine.begin() as tx:
        if engine.dialect.name == "postgresql":
            tx.execute(sa.text("SET LOCAL session_replication_role = replica"))
        tx.execute(sa.insert(HAZARD_EVENT).values(row))
    engine.dispose()
    with pytest.raises(sa.exc.DBAPIError, match="append-only"), database.write() as tx:
        tx.execute(statements[change])
    with database.read() as tx:
        assert tx.execute(sa.select(HAZARD_EVENT.c.event)).scalar_one() == b"{}"
    database.close()
