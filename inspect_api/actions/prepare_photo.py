"""After a photo has arrived: what its EXIF claims, and upright copies without EXIF for screens."""

import hashlib
import io
from typing import NamedTuple

import msgspec

from inspect_api.actions.work import Work
from inspect_api.media.blobs import BlobStore
from inspect_api.media.darkroom import Darkroom
from inspect_api.store import jobs, photos

SIZES = (320, 1280)


class Prepared(NamedTuple):
    """What a look at the bytes has given; `thumbnails` maps a size in pixels to the name of a blob."""

    state: str
    exif: dict[str, str | float | int | None]
    thumbnails: dict[int, str]
    outline: int | None = None


def examine(store: BlobStore, darkroom: Darkroom, sha256: str) -> Prepared:
    """Read the original and store its thumbnails: files and network, so outside of any transaction.

    Raises BlobError when the original cannot be had, and DarkroomDown; a picture that cannot be decoded is
    an answer.
    """
    with store.open(sha256) as original:
        developed = darkroom.develop(original, SIZES)
    thumbnails: dict[int, str] = {}
    for size, copy in developed.copies.items():
        thumbnails[size] = hashlib.sha256(copy).hexdigest()
        store.put(thumbnails[size], io.BytesIO(copy), len(copy))
    exif = msgspec.to_builtins(developed.exif)
    return Prepared(developed.state, exif, thumbnails, developed.outline)


def prepare_again(work: Work, sha256: str, derived: str) -> None:
    """A thumbnail is not what it was: all of the photo's are made anew from the original."""
    if photos.drop_thumbnail(work.tx, sha256, derived):
        jobs.renew(work.tx, "prepare_photo", [sha256], work.now)
        _tell(work, sha256)


def file_prepared(work: Work, sha256: str, prepared: Prepared) -> None:
    """Keep what was found, and tell those who hold records of the photo."""
    photos.set_prepared(work.tx, sha256, prepared.state, prepared.exif, prepared.outline)
    photos.add_thumbnails(work.tx, sha256, prepared.thumbnails)
    _tell(work, sha256)


def _tell(work: Work, sha256: str) -> None:
    for row in photos.touch(work.tx, sha256):
        work.changed("photo", row.id, row.rev, row)
