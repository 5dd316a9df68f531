"""The tests' own PostgreSQL: what durability tests lean on has to be true of it first."""

import psycopg
import pytest
from sqlalchemy import create_engine, make_url, text

from tests.postgres import PostgresServer, create_database, drop_database


@pytest.fixture
def own_server():
    """Apart from the shared one, which other tests are connected to."""
    server = PostgresServer()
    server.start()
    yield server
    server.remove()


@pytest.mark.parametrize("end", ["kill", "immediate", "fast"])
def test_what_was_committed_survives_and_what_was_not_does_not(own_server, end):
    url = make_url(own_server.url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE note (body text)")
        connection.execute("INSERT INTO note VALUES ('隐患已整改')")
    left_open = psycopg.connect(url)
    left_open.execute("INSERT INTO note VALUES ('never committed')")

    if end == "kill":
        own_server.kill()
    else:
        own_server.stop(end)
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(url, connect_timeout=2)
    own_server.start()

    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT body FROM note").fetchall() == [("隐患已整改",)]
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            assert connection.execute(f"SHOW {setting}").fetchone() == ("on",)


def test_a_database_is_copied_from_a_template(postgres_url, postgres_database):
    original = create_engine(postgres_database)
    with original.begin() as connection:
        connection.execute(text("CREATE TABLE site (name text)"))
        connection.execute(text("INSERT INTO site VALUES ('鄯善县加油站')"))
    original.dispose()

    copy = create_database(postgres_url, template=postgres_database)
    engine = create_engine(copy)
    with engine.begin() as connection:
        assert connection.execute(text("SELECT name FROM site")).scalars().all() == ["鄯善县加油站"]
    drop_database(copy)  # while the engine still holds a connection
    engine.dispose()
