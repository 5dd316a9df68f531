"""At which revision a database is; without Alembic, which only a migration needs."""

from pathlib import Path

import sqlalchemy as sa

from inspect_api.store.database import Database

REVISIONS = Path(__file__).parents[2] / "migrations"


class NotMigrated(Exception):
    """The database is not yet what this version works with."""


class RevisionsMissing(Exception):
    """The revisions that are needed are not where a checkout of the project has them."""


def known() -> list[str]:
    """Every revision of this version from the oldest to the newest, as their files are numbered.

    Raises RevisionsMissing.
    """
    found = sorted(file.name[:4] for file in (REVISIONS / "versions").glob("[0-9][0-9][0-9][0-9]_*.py"))
    if not found:
        raise RevisionsMissing(f"{REVISIONS} is not there: run this from a checkout of the project")
    return found


def require_migrated(database: Database) -> None:
    """Raises NotMigrated for a database behind this version; one ahead of it serves its older nodes on."""
    now = _revision_of(database)
    if now is None or now in known()[:-1]:
        raise NotMigrated("The database has an older schema, or none: run `inspect-api migrate`")


def is_newest(url: str) -> bool:
    """Whether this database is there and needs no migration."""
    place = sa.make_url(url)
    if place.get_backend_name() == "sqlite" and not Path(place.database or "").is_file():
        return False
    database = Database(url, pool=1)
    try:
        return _revision_of(database) == known()[-1]
    finally:
        database.close()


def _revision_of(database: Database) -> str | None:
    with database.read() as tx:
        if not sa.inspect(tx).has_table("alembic_version"):
            return None
        return tx.execute(sa.text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
