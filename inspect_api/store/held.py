"""Operations that wait for another one, or for what they act on, and quarantined ones."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from inspect_api.store.operations import HELD_WAIT, IS_HELD, IS_QUARANTINED, OPERATION
from inspect_api.store.schema import AnyRow, among, insert_new

_MAY_PASS = ("scope_revoked", "unknown_checklist")
_KEPT_FOR_NOW = sa.and_(IS_QUARANTINED, OPERATION.c.reason.in_(_MAY_PASS))
_WAITING = sa.or_(IS_HELD, _KEPT_FOR_NOW)
"""Held, or kept for a supervisor only for its author's scope, or for a checklist that may yet come."""

_READ = (
    OPERATION.c.filed_id,
    OPERATION.c.op_id,
    OPERATION.c.account_id,
    OPERATION.c.device_id,
    OPERATION.c.batch_id,
    OPERATION.c.encoding,
    OPERATION.c.raw,
    OPERATION.c.digest,
    OPERATION.c.received_at,
    OPERATION.c.captured_at,
    OPERATION.c.uncertainty_ms,
    OPERATION.c.offset_ms,
    OPERATION.c.skewed,
    OPERATION.c.author_id,
    OPERATION.c.code,
    OPERATION.c.reason,
    OPERATION.c.outcome,
    OPERATION.c.region_code,
    OPERATION.c.released_by,
)


def set_waits(tx: sa.Connection, waits: dict[UUID, set[UUID]]) -> None:
    """Replace what each operation waits for; an empty set ends its waiting."""
    if not waits:
        return
    tx.execute(sa.delete(HELD_WAIT).where(HELD_WAIT.c.filed_id.in_(list(waits))))
    rows: list[dict[str, object]] = [
        {"filed_id": filed_id, "waits_for": wanted}
        for filed_id, ids in sorted(waits.items())
        for wanted in sorted(ids)
    ]
    insert_new(tx, HELD_WAIT, rows)


def waiting_for(tx: sa.Connection, ids: Iterable[UUID], most: int) -> list[AnyRow]:
    """Operations that wait for one of these, locked, in the order in which they are to be judged."""
    wanted = list(set(ids))
    if not wanted:
        return []
    waiting = sa.select(HELD_WAIT.c.filed_id).where(among(tx, HELD_WAIT.c.waits_for, wanted))
    query = sa.select(*_READ).where(OPERATION.c.filed_id.in_(waiting), _WAITING)
    query = query.order_by(OPERATION.c.device_id, OPERATION.c.seq, OPERATION.c.filed_id).limit(most)
    return list(tx.execute(query.with_for_update()).all())


def longest_unjudged(tx: sa.Connection, before: datetime, most: int) -> list[AnyRow]:
    """Held operations last judged before a moment, that no other worker is judging now."""
    query = sa.select(*_READ).where(IS_HELD, OPERATION.c.judged_at < before)
    query = query.order_by(OPERATION.c.judged_at, OPERATION.c.filed_id).limit(most)
    return list(tx.execute(query.with_for_update(skip_locked=True)).all())


def of_accounts(tx: sa.Connection, account_ids: Iterable[UUID]) -> list[UUID]:
    """The operations of accounts that wait, or were kept for their scope, in the order of capture."""
    order = (OPERATION.c.device_id, OPERATION.c.seq, OPERATION.c.filed_id)
    query = sa.select(*order).where(OPERATION.c.account_id.in_(set(account_ids)))
    # each part by its own partial index; an OR of the two would read every operation
    parts = (query.where(IS_HELD), query.where(_KEPT_FOR_NOW))
    rows = tx.execute(sa.union_all(*parts).order_by("device_id", "seq", "filed_id"))
    return [row.filed_id for row in rows]


def count(tx: sa.Connection, device_id: UUID) -> int:
    """How many operations of a device are held."""
    query = sa.select(sa.func.count()).where(OPERATION.c.device_id == device_id, IS_HELD)
    return int(tx.execute(query).scalar_one())


def edges_from(tx: sa.Connection, ids: Iterable[UUID]) -> dict[UUID, set[UUID]]:
    """Held operations that can be reached from these by what they wait for, each with what it waits for."""
    wanted = list(set(ids))
    if not wanted:
        return {}
    start = sa.select(HELD_WAIT.c.filed_id, HELD_WAIT.c.waits_for).where(HELD_WAIT.c.filed_id.in_(wanted))
    reached = start.cte("reached", recursive=True)
    onward = sa.select(HELD_WAIT.c.filed_id, HELD_WAIT.c.waits_for).join(
        reached, HELD_WAIT.c.filed_id == reached.c.waits_for
    )
    found: dict[UUID, set[UUID]] = {}
    for row in tx.execute(sa.select(reached.union(onward))):
        found.setdefault(row.filed_id, set()).add(row.waits_for)
    return found


def by_ids(tx: sa.Connection, ids: Iterable[UUID], *, lock: bool = False) -> list[AnyRow]:
    """Operations with their bytes, in the order of capture."""
    wanted = set(ids)
    if not wanted:
        return []
    query = sa.select(*_READ).where(OPERATION.c.filed_id.in_(wanted))
    query = query.order_by(OPERATION.c.device_id, OPERATION.c.seq, OPERATION.c.filed_id)
    return list(tx.execute(query.with_for_update() if lock else query).all())
