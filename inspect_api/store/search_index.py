"""The index by which words are found in hazards: their folded texts, and bitmaps of who has which pair.

A worker copies each hazard's text into `search_text` under the next ordinal; the transaction that writes a
hazard only notes it in `search_pending`. Every SEGMENT ordinals are sealed: a bitmap for each pair that
occurs among them. What is not sealed yet is few enough to be read through. A hazard that has to be indexed
anew gets another ordinal, and its old one points at nothing.
"""

import zlib
from collections import defaultdict
from collections.abc import Iterable
from functools import partial
from typing import NamedTuple
from uuid import UUID

import sqlalchemy as sa

from inspect_api.domain.search import EVERYTHING, pairs_of, place_marks, searched_text, signs_in_pairs
from inspect_api.store import instance
from inspect_api.store.enterprises import ENTERPRISE
from inspect_api.store.hazards import HAZARD
from inspect_api.store.schema import BIG, BYTES, AnyRow, add_rows, among, metadata
from inspect_api.store.sites import SITE

SEGMENT = 8192

SEARCH_TEXT = sa.Table(
    "search_text",
    metadata,
    sa.Column("ordinal", BIG, primary_key=True, autoincrement=False),
    sa.Column("hazard_id", sa.Uuid(), nullable=False, unique=True),
    sa.Column("region_code", sa.String(12), nullable=False),
    sa.Column("text", sa.Text(), nullable=False),
)
SEARCH_BITS = sa.Table(
    "search_bits",
    metadata,
    sa.Column("mark", BIG, primary_key=True, autoincrement=False),
    sa.Column("segment", sa.Integer(), primary_key=True, autoincrement=False),
    sa.Column("bits", BYTES, nullable=False),
)
SEARCH_PENDING = sa.Table(
    "search_pending",
    metadata,
    sa.Column("id", BIG, primary_key=True, autoincrement=True),
    sa.Column("hazard_id", sa.Uuid(), nullable=False),
)

_LOCK = "search_index"


class Indexed(NamedTuple):
    """What is kept of a hazard."""

    hazard_id: UUID
    region_code: str
    text: str


def note(tx: sa.Connection, ids: Iterable[UUID]) -> None:
    """These hazards are new, or lie elsewhere now: they are to be indexed."""
    add_rows(tx, SEARCH_PENDING, [{"hazard_id": hazard_id} for hazard_id in ids])


def lock(tx: sa.Connection) -> None:
    """Be the only one who indexes until the transaction ends."""
    instance.put_new(tx, _LOCK, "")


def is_waiting(tx: sa.Connection) -> bool:
    """Whether there is anything to be indexed."""
    return tx.execute(sa.select(SEARCH_PENDING.c.id).limit(1)).first() is not None


def waiting(tx: sa.Connection, most: int) -> list[AnyRow]:
    """Notes, the oldest first: `note`, the hazard's `id`, `region_code`, and its texts."""
    noted = sa.select(SEARCH_PENDING).order_by(SEARCH_PENDING.c.id).limit(most).subquery("noted")
    query = (
        sa.select(
            noted.c.id.label("note"),
            HAZARD.c.id,
            HAZARD.c.region_code,
            HAZARD.c.number,
            HAZARD.c.title,
            HAZARD.c.description,
            SITE.c.name.label("site_name"),
            ENTERPRISE.c.name.label("enterprise_name"),
        )
        .join(HAZARD, HAZARD.c.id == noted.c.hazard_id)
        .outerjoin(SITE, SITE.c.id == HAZARD.c.site_id)
        .outerjoin(ENTERPRISE, ENTERPRISE.c.id == HAZARD.c.enterprise_id)
    )
    return list(tx.execute(query.order_by(noted.c.id)).all())


def text_of(row: AnyRow) -> str:
    """What is searched of a row of `waiting`."""
    return searched_text((row.number, row.title, row.description, row.site_name, row.enterprise_name))


def keep(tx: sa.Connection, things: list[Indexed], notes: list[int]) -> None:
    """Keep the texts of hazards, each once, and take the notes away."""
    again = among(tx, SEARCH_TEXT.c.hazard_id, [thing.hazard_id for thing in things])
    begin = _next_ordinal(tx)  # before what stands now goes: an ordinal is given once
    tx.execute(sa.delete(SEARCH_TEXT).where(again))
    rows = [thing._asdict() | {"ordinal": begin + n} for n, thing in enumerate(things)]
    add_rows(tx, SEARCH_TEXT, rows)
    tx.execute(sa.delete(SEARCH_PENDING).where(among(tx, SEARCH_PENDING.c.id, notes)))


def sealed_to(tx: sa.Connection) -> int:
    """The first ordinal that is in no segment yet."""
    last = sa.select(sa.func.max(SEARCH_BITS.c.segment)).where(SEARCH_BITS.c.mark == EVERYTHING)
    segment = tx.execute(last).scalar_one()
    return 0 if segment is None else (int(segment) + 1) * SEGMENT


def _next_ordinal(tx: sa.Connection) -> int:
    last = tx.execute(sa.select(sa.func.max(SEARCH_TEXT.c.ordinal))).scalar_one()
    return max(sealed_to(tx), 0 if last is None else int(last) + 1)


def seal(tx: sa.Connection) -> int:
    """Make a segment of the oldest texts in none; how many that were, 0 while they are too few."""
    begin = sealed_to(tx)
    if _next_ordinal(tx) < begin + SEGMENT:
        return 0
    query = sa.select(SEARCH_TEXT).where(SEARCH_TEXT.c.ordinal.between(begin, begin + SEGMENT - 1))
    pairs = defaultdict[str, bytearray](partial(bytearray, SEGMENT // 8))
    places = defaultdict[int, bytearray](partial(bytearray, SEGMENT // 8))
    places[EVERYTHING]  # also where the segment is empty
    count = 0
    for row in tx.execute(query):
        place, bit = divmod(row.ordinal - begin, 8)
        for pair in signs_in_pairs(row.text):
            pairs[pair][place] |= 1 << bit
        for mark in (EVERYTHING, *place_marks(row.region_code)):
            places[mark][place] |= 1 << bit
        count += 1
    bits = places | {mark: some for pair, some in pairs.items() for mark in pairs_of(pair)}
    segment = begin // SEGMENT
    rows = [{"mark": mark, "segment": segment, "bits": pack(bytes(some))} for mark, some in bits.items()]
    add_rows(tx, SEARCH_BITS, rows)
    return max(count, 1)


def pack(bits: bytes) -> bytes:
    """As few bytes as it takes; what does not get shorter stays as it is."""
    packed = zlib.compress(bits, 1)
    return packed if len(packed) < len(bits) else bits


def unpack(packed: bytes) -> int:
    """The bits of a segment as one number, the first ordinal its lowest bit."""
    return int.from_bytes(packed if len(packed) == SEGMENT // 8 else zlib.decompress(packed), "little")
