"""What all tables share: names of constraints, column types, and how many rows are written at once."""

from collections.abc import Collection, Iterable
from functools import cache
from typing import Any, cast
from uuid import UUID

import msgspec
import sqlalchemy as sa
from psycopg.types.json import Json
from sqlalchemy.dialects import postgresql as pg
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.sql.dml import ReturningInsert
from sqlmodel import SQLModel

from inspect_api.store.sqlite_rows import write_rows

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

metadata = SQLModel.metadata

AnyRow = sa.Row[*tuple[Any, ...]]
"""A row whose columns the query names."""

HASH = sa.LargeBinary(32)
BYTES = sa.LargeBinary
BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def one_of(column: str, values: Iterable[str], *, name: str | None = None) -> sa.CheckConstraint:
    """CHECK that a column holds one of a closed list of words (none of which needs quoting)."""
    listed = ", ".join(f"'{value}'" for value in values)
    return sa.CheckConstraint(f"{column} IN ({listed})", name=name or column)


def table(model: type[SQLModel]) -> sa.Table:
    """The Core table of a SQLModel class, typed."""
    return cast(sa.Table, sa.inspect(model).local_table)


def partial_index(
    name: str, *columns: sa.ColumnElement[Any], where: sa.ColumnElement[bool], **options: Any
) -> sa.Index:
    """An index of those rows only for which `where` holds, on both databases."""
    return sa.Index(name, *columns, postgresql_where=where, sqlite_where=where, **options)


def among(
    tx: sa.Connection, column: sa.ColumnElement[Any], values: Collection[object]
) -> sa.ColumnElement[bool]:
    """`column IN (values)`; on PostgreSQL one parameter, so that a statement is the same for any number."""
    if tx.dialect.name != "postgresql":
        return column.in_(values)
    listed: sa.ColumnElement[Any]
    if isinstance(column.type, sa.Uuid):
        # the driver takes ids one by one, which costs a push more than its shortest statements
        text = f"{{{','.join([one.hex for one in cast(Collection[UUID], values)])}}}"
        listed = sa.cast(sa.bindparam(None, text, type_=sa.Text(), unique=True), pg.ARRAY(column.type))
    else:
        listed = sa.bindparam(None, list(values), type_=pg.ARRAY(column.type), unique=True)
    return column == sa.any_(listed)


def add_rows(tx: sa.Connection, into: sa.Table, rows: list[dict[str, object]]) -> None:
    """Insert rows of one shape."""
    if rows:
        _write(tx, _insert(into, tuple(rows[0]), tx.dialect.name), into, rows)


def insert_new(tx: sa.Connection, into: sa.Table, rows: list[dict[str, object]]) -> int:
    """Insert the rows of one shape that break no unique constraint; how many those were."""
    if not rows:
        return 0
    given: Any = rows if len(rows) > 1 else rows[0]
    if tx.dialect.name == "postgresql":
        given = _in_one(into, rows)
    return len(tx.execute(_insert_new(into, tuple(rows[0]), tx.dialect.name), given).all())


def put_rows(tx: sa.Connection, into: sa.Table, rows: list[dict[str, object]]) -> None:
    """Insert rows of one shape; a row takes the place of the one that has its primary key already."""
    if rows:
        _write(tx, _put(into, tuple(rows[0]), tx.dialect.name), into, rows)


def change_rows(tx: sa.Connection, where: sa.Table, rows: list[dict[str, object]], key: str = "id") -> None:
    """Write rows of one shape back; each row's `key` names it."""
    if not rows:
        return
    names = [name for name in rows[0] if name != key]
    if tx.dialect.name == "postgresql":
        given, values = _from_json(where, (key, *names))
        changed = sa.update(where).where(where.c[key] == given.c[key]).values({n: values[n] for n in names})
        tx.execute(changed, _in_one(where, rows))
        return
    update = sa.update(where).where(where.c[key] == sa.bindparam("b_id"))
    update = update.values({name: sa.bindparam(name) for name in names})
    tx.execute(update, [{"b_id": row[key], **{name: row[name] for name in names}} for row in rows])


def _write(tx: sa.Connection, statement: sa.Insert, into: sa.Table, rows: list[dict[str, object]]) -> None:
    """PostgreSQL is given all rows as one parameter: one by one a push would cost three times as much."""
    if tx.dialect.name == "postgresql":
        tx.execute(statement, _in_one(into, rows))
    else:
        write_rows(tx, statement, rows)


@cache
def _insert(into: sa.Table, names: tuple[str, ...], dialect: str) -> Any:
    if dialect != "postgresql":
        return sqlite_insert(into)
    _, values = _from_json(into, names)
    return pg_insert(into).from_select(list(names), sa.select(*values.values()))


@cache
def _insert_new(into: sa.Table, names: tuple[str, ...], dialect: str) -> ReturningInsert[Any]:
    insert = _insert(into, names, dialect).on_conflict_do_nothing()
    return cast(ReturningInsert[Any], insert.returning(next(iter(into.primary_key.columns))))


@cache
def _put(into: sa.Table, names: tuple[str, ...], dialect: str) -> sa.Insert:
    insert = _insert(into, names, dialect)
    key = [column.name for column in into.primary_key]
    other = {name: insert.excluded[name] for name in names if name not in key}
    return cast(sa.Insert, insert.on_conflict_do_update(index_elements=key, set_=other))


def _from_json(
    where: sa.Table, names: tuple[str, ...]
) -> tuple[sa.TableValuedAlias, dict[str, sa.ColumnElement[Any]]]:
    """The rows of the parameter `rows` as a table, and the values in it by name."""
    inside = _of_bytes(where, names)
    columns = [sa.column(name, sa.Integer() if name in inside else where.c[name].type) for name in names]
    columns += [sa.column(f"{name}_size", sa.Integer()) for name in inside]
    text = sa.cast(sa.bindparam("rows"), pg.JSON())
    given = sa.func.json_to_recordset(text).table_valued(*columns).render_derived("given", with_types=True)
    values: dict[str, sa.ColumnElement[Any]] = {name: given.c[name] for name in names}
    joined = sa.bindparam("joined", type_=sa.LargeBinary())
    for name in inside:
        values[name] = sa.func.substring(joined, given.c[name], given.c[f"{name}_size"])
    return given, values


def _in_one(where: sa.Table, rows: list[dict[str, object]]) -> dict[str, object]:
    """Rows as one JSON text; a value of bytes is its place, from 1, and its size in all the bytes `joined`.

    As base64 in the text bytes would be read three times over there.
    """
    inside = _of_bytes(where, tuple(rows[0]))
    if not inside:
        return {"rows": Json(msgspec.json.encode(rows), bytes)}
    joined, placed = bytearray(), []
    for row in rows:
        there = dict(row)
        for name in inside:
            value = row[name]
            if isinstance(value, bytes):
                there[name], there[f"{name}_size"] = len(joined) + 1, len(value)
                joined += value
        placed.append(there)
    return {"rows": Json(msgspec.json.encode(placed), bytes), "joined": bytes(joined)}


@cache
def _of_bytes(where: sa.Table, names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name for name in names if isinstance(where.c[name].type, sa.LargeBinary))
