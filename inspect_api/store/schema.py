"""What all tables share: names of constraints, column types, and the SQLModel metadata."""

from collections.abc import Iterable
from typing import cast

import sqlalchemy as sa
from sqlmodel import SQLModel

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

metadata = SQLModel.metadata

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
