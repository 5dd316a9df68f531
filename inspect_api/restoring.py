"""Commands around the loss of a database: take a backup, put one back, and say so to the phones."""

from pathlib import Path

import click
import sqlalchemy as sa

from inspect_api.clock import SystemClock, new_id
from inspect_api.plainly import plainly
from inspect_api.settings import Settings, SettingsError, load_settings
from inspect_api.store import copies, instance
from inspect_api.store.database import Database

_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.argument("target", type=_FILE)
@plainly
def backup(target: Path) -> None:
    """Copy the embedded database, as it is at one moment, to TARGET; servers go on meanwhile."""
    source = _embedded(load_settings())
    copies.back_up(source, target)
    click.echo(f"{target} holds what was acknowledged until now. Copy the photos after it, never before")


@click.command()
@click.argument("source", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@plainly
def restore(source: Path) -> None:
    """Put a backup in the place of the embedded database, with a new epoch; nothing may be running.

    The database that was there is put aside, not deleted.
    """
    settings = load_settings()
    place = _embedded(settings)
    place.parent.mkdir(parents=True, exist_ok=True)
    part = copies.copy_whole(source, place)
    try:
        told = _begin_epoch(f"sqlite:///{part}")
        aside = copies.put_in_place(part, place)
    finally:
        for leftover in (part, *(part.with_name(part.name + log) for log in ("-wal", "-shm"))):
            leftover.unlink(missing_ok=True)
    click.echo(told)
    if aside is not None:
        click.echo(f"The database that was there is now {aside}")


@click.command(name="new-epoch")
@plainly
def new_epoch() -> None:
    """Say that the database was put back from a backup, or is a copy; nothing may be running.

    Phones then pull whole, and push again what they have kept.
    """
    settings = load_settings()
    url = settings.sqlalchemy_url
    if sa.make_url(url).get_backend_name() == "sqlite":
        place = _embedded(settings)
        if not place.exists():
            raise instance.NeverServed(f"{place} is not there")
        copies.require_unused(place)
    click.echo(_begin_epoch(url))


def _begin_epoch(url: str) -> str:
    database, epoch = Database(url, pool=1), str(new_id())
    try:
        if not database.is_sqlite:
            copies.require_alone(database)
        past = database.run(lambda tx: instance.begin_epoch(tx, epoch, SystemClock().now()))
    finally:
        database.close()
    return f"Epoch {epoch} begins, after {past}"


def _embedded(settings: Settings) -> Path:
    """The file of SQLite. Raises SettingsError where there is none."""
    url = sa.make_url(settings.sqlalchemy_url)
    if url.get_backend_name() != "sqlite" or not url.database:
        raise SettingsError("DATABASE_URL: PostgreSQL has tools of its own for this; see docs/operations.md")
    return Path(url.database)
