"""The bytes of an upload on their way in: a slice at a time, each durable before the next is waited for."""

import hashlib
import io
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import IO
from uuid import UUID

from inspect_api.actions.app import App
from inspect_api.actions.keep_aside import note_received
from inspect_api.actions.receive_photo import StoredBlob, receive_photo
from inspect_api.actions.uploads import Part, Upload, WrongOffset, append, begin, complete, reject
from inspect_api.actions.work import Work
from inspect_api.clock import new_id
from inspect_api.errors import Code, Refusal
from inspect_api.http.asked import Asked
from inspect_api.http.receiving import BodyRefused, stream_body
from inspect_api.http.room import PHOTOS
from inspect_api.http.storage import Put, storage_refusal, store_photo
from inspect_api.http.turns import Turn
from inspect_api.http.tus import Checksum
from inspect_api.media.blobs import BlobMismatch, BlobMissing, BlobStoreDown
from inspect_api.media.formats import ACCEPTED, SNIFF_BYTES, sniff
from inspect_api.media.joining import Joined, Opener
from inspect_api.store import uploads

SLICE = 1024 * 1024
"""What the death of a node may cost of an upload that is under way."""

_IN_MEMORY = 256 * 1024
_SMALL = 64 * 1024  # a last part below this is written anew with what follows, so that parts stay few


class Interrupted(WrongOffset):
    """The body was not read to its end; what came before has moved the upload on to `offset`."""


class Rejected(Refusal):
    """The upload can never become a photo."""


async def take_body(
    asked: Asked, upload: Upload, turn: Turn, checksum: Checksum | None, *, is_new: bool
) -> Upload:
    """Take what the request brings; the upload as it stands afterwards, durable.

    What came before a cut is kept, unless a checksum was to vouch for it. Raises WrongOffset, UPLOAD_GONE,
    Rejected, CHECKSUM_MISMATCH, STORAGE_DOWN, and Interrupted after a cut.
    """
    pieces = stream_body(asked.request, upload.size - upload.received)
    most = upload.size if checksum else SLICE
    while True:
        with PHOTOS.file(_IN_MEMORY) as file:
            size, cut = await _fill(pieces, turn, file, most)
            if cut is not None and is_new and not size:
                raise cut
            if checksum is not None and cut is None:
                await asked.threads.run(asked.threads.blobs, partial(_require, file, checksum))
            if size and not (cut and checksum):
                upload = await _keep(asked, upload, file, size, is_new=is_new)
            elif is_new:
                await begin_empty(asked, upload)
            is_new = False
        if cut is not None:
            raise Interrupted(upload.received)
        if size < most or upload.is_stored:
            return upload


async def begin_empty(asked: Asked, upload: Upload) -> None:
    """Enter an upload of which nothing has come. Raises TOO_MANY_UPLOADS."""
    most = asked.app.settings.max_uploads
    await asked.threads.run(
        asked.threads.writers, lambda: asked.write(lambda work: begin(work, upload, most))
    )


async def _fill(
    pieces: AsyncIterator[bytes], turn: Turn, file: IO[bytes], most: int
) -> tuple[int, BodyRefused | None]:
    """Write at least `most` bytes, or all there are; how many, and why there are no more, if not the end."""
    size = 0
    try:
        while size < most and (piece := await turn.next(pieces)) is not None:
            file.write(piece)
            size += len(piece)
    except BodyRefused as cut:
        if cut.code is Code.TOO_LARGE:
            raise
        return size, cut
    return size, None


def _require(file: IO[bytes], checksum: Checksum) -> None:
    file.seek(0)
    hashed = hashlib.new(checksum.algorithm, usedforsecurity=False)
    while piece := file.read(_IN_MEMORY):
        hashed.update(piece)
    if hashed.digest() != checksum.digest:
        raise Refusal(Code.CHECKSUM_MISMATCH)


async def _keep(asked: Asked, upload: Upload, file: IO[bytes], size: int, *, is_new: bool) -> Upload:
    """A slice is durable in the store, then it counts in the database. What is rejected is ended."""
    try:
        return await _store(asked, upload, file, size, is_new=is_new)
    except Rejected:
        if not is_new:
            act = partial(reject, upload=upload)
            await asked.threads.run(asked.threads.writers, lambda: asked.write(act))
        raise


async def _store(asked: Asked, upload: Upload, file: IO[bytes], size: int, *, is_new: bool) -> Upload:
    threads, app, keep = asked.threads, asked.app, timedelta(days=asked.app.settings.upload_days)
    parts: list[Part] = []
    if upload.received:
        parts = await threads.run(threads.readers, lambda: asked.look(partial(_parts, upload.id)))
    if upload.received + size == upload.size:

        def stored(work: Work, blob: StoredBlob) -> Upload:
            receive_photo(work, blob)
            return complete(work, upload, keep, is_new=is_new)

        def aside(work: Work, blob: StoredBlob, node: UUID) -> Upload:
            note_received(work, blob, node)
            return complete(work, upload, keep, is_new=is_new)

        return await store_photo(asked, partial(_join, app, upload, parts, file), stored, aside)
    part = await threads.run(threads.blobs, lambda: _put_part(app, upload, parts, file, size))

    def count(work: Work) -> Upload:
        if is_new:
            begin(work, upload, app.settings.max_uploads)
        return append(work, upload, part, keep)

    try:
        now = await threads.run(threads.writers, lambda: asked.write(count))
    except Refusal:
        await threads.run(threads.blobs, lambda: _drop(app, upload.id, part))
        raise
    if parts and part.start == parts[-1].start:
        await threads.run(threads.blobs, lambda: _drop(app, upload.id, parts[-1]))
    return now


def _parts(upload_id: UUID, work: Work) -> list[Part]:
    return [Part(row.start, row.size, row.name) for row in uploads.parts(work.tx, upload_id)]


def _put_part(app: App, upload: Upload, parts: list[Part], file: IO[bytes], size: int) -> Part:
    file.seek(0)
    small = [part for part in parts[-1:] if part.size < _SMALL]
    start = small[0].start if small else upload.received
    part = Part(start, upload.received + size - start, str(new_id()))
    try:
        with Joined([*_openers(app, upload, small), file]) as source:
            whole = _sniffed(source)[1] if start == 0 and part.size >= SNIFF_BYTES else source
            app.blobs.put_part(upload.id, part.name, whole, part.size)
    except (BlobMissing, BlobMismatch):
        raise Rejected(Code.UPLOAD_GONE, "The store has lost a part of this upload") from None
    except BlobStoreDown as error:
        raise storage_refusal(error) from error
    return part


def _join(app: App, upload: Upload, parts: list[Part], file: IO[bytes], put: Put) -> StoredBlob:
    """All parts and the last slice become a blob."""
    file.seek(0)
    try:
        with Joined([*_openers(app, upload, parts), file]) as source:
            kind, whole = _sniffed(source)
            put(upload.sha256, whole, upload.size)
    except BlobMismatch:
        raise Rejected(Code.CHECKSUM_MISMATCH, "The bytes do not hash to their name") from None
    except BlobMissing:
        raise Rejected(Code.UPLOAD_GONE, "The store has lost a part of this upload") from None
    except BlobStoreDown as error:
        raise storage_refusal(error) from error
    return StoredBlob(upload.sha256, upload.size, kind)


def _openers(app: App, upload: Upload, parts: list[Part]) -> list[Opener]:
    return [partial(app.blobs.open_part, upload.id, part.name) for part in parts]


def _sniffed(source: Joined) -> tuple[str, Joined]:
    """The content type of what begins here, and all of it. Raises Rejected."""
    head = source.read(SNIFF_BYTES)
    kind = sniff(head)
    if kind is None:
        raise Rejected(Code.UNSUPPORTED_MEDIA, ACCEPTED)
    return kind, Joined([io.BytesIO(head), source])


def _drop(app: App, upload_id: UUID, part: Part) -> None:
    with suppress(BlobStoreDown):  # it is looked for again when the upload is over
        app.blobs.drop_part(upload_id, part.name)
