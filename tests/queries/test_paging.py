"""Pages while others write: what stays as it is stands in exactly one of them, in its order."""

from datetime import timedelta
from uuid import UUID, uuid4

import sqlalchemy as sa

from inspect_api.actions.list_hazards import list_hazards
from inspect_api.store.database import Database
from inspect_api.store.hazard_queries import HazardFilter
from inspect_api.store.hazards import HAZARD
from tests.queries.world import NOW, PROVINCE, World, work


def test_rows_that_stay_are_met_once_whatever_is_written_meanwhile(db: Database, world: World) -> None:
    moving = [line.id for line in world.hazards[::3]]
    stay = {line.id: line for line in world.seen_by(PROVINCE) if line.id not in set(moving)}
    met: list[UUID] = []
    cursor, turn = None, 0
    while turn == 0 or cursor is not None:
        with db.read() as tx:
            page = list_hazards(work(tx, PROVINCE), HazardFilter(), "due_at", 13, cursor, None)
        met += [hazard.id for hazard in page.items if hazard.id in stay]
        with db.write() as tx:
            _disturb(tx, world, moving, turn)
        cursor, turn = page.cursor, turn + 1
    dated = sorted((line.due_at, line.id) for line in stay.values() if line.due_at)
    undated = sorted(line.id for line in stay.values() if not line.due_at)
    assert turn > 15
    assert met == [hazard_id for _, hazard_id in dated] + undated


def _disturb(tx: sa.Connection, world: World, moving: list[UUID], turn: int) -> None:
    """A new hazard, one that goes, and some whose dates change to either side."""
    new = {**world.hazards[turn].row(), "id": uuid4()}
    tx.execute(sa.insert(HAZARD), [new])
    tx.execute(sa.delete(HAZARD).where(HAZARD.c.id == moving[turn]))
    date = {"due_at": NOW + timedelta(days=30 - 2 * turn), "due_party": "regulator"}
    tx.execute(sa.update(HAZARD).where(HAZARD.c.id.in_(moving[turn::7])).values(**date))
