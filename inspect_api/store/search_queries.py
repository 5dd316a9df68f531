"""Which hazards have these words in their texts, within what a caller may ask for.

Bitmaps say who may: all pairs of the words, in the caller's regions. Where these are few their texts are
read; where they are many, the list is walked in its own order and each text looked into, for then a page is
soon full. What is not sealed, or not even indexed, is looked into as well, so that the newest is found.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, NamedTuple

import sqlalchemy as sa

from inspect_api.domain.access import REGION_ROLES, Caller
from inspect_api.domain.search import EVERYTHING, PLACE_LEVELS, pairs_of, place_mark
from inspect_api.store import search_index
from inspect_api.store.enterprises import ENTERPRISE
from inspect_api.store.hazards import HAZARD
from inspect_api.store.matching import contains
from inspect_api.store.schema import among
from inspect_api.store.search_index import (
    SEARCH_BITS,
    SEARCH_PENDING,
    SEARCH_TEXT,
    sealed_to,
    unpack,
)
from inspect_api.store.sites import SITE

_FEW = 6000
"""Up to so many texts are read sooner than a list is walked."""

_FRESH = 1000
_MOST_PAIRS = 8
"""More of them hardly leave out any more texts."""


class Found(NamedTuple):
    """`texts`: whose text, or raw text, holds the words; `sure` None where each row has to be looked at."""

    sure: sa.ColumnElement[bool] | None
    fresh: sa.Select[Any]
    holds: sa.ColumnElement[bool]

    def among(self, hazards: sa.FromClause) -> sa.ColumnElement[bool]:
        """The filter for rows with a hazard's `id`."""
        if self.sure is not None:
            texts = sa.select(SEARCH_TEXT.c.hazard_id).where(self.sure, self.holds)
            return hazards.c.id.in_(sa.union_all(texts, self.fresh))
        # one value, not EXISTS: PostgreSQL might look through every text there is
        text = sa.select(self.holds).where(SEARCH_TEXT.c.hazard_id == hazards.c.id)
        return sa.or_(hazards.c.id.in_(self.fresh), text.correlate(hazards).scalar_subquery())


def find(tx: sa.Connection, words: list[str], caller: Caller, region: str | None) -> Found:
    """Those that hold all of the words, each somewhere."""
    locate = sa.func.strpos if tx.dialect.name == "postgresql" else sa.func.instr
    holds = sa.and_(*(locate(SEARCH_TEXT.c.text, word) > 0 for word in words))
    fresh = _fresh(tx, words)
    if caller.role not in REGION_ROLES:  # what the others see is little
        return Found(None, fresh, holds)
    sealed = sealed_to(tx)
    candidates = _candidates(tx, words, caller, region)
    if sum(bits.bit_count() for bits in candidates.values()) > _FEW:
        return Found(None, fresh, holds)
    ordinals = [place for segment, bits in candidates.items() for place in _places(segment, bits)]
    sure = sa.or_(among(tx, SEARCH_TEXT.c.ordinal, ordinals), SEARCH_TEXT.c.ordinal >= sealed)
    return Found(sure, fresh, holds)


def _candidates(tx: sa.Connection, words: list[str], caller: Caller, region: str | None) -> dict[int, int]:
    """Segment -> the bits of the texts that have every pair, in the caller's regions."""
    pairs = sorted(set().union(*map(pairs_of, words)))
    pairs = pairs[:: -(-len(pairs) // _MOST_PAIRS)]
    asked = [] if region is None else [_marks((region,))]
    inside = [_marks(caller.regions), *asked]
    outside = {place_mark(prefix) for prefix in caller.excluded if len(prefix) in PLACE_LEVELS}
    wanted = set(pairs).union(outside, *inside)
    query = sa.select(SEARCH_BITS).where(SEARCH_BITS.c.mark.in_(sorted(wanted)))
    segments: defaultdict[int, dict[int, bytes]] = defaultdict(dict)
    for mark, segment, bits in tx.execute(query):
        segments[segment][mark] = bits
    found: dict[int, int] = {}
    for segment, has in segments.items():
        if not all(pair in has for pair in pairs):
            continue
        bits = _any(has, inside[0])
        for marks in asked:
            bits &= _any(has, marks)
        for pair in pairs:
            if not bits:
                break
            bits &= unpack(has[pair])
        if bits and (bits := bits & ~_any(has, outside)):
            found[segment] = bits
    return found


def _marks(prefixes: Iterable[str]) -> set[int]:
    """Of the smallest places in the index that hold these."""
    levels = {prefix: max((n for n in PLACE_LEVELS if n <= len(prefix)), default=0) for prefix in prefixes}
    return {place_mark(prefix[:digits]) if digits else EVERYTHING for prefix, digits in levels.items()}


def _any(has: dict[int, bytes], marks: set[int]) -> int:
    bits = 0
    for mark in marks:
        if mark in has:
            bits |= unpack(has[mark])
    return bits


def _places(segment: int, bits: int) -> Iterable[int]:
    """The ordinals of a segment's bits."""
    base = segment * search_index.SEGMENT
    while bits:
        lowest = bits & -bits
        yield base + lowest.bit_length() - 1
        bits ^= lowest


def _fresh(tx: sa.Connection, words: list[str]) -> sa.Select[Any]:
    """The ids of what waits to be indexed and holds the words.

    Where much waits (after an upgrade, in a storm, without a worker) it is searched as it was written: there
    width makes a difference.
    """
    hazard = HAZARD.alias("fresh")
    rows = search_index.waiting(tx, _FRESH + 1)
    if len(rows) <= _FRESH:
        texts = {row.id: search_index.text_of(row) for row in rows}
        ids = [hazard_id for hazard_id, text in texts.items() if all(word in text for word in words)]
        return sa.select(hazard.c.id).where(hazard.c.id.in_(ids))
    site, owner = SITE.alias("its_site"), ENTERPRISE.alias("its_owner")
    columns = (hazard.c.number, hazard.c.title, hazard.c.description, site.c.name, owner.c.name)
    return (
        sa.select(hazard.c.id)
        .join(SEARCH_PENDING, SEARCH_PENDING.c.hazard_id == hazard.c.id)
        .outerjoin(site, site.c.id == hazard.c.site_id)
        .outerjoin(owner, owner.c.id == hazard.c.enterprise_id)
        .where(*(sa.or_(*(contains(tx, column, word) for column in columns)) for word in words))
    )
