"""Accounts of persons and services, with the scope that each was given."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from inspect_api.store.schema import one_of, table

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
    failures: int = Field(default=0)
    locked_until: datetime | None = None


class AccountRegion(SQLModel, table=True):
    """A region prefix given to an account, or taken out of a wider one."""

    __tablename__ = "account_region"

    account_id: UUID = Field(primary_key=True, foreign_key="account.id")
    code: str = Field(primary_key=True, max_length=12, index=True)
    excluded: bool = Field(default=False)


class AccountGrid(SQLModel, table=True):
    """A grid cell given to a grid inspector."""

    __tablename__ = "account_grid"

    account_id: UUID = Field(primary_key=True, foreign_key="account.id")
    grid_code: str = Field(primary_key=True, max_length=24, index=True)


ACCOUNT, ACCOUNT_REGION, ACCOUNT_GRID = table(Account), table(AccountRegion), table(AccountGrid)
