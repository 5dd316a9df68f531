"""Accounts of persons and services, with the scope that each was given."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from inspect_api.store.schema import AnyRow, among, one_of, table

ROLES = (
    "inspector", "officer", "regulator", "enterprise", "expert", "admin",
    "security_admin", "auditor", "service",
)  # fmt: skip


class Account(SQLModel, table=True):
    """Who may log in; an enterprise's persons carry its id."""

    __tablename__ = "account"
    __table_args__ = (
        one_of("role", ROLES),
        sa.CheckConstraint("(role = 'enterprise') = (enterprise_id IS NOT NULL)", name="enterprise"),
    )

    id: UUID = Field(primary_key=True)
    username: str = Field(max_length=64, unique=True)
    name: str = Field(max_length=120)
    role: str = Field(max_length=16)
    password_hash: str = Field(max_length=200)
    enterprise_id: UUID | None = Field(default=None, foreign_key="enterprise.id", index=True)
    industries: str = Field(default="", max_length=200)
    disabled_at: datetime | None = None


class AccountRegion(SQLModel, table=True):
    """A region prefix given to an account, or taken out of a wider one, from one moment to another."""

    __tablename__ = "account_region"

    account_id: UUID = Field(primary_key=True, foreign_key="account.id")
    code: str = Field(primary_key=True, max_length=12, index=True)
    given_at: datetime = Field(primary_key=True)
    taken_at: datetime | None = None
    excluded: bool = Field(default=False)


class AccountGrid(SQLModel, table=True):
    """A grid cell given to a grid inspector, from one moment to another."""

    __tablename__ = "account_grid"

    account_id: UUID = Field(primary_key=True, foreign_key="account.id")
    grid_code: str = Field(primary_key=True, max_length=24, index=True)
    given_at: datetime = Field(primary_key=True)
    taken_at: datetime | None = None


ACCOUNT, ACCOUNT_REGION, ACCOUNT_GRID = table(Account), table(AccountRegion), table(AccountGrid)


def industries_of(text: str) -> frozenset[str]:
    """The industries that an account is limited to, as its column lists them; none means all."""
    return frozenset(filter(None, text.split(",")))


def enforcers(tx: sa.Connection, ids: Iterable[UUID]) -> dict[UUID, datetime | None]:
    """Those of the accounts that are officers or regulators, each with when it was disabled, if it was."""
    wanted = set(ids)
    if not wanted:
        return {}
    query = sa.select(ACCOUNT.c.id, ACCOUNT.c.disabled_at).where(
        ACCOUNT.c.id.in_(wanted), ACCOUNT.c.role.in_(("officer", "regulator"))
    )
    return {row.id: row.disabled_at for row in tx.execute(query)}


def of_enterprises(tx: sa.Connection, ids: Iterable[UUID]) -> dict[UUID, list[UUID]]:
    """Enterprise -> the accounts of its persons."""
    found: dict[UUID, list[UUID]] = {}
    wanted = set(ids)
    if wanted:
        query = sa.select(ACCOUNT.c.enterprise_id, ACCOUNT.c.id).where(
            among(tx, ACCOUNT.c.enterprise_id, wanted), ACCOUNT.c.disabled_at.is_(None)
        )
        for row in tx.execute(query.order_by(ACCOUNT.c.id)):
            found.setdefault(row.enterprise_id, []).append(row.id)
    return found


class Holder(NamedTuple):
    """An account that holds a role for a region or grid."""

    account_id: UUID
    role: str
    code: str
    industries: frozenset[str]
    excluded: tuple[str, ...]


def holders(tx: sa.Connection, roles: Iterable[str], codes: Iterable[str]) -> list[Holder]:
    """Accounts of these roles whose region or grid is exactly one of the codes."""
    wanted, role_list = set(codes), list(roles)
    if not wanted:
        return []
    active = sa.and_(ACCOUNT.c.role.in_(role_list), ACCOUNT.c.disabled_at.is_(None))
    columns = (ACCOUNT.c.id, ACCOUNT.c.role, ACCOUNT.c.industries)
    by_region = (
        sa.select(*columns, ACCOUNT_REGION.c.code)
        .join(ACCOUNT_REGION, ACCOUNT_REGION.c.account_id == ACCOUNT.c.id)
        .where(
            active,
            ACCOUNT_REGION.c.code.in_(wanted),
            ACCOUNT_REGION.c.taken_at.is_(None),
            sa.not_(ACCOUNT_REGION.c.excluded),
        )
    )
    by_grid = (
        sa.select(*columns, ACCOUNT_GRID.c.grid_code)
        .join(ACCOUNT_GRID, ACCOUNT_GRID.c.account_id == ACCOUNT.c.id)
        .where(active, ACCOUNT_GRID.c.grid_code.in_(wanted), ACCOUNT_GRID.c.taken_at.is_(None))
    )
    rows = tx.execute(sa.union_all(by_region, by_grid)).all()
    taken: dict[UUID, list[str]] = {}
    out = sa.select(ACCOUNT_REGION.c.account_id, ACCOUNT_REGION.c.code).where(
        ACCOUNT_REGION.c.excluded,
        ACCOUNT_REGION.c.taken_at.is_(None),
        ACCOUNT_REGION.c.account_id.in_({row[0] for row in rows}),
    )
    for row in tx.execute(out):
        taken.setdefault(row.account_id, []).append(row.code)
    return [
        Holder(row[0], row[1], row[3], industries_of(row[2]), tuple(taken.get(row[0], ())))
        for row in sorted(rows, key=lambda row: (row[3], row[0]))
    ]


def experts(tx: sa.Connection, ids: Iterable[UUID]) -> dict[UUID, frozenset[str]]:
    """Those of the accounts that are experts in office, each with the industries that it is limited to."""
    query = sa.select(ACCOUNT.c.id, ACCOUNT.c.industries).where(
        ACCOUNT.c.id.in_(set(ids)), ACCOUNT.c.role == "expert", ACCOUNT.c.disabled_at.is_(None)
    )
    return {row.id: industries_of(row.industries) for row in tx.execute(query)}


def known(tx: sa.Connection, ids: Iterable[UUID]) -> set[UUID]:
    """Those of the ids that accounts have."""
    return set(tx.execute(sa.select(ACCOUNT.c.id).where(ACCOUNT.c.id.in_(set(ids)))).scalars())


def by_usernames(tx: sa.Connection, names: Collection[str]) -> dict[str, AnyRow]:
    """User name -> row of those that exist, disabled or not."""
    return {
        row.username: row
        for row in tx.execute(sa.select(ACCOUNT).where(among(tx, ACCOUNT.c.username, names)))
    }


def add(tx: sa.Connection, rows: list[dict[str, object]]) -> None:
    if rows:
        tx.execute(sa.insert(ACCOUNT), rows)


def add_regions(tx: sa.Connection, rows: list[dict[str, object]]) -> None:
    if rows:
        tx.execute(sa.insert(ACCOUNT_REGION), rows)


def add_grids(tx: sa.Connection, rows: list[dict[str, object]]) -> None:
    if rows:
        tx.execute(sa.insert(ACCOUNT_GRID), rows)
