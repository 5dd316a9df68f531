"""Which dates are still to be computed again after a notice of holidays: a note that survives restarts."""

from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

import sqlalchemy as sa

from inspect_api.store import instance
from inspect_api.store.clocks import CLOCK

_NAME = "dates_to_compute_again"


class Pending(NamedTuple):
    """From the first changed day on; hazards up to `after` are done."""

    first_day: date
    after: UUID


def note(tx: sa.Connection, first_day: date) -> None:
    """Days from this one on have changed: every date that crosses one of them waits to be computed again."""
    pending = take(tx)
    first = min(first_day, pending.first_day) if pending else first_day
    put(tx, Pending(first, UUID(int=0)))


def put(tx: sa.Connection, pending: Pending) -> None:
    """Note how far it has come."""
    instance.put(tx, _NAME, f"{pending.first_day} {pending.after}")


def take(tx: sa.Connection) -> Pending | None:
    """What is pending, locked: workers go on one after the other."""
    return _read(instance.take(tx, _NAME))


def is_noted(tx: sa.Connection) -> bool:
    """Whether anything is pending."""
    return instance.get(tx, _NAME) is not None


def done(tx: sa.Connection) -> None:
    instance.remove(tx, _NAME)


def crossing(tx: sa.Connection, since: datetime, after: UUID, most: int) -> list[UUID]:
    """Hazards with a running clock whose date or next step lies at or after `since`, by id."""
    query = (
        sa.select(CLOCK.c.hazard_id)
        .where(_crosses(since), CLOCK.c.hazard_id > after)
        .group_by(CLOCK.c.hazard_id)
        .order_by(CLOCK.c.hazard_id)
        .limit(most)
    )
    return list(tx.execute(query).scalars())


def count_crossing(tx: sa.Connection, since: datetime) -> int:
    """How many hazards that would be."""
    query = sa.select(sa.func.count(sa.distinct(CLOCK.c.hazard_id))).where(_crosses(since))
    return int(tx.execute(query).scalar_one())


def _crosses(since: datetime) -> sa.ColumnElement[bool]:
    return CLOCK.c.is_running & ((CLOCK.c.due_at >= since) | (CLOCK.c.next_step_at >= since))


def _read(value: str | None) -> Pending | None:
    if value is None:
        return None
    first_day, after = value.split()
    return Pending(date.fromisoformat(first_day), UUID(after))
