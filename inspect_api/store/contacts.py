"""Where a person can be written to outside of the product."""

from collections.abc import Iterable
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlmodel import Field, SQLModel

from inspect_api.store.accounts import ACCOUNT, ACCOUNT_GRID, ACCOUNT_REGION
from inspect_api.store.enterprises import ENTERPRISE
from inspect_api.store.schema import AnyRow, one_of, table

CONTACT_KINDS = ("email", "mobile")


class AccountContact(SQLModel, table=True):
    """One address of a kind for an account."""

    __tablename__ = "account_contact"
    __table_args__ = (one_of("kind", CONTACT_KINDS),)

    account_id: UUID = Field(primary_key=True, foreign_key="account.id")
    kind: str = Field(primary_key=True, max_length=8)
    address: str = Field(max_length=254)


CONTACT = table(AccountContact)


def put(tx: sa.Connection, account_id: UUID, kind: str, address: str) -> bool:
    """Enter or replace it; False when it was so already."""
    insert = pg_insert(CONTACT) if tx.dialect.name == "postgresql" else sqlite_insert(CONTACT)
    change = insert.values(account_id=account_id, kind=kind, address=address)
    change = change.on_conflict_do_update(
        index_elements=[CONTACT.c.account_id, CONTACT.c.kind],
        set_={"address": address},
        where=CONTACT.c.address != address,
    )
    return tx.execute(change.returning(CONTACT.c.kind)).first() is not None


def drop(tx: sa.Connection, account_id: UUID, kind: str) -> bool:
    """Forget it; False when there was none."""
    gone = sa.delete(CONTACT).where(CONTACT.c.account_id == account_id, CONTACT.c.kind == kind)
    return tx.execute(gone.returning(CONTACT.c.kind)).first() is not None


def of_accounts(tx: sa.Connection, ids: Iterable[UUID]) -> dict[UUID, dict[str, str]]:
    """Account -> kind -> address."""
    found: dict[UUID, dict[str, str]] = {}
    for row in tx.execute(sa.select(CONTACT).where(CONTACT.c.account_id.in_(set(ids)))):
        found.setdefault(row.account_id, {})[row.kind] = row.address
    return found


def people(tx: sa.Connection, ids: Iterable[UUID]) -> list[AnyRow]:
    """(id, username, name, role) of accounts."""
    columns = (ACCOUNT.c.id, ACCOUNT.c.username, ACCOUNT.c.name, ACCOUNT.c.role)
    return list(tx.execute(sa.select(*columns).where(ACCOUNT.c.id.in_(set(ids)))).all())


def places(tx: sa.Connection, ids: Iterable[UUID]) -> dict[UUID, list[str]]:
    """Account -> the codes of the divisions and grids that it holds, or of where its enterprise lies."""
    wanted = set(ids)
    regions = sa.select(ACCOUNT_REGION.c.account_id, ACCOUNT_REGION.c.code).where(
        ACCOUNT_REGION.c.account_id.in_(wanted), ACCOUNT_REGION.c.taken_at.is_(None),
        sa.not_(ACCOUNT_REGION.c.excluded),
    )  # fmt: skip
    grids = sa.select(ACCOUNT_GRID.c.account_id, ACCOUNT_GRID.c.grid_code).where(
        ACCOUNT_GRID.c.account_id.in_(wanted), ACCOUNT_GRID.c.taken_at.is_(None)
    )
    own = (
        sa.select(ACCOUNT.c.id, ENTERPRISE.c.region_code)
        .join(ENTERPRISE, ENTERPRISE.c.id == ACCOUNT.c.enterprise_id)
        .where(ACCOUNT.c.id.in_(wanted))
    )
    found: dict[UUID, list[str]] = {}
    for account_id, code in tx.execute(sa.union_all(regions, grids, own)):
        found.setdefault(account_id, []).append(code)
    return found
