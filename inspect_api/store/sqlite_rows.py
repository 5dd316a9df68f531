"""Many rows into SQLite by one statement, each column's values made ready together.

SQLAlchemy binds a statement's rows value by value, which costs a push as much time as SQLite does itself.
"""

from collections.abc import Callable
from functools import cache, lru_cache, partial
from typing import Any, NamedTuple, cast

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite
from sqlmodel.sql.sqltypes import UTCDateTime

_DIALECT = sqlite.dialect()
_KEPT = 4096


class _Column(NamedTuple):
    """`ready` turns a value into what the driver takes; None where it takes it as it is. `default` makes the
    value of a row that has none."""

    name: str
    ready: Callable[[object], object] | None
    default: Callable[[], object]


def write_rows(tx: sa.Connection, statement: sa.Insert, rows: list[dict[str, object]]) -> None:
    """Execute an INSERT for rows of one shape."""
    sql, columns = _compiled(statement, tuple(rows[0]))
    tx.exec_driver_sql(sql, list(zip(*(_values(column, rows) for column in columns), strict=True)))


def _values(column: _Column, rows: list[dict[str, object]]) -> list[object]:
    name, ready, default = column
    values = [row[name] for row in rows] if name in rows[0] else [default() for _ in rows]
    return values if ready is None else [ready(value) for value in values]


@cache
def _compiled(statement: sa.Insert, names: tuple[str, ...]) -> tuple[str, tuple[_Column, ...]]:
    # inline: the number that a row is given is not asked back
    compiled = statement.inline().compile(dialect=_DIALECT, column_keys=list(names))
    table = cast(sa.Table, statement.table)
    return str(compiled), tuple(_column(table.c[name]) for name in compiled.positiontup or ())


def _column(column: sa.Column[Any]) -> _Column:
    ready = column.type.dialect_impl(_DIALECT).bind_processor(_DIALECT)
    if ready is not None and isinstance(column.type, UTCDateTime):
        ready = lru_cache(_KEPT)(ready)  # a push has few moments, each many times
    return _Column(column.name, ready, partial(_default, column.default))


def _default(of: object) -> object:
    if isinstance(of, sa.ColumnDefault):
        return of.arg(None) if of.is_callable else of.arg
    return None
