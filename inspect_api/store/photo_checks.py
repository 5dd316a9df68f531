"""Which photos are to be looked at again in the store, and what was found there."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Literal
from uuid import UUID

import sqlalchemy as sa

from inspect_api.store.photos import BLOB, PHOTO
from inspect_api.store.schema import AnyRow

Fault = Literal["damaged", "missing"]

_AT_ONCE = datetime(1970, 1, 1, tzinfo=UTC)
_IS_FAULTY = BLOB.c.fault.is_not(None)


def are_due(tx: sa.Connection, now: datetime) -> bool:
    query = sa.select(sa.literal(1)).select_from(BLOB).where(BLOB.c.check_at <= now)
    return tx.execute(query.limit(1)).first() is not None


def due(tx: sa.Connection, now: datetime, most: int) -> list[AnyRow]:
    """(sha256, size) of photos that are due for a check, the longest due first, locked."""
    query = sa.select(BLOB.c.sha256, BLOB.c.size).where(BLOB.c.check_at <= now)
    query = query.order_by(BLOB.c.check_at, BLOB.c.sha256).limit(most)
    return list(tx.execute(query.with_for_update(skip_locked=True)).all())


def check_again_at(tx: sa.Connection, names: Iterable[str], at: datetime) -> None:
    tx.execute(sa.update(BLOB).where(BLOB.c.sha256.in_(set(names))).values(check_at=at))


def set_fault(tx: sa.Connection, sha256: str, fault: Fault, now: datetime) -> bool:
    """False when the same was known already, or the photo is gone."""
    change = sa.update(BLOB).where(
        BLOB.c.sha256 == sha256, sa.or_(BLOB.c.fault.is_(None), BLOB.c.fault != fault)
    )
    return tx.execute(change.values(fault=fault, faulty_since=now)).rowcount == 1


def doubt(tx: sa.Connection, sha256: str, now: datetime) -> bool:
    """It is looked at next, and not called stored until then. False when that is so, or it is gone."""
    tx.execute(sa.update(BLOB).where(BLOB.c.sha256 == sha256).values(check_at=_AT_ONCE))
    change = sa.update(BLOB).where(BLOB.c.sha256 == sha256, BLOB.c.fault.is_(None))
    return tx.execute(change.values(fault="doubted", faulty_since=now)).rowcount == 1


def clear_faults(tx: sa.Connection, names: Iterable[str]) -> dict[str, str]:
    """Those of the photos that had a fault, and which; they have none any more."""
    query = sa.select(BLOB.c.sha256, BLOB.c.fault).where(BLOB.c.sha256.in_(set(names)), _IS_FAULTY)
    had = {row.sha256: row.fault for row in tx.execute(query.with_for_update())}
    if had:
        change = sa.update(BLOB).where(BLOB.c.sha256.in_(had))
        tx.execute(change.values(fault=None, faulty_since=None))
    return had


def count_faulty(tx: sa.Connection) -> dict[str, int]:
    """How many photos have which fault."""
    query = sa.select(BLOB.c.fault, sa.func.count().label("many")).where(_IS_FAULTY).group_by(BLOB.c.fault)
    return {row.fault: row.many for row in tx.execute(query)}


def faulty(tx: sa.Connection, most: int) -> list[AnyRow]:
    """(sha256, size, fault, faulty_since), the oldest fault first."""
    query = sa.select(BLOB.c.sha256, BLOB.c.size, BLOB.c.fault, BLOB.c.faulty_since).where(_IS_FAULTY)
    return list(tx.execute(query.order_by(BLOB.c.faulty_since, BLOB.c.sha256).limit(most)).all())


def longest_due(tx: sa.Connection, now: datetime) -> datetime | None:
    """Since when the photo waits that has waited longest for its check."""
    query = sa.select(sa.func.min(BLOB.c.check_at)).where(BLOB.c.check_at <= now)
    since: datetime | None = tx.execute(query).scalar_one()
    return since


def hazards_shown(tx: sa.Connection, names: Iterable[str]) -> dict[str, list[UUID]]:
    """Photo -> the hazards whose evidence it is."""
    query = sa.select(PHOTO.c.sha256, PHOTO.c.hazard_id).distinct()
    query = query.where(PHOTO.c.sha256.in_(set(names)), PHOTO.c.hazard_id.is_not(None))
    found: dict[str, list[UUID]] = {}
    for row in tx.execute(query.order_by(PHOTO.c.sha256, PHOTO.c.hazard_id)):
        found.setdefault(row.sha256, []).append(row.hazard_id)
    return found
