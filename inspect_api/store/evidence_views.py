"""Who looked at which original photo, when and through which record: rows that nothing changes or removes."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from inspect_api.domain.access import Caller
from inspect_api.store.accounts import ACCOUNT
from inspect_api.store.paging import Order, Page, Place, read_page
from inspect_api.store.photos import BLOB, BLOB_UPLOAD, PHOTO
from inspect_api.store.schema import AnyRow, table
from inspect_api.store.scope import visible


class EvidenceView(SQLModel, table=True):
    """`photo_id` is the naming through which the viewer saw the bytes, `hazard_id` and `inspection_id` what
    that belonged to; all empty where he saw them because he had handed them in. `part` is the Content-Range
    of what was sent, empty for the whole; `is_again`: the viewer had a copy, and was told that it is good.
    """

    __tablename__ = "evidence_view"

    id: UUID = Field(primary_key=True)
    sha256: str = Field(max_length=64)
    account_id: UUID = Field(foreign_key="account.id")
    device_id: UUID | None = None
    seen_at: datetime
    photo_id: UUID | None = None
    hazard_id: UUID | None = None
    inspection_id: UUID | None = None
    part: str | None = Field(default=None, max_length=70)
    is_again: bool


EVIDENCE_VIEW = table(EvidenceView)
sa.Index(
    "ix_evidence_view_sha256_seen_at_id", EVIDENCE_VIEW.c.sha256, EVIDENCE_VIEW.c.seen_at, EVIDENCE_VIEW.c.id
)


def stored(tx: sa.Connection, sha256: str, caller: Caller, hazard_id: UUID | None) -> AnyRow | None:
    """(size, content_type, photo_id, hazard_id, inspection_id) of bytes that the caller may see, and why.

    As evidence of a hazard, where one is named; else as that of any, and if there is none because he handed
    them in.
    """
    naming = sa.select(PHOTO.c.id, PHOTO.c.hazard_id, PHOTO.c.inspection_id).where(
        PHOTO.c.sha256 == sha256, PHOTO.c.is_present, visible(PHOTO, caller)
    )
    if hazard_id is not None:
        naming = naming.where(PHOTO.c.hazard_id == hazard_id)
    named = naming.order_by(PHOTO.c.id).limit(1).subquery()
    own = sa.exists().where(BLOB_UPLOAD.c.sha256 == sha256, BLOB_UPLOAD.c.account_id == caller.id)
    is_named = named.c.id.is_not(None)
    why = (named.c.id.label("photo_id"), named.c.hazard_id, named.c.inspection_id)
    query = sa.select(BLOB.c.size, BLOB.c.content_type, BLOB.c.fault, *why)
    query = query.select_from(BLOB.outerjoin(named, sa.true()))
    may = is_named if hazard_id is not None else sa.or_(is_named, own)
    return tx.execute(query.where(BLOB.c.sha256 == sha256, may)).one_or_none()


def add(tx: sa.Connection, row: dict[str, object]) -> None:
    tx.execute(sa.insert(EVIDENCE_VIEW), row)


def page(tx: sa.Connection, sha256: str, after: Place | None, limit: int) -> Page:
    """Views of a photo, the latest first, with the viewer's `name` and `role`."""
    query = sa.select(EVIDENCE_VIEW, ACCOUNT.c.name, ACCOUNT.c.role)
    query = query.join(ACCOUNT, ACCOUNT.c.id == EVIDENCE_VIEW.c.account_id)
    query = query.where(EVIDENCE_VIEW.c.sha256 == sha256)
    order = Order(EVIDENCE_VIEW.c.seen_at, EVIDENCE_VIEW.c.id, descending=True)
    return read_page(tx, query, order, after, limit)
