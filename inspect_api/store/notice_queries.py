"""Reading notices: everybody sees those sent to himself."""

from collections.abc import Iterable
from uuid import UUID

import sqlalchemy as sa

from inspect_api.store.notices import NOTICE
from inspect_api.store.schema import AnyRow


def by_ids(tx: sa.Connection, ids: Iterable[UUID], receiver: UUID) -> list[AnyRow]:
    """Those of the notices that were sent to this account."""
    wanted = list(set(ids))
    if not wanted:
        return []
    query = sa.select(NOTICE).where(NOTICE.c.id.in_(wanted), NOTICE.c.receiver_id == receiver)
    return list(tx.execute(query).all())
