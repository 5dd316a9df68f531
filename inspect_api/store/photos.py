"""Photos: what records name, and which bytes are stored."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from inspect_api.store.schema import BIG, table


class Blob(SQLModel, table=True):
    """Bytes in the blob store, under the SHA-256 of themselves."""

    __tablename__ = "blob"
    __table_args__ = (sa.CheckConstraint("length(sha256) = 64 AND size > 0", name="named"),)

    sha256: str = Field(primary_key=True, max_length=64)
    size: int = Field(sa_type=BIG)
    content_type: str = Field(max_length=40)
    stored_at: datetime
    exif: dict[str, Any] | None = Field(default=None, sa_type=sa.JSON(none_as_null=True))
    prepared: str = Field(default="waiting", max_length=12)


class BlobUpload(SQLModel, table=True):
    """Who has shown to hold the bytes, and so may have them linked to his records."""

    __tablename__ = "blob_upload"

    sha256: str = Field(primary_key=True, max_length=64, foreign_key="blob.sha256")
    account_id: UUID = Field(primary_key=True, foreign_key="account.id")


class PhotoRow(SQLModel, table=True):
    """A photo that a record names: expected first, present once its bytes are here."""

    __tablename__ = "photo"

    id: UUID = Field(primary_key=True)
    sha256: str = Field(max_length=64)
    is_present: bool = Field(default=False)
    op_id: UUID = Field(foreign_key="operation.filed_id")
    account_id: UUID = Field(foreign_key="account.id")
    device_id: UUID
    inspection_id: UUID | None = Field(default=None, foreign_key="inspection.id", index=True)
    hazard_id: UUID | None = Field(default=None, foreign_key="hazard.id", index=True)
    visit_id: UUID | None = Field(default=None, foreign_key="visit.id")
    purpose: str = Field(max_length=16)
    size: int | None = Field(default=None, sa_type=BIG)
    content_type: str | None = Field(default=None, max_length=100)
    taken_at: datetime | None = None
    position: dict[str, Any] | None = Field(default=None, sa_type=sa.JSON(none_as_null=True))
    caption: str | None = Field(default=None, max_length=4000)
    enterprise_id: UUID | None = None
    region_code: str = Field(max_length=12)
    grid_code: str | None = Field(default=None, max_length=24)
    industry: str = Field(max_length=16)
    rev: int = Field(default=1, sa_type=BIG)


BLOB, BLOB_UPLOAD, PHOTO = table(Blob), table(BlobUpload), table(PhotoRow)
sa.Index("ix_photo_sha256", PHOTO.c.sha256, PHOTO.c.is_present)
