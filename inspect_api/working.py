"""`inspect-api worker`, and `inspect-api migrate` before it."""

import click

from inspect_api import worker as working
from inspect_api.logs import set_up_logs
from inspect_api.memory import share_arenas
from inspect_api.plainly import plainly
from inspect_api.settings import load_settings


@click.command()
@plainly
def migrate() -> None:
    """Bring the database to the newest schema."""
    from inspect_api.store import migrating  # noqa: PLC0415  (Alembic: 8 MB that no worker needs)

    migrating.migrate(load_settings().sqlalchemy_url)


@click.command()
@plainly
def worker() -> None:
    """Escalate what is overdue and prepare photos, until stopped."""
    settings = load_settings()
    set_up_logs()
    share_arenas()
    working.run_worker(settings)
