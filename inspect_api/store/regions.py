"""Official statistical divisions: 2 digits province, 4 city, 6 county, 9 township, 12 village."""

from collections.abc import Iterable
from datetime import date

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from inspect_api.store.matching import below
from inspect_api.store.schema import table


class Region(SQLModel, table=True):
    """A division with the days it is valid; a later one may be its successor."""

    __tablename__ = "region"
    __table_args__ = (sa.CheckConstraint("length(code) IN (2, 4, 6, 9, 12)", name="code"),)

    code: str = Field(primary_key=True, max_length=12)
    name: str = Field(max_length=80)
    valid_from: date = Field(default=date(1970, 1, 1))
    valid_to: date | None = None
    successor: str | None = Field(default=None, max_length=12)


REGION = table(Region)


def around(grid_code: str) -> tuple[str, str, str]:
    """The village, township and county that a grid's code may begin with, the smallest first."""
    return grid_code[:12], grid_code[:9], grid_code[:6]


def names(tx: sa.Connection, codes: Iterable[str]) -> dict[str, str]:
    """Code -> name of those that exist."""
    rows = tx.execute(sa.select(REGION.c.code, REGION.c.name).where(REGION.c.code.in_(set(codes))))
    return {row.code: row.name for row in rows}


def at_level(tx: sa.Connection, prefix: str, digits: int) -> dict[str, str]:
    """Code -> name of the divisions of so many digits below a prefix."""
    query = sa.select(REGION.c.code, REGION.c.name).where(
        sa.func.length(REGION.c.code) == digits, below(REGION.c.code, prefix)
    )
    return {row.code: row.name for row in tx.execute(query)}


def add_missing(tx: sa.Connection, rows: list[dict[str, object]]) -> None:
    """Insert the divisions that are not there yet."""
    have = set(tx.execute(sa.select(REGION.c.code)).scalars())
    new = [row for row in rows if row["code"] not in have]
    if new:
        tx.execute(sa.insert(REGION), new)


def townships(tx: sa.Connection, included: Iterable[str], excluded: Iterable[str], limit: int) -> list[str]:
    """Townships, and counties for what lies in no township, in the included prefixes but not the excluded."""
    wanted = sa.or_(sa.false(), *(below(REGION.c.code, prefix) for prefix in included))
    query = sa.select(REGION.c.code).where(sa.func.length(REGION.c.code).in_((6, 9)), wanted)
    for prefix in excluded:
        query = query.where(sa.not_(below(REGION.c.code, prefix)))
    # a village alone belongs to the township above it
    found = tx.execute(query.order_by(REGION.c.code).limit(limit)).scalars().all()
    above = {prefix[:9] for prefix in included if len(prefix) == 12}
    return sorted(above.union(found))
