"""Bringing a database to the newest schema: one set of revisions for SQLite and PostgreSQL.

Each run is one transaction on both, so that a crash in the middle leaves the schema as it was.
"""

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.util import CommandError

from inspect_api.store import (
    accounts,
    calendar_days,
    checklist_versions,
    clocks,
    contacts,
    custody,
    deliveries,
    editions,
    enterprises,
    evidence_views,
    feed,
    hazard_events,
    hazards,
    holds,
    inspections,
    instance,
    jobs,
    login_attempts,
    notices,
    operations,
    orphans,
    past_hazards,
    photos,
    regions,
    search_index,
    sessions,
    sites,
    spooled,
    tallies,
    tasks,
    uploads,
)
from inspect_api.store.database import Database
from inspect_api.store.indexing import build_indexes
from inspect_api.store.revisions import REVISIONS, RevisionsMissing, known
from inspect_api.store.schema import metadata

TABLES = (
    accounts, calendar_days, checklist_versions, clocks, contacts, custody, deliveries, editions,
    enterprises, evidence_views, feed, hazard_events, hazards, holds, inspections, instance, jobs,
    login_attempts, notices, operations, orphans, past_hazards, photos, regions, search_index, sessions,
    sites, spooled, tallies, tasks, uploads,
)  # fmt: skip
"""Modules with tables: imported so that `metadata` knows all of them."""

_LOCK_TIMEOUT = "5s"
_ONE_AT_A_TIME = 652327


def configuration(url: str) -> Config:
    """Alembic's, for a database by its SQLAlchemy URL. Raises RevisionsMissing."""
    known()
    config = Config()
    config.set_main_option("script_location", str(REVISIONS).replace("%", "%%"))
    config.attributes["url"] = url
    return config


def migrate(url: str, revision: str = "head") -> None:
    """Upgrade to a revision; nothing happens when the database is there already. Makes SQLite's folder.

    Raises RevisionsMissing, also for a database that is ahead of this version.
    """
    place = sa.make_url(url)
    if place.get_backend_name() == "sqlite" and place.database:
        Path(place.database).parent.mkdir(parents=True, exist_ok=True)
    try:
        command.upgrade(configuration(url), revision)
    except CommandError as error:
        raise RevisionsMissing(str(error)) from error
    if revision == "head":
        build_indexes(url)


def run_revisions(context: EnvironmentContext, url: str) -> None:
    """What Alembic's env.py does: run whatever was asked for, in one transaction."""
    database = Database(context.config.attributes.get("url") or url, pool=1)
    try:
        with database.engine.connect() as connection:
            if database.is_sqlite:
                _keep_references_unchecked(connection)
            with connection.begin():
                _prepare(connection)
                context.configure(
                    connection=connection,
                    target_metadata=metadata,
                    render_as_batch=True,
                    transactional_ddl=True,
                    compare_type=True,
                )
                context.run_migrations()
                _check_references(connection)
    finally:
        database.close()


def _keep_references_unchecked(connection: sa.Connection) -> None:
    """SQLite changes a table by copying it, and outside of a transaction only can this be said."""
    driver = connection.connection.driver_connection
    assert driver is not None  # noqa: S101 - a connection that was just opened has one
    driver.execute("PRAGMA foreign_keys=OFF")


def _prepare(connection: sa.Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_ONE_AT_A_TIME)))
        # rather give up than make every inspector of the county wait behind a table lock
        connection.execute(sa.text(f"SET LOCAL lock_timeout = '{_LOCK_TIMEOUT}'"))


def _check_references(connection: sa.Connection) -> None:
    if connection.dialect.name == "sqlite":
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
        if broken:
            raise sa.exc.IntegrityError("foreign_key_check", None, ValueError(f"{len(broken)} rows"))
