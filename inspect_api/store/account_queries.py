"""Reading who somebody is."""

from collections.abc import Iterable
from uuid import UUID

import sqlalchemy as sa

from inspect_api.store.accounts import ACCOUNT
from inspect_api.store.schema import AnyRow


def persons(tx: sa.Connection, ids: Iterable[UUID]) -> dict[UUID, AnyRow]:
    """Id -> (id, name, role) of the accounts that exist."""
    wanted = set(ids)
    if not wanted:
        return {}
    query = sa.select(ACCOUNT.c.id, ACCOUNT.c.name, ACCOUNT.c.role).where(ACCOUNT.c.id.in_(wanted))
    return {row.id: row for row in tx.execute(query)}
