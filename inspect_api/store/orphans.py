"""Photos that nothing refers to: found, marked, and a day later taken away; one that comes again stays.

`doomed` holds a name from its mark until long after its bytes went. Whoever arrives with the bytes looks
there under the lock of the name (`photos.hold_names`), so that an arrival and the taking away see each other.
"""

import re
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from inspect_api.clock import new_id
from inspect_api.store.jobs import JOB
from inspect_api.store.operations import IS_HELD, IS_QUARANTINED, OPERATION
from inspect_api.store.photos import BLOB, BLOB_UPLOAD, PHOTO, THUMBNAIL
from inspect_api.store.schema import AnyRow, insert_new, one_of, table
from inspect_api.store.spooled import SPOOLED
from inspect_api.store.uploads import UPLOAD

STATES = ("marked", "going", "gone")
_NAME = re.compile(rb"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])")


class DoomedRow(SQLModel, table=True):
    """`going`: the bytes may be deleted any moment. `gone`: they were; who put them before does so again."""

    __tablename__ = "doomed"
    __table_args__ = (one_of("state", STATES), sa.Index(None, "state", "at"))

    sha256: str = Field(primary_key=True, max_length=64)
    mark: UUID
    state: str = Field(max_length=8)
    at: datetime


DOOMED = table(DoomedRow)


def find(tx: sa.Connection, sha256: str) -> AnyRow | None:
    return tx.execute(sa.select(DOOMED).where(DOOMED.c.sha256 == sha256)).one_or_none()


def spare(tx: sa.Connection, names: Iterable[str]) -> None:
    """They are not doomed any more, unless they are just going."""
    tx.execute(sa.delete(DOOMED).where(DOOMED.c.sha256.in_(set(names)), DOOMED.c.state != "going"))


def recorded(tx: sa.Connection, after: str, most: int) -> list[AnyRow]:
    """(sha256, offered_at, named) of recorded photos, in the order of their names; `named` by a record."""
    named = sa.exists().where(PHOTO.c.sha256 == BLOB.c.sha256).label("named")
    offered = sa.case((BLOB.c.offered_at > BLOB.c.stored_at, BLOB.c.offered_at), else_=BLOB.c.stored_at)
    query = sa.select(BLOB.c.sha256, offered.label("offered_at"), named).where(BLOB.c.sha256 > after)
    return list(tx.execute(query.order_by(BLOB.c.sha256).limit(most)).all())


def mark(tx: sa.Connection, names: Iterable[str], now: datetime) -> int:
    """Those that were not doomed yet; how many that were."""
    rows: list[dict[str, object]] = [
        {"sha256": name, "mark": new_id(), "state": "marked", "at": now} for name in sorted(set(names))
    ]
    return insert_new(tx, DOOMED, rows)


def in_state(tx: sa.Connection, state: str, before: datetime, most: int) -> list[str]:
    """Names that have been in a state since before a moment."""
    query = sa.select(DOOMED.c.sha256).where(DOOMED.c.state == state, DOOMED.c.at <= before)
    return list(tx.execute(query.order_by(DOOMED.c.at, DOOMED.c.sha256).limit(most)).scalars())


def go_on(tx: sa.Connection, names: Iterable[str], before: str, after: str, now: datetime) -> list[str]:
    """Those of the names that were in the state `before` are in the state `after`."""
    change = sa.update(DOOMED).where(DOOMED.c.sha256.in_(set(names)), DOOMED.c.state == before)
    moved = change.values(state=after, at=now).returning(DOOMED.c.sha256)
    return sorted(tx.execute(moved).scalars())


def forget(tx: sa.Connection, before: datetime) -> None:
    """What went long ago."""
    tx.execute(sa.delete(DOOMED).where(DOOMED.c.state == "gone", DOOMED.c.at <= before))


def known(tx: sa.Connection, names: Iterable[str]) -> set[str]:
    """Those of the names that are recorded as photos."""
    query = sa.select(BLOB.c.sha256).where(BLOB.c.sha256.in_(set(names)))
    return set(tx.execute(query).scalars())


def needed(tx: sa.Connection, names: Iterable[str], now: datetime) -> set[str]:
    """Those to which a record, a thumbnail, an unfinished upload, a node or a waiting operation refers."""
    wanted = set(names)
    is_open = sa.and_(UPLOAD.c.state == "open", UPLOAD.c.expires_at > now)
    parts = (
        sa.select(PHOTO.c.sha256).where(PHOTO.c.sha256.in_(wanted)),
        sa.select(THUMBNAIL.c.derived).where(THUMBNAIL.c.derived.in_(wanted)),
        sa.select(UPLOAD.c.sha256).where(UPLOAD.c.sha256.in_(wanted), is_open),
        sa.select(SPOOLED.c.sha256).where(SPOOLED.c.sha256.in_(wanted)),
    )
    found = set(tx.execute(sa.union(*parts)).scalars())
    return found | (_named_by_waiting(tx) & wanted if wanted - found else set())


def uploaders(tx: sa.Connection, names: Iterable[str]) -> dict[str, set[UUID]]:
    """Photo -> who handed it in."""
    found: dict[str, set[UUID]] = {}
    query = sa.select(BLOB_UPLOAD).where(BLOB_UPLOAD.c.sha256.in_(set(names)))
    for row in tx.execute(query):
        found.setdefault(row.sha256, set()).add(row.account_id)
    return found


def strike_out(tx: sa.Connection, names: Iterable[str]) -> None:
    """The photos are recorded no more."""
    wanted = set(names)
    tx.execute(sa.delete(JOB).where(JOB.c.name == "prepare_photo", JOB.c.key.in_(wanted)))
    for gone in (THUMBNAIL, BLOB_UPLOAD, BLOB):
        tx.execute(sa.delete(gone).where(gone.c.sha256.in_(wanted)))


def _named_by_waiting(tx: sa.Connection) -> set[str]:
    """Whatever looks like the name of a photo in the bytes of operations that are held or quarantined."""
    parts = (sa.select(OPERATION.c.raw).where(waits) for waits in (IS_HELD, IS_QUARANTINED))
    rows = tx.execute(sa.union_all(*parts).execution_options(yield_per=500))
    return {name.decode() for row in rows for name in _NAME.findall(row.raw)}
