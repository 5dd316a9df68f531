"""The server is lost and put back to an older copy, with a new epoch; the photos' bytes are still there."""

import sqlite3
from datetime import datetime, timedelta

import sqlalchemy as sa

from inspect_api.clock import new_id
from inspect_api.store import instance
from tests.simulation.world import World

_STILL_KEPT = timedelta(days=29)
"""A backup that is put back is younger than what phones keep (PHONES_KEEP_DAYS)."""


class Keeper:
    """Whoever looks after the server's backups."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._backup: tuple[sqlite3.Connection, datetime] | None = None

    def keep(self) -> None:
        """Copy the database as it stands, or lose it and put the last copy back."""
        if self._backup is None or self._world.chance.random() < 0.3:
            self._backup = self._world.ground.copy(), self._world.clock.now()
            self._world.tell("a backup")
        elif not self._world.is_amid_requests:
            self._restore(*self._backup)

    def _restore(self, copy: sqlite3.Connection, made_at: datetime) -> None:
        world = self._world
        if world.clock.now() - made_at > _STILL_KEPT:
            return
        world.tell(f"restored to the backup of {made_at}")
        world.ground.put_back(copy)
        world.start_again(world.ground.app.db.run(self._begin_epoch))

    def _begin_epoch(self, tx: sa.Connection) -> str:
        """As `inspect-api new-epoch`; what processes that start then will find."""
        instance.begin_epoch(tx, str(new_id()), self._world.clock.now())
        return instance.get(tx, instance.EPOCH) or ""
