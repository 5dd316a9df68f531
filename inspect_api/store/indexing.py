"""Indexes of big tables, built while everybody goes on writing.

A revision is one transaction, in which PostgreSQL can build an index only behind a lock that keeps every
writer out. So a revision leaves out these indexes where their table is big, and they are built when it is
done; the product answers without them as well, only more slowly.
"""

import sqlalchemy as sa
from sqlalchemy.schema import CreateIndex

from inspect_api.store.database import Database
from inspect_api.store.hazards import BUILT_BESIDE, SUPERSEDED

BIG_BYTES = 64 * 1024 * 1024
"""An index of a smaller table is built in less than a second."""

_ONE_BUILDS = 652328

_INVALID = sa.text(
    "SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid"
    " WHERE NOT i.indisvalid AND c.relname = ANY(:names)"
)


def is_big(tx: sa.Connection, table: str) -> bool:
    """For a revision: whether to leave an index of this table to `build_indexes`."""
    if tx.dialect.name != "postgresql":
        return False
    return int(tx.execute(sa.select(sa.func.pg_relation_size(table))).scalar_one()) >= BIG_BYTES


def build_indexes(url: str) -> None:
    """Build those that are missing, or were left half-built by a crash, beside the running product."""
    database = Database(url, pool=1)
    try:
        if not database.is_sqlite:
            with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                _build_concurrently(connection)
    finally:
        database.close()


def _build_concurrently(connection: sa.Connection) -> None:
    names = [str(index.name) for index in BUILT_BESIDE]
    if not connection.execute(sa.select(sa.func.pg_try_advisory_lock(_ONE_BUILDS))).scalar_one():
        return  # another node is at it
    for name in connection.execute(_INVALID, {"names": names}).scalars().all():
        connection.exec_driver_sql(f'DROP INDEX CONCURRENTLY "{name}"')
    known = {index["name"] for index in sa.inspect(connection).get_indexes("hazard")}
    missing = [index for index in BUILT_BESIDE if index.name not in known]
    for index in missing:
        plain = str(CreateIndex(index).compile(dialect=connection.dialect))
        connection.exec_driver_sql(plain.replace("CREATE INDEX", "CREATE INDEX CONCURRENTLY", 1))
    for name in SUPERSEDED:
        if name in known:
            connection.exec_driver_sql(f'DROP INDEX CONCURRENTLY IF EXISTS "{name}"')
    if missing:  # what an index of an expression holds is known to the planner only after this
        connection.exec_driver_sql("ANALYZE hazard")
