"""Reading the photos that records name, with what is known of their bytes."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from inspect_api.domain.access import Caller
from inspect_api.store.hazards import HAZARD
from inspect_api.store.inspections import INSPECTION
from inspect_api.store.operations import OPERATION
from inspect_api.store.photos import BLOB, PHOTO, PROOFS
from inspect_api.store.schema import AnyRow, among
from inspect_api.store.scope import visible
from inspect_api.store.sessions import DEVICE

USES_AT_MOST = 20
"""Of one picture: enough to go and look."""
_HAZARDS_COMPARED = 200


def shown() -> sa.Select[Any]:
    """Photos with what is known of their bytes, of their phone and of their hazard.

    `stored_size`, `stored_type`, `exif`, `prepared`, `fault`, `outline` are empty until linked to bytes;
    `own_finding` tells of a proof that the same picture is named as the finding.
    """
    linked = sa.and_(BLOB.c.sha256 == PHOTO.c.sha256, PHOTO.c.is_present)
    other = PHOTO.alias("finding")
    same = sa.exists().where(
        other.c.sha256 == PHOTO.c.sha256, other.c.hazard_id == PHOTO.c.hazard_id, other.c.purpose == "finding"
    )
    columns = (
        BLOB.c.size.label("stored_size"),
        BLOB.c.content_type.label("stored_type"),
        BLOB.c.exif,
        BLOB.c.prepared,
        BLOB.c.fault,
        BLOB.c.outline,
        DEVICE.c.platform.label("phone_platform"),
        DEVICE.c.model.label("phone_model"),
        HAZARD.c.reported_at.label("hazard_reported_at"),
        sa.case((PHOTO.c.purpose.in_(PROOFS), same), else_=sa.false()).label("own_finding"),
    )
    return (
        sa.select(PHOTO, *columns)
        .outerjoin(BLOB, linked)
        .outerjoin(DEVICE, DEVICE.c.id == PHOTO.c.device_id)
        .outerjoin(HAZARD, HAZARD.c.id == PHOTO.c.hazard_id)
    )


def by_ids(tx: sa.Connection, ids: Iterable[UUID], caller: Caller) -> list[AnyRow]:
    """Those of the photos that the caller may see."""
    wanted = list(set(ids))
    if not wanted:
        return []
    return list(tx.execute(shown().where(among(tx, PHOTO.c.id, wanted), visible(PHOTO, caller))).all())


def of_hazard(
    tx: sa.Connection, hazard_id: UUID, caller: Caller, known_at: datetime | None = None
) -> list[AnyRow]:
    """Everything that was named as evidence of a hazard, in the order of naming.

    By operations that had been judged by `known_at`, or (None) by any; of the bytes it tells what is so now.
    """
    query = shown().where(PHOTO.c.hazard_id == hazard_id, visible(PHOTO, caller))
    return list(tx.execute(_known(query, known_at).order_by(PHOTO.c.id)).all())


def uses_elsewhere(
    tx: sa.Connection,
    hazard: AnyRow,
    names: Iterable[str],
    caller: Caller,
    known_at: datetime | None = None,
) -> dict[str, list[AnyRow]]:
    """Other records that the caller may see and that name the same pictures, by SHA-256.

    Up to 20 of each, the first ones. The hazard itself and the inspections that it comes from are not others.
    """
    wanted = set(names)
    if not wanted:
        return {}
    root = sa.select(INSPECTION.c.root).where(INSPECTION.c.id == hazard.inspection_id).scalar_subquery()
    own = sa.select(INSPECTION.c.id).where(INSPECTION.c.root == root)
    query = sa.select(
        *(PHOTO.c.id, PHOTO.c.sha256, PHOTO.c.purpose, PHOTO.c.hazard_id, PHOTO.c.inspection_id),
        sa.func.row_number().over(partition_by=PHOTO.c.sha256, order_by=PHOTO.c.id).label("place"),
    ).where(
        PHOTO.c.sha256.in_(wanted),
        PHOTO.c.hazard_id.is_distinct_from(hazard.id),
        visible(PHOTO, caller),
    )
    if hazard.inspection_id is not None:
        query = query.where(
            sa.or_(
                PHOTO.c.hazard_id.is_not(None),
                PHOTO.c.inspection_id.is_(None),
                PHOTO.c.inspection_id.not_in(own),
            )
        )
    ranked = _known(query, known_at).subquery()
    found: dict[str, list[AnyRow]] = {}
    for row in tx.execute(sa.select(ranked).where(ranked.c.place <= USES_AT_MOST).order_by(ranked.c.id)):
        found.setdefault(row.sha256, []).append(row)
    return found


def outlines_elsewhere(
    tx: sa.Connection, hazard: AnyRow, caller: Caller, known_at: datetime | None = None
) -> list[AnyRow]:
    """Photos with outlines at other hazards of the same enterprise that the caller may see.

    Of its latest 200 hazards: a proof is borrowed from one's own pictures, and a look costs the same always.
    """
    others = (
        sa.select(HAZARD.c.id)
        .where(HAZARD.c.enterprise_id == hazard.enterprise_id, HAZARD.c.id != hazard.id)
        .order_by(HAZARD.c.reported_at.desc())
        .limit(_HAZARDS_COMPARED)
    )
    query = (
        sa.select(
            *(PHOTO.c.id, PHOTO.c.sha256, PHOTO.c.purpose, PHOTO.c.hazard_id, PHOTO.c.inspection_id),
            BLOB.c.outline,
        )
        .join(BLOB, BLOB.c.sha256 == PHOTO.c.sha256)
        .where(
            PHOTO.c.hazard_id.in_(others),
            PHOTO.c.is_present,
            BLOB.c.outline.is_not(None),
            visible(PHOTO, caller),
        )
    )
    return list(tx.execute(_known(query, known_at).order_by(PHOTO.c.id)).all())


def _known(query: sa.Select[Any], at: datetime | None) -> sa.Select[Any]:
    """Only what operations have named that had been judged by then; None: all."""
    if at is None:
        return query
    named = sa.and_(OPERATION.c.filed_id == PHOTO.c.op_id, OPERATION.c.judged_at <= at)
    return query.join(OPERATION, named)
