"""What all tables share: names of constraints, column types, and the SQLModel metadata."""

from collections.abc import Iterable
from functools import cache
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.sql.dml import ReturningInsert
from sqlmodel import SQLModel

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


def insert_new(tx: sa.Connection, into: sa.Table, rows: list[dict[str, object]]) -> int:
    """Insert the rows that break no unique constraint; how many those were."""
    if not rows:
        return 0
    insert = _insert_new(into, tx.dialect.name)
    return len(tx.execute(insert, rows if len(rows) > 1 else rows[0]).all())


@cache
def _insert_new(into: sa.Table, dialect: str) -> ReturningInsert[Any]:
    insert = pg_insert(into) if dialect == "postgresql" else sqlite_insert(into)
    return insert.on_conflict_do_nothing().returning(next(iter(into.primary_key.columns)))


def change_rows(tx: sa.Connection, where: sa.Table, rows: list[dict[str, object]], key: str = "id") -> None:
    """Write rows of one shape back; each row's `key` names it."""
    if not rows:
        return
    names = [name for name in rows[0] if name != key]
    update = sa.update(where).where(where.c[key] == sa.bindparam("b_id"))
    update = update.values({name: sa.bindparam(name) for name in names})
    tx.execute(update, [{"b_id": row[key], **{name: row[name] for name in names}} for row in rows])
