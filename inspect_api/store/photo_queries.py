"""Reading the photos that records name, with what is known of their bytes."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from inspect_api.domain.access import Caller
from inspect_api.store.operations import OPERATION
from inspect_api.store.photos import BLOB, PHOTO
from inspect_api.store.schema import AnyRow
from inspect_api.store.scope import visible


def shown() -> sa.Select[Any]:
    """Photos with `stored_size`, `stored_type` and `exif`, all empty until the photo is linked to bytes."""
    linked = sa.and_(BLOB.c.sha256 == PHOTO.c.sha256, PHOTO.c.is_present)
    return sa.select(
        PHOTO, BLOB.c.size.label("stored_size"), BLOB.c.content_type.label("stored_type"), BLOB.c.exif
    ).outerjoin(BLOB, linked)


def by_ids(tx: sa.Connection, ids: Iterable[UUID], caller: Caller) -> list[AnyRow]:
    """Those of the photos that the caller may see."""
    wanted = list(set(ids))
    if not wanted:
        return []
    return list(tx.execute(shown().where(PHOTO.c.id.in_(wanted), visible(PHOTO, caller))).all())


def of_hazard(
    tx: sa.Connection, hazard_id: UUID, caller: Caller, known_at: datetime | None = None
) -> list[AnyRow]:
    """Everything that was named as evidence of a hazard, in the order of naming.

    By operations that had been judged by `known_at`, or (None) by any; of the bytes it tells what is so now.
    """
    query = shown().where(PHOTO.c.hazard_id == hazard_id, visible(PHOTO, caller))
    if known_at is not None:
        named = sa.and_(OPERATION.c.filed_id == PHOTO.c.op_id, OPERATION.c.judged_at <= known_at)
        query = query.join(OPERATION, named)
    return list(tx.execute(query.order_by(PHOTO.c.id)).all())
