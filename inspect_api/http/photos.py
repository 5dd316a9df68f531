"""The bytes of photos and proofs: in under the SHA-256 of themselves, out unchanged for ever."""

import re
from collections.abc import AsyncIterator
from functools import partial
from tempfile import SpooledTemporaryFile
from typing import IO, Annotated, Literal, cast
from uuid import UUID

from litestar import Response
from litestar.response import Stream
from msgspec import UNSET, Meta, Struct, UnsetType

from inspect_api.actions.app import App
from inspect_api.actions.keep_aside import note_received
from inspect_api.actions.photo_damage import doubt
from inspect_api.actions.receive_photo import StoredBlob, receive_photo
from inspect_api.actions.view_photo import EvidenceViewList, find_original, list_views, note_view
from inspect_api.actions.work import Work
from inspect_api.errors import Code, Fault, Refusal
from inspect_api.http.asked import Answer, Asked
from inspect_api.http.lists import CursorText, Limit
from inspect_api.http.problems import refusal_response, request_id_of
from inspect_api.http.ranges import RangeNotSatisfiable, has_copy, part_of
from inspect_api.http.receiving import stream_body
from inspect_api.http.sending import blob_headers, open_range, pieces, read_whole
from inspect_api.http.storage import Put, storage_refusal, store_photo
from inspect_api.http.tus import address
from inspect_api.media.blobs import BlobDamaged, BlobMismatch, BlobNotKept, BlobStoreDown
from inspect_api.media.formats import ACCEPTED, SNIFF_BYTES, sniff
from inspect_api.media.ranged import Reading
from inspect_api.store import photos, quarantine, spooled, uploads
from inspect_api.store.schema import AnyRow
from sync.envelope import Sha256
from sync.photo import ThumbnailFailure

_NAME = re.compile("[0-9a-f]{64}")
_IN_MEMORY = 1024 * 1024
_THUMBNAIL = "image/webp"
_FOR_A_YEAR = "private, max-age=31536000, immutable"
_PENDING_S = 5
_WHY_NOT: dict[ThumbnailFailure, str] = {
    "damaged": "It cannot be decoded to its end",
    "too_large": "It would take more memory than decoding may",
    "timeout": "It would take more time than decoding may",
    "crashed": "The decoder did not survive it",
    "unsupported": "It is not a picture",
}


class AskStatus(Struct, frozen=True, kw_only=True):
    sha256: Annotated[list[Sha256], Meta(max_length=1000)]


class BlobStatus(Struct, frozen=True):
    """`stored`: the phone may forget its copy. `missing`: it may not. `received`: not yet; the photo store
    is down, and one node keeps the photo for it. `partial`: an upload of its own stands
    at `offset`, and goes on at the address `upload`.
    """

    sha256: str
    status: Literal["stored", "received", "partial", "missing"]
    offset: int | UnsetType = UNSET
    upload: str | UnsetType = UNSET


class BlobStatuses(Struct, frozen=True):
    """In the order of the question."""

    items: list[BlobStatus]
    cursor: None = None


class OriginalQuery(Struct, frozen=True, kw_only=True):
    """`hazard`: as evidence of which it is looked at."""

    hazard: UUID | None = None


class ViewsQuery(Struct, frozen=True, kw_only=True):
    limit: Limit = 50
    cursor: CursorText | None = None


class ThumbnailQuery(Struct, frozen=True, kw_only=True):
    """The longer side, in pixels."""

    size: Literal[320, 1280] = 320


def status(work: Work, asked: Asked) -> BlobStatuses:
    """Which photos are stored, as far as this account may know."""
    names = asked.body_as(AskStatus).sha256
    stored = photos.readable(work.tx, names, work.who)
    received = spooled.received(work.tx, set(names) - stored, work.who.id, work.now)
    begun = uploads.furthest(work.tx, set(names) - stored - received, work.who.id, work.now)

    def tell(name: str) -> BlobStatus:
        if name in stored:
            return BlobStatus(name, "stored")
        if name in received:
            return BlobStatus(name, "received")
        if name in begun:
            upload, offset = begun[name]
            return BlobStatus(name, "partial", offset, address(upload))
        return BlobStatus(name, "missing")

    return BlobStatuses([tell(name) for name in names])


async def put_blob(asked: Asked) -> Answer:
    """Durable in the store before it is acknowledged; the record of it is committed after that.

    202 while the store is down and this node keeps the photo for it.
    """
    name, app, threads = _name(asked), asked.app, asked.threads
    if asked.token is None:  # an account that has ended: the photos of what it deposits, and no others
        await threads.run(threads.readers, lambda: app.read(partial(_require_named, name), asked.caller))
    if asked.request.headers.get("content-encoding", "identity").lower() != "identity":
        raise Refusal(Code.UNSUPPORTED_MEDIA, "Photos are sent as they are, without Content-Encoding")
    with SpooledTemporaryFile(_IN_MEMORY) as file:
        head, size = b"", 0
        async for piece in stream_body(asked.request, app.settings.max_blob_bytes):
            head += piece[: SNIFF_BYTES - len(head)] if len(head) < SNIFF_BYTES else b""
            size += len(piece)
            file.write(piece)
        if size == 0:
            raise Refusal(Code.HASH_MISMATCH, "There are no bytes", pointer="")
        kind = sniff(head)
        if kind is None:
            raise Refusal(Code.UNSUPPORTED_MEDIA, ACCEPTED)
        keep = partial(_keep, app, StoredBlob(name, size, kind), cast("IO[bytes]", file))

        def stored(work: Work, blob: StoredBlob) -> Answer:
            return Answer(BlobStatus(name, "stored"), 201 if receive_photo(work, blob) else 200)

        def aside(work: Work, blob: StoredBlob, node: UUID) -> Answer:
            note_received(work, blob, node)
            return Answer(BlobStatus(name, "received"), 202)

        return await store_photo(asked, keep, stored, aside)


async def get_photo(asked: Asked) -> Answer | Response[bytes] | Stream:
    """The original bytes, or a part of them. That they are seen is on file before they are."""
    name, app, threads = _name(asked), asked.app, asked.threads
    hazard_id = asked.query_as(OriginalQuery).hazard
    note = partial(note_view, sha256=name, hazard_id=hazard_id)
    find = partial(find_original, sha256=name, hazard_id=hazard_id)
    found = await threads.run(threads.readers, lambda: asked.look(find))
    headers = blob_headers(name, found.content_type, "private, no-store") | {"Accept-Ranges": "bytes"}
    if has_copy(asked.if_none_match, headers["ETag"]):
        await threads.run(threads.writers, lambda: asked.write(partial(note, part=None, is_again=True)))
        return Answer(None, 304, headers)
    sent = asked.request.headers
    try:
        part = part_of(found.size, headers["ETag"], sent.get("range", ""), sent.get("if-range"))
    except RangeNotSatisfiable as refusal:
        refused = refusal_response(refusal, request_id_of(asked.request))
        refused.headers["Content-Range"] = refusal.content_range
        return refused
    start, stop = (part.start, part.stop) if part else (0, found.size)
    opening = partial(_open_original, app, name, found.fault, start, stop)
    try:
        reading = await threads.run(threads.blobs, opening)
    except Refusal as refusal:
        if refusal.code is Code.EVIDENCE_DAMAGED:
            await _have_checked(asked, name)
        raise
    try:
        told = part.content_range if part else None
        await threads.run(threads.writers, lambda: asked.write(partial(note, part=told)))
    except BaseException:
        reading.close()
        raise
    headers["Content-Length"] = str(stop - start)
    if part:
        headers["Content-Range"] = part.content_range
    body = pieces(reading, stop - start, None if part else name)
    return Stream(
        _watched(asked, name, body),
        media_type=found.content_type,
        headers=headers,
        status_code=206 if part else 200,
    )


def _open_original(app: App, name: str, fault: str | None, start: int, stop: int) -> Reading:
    """Raises as `open_range`, also for what is known to be damaged: a part of it would not be looked at."""
    if fault in ("damaged", "missing"):
        raise Refusal(Code.EVIDENCE_DAMAGED)
    return open_range(app, name, start, stop)


async def _watched(asked: Asked, name: str, body: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    try:
        async for piece in body:
            yield piece
    except BlobDamaged:
        await _have_checked(asked, name)
        raise


async def _have_checked(asked: Asked, name: str) -> None:
    act = partial(doubt, sha256=name)
    await asked.threads.run(asked.threads.writers, lambda: asked.app.write(act))


async def head_photo(asked: Asked) -> Answer | Response[bytes]:
    """What GET would say of the whole. Nothing is seen, so nothing is written."""
    name, threads = _name(asked), asked.threads
    find = partial(find_original, sha256=name, hazard_id=asked.query_as(OriginalQuery).hazard)
    found = await threads.run(threads.readers, lambda: asked.look(find))
    headers = blob_headers(name, found.content_type, "private, no-store") | {"Accept-Ranges": "bytes"}
    if has_copy(asked.if_none_match, headers["ETag"]):
        return Answer(None, 304, headers)
    headers |= {"Content-Length": str(found.size), "Content-Type": found.content_type}
    return Response(b"", headers=headers)


def views(work: Work, asked: Asked) -> EvidenceViewList:
    """GET /photos/{sha256}/views"""
    query = asked.query_as(ViewsQuery)
    return list_views(work, _name(asked), query.limit, query.cursor)


async def get_thumbnail(asked: Asked) -> Response[bytes] | Answer:
    """An upright copy without EXIF. 404, and which, where none was made yet or none can be made."""
    name, app, threads = _name(asked), asked.app, asked.threads
    size = asked.query_as(ThumbnailQuery).size
    derived = await threads.run(
        threads.readers, lambda: app.read(lambda work: _thumbnail(name, size, work), asked.caller)
    )
    headers = blob_headers(derived, _THUMBNAIL, _FOR_A_YEAR)
    if has_copy(asked.if_none_match, headers["ETag"]):
        return Answer(None, 304, headers)
    picture = await threads.run(threads.blobs, partial(read_whole, app, derived))
    return Response(picture, media_type=_THUMBNAIL, headers=headers)


def _name(asked: Asked) -> str:
    name = asked.text("sha256")
    if not _NAME.fullmatch(name):
        raise Refusal(Code.NOT_FOUND)
    return name


def _require_named(name: str, work: Work) -> None:
    who = work.who
    named = quarantine.names_photo(work.tx, name, who.id)
    if not named and not photos.awaited(work.tx, name, who.id, who.device_id):
        raise Refusal(Code.UNAUTHORIZED)


def _keep(app: App, blob: StoredBlob, file: IO[bytes], put: Put) -> StoredBlob:
    file.seek(0)
    try:
        put(blob.sha256, file, blob.size)
    except BlobMismatch:
        raise Refusal(Code.HASH_MISMATCH, pointer="") from None
    except BlobNotKept as error:
        app.write(partial(doubt, sha256=blob.sha256))  # a copy that was there may be gone
        raise storage_refusal(error) from error
    except BlobStoreDown as error:
        raise storage_refusal(error) from error
    return blob


def _readable(name: str, work: Work) -> AnyRow:
    """A stored photo that the caller may see. Raises NOT_FOUND."""
    blob = photos.blob(work.tx, name) if photos.may_read(work.tx, name, work.who) else None
    if blob is None:
        raise Refusal(Code.NOT_FOUND)
    return blob


def _thumbnail(name: str, size: int, work: Work) -> str:
    blob = _readable(name, work)
    derived = photos.thumbnail(work.tx, name, size)
    if derived is not None:
        return derived
    if blob.prepared == "waiting":
        raise Refusal(Code.THUMBNAIL_PENDING, retry_after=_PENDING_S)
    raise Refusal(Code.THUMBNAIL_UNAVAILABLE, faults=(Fault("", blob.prepared, _WHY_NOT[blob.prepared]),))
