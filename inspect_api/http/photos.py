"""Photos and proofs: handed in by their hash, given back as they were captured."""

import hashlib
from collections.abc import AsyncIterator
from functools import partial
from tempfile import SpooledTemporaryFile
from typing import IO, Annotated, Literal

from anyio import to_thread
from litestar.response import Stream
from msgspec import Meta, Struct

from inspect_api.actions.receive_photo import StoredBlob, receive_photo
from inspect_api.actions.work import Work
from inspect_api.errors import Code, Refusal
from inspect_api.http.asked import Answer, Asked
from inspect_api.media.blobs import CHUNK, BlobDamaged, BlobMismatch, BlobMissing, BlobStoreDown
from inspect_api.media.images import SNIFF_BYTES, sniff
from inspect_api.store import photos
from sync.envelope import Sha256

IN_MEMORY = 1024 * 1024


class BlobNames(Struct, frozen=True, kw_only=True):
    """Names to ask about."""

    sha256: Annotated[list[Sha256], Meta(max_length=1000)]


class BlobState(Struct, frozen=True, kw_only=True):
    """`stored`: a phone may forget its bytes. `missing`: they are wanted."""

    sha256: str
    status: Literal["stored", "missing"]


class BlobStates(Struct, frozen=True, kw_only=True):
    items: list[BlobState]


class BlobKept(Struct, frozen=True, kw_only=True):
    """Bytes that are durable here."""

    sha256: str
    size: int
    content_type: str
    status: Literal["stored"] = "stored"


class ThumbnailQuery(Struct, frozen=True, kw_only=True):
    size: Literal["320", "1280"] = "320"


def blob_status(work: Work, asked: Asked) -> BlobStates:
    """POST /blobs/status: what others have stored is `missing` to one who may not read it."""
    names = asked.body_as(BlobNames).sha256
    stored = photos.readable(work.tx, names, work.who)
    return BlobStates(
        items=[BlobState(sha256=name, status="stored" if name in stored else "missing") for name in names]
    )


async def put_blob(asked: Asked) -> Answer:
    """PUT /blobs/{sha256}: durable, and linked to what waited for it, when this answers."""
    name, app, threads = asked.text("sha256"), asked.app, asked.threads
    with SpooledTemporaryFile(max_size=IN_MEMORY) as spool:
        size, head = await _receive(asked, spool, name, app.settings.max_blob_bytes)
        content_type = sniff(head)
        if content_type is None:
            raise Refusal(Code.UNSUPPORTED_MEDIA, "Photos (JPEG, PNG, WebP, HEIC, AVIF) and PDF only")
        spool.seek(0)
        await threads.run(threads.blobs, partial(_keep, asked, name, spool, size))
    blob = StoredBlob(name, size, content_type)
    is_new = await threads.run(
        threads.writers, partial(app.write, lambda work: receive_photo(work, blob), asked.caller)
    )
    kept = BlobKept(sha256=name, size=size, content_type=content_type)
    return Answer(kept, status=201 if is_new else 200)


async def _receive(asked: Asked, spool: IO[bytes], name: str, most: int) -> tuple[int, bytes]:
    """The body into the spool; its size and first bytes. Refuses what is too large or is not its name."""
    tally, size, head = hashlib.sha256(), 0, b""
    async for piece in asked.request.stream():
        size += len(piece)
        if size > most:
            raise Refusal(Code.TOO_LARGE, f"More than {most} bytes")
        tally.update(piece)
        head += piece[: SNIFF_BYTES - len(head)] if len(head) < SNIFF_BYTES else b""
        spool.write(piece)
    if size == 0 or tally.hexdigest() != name:
        raise Refusal(Code.HASH_MISMATCH, pointer="")
    return size, head


def _keep(asked: Asked, name: str, spool: IO[bytes], size: int) -> None:
    try:
        asked.app.blobs.put(name, spool, size)
    except BlobMismatch:
        raise Refusal(Code.HASH_MISMATCH, pointer="") from None
    except BlobStoreDown as error:
        raise Refusal(Code.STORAGE_DOWN, retry_after=30) from error


async def get_photo(asked: Asked) -> Stream:
    """GET /photos/{sha256}: the bytes as they were captured."""
    name = asked.text("sha256")

    def look(work: Work) -> str:
        found = photos.blob(work.tx, name) if photos.may_read(work.tx, name, work.who) else None
        if found is None:
            raise Refusal(Code.NOT_FOUND)
        return str(found.content_type)

    app, threads = asked.app, asked.threads
    content_type = await threads.run(threads.readers, partial(app.read, look, asked.caller))
    return await _serve(asked, name, content_type)


async def get_thumbnail(asked: Asked) -> Stream:
    """GET /photos/{sha256}/thumbnail: an upright copy without EXIF, once it has been made."""
    name, size = asked.text("sha256"), int(asked.query_as(ThumbnailQuery).size)

    def look(work: Work) -> str:
        seen = photos.may_read(work.tx, name, work.who)
        found = photos.thumbnail(work.tx, name, size) if seen else None
        if found is None:
            raise Refusal(Code.NOT_FOUND)
        return found

    app, threads = asked.app, asked.threads
    derived = await threads.run(threads.readers, partial(app.read, look, asked.caller))
    return await _serve(asked, derived, "image/webp")


async def _serve(asked: Asked, name: str, content_type: str) -> Stream:
    threads = asked.threads
    try:
        file = await threads.run(threads.blobs, partial(asked.app.blobs.open, name))
    except (BlobMissing, BlobDamaged, BlobStoreDown) as error:
        raise Refusal(Code.STORAGE_DOWN, "The photo cannot be read now", retry_after=30) from error
    return Stream(
        _pieces(file),
        media_type=content_type,
        headers={
            "ETag": f'"{name}"',
            "Cache-Control": "private, max-age=31536000, immutable",
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "Content-Disposition": f'inline; filename="{name[:16]}"',
        },
    )


async def _pieces(file: IO[bytes]) -> AsyncIterator[bytes]:
    try:
        while piece := await to_thread.run_sync(file.read, CHUNK):
            yield piece
    finally:
        file.close()
