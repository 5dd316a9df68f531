"""What is open and overdue, counted ahead by a worker for each township, to sum up a province quickly.

Whoever writes a hazard notes its township in the same transaction; until it is counted anew, and from the
moment when the next of its hazards falls due, its hazards themselves are counted. So in every snapshot the
counts and the notes together say exactly what the register says.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from inspect_api.store import instance
from inspect_api.store.hazard_queries import late_since, overdue_at
from inspect_api.store.hazards import HAZARD
from inspect_api.store.matching import below, cut
from inspect_api.store.schema import BIG, add_rows, among, metadata

DIGITS = 9
"""Of a township's code; what lies in none is counted under the shorter code that it has."""

_MOMENT = HAZARD.c.updated_at.type
_NAMES = ("open", "overdue", "by_enterprise", "by_regulator", "late_since", "oldest_due_at")

HAZARD_TALLY = sa.Table(
    "hazard_tally",
    metadata,
    sa.Column("township", sa.String(DIGITS), primary_key=True),
    sa.Column("industry", sa.String(16), primary_key=True),
    sa.Column("grade", sa.String(8), primary_key=True),
    sa.Column("step", sa.Integer(), primary_key=True, autoincrement=False),
    *(sa.Column(name, sa.Integer(), nullable=False) for name in _NAMES[:4]),
    *(sa.Column(name, _MOMENT, nullable=True) for name in _NAMES[4:]),
)
TALLIED = sa.Table(
    "hazard_tallied",
    metadata,
    sa.Column("township", sa.String(DIGITS), primary_key=True),
    sa.Column("counted_at", _MOMENT, nullable=False),
    sa.Column("next_due_at", _MOMENT, nullable=True, index=True),
    *(sa.Column(name, sa.Integer(), nullable=True) for name in _NAMES[:4]),
    *(sa.Column(name, _MOMENT, nullable=True) for name in _NAMES[4:]),
)
"""Its counts hold from `counted_at` until `next_due_at` has passed; `open` and so on are of all its hazards
together. A node of the version before leaves them out: then nothing holds."""

UNTALLIED = sa.Table(
    "hazard_untallied",
    metadata,
    sa.Column("id", BIG, primary_key=True, autoincrement=True),
    sa.Column("township", sa.String(DIGITS), nullable=False),
)

_LOCK = "hazard_tally"
_NOTHING: dict[str, object] = dict.fromkeys(_NAMES[:4], 0) | dict.fromkeys(_NAMES[4:])
_KEPT = timedelta(days=1)
_MANY = 2000
"""Of more townships than these the hazards are looked through once, not found township by township."""


def note(tx: sa.Connection, region_codes: Iterable[str]) -> None:
    """Hazards that lie here, or lay here, were written: their townships are to be counted anew."""
    townships = {code[:DIGITS] for code in region_codes}
    add_rows(tx, UNTALLIED, [{"township": township} for township in sorted(townships)])


def inside(hazards: sa.FromClause, townships: Iterable[str]) -> sa.ColumnElement[bool]:
    """What is counted under one of these codes."""
    code = hazards.c.region_code
    places = (below(code, one) if len(one) == DIGITS else code == one for one in townships)
    return sa.or_(sa.false(), *places)


def sums(hazards: sa.FromClause, as_of: datetime) -> list[sa.Label[Any]]:
    """What is counted of a group, by the names of the tally's columns."""
    overdue = overdue_at(as_of, hazards)
    return [
        _count(hazards.c.is_open).label("open"),
        _count(overdue).label("overdue"),
        _count(sa.and_(overdue, hazards.c.due_party == "enterprise")).label("by_enterprise"),
        _count(sa.and_(overdue, hazards.c.due_party == "regulator")).label("by_regulator"),
        sa.func.min(late_since(hazards)).filter(overdue).label("late_since"),
        sa.func.min(hazards.c.due_at).filter(overdue).label("oldest_due_at"),
    ]


def _count(which: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    return sa.func.count().filter(which)


def sums_of_tallies(table: sa.Table = HAZARD_TALLY) -> list[sa.Label[Any]]:
    """The same out of tallies, or of the counts of whole townships."""
    tally = table.c
    counts = [sa.func.sum(tally[name]).label(name) for name in _NAMES[:4]]
    return counts + [sa.func.min(tally[name]).label(name) for name in _NAMES[4:]]


def counts(hazards: sa.FromClause, as_of: datetime) -> sa.ColumnElement[bool]:
    """Whether a hazard is in any count."""
    return sa.or_(hazards.c.is_open, overdue_at(as_of, hazards))


def holds(as_of: datetime) -> sa.ColumnElement[bool]:
    """Whether a township's counts hold at a moment, where it is not noted."""
    still = sa.or_(TALLIED.c.next_due_at.is_(None), TALLIED.c.next_due_at >= as_of)
    return sa.and_(TALLIED.c.counted_at <= as_of, still, TALLIED.c.open.is_not(None))


def to_count(tx: sa.Connection, as_of: datetime, most: int) -> list[str]:
    """Up to so many townships whose counts do not hold at a moment."""
    noted = sa.select(UNTALLIED.c.township).distinct().limit(most)
    old = TALLIED.c.counted_at < as_of - _KEPT  # a node of the version before has written without a note
    over = sa.select(TALLIED.c.township).where(sa.or_(sa.not_(holds(as_of)), old)).limit(most)
    found = set(tx.execute(noted).scalars()) | set(tx.execute(over).scalars())
    return sorted(found)[:most]


def recount(tx: sa.Connection, now: datetime, most: int) -> int:
    """Count up to so many townships anew that have to be; how many that were."""
    instance.put_new(tx, _LOCK, "")  # nobody else counts until the transaction ends
    townships = to_count(tx, now, most)
    if not townships:
        return 0
    # the notes first: what is noted from here on may not be in the counts
    for table in (UNTALLIED, HAZARD_TALLY, TALLIED):
        tx.execute(sa.delete(table).where(among(tx, table.c.township, townships)))
    township = cut(HAZARD.c.region_code, DIGITS)
    here = among(tx, township, townships) if len(townships) > _MANY else inside(HAZARD, townships)
    keys = (township, HAZARD.c.industry, HAZARD.c.grade, HAZARD.c.step)
    query = sa.select(*keys, *sums(HAZARD, now)).where(here, counts(HAZARD, now)).group_by(*keys)
    names = [column.name for column in HAZARD_TALLY.c]
    tx.execute(sa.insert(HAZARD_TALLY).from_select(names, query))
    coming = sa.select(township, sa.func.min(HAZARD.c.due_at)).where(here, HAZARD.c.due_at >= now)
    due = {row[0]: row[1] for row in tx.execute(coming.group_by(township))}
    whole = sa.select(HAZARD_TALLY.c.township, *sums_of_tallies()).group_by(HAZARD_TALLY.c.township)
    found = tx.execute(whole.where(among(tx, HAZARD_TALLY.c.township, townships)))
    counted = {row.township: row._asdict() for row in found}
    times = {one: {"township": one, "counted_at": now, "next_due_at": due.get(one)} for one in townships}
    add_rows(tx, TALLIED, [_NOTHING | counted.get(one, {}) | row for one, row in times.items()])
    return len(townships)
