"""Pages by keyset: a page begins after the last row of the one before it, whatever was written meanwhile.

A row that stays as it is stands in exactly one page. The cursor is opaque and holds no secret; it is bound to
the account, to the question that was asked and to the moment that all pages answer for, and carries a
checksum, so that a foreign, cut or edited one is refused rather than believed.
"""

import base64
import binascii
import hashlib
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
import sqlalchemy as sa

from inspect_api.errors import Code, Refusal
from inspect_api.store.schema import AnyRow
from sync.times import Moment, check_moments

CURSOR_LIFE = timedelta(hours=24)
"""After this the moment that a cursor answers for is too long ago."""

CLOCKS_APART = timedelta(seconds=5)
"""How far the clocks of two nodes may differ: what one of them answers for may lie in another's future."""

_CHECK_BYTES = 8


class Order(NamedTuple):
    """By a column, rows without a value last, then by id; without a column by id alone."""

    by: sa.ColumnElement[datetime | None] | sa.ColumnElement[datetime] | None
    id: sa.ColumnElement[UUID]
    descending: bool = False
    has_empty: bool = False


class Place(NamedTuple):
    """Where a page ended: the last row's value of the ordering column, and its id."""

    value: datetime | None
    id: UUID


class Asked(NamedTuple):
    """Whose list it is, a digest of what it asks, and the moment that it answers for."""

    account: UUID
    question: bytes
    as_of: datetime


class Page(NamedTuple):
    """Rows in order, and where the next page begins, or None at the end."""

    rows: list[AnyRow]
    end: Place | None


class _Wire(msgspec.Struct, array_like=True, frozen=True):
    account: UUID
    question: bytes
    as_of: Moment
    value: Moment | None
    id: UUID

    def __post_init__(self) -> None:
        check_moments(self.as_of, self.value)


def read_page(
    tx: sa.Connection, query: sa.Select[Any], order: Order, after: Place | None, limit: int
) -> Page:
    """At most `limit` rows of the query after a place; one statement, two where values run out.

    Rows with a value and rows without are asked for apart: each part is a range of an ordinary index, and
    no database's own idea of where NULL sorts comes into it.
    """
    rows: list[AnyRow] = []
    if order.by is not None and (after is None or after.value is not None):
        rows += tx.execute(_valued(query, order, after).limit(limit + 1)).all()
    if len(rows) <= limit and (order.by is None or order.has_empty):
        past = None if after is None or (order.by is not None and after.value is not None) else after.id
        rows += tx.execute(_empty(query, order, past).limit(limit + 1 - len(rows))).all()
    if len(rows) <= limit:
        return Page(rows, None)
    last = rows[limit - 1]
    value = None if order.by is None else last._mapping[order.by]
    return Page(rows[:limit], Place(value, last._mapping[order.id]))


def merge_pages(pages: list[Page], order: Order, limit: int) -> Page:
    """One page out of those that parts of a list gave for the same place and limit; by columns' names."""
    filled = [page for page in pages if page.rows]
    if len(filled) <= 1:
        return next(iter(filled), pages[0])
    by, row_id = order.by, order.id

    def place(row: AnyRow) -> Place:
        return Place(None if by is None else row._mapping[str(by.key)], row._mapping[str(row_id.key)])

    rows = [row for page in pages for row in page.rows]
    valued = [row for row in rows if place(row).value is not None]
    empty = [row for row in rows if place(row).value is None]
    rows = sorted(valued, key=place, reverse=order.descending) + sorted(empty, key=lambda row: place(row).id)
    if len(rows) <= limit and all(page.end is None for page in pages):
        return Page(rows, None)
    return Page(rows[:limit], place(rows[limit - 1]))


def _valued(query: sa.Select[Any], order: Order, after: Place | None) -> sa.Select[Any]:
    by, row_id = order.by, order.id
    assert by is not None  # noqa: S101 - asked only for a list that is ordered by a column
    if order.has_empty:
        query = query.where(by.is_not(None))
    if after is not None:
        here = sa.tuple_(by, row_id)
        there = sa.tuple_(sa.literal(after.value, by.type), sa.literal(after.id, row_id.type))
        query = query.where(here < there if order.descending else here > there)
    return query.order_by(by.desc(), row_id.desc()) if order.descending else query.order_by(by, row_id)


def _empty(query: sa.Select[Any], order: Order, after: UUID | None) -> sa.Select[Any]:
    if order.by is not None:
        query = query.where(order.by.is_(None))
    if after is not None:
        query = query.where(order.id > after)
    return query.order_by(order.id)


def question(*parts: object) -> bytes:
    """A digest of everything that decides what stands in a list and in which order."""
    return hashlib.sha256(msgspec.json.encode(parts, order="deterministic")).digest()[:16]


def encode_cursor(asked: Asked, place: Place | None) -> str | None:
    """Text to hand back for the next page; None at the end of the list."""
    if place is None:
        return None
    packed = msgspec.msgpack.encode(_Wire(asked.account, asked.question, asked.as_of, place.value, place.id))
    return _text(hashlib.sha256(packed).digest()[:_CHECK_BYTES] + packed)


def open_page(cursor: str | None, asked: Asked, now: datetime) -> tuple[Asked, Place | None]:
    """What to answer for and after which row: from the start, or where the cursor says.

    Later pages answer for the moment of the first one. Raises Refusal(CURSOR_INVALID).
    """
    if cursor is None:
        return asked, None
    wire = _decode(cursor)
    if wire.account != asked.account or wire.question != asked.question:
        raise Refusal(Code.CURSOR_INVALID)
    # a moment that was asked for by name is answered for at any time
    if wire.as_of != asked.as_of and not -CLOCKS_APART <= now - wire.as_of <= CURSOR_LIFE:
        raise Refusal(Code.CURSOR_INVALID, "The list that this cursor belongs to is too old")
    return asked._replace(as_of=wire.as_of), Place(wire.value, wire.id)


def _decode(text: str) -> _Wire:
    try:
        raw = base64.urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
        check, packed = raw[:_CHECK_BYTES], raw[_CHECK_BYTES:]
        wire = msgspec.msgpack.decode(packed, type=_Wire)
    except (ValueError, binascii.Error, msgspec.DecodeError):
        raise Refusal(Code.CURSOR_INVALID) from None
    # the decoder passes over strange characters: only the text that was given out is taken back
    if _text(raw) != text or hashlib.sha256(packed).digest()[:_CHECK_BYTES] != check:
        raise Refusal(Code.CURSOR_INVALID)
    return wire


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
