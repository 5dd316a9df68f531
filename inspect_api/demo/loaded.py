"""Whether the demo county is loaded: one small look that spares a server the phones and the month of work."""

from inspect_api.settings import Settings
from inspect_api.store import instance
from inspect_api.store.database import Database

MARKER, LOADED = "demo", "loaded"


def is_loaded(settings: Settings) -> bool:
    """In a migrated database."""
    database = Database(settings.sqlalchemy_url, pool=1)
    try:
        with database.read() as tx:
            return (instance.get(tx, MARKER) or "").startswith(LOADED)
    finally:
        database.close()
