"""The floor under a push: the very rows that the product has written, written again by the cheapest means.

What a push has added to the tables is read back, ready for the wire, and written into a database that has the
same rows as the product's had before: on PostgreSQL by COPY into temporary tables and INSERT … SELECT, or as
one json parameter for each table; on SQLite by `executemany`. Each push is one transaction with the product's
durability. Making the rows is not counted, so no product can reach the floor.
"""

import sqlite3
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg

from tests.postgres import create_database, libpq

_MINE = "FROM operation o JOIN inspection i ON i.op_id = o.filed_id"
_OPENED = f"{_MINE} JOIN hazard h ON h.inspection_id = i.id"
_WHERE = "WHERE o.batch_id = '{batch}'"
_ROWS = {
    "operation": f"SELECT o.* FROM operation o {_WHERE}",
    "inspection": f"SELECT i.* {_MINE} {_WHERE}",
    "hazard": f"SELECT h.* {_OPENED} {_WHERE}",
    "clock": f"SELECT c.* {_OPENED} JOIN clock c ON c.hazard_id = h.id {_WHERE}",
    "hazard_event": f"SELECT e.* FROM operation o JOIN hazard_event e ON e.op_id = o.filed_id {_WHERE}",
    "feed": f"SELECT f.* FROM feed f WHERE f.entity_id IN (SELECT i.id {_MINE} {_WHERE})"
    f" OR f.entity_id IN (SELECT h.id {_OPENED} {_WHERE})",
}
_MOVED = "SELECT DISTINCT stream_id FROM ({feed}) AS moved"


class PostgresFloor:
    """Another database of the same server; `means` is `copy` or `json`."""

    def __init__(self, product_url: str, server_url: str, means: str) -> None:
        self._product, self._own = libpq(product_url), libpq(create_database(server_url, product_url))
        self._by_copy = means == "copy"

    def take(self, batch: UUID) -> dict[str, Any]:
        """What one push has added, read from the product's database; new streams are taken over at once."""
        with psycopg.connect(self._product) as product, psycopg.connect(self._own) as own:
            rows = {table: self._read(product, sql.format(batch=batch)) for table, sql in _ROWS.items()}
            feed = _ROWS["feed"].format(batch=batch)
            rows["stream"] = [row[0] for row in product.execute(_MOVED.format(feed=feed))]
            streams = product.execute("SELECT id, name, head, floor FROM stream").fetchall()
            new = "INSERT INTO stream (id, name, head, floor) VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING"
            own.cursor().executemany(new, streams)
        return rows

    def connect(self) -> psycopg.Connection:
        """For one writer."""
        connection = psycopg.connect(self._own, autocommit=not self._by_copy)
        if self._by_copy:
            for table in _ROWS:
                connection.execute(f"CREATE TEMP TABLE new_{table} (LIKE {table}) ON COMMIT DELETE ROWS")
            connection.commit()
        return connection

    def write(self, connection: psycopg.Connection, rows: dict[str, Any]) -> None:
        """One push."""
        with connection.transaction(), connection.cursor() as cursor:
            for table in _ROWS:
                if self._by_copy:
                    with cursor.copy(f"COPY new_{table} FROM STDIN") as copy:
                        copy.write(rows[table])
                    cursor.execute(f"INSERT INTO {table} SELECT * FROM new_{table}")
                else:
                    new = f"SELECT * FROM json_populate_recordset(NULL::{table}, %s::json)"
                    cursor.execute(f"INSERT INTO {table} {new}", (rows[table],))
            cursor.execute("UPDATE stream SET head = head + 1 WHERE id = ANY(%s)", (rows["stream"],))
        connection.commit()

    def _read(self, product: psycopg.Connection, sql: str) -> bytes | str:
        if not self._by_copy:
            found = product.execute(f"SELECT json_agg(r)::text FROM ({sql}) AS r").fetchone()
            return str(found[0]) if found else "[]"
        with product.cursor().copy(f"COPY ({sql}) TO STDOUT") as copy:
            return b"".join(bytes(part) for part in copy)


class SqliteFloor:
    """A copy of the product's file, beside it."""

    def __init__(self, product: Path, own: Path) -> None:
        self._product, self._own = product, own
        with sqlite3.connect(product) as source, sqlite3.connect(own) as target:
            source.backup(target)

    def take(self, batch: UUID) -> dict[str, Any]:
        """What one push has added; new streams are taken over at once."""
        with sqlite3.connect(self._product) as product, sqlite3.connect(self._own) as own:
            rows = {t: product.execute(sql.format(batch=batch.hex)).fetchall() for t, sql in _ROWS.items()}
            rows["stream"] = product.execute(
                _MOVED.format(feed=_ROWS["feed"].format(batch=batch.hex))
            ).fetchall()
            own.executemany(
                "INSERT OR IGNORE INTO stream VALUES (?, ?, ?, ?)",
                product.execute("SELECT id, name, head, floor FROM stream"),
            )
        return rows

    def connect(self) -> sqlite3.Connection:
        """For the one writer, durable as the product."""
        connection = sqlite3.connect(self._own, isolation_level=None, check_same_thread=False)
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")
        return connection

    def write(self, connection: sqlite3.Connection, rows: dict[str, Any]) -> None:
        """One push."""
        connection.execute("BEGIN IMMEDIATE")
        for table in _ROWS:
            places = ", ".join("?" * len(rows[table][0]))
            connection.executemany(f"INSERT INTO {table} VALUES ({places})", rows[table])
        connection.executemany("UPDATE stream SET head = head + 1 WHERE id = ?", rows["stream"])
        connection.execute("COMMIT")
