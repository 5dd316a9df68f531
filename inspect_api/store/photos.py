"""Photos: what records name, and which bytes are stored."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from inspect_api.domain.access import Caller, Placed
from inspect_api.store.schema import BIG, AnyRow, add_rows, among, insert_new, partial_index, table
from inspect_api.store.scope import visible

LONG_AGO = {"server_default": sa.text("'1970-01-01 00:00:00.000000'")}
"""For rows that a version before this one writes while both run."""


class Blob(SQLModel, table=True):
    """Bytes in the blob store, under the SHA-256 of themselves.

    `offered_at`: when somebody handed them in last. `check_at`: when they are to be read and hashed again.
    `fault`: what was found then, `damaged` or `missing`, or `doubted` until it is looked at; the same bytes
    handed in again end it.
    """

    __tablename__ = "blob"
    __table_args__ = (sa.CheckConstraint("length(sha256) = 64 AND size > 0", name="named"),)

    sha256: str = Field(primary_key=True, max_length=64)
    size: int = Field(sa_type=BIG)
    content_type: str = Field(max_length=40)
    stored_at: datetime
    exif: dict[str, Any] | None = Field(default=None, sa_type=sa.JSON(none_as_null=True))
    prepared: str = Field(default="waiting", max_length=12)
    """`waiting` for the job, `ready`, or why there are no thumbnails (`media.developed.State`)."""
    offered_at: datetime = Field(sa_column_kwargs=LONG_AGO)
    check_at: datetime = Field(index=True, sa_column_kwargs=LONG_AGO)
    fault: str | None = Field(default=None, max_length=8)
    faulty_since: datetime | None = None
    outline: int | None = Field(default=None, sa_type=BIG)


class BlobUpload(SQLModel, table=True):
    """Who has shown to hold the bytes, and so may have them linked to his records."""

    __tablename__ = "blob_upload"

    sha256: str = Field(primary_key=True, max_length=64, foreign_key="blob.sha256")
    account_id: UUID = Field(primary_key=True, foreign_key="account.id")


class Thumbnail(SQLModel, table=True):
    """An upright copy without EXIF, itself a blob."""

    __tablename__ = "thumbnail"

    sha256: str = Field(primary_key=True, max_length=64, foreign_key="blob.sha256")
    size: int = Field(primary_key=True)
    derived: str = Field(max_length=64)


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


PROOFS = ("rectified", "fixed")
"""Purposes of photos that are to show that a hazard is gone."""

_LOCK_SPACE, _NAME_LOCKS = 0x50484F54, 32  # "PHOT"

BLOB, BLOB_UPLOAD, PHOTO = table(Blob), table(BlobUpload), table(PhotoRow)
THUMBNAIL = table(Thumbnail)
sa.Index("ix_photo_sha256", PHOTO.c.sha256, PHOTO.c.is_present)
partial_index("ix_blob_fault", BLOB.c.fault, BLOB.c.faulty_since, where=BLOB.c.fault.is_not(None))

# A device that is not there (None) is equal to none.
_AWAITED = (
    sa.select(PHOTO)
    .where(
        PHOTO.c.sha256 == sa.bindparam("sha256"),
        sa.not_(PHOTO.c.is_present),
        sa.or_(PHOTO.c.account_id == sa.bindparam("account"), PHOTO.c.device_id == sa.bindparam("device")),
    )
    .order_by(PHOTO.c.id)
)


def readable(tx: sa.Connection, names: Iterable[str], caller: Caller, *, intact: bool = True) -> set[str]:
    """Those of the photos whose bytes are stored and that this account handed in or may read already.

    With `intact`, only those whose stored bytes are not known to be damaged or missing.
    """
    wanted = set(names)
    if not wanted:
        return set()
    own = sa.select(BLOB_UPLOAD.c.sha256).where(
        BLOB_UPLOAD.c.sha256.in_(wanted), BLOB_UPLOAD.c.account_id == caller.id
    )
    seen = sa.select(PHOTO.c.sha256).where(
        PHOTO.c.sha256.in_(wanted), PHOTO.c.is_present, visible(PHOTO, caller)
    )
    found = set(tx.execute(sa.union(own, seen)).scalars())
    if intact and found:
        faulty = sa.select(BLOB.c.sha256).where(BLOB.c.sha256.in_(found), BLOB.c.fault.is_not(None))
        found -= set(tx.execute(faulty).scalars())
    return found


def hold_names(tx: sa.Connection, names: Iterable[str], *, arriving: bool) -> None:
    """Keep records that name photos and the arrival of those photos from passing each other unseen.

    Records share the lock of a name, an arrival has it alone; SQLite has one writer anyway. Names fall
    into few locks, taken in order, before any hazard is locked.
    """
    if tx.dialect.name != "postgresql":
        return
    keys = sorted({int(name[:2], 16) % _NAME_LOCKS for name in names})
    call = "pg_advisory_xact_lock" if arriving else "pg_advisory_xact_lock_shared"
    if keys:
        tx.execute(
            sa.text(f"SELECT {call}(:space, key) FROM unnest(CAST(:keys AS int[])) AS key"),  # noqa: S608 - one of two names
            {"space": _LOCK_SPACE, "keys": keys},
        )


def expect(tx: sa.Connection, rows: list[dict[str, object]]) -> None:
    """Note which photos belong to what; present ones are linked, the others are awaited."""
    add_rows(tx, PHOTO, rows)


def missing_of(tx: sa.Connection, operations: Iterable[UUID]) -> dict[UUID, list[str]]:
    """Operation -> the photos that it names and whose bytes are not stored."""
    found: dict[UUID, list[str]] = {}
    wanted = set(operations)
    if wanted:
        query = sa.select(PHOTO.c.op_id, PHOTO.c.sha256).distinct()
        query = query.where(among(tx, PHOTO.c.op_id, wanted), sa.not_(PHOTO.c.is_present))
        for row in tx.execute(query.order_by(PHOTO.c.sha256)):
            found.setdefault(row.op_id, []).append(row.sha256)
    return found


def awaited(tx: sa.Connection, sha256: str, account_id: UUID, device_id: UUID | None) -> list[AnyRow]:
    """Photos that records of this account or device are waiting for under this name."""
    asked = {"sha256": sha256, "account": account_id, "device": device_id}
    return list(tx.execute(_AWAITED, asked).all())


def awaiting(tx: sa.Connection, sha256: str) -> list[UUID]:
    """The accounts whose records wait for the bytes of this name."""
    query = sa.select(PHOTO.c.account_id).where(PHOTO.c.sha256 == sha256, sa.not_(PHOTO.c.is_present))
    return list(tx.execute(query.distinct().order_by(PHOTO.c.account_id)).scalars())


def set_present(tx: sa.Connection, ids: list[UUID]) -> list[AnyRow]:
    """Mark photos as present; those that were not before, as they are now."""
    if not ids:
        return []
    change = sa.update(PHOTO).where(PHOTO.c.id.in_(ids), sa.not_(PHOTO.c.is_present))
    change = change.values(is_present=True, rev=PHOTO.c.rev + 1)
    return list(tx.execute(change.returning(PHOTO)).all())


def move(tx: sa.Connection, hazards: Iterable[UUID], there: Placed) -> list[AnyRow]:
    """The evidence of these hazards goes where they go; as it is now."""
    change = sa.update(PHOTO).where(PHOTO.c.hazard_id.in_(set(hazards)))
    place = {"region_code": there.region_code, "grid_code": there.grid_code}
    change = change.values(rev=PHOTO.c.rev + 1, **place)
    return list(tx.execute(change.returning(PHOTO)).all())


def proofs_shown(tx: sa.Connection, hazards: Iterable[UUID], names: Iterable[str]) -> list[AnyRow]:
    """Proofs of these hazards by these pictures have something new to tell: the pictures are findings too."""
    change = sa.update(PHOTO).where(
        PHOTO.c.hazard_id.in_(set(hazards)), PHOTO.c.sha256.in_(set(names)), PHOTO.c.purpose.in_(PROOFS)
    )
    return list(tx.execute(change.values(rev=PHOTO.c.rev + 1).returning(PHOTO)).all())


def waiting_on_site(tx: sa.Connection, hazards: Iterable[UUID]) -> set[UUID]:
    """Of these hazards, those whose photo of a correction on the spot is still awaited."""
    query = sa.select(PHOTO.c.hazard_id).where(
        PHOTO.c.hazard_id.in_(set(hazards)), PHOTO.c.purpose == "fixed", sa.not_(PHOTO.c.is_present)
    )
    return {hazard_id for hazard_id in tx.execute(query).scalars() if hazard_id is not None}


def add_blob(tx: sa.Connection, row: dict[str, object]) -> bool:
    """Record stored bytes; True when they are new here."""
    return insert_new(tx, BLOB, [row]) == 1


def offer_again(tx: sa.Connection, sha256: str, now: datetime) -> None:
    """Somebody hands in bytes that are recorded already."""
    tx.execute(sa.update(BLOB).where(BLOB.c.sha256 == sha256).values(offered_at=now))


def add_upload(tx: sa.Connection, sha256: str, account_id: UUID) -> bool:
    """Record that an account holds the bytes; True when that is new."""
    return insert_new(tx, BLOB_UPLOAD, [{"sha256": sha256, "account_id": account_id}]) == 1


def blob(tx: sa.Connection, sha256: str) -> AnyRow | None:
    return tx.execute(sa.select(BLOB).where(BLOB.c.sha256 == sha256)).one_or_none()


def set_prepared(
    tx: sa.Connection, sha256: str, prepared: str, exif: dict[str, Any] | None, outline: int | None
) -> None:
    """What the job made of the picture, `ready` or why not, what its EXIF claims, and its outline."""
    change = (
        sa.update(BLOB).where(BLOB.c.sha256 == sha256).values(prepared=prepared, exif=exif, outline=outline)
    )
    tx.execute(change)


def thumbnail(tx: sa.Connection, sha256: str, size: int) -> str | None:
    """The blob that holds the thumbnail of a photo."""
    query = sa.select(THUMBNAIL.c.derived).where(THUMBNAIL.c.sha256 == sha256, THUMBNAIL.c.size == size)
    return tx.execute(query).scalar_one_or_none()


def add_thumbnails(tx: sa.Connection, sha256: str, derived: dict[int, str]) -> None:
    """Note the thumbnails of a photo, by size."""
    rows: list[dict[str, object]] = [
        {"sha256": sha256, "size": size, "derived": name} for size, name in derived.items()
    ]
    insert_new(tx, THUMBNAIL, rows)


def drop_thumbnail(tx: sa.Connection, sha256: str, derived: str) -> bool:
    """Forget the thumbnails of a photo, which waits for new ones; False where this one is none of them."""
    of_photo = THUMBNAIL.c.sha256 == sha256
    is_one = sa.select(THUMBNAIL.c.size).where(of_photo, THUMBNAIL.c.derived == derived)
    if tx.execute(is_one.limit(1)).first() is None:
        return False
    tx.execute(sa.delete(THUMBNAIL).where(of_photo))
    tx.execute(sa.update(BLOB).where(BLOB.c.sha256 == sha256).values(prepared="waiting"))
    return True


def waiting(tx: sa.Connection, names: Iterable[str]) -> list[str]:
    """Those of the photos that nobody has looked into yet."""
    query = sa.select(BLOB.c.sha256).where(BLOB.c.sha256.in_(set(names)), BLOB.c.prepared == "waiting")
    return list(tx.execute(query).scalars())


def may_read(tx: sa.Connection, sha256: str, caller: Caller) -> bool:
    """Whether a record in the caller's scope holds the photo, or the caller handed it in."""
    return bool(readable(tx, [sha256], caller, intact=False))


def touch(tx: sa.Connection, sha256: str) -> list[AnyRow]:
    """Every record's photo of these bytes has something new to tell: its rev counts up."""
    change = sa.update(PHOTO).where(PHOTO.c.sha256 == sha256, PHOTO.c.is_present)
    return list(tx.execute(change.values(rev=PHOTO.c.rev + 1).returning(PHOTO)).all())
