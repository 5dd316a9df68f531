"""What lists may be filtered by, alike on both databases."""

from typing import Annotated

import sqlalchemy as sa
from msgspec import Meta

# `$` alone would let a line feed pass after the digits
RegionPrefix = Annotated[str, Meta(pattern=r"^[0-9]{2,12}(?!\n)$", max_length=12)]
"""An official division code, or the beginning of one."""

Words = Annotated[str, Meta(min_length=1, max_length=100)]
"""Text to be found somewhere in a name."""

_ESCAPE = "\\"


def below(column: sa.ColumnElement[str], prefix: str) -> sa.ColumnElement[bool]:
    """Whether a code begins with these digits: as a range, or as equality where the column is indexed by so
    many of its first digits (`levels` in its `info`)."""
    if len(prefix) in getattr(column, "info", {}).get("levels", ()):
        return cut(column, len(prefix)) == prefix
    return ranged(column, prefix)


def ranged(column: sa.ColumnElement[str], prefix: str) -> sa.ColumnElement[bool]:
    """The same as a range always, which an ordinary index serves.

    Both ends are digits: their order is the same in every collation, where that of other signs is not
    (the colon, which follows 9 in ASCII, comes before 0 in ICU's and glibc's).
    """
    if not prefix:
        return sa.true()
    following = str(int(prefix) + 1).zfill(len(prefix))
    if len(following) > len(prefix):  # nothing follows 99
        return column >= prefix
    return sa.and_(column >= prefix, column < following)


def cut(code: sa.ColumnElement[str], digits: int) -> sa.ColumnElement[str]:
    """The first digits of a code, to group by."""
    # literals: PostgreSQL takes two parameters of one value for two different groupings
    length: sa.ColumnClause[int] = sa.literal_column(str(int(digits)))
    return sa.func.substr(code, sa.literal_column("1"), length, type_=sa.String())


def contains(tx: sa.Connection, column: sa.ColumnElement[str], words: str) -> sa.ColumnElement[bool]:
    """Whether the column holds these words as they stand; only A-Z and a-z count as the same letters.

    That is what LIKE means on SQLite; PostgreSQL is held to it by the collation C.
    """
    for special in (_ESCAPE, "%", "_"):
        words = words.replace(special, _ESCAPE + special)
    if tx.dialect.name == "postgresql":
        folded = sa.func.lower(sa.collate(column, "C"))
        pattern = sa.func.lower(sa.collate(sa.literal(f"%{words}%", sa.Text()), "C"))
        return folded.like(pattern, escape=_ESCAPE)
    return column.like(f"%{words}%", escape=_ESCAPE)


def utf8(tx: sa.Connection, column: sa.ColumnElement[bytes]) -> sa.ColumnElement[str]:
    """Bytes that are UTF-8, as text."""
    if tx.dialect.name == "postgresql":
        return sa.func.convert_from(column, "UTF8", type_=sa.Text())
    return sa.cast(column, sa.Text())
