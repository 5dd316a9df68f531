"""Quarantined operations, for the supervisors of the places that they belong to."""

from collections.abc import Iterable
from itertools import accumulate
from uuid import UUID

import sqlalchemy as sa
from msgspec import Struct

from inspect_api.domain.access import Caller
from inspect_api.store.accounts import ACCOUNT
from inspect_api.store.matching import RegionPrefix, below
from inspect_api.store.operations import IS_QUARANTINED, OPERATION
from inspect_api.store.paging import Order, Page, Place, read_page
from inspect_api.store.schema import AnyRow

_MOST_BYTES = 4 * 1024**2
"""Of a page: 200 operations of the largest allowed size would be 50 MB."""


class QuarantineFilter(Struct, frozen=True, kw_only=True):
    """Which operations; what is not asked is None."""

    region: RegionPrefix | None = None
    account_id: UUID | None = None
    device_id: UUID | None = None


_AUTHOR = ACCOUNT.alias("author")
_SHOWN = (
    sa.select(
        OPERATION.c.filed_id,
        OPERATION.c.op_id,
        OPERATION.c.kind,
        OPERATION.c.entity_id,
        OPERATION.c.device_id,
        OPERATION.c.account_id,
        OPERATION.c.author_id,
        OPERATION.c.encoding,
        OPERATION.c.raw,
        OPERATION.c.captured_at,
        OPERATION.c.received_at,
        OPERATION.c.region_code,
        OPERATION.c.outcome,
        ACCOUNT.c.name.label("account_name"),
        ACCOUNT.c.role.label("account_role"),
        _AUTHOR.c.name.label("author_name"),
        _AUTHOR.c.role.label("author_role"),
    )
    .join(ACCOUNT, ACCOUNT.c.id == OPERATION.c.account_id)
    .outerjoin(_AUTHOR, _AUTHOR.c.id == OPERATION.c.author_id)
)


def supervised(caller: Caller) -> sa.ColumnElement[bool]:
    """Operations that the caller supervises: in his regions, or, for everybody, his own.

    What belongs nowhere, because its author has no place any more, is for administrators.
    """
    own = sa.or_(OPERATION.c.account_id == caller.id, OPERATION.c.author_id == caller.id)
    if caller.role not in ("regulator", "admin"):
        return own
    inside = sa.or_(sa.false(), *(below(OPERATION.c.region_code, code) for code in caller.regions))
    outside = sa.or_(sa.false(), *(below(OPERATION.c.region_code, code) for code in caller.excluded))
    nowhere = OPERATION.c.region_code.is_(None) if caller.role == "admin" else sa.false()
    return sa.or_(own, nowhere, sa.and_(inside, sa.not_(outside)))


def page(
    tx: sa.Connection, wanted: QuarantineFilter, caller: Caller, after: Place | None, limit: int
) -> Page:
    """A page of quarantined operations, the longest waiting first; fewer where they are large."""
    size = sa.func.length(OPERATION.c.raw).label("size")
    query = sa.select(OPERATION.c.filed_id, OPERATION.c.received_at, size)
    query = query.where(IS_QUARANTINED, supervised(caller))
    if wanted.region is not None:
        query = query.where(below(OPERATION.c.region_code, wanted.region))
    if wanted.account_id is not None:
        query = query.where(OPERATION.c.account_id == wanted.account_id)
    if wanted.device_id is not None:
        query = query.where(OPERATION.c.device_id == wanted.device_id)
    listed = read_page(tx, query, Order(OPERATION.c.received_at, OPERATION.c.filed_id), after, limit)
    fitting = [
        row for row, filled in zip(listed.rows, _filled(listed.rows), strict=True) if filled <= _MOST_BYTES
    ]
    fitting = fitting or listed.rows[:1]
    last = listed.end if len(fitting) == len(listed.rows) else _place(fitting[-1])
    shown = tx.execute(_SHOWN.where(OPERATION.c.filed_id.in_([row.filed_id for row in fitting]))).all()
    return Page(sorted(shown, key=_place), last)


def _filled(rows: list[AnyRow]) -> Iterable[int]:
    return accumulate(row.size for row in rows)


def _place(row: AnyRow) -> Place:
    return Place(row.received_at, row.filed_id)


def find(tx: sa.Connection, op_id: UUID, caller: Caller) -> AnyRow | None:
    """The quarantined operation of this id that the caller supervises: filed under it, or sent with it."""
    named = sa.or_(OPERATION.c.filed_id == op_id, OPERATION.c.op_id == str(op_id))
    query = _SHOWN.where(named, IS_QUARANTINED, supervised(caller))
    order = (OPERATION.c.filed_id != op_id, OPERATION.c.received_at)
    return tx.execute(query.order_by(*order).limit(1)).one_or_none()


def outcomes_after(tx: sa.Connection, caller: Caller, after: Place | None, limit: int) -> Page:
    """A page of the caller's own operations by when they were last judged."""
    columns = (OPERATION.c.filed_id, OPERATION.c.judged_at, OPERATION.c.outcome, OPERATION.c.rev)
    query = sa.select(*columns).where(OPERATION.c.account_id == caller.id)
    if caller.device_id is not None:
        query = query.where(OPERATION.c.device_id == caller.device_id)
    return read_page(tx, query, Order(OPERATION.c.judged_at, OPERATION.c.filed_id), after, limit)


def names_photo(tx: sa.Connection, sha256: str, account_id: UUID) -> bool:
    """Whether something of this account that waits for a decision names the photo, wherever in its bytes."""
    name = sa.literal(sha256.encode())
    if tx.dialect.name == "sqlite":
        place = sa.func.instr(OPERATION.c.raw, name)
    else:
        place = sa.func.position(name.op("IN")(OPERATION.c.raw))
    query = sa.select(sa.literal(1)).where(OPERATION.c.account_id == account_id, IS_QUARANTINED, place > 0)
    return tx.execute(query.limit(1)).first() is not None
