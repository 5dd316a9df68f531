"""The bytes of photos and proofs on their way in, under the SHA-256 of themselves."""

from functools import partial
from typing import IO, Annotated, Literal
from uuid import UUID

from msgspec import UNSET, Meta, Struct, UnsetType

from inspect_api.actions.keep_aside import note_received
from inspect_api.actions.receive_photo import StoredBlob, receive_photo
from inspect_api.actions.work import Work
from inspect_api.errors import Code, Refusal
from inspect_api.http.asked import Answer, Asked
from inspect_api.http.receiving import stream_body
from inspect_api.http.room import PHOTOS
from inspect_api.http.sending import blob_name
from inspect_api.http.storage import Put, storage_refusal, store_photo
from inspect_api.http.tus import address
from inspect_api.media.blobs import BlobMismatch, BlobStoreDown
from inspect_api.media.formats import ACCEPTED, SNIFF_BYTES, sniff
from inspect_api.store import photos, quarantine, spooled, uploads
from sync.envelope import Sha256

_IN_MEMORY = 1024 * 1024


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
    name, app, threads = blob_name(asked), asked.app, asked.threads
    if asked.token is None:  # an account that has ended: the photos of what it deposits, and no others
        await threads.run(threads.readers, lambda: app.read(partial(_require_named, name), asked.caller))
    if asked.request.headers.get("content-encoding", "identity").lower() != "identity":
        raise Refusal(Code.UNSUPPORTED_MEDIA, "Photos are sent as they are, without Content-Encoding")
    with PHOTOS.file(_IN_MEMORY) as file:
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
        keep = partial(_keep, StoredBlob(name, size, kind), file)

        def stored(work: Work, blob: StoredBlob) -> Answer:
            return Answer(BlobStatus(name, "stored"), 201 if receive_photo(work, blob) else 200)

        def aside(work: Work, blob: StoredBlob, node: UUID) -> Answer:
            note_received(work, blob, node)
            return Answer(BlobStatus(name, "received"), 202)

        return await store_photo(asked, keep, stored, aside)


def _require_named(name: str, work: Work) -> None:
    who = work.who
    named = quarantine.names_photo(work.tx, name, who.id)
    if not named and not photos.awaited(work.tx, name, who.id, who.device_id):
        raise Refusal(Code.UNAUTHORIZED)


def _keep(blob: StoredBlob, file: IO[bytes], put: Put) -> StoredBlob:
    file.seek(0)
    try:
        put(blob.sha256, file, blob.size)
    except BlobMismatch:
        raise Refusal(Code.HASH_MISMATCH, pointer="") from None
    except BlobStoreDown as error:
        raise storage_refusal(error) from error
    return blob
