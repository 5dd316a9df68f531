"""Planted: what may go wrong when a server is put back to a backup."""

from collections.abc import Iterator
from datetime import datetime
from unittest.mock import patch

import sqlalchemy as sa

from inspect_api.demo.memory import Memory
from inspect_api.store import instance
from tests.simulation.planting import plant
from tests.simulation.world import World


@plant
def restored_without_a_new_epoch(_world: World) -> Iterator[None]:
    """Nobody hears that the database was put back."""

    def silent(tx: sa.Connection, _epoch: str, _now: datetime) -> str:
        return instance.get(tx, instance.EPOCH) or ""

    with patch.object(instance, "begin_epoch", silent):
        yield


@plant
def kept_and_not_pushed_again(_world: World) -> Iterator[None]:
    """A phone meets a new epoch, pulls whole, and thinks that this is all."""

    def forgetful(memory: Memory, epoch: str) -> None:
        if memory.epoch not in (None, epoch):
            memory.cursor = None
        memory.epoch = epoch

    with patch.object(Memory, "meet", forgetful):
        yield
