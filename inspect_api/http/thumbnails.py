"""Thumbnails on their way out: cheap, and kept by whoever has one."""

from functools import partial
from typing import Literal

from litestar import Response
from msgspec import Struct

from inspect_api.actions.prepare_photo import prepare_again
from inspect_api.actions.work import Work
from inspect_api.errors import Code, Fault, Refusal
from inspect_api.http.asked import Answer, Asked
from inspect_api.http.ranges import has_copy
from inspect_api.http.sending import blob_headers, blob_name, read_whole
from inspect_api.store import photos
from inspect_api.store.schema import AnyRow
from sync.photo import ThumbnailFailure

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


class ThumbnailQuery(Struct, frozen=True, kw_only=True):
    """The longer side, in pixels."""

    size: Literal[320, 1280] = 320


async def get_thumbnail(asked: Asked) -> Response[bytes] | Answer:
    """An upright copy without EXIF. 404, and which, where none was made yet or none can be made.

    One that has rotted, or was lost, is made anew.
    """
    name, app, threads = blob_name(asked), asked.app, asked.threads
    size = asked.query_as(ThumbnailQuery).size
    derived = await threads.run(
        threads.readers, lambda: app.read(lambda work: _thumbnail(name, size, work), asked.caller)
    )
    headers = blob_headers(derived, _THUMBNAIL, _FOR_A_YEAR)
    if has_copy(asked.if_none_match, headers["ETag"]):
        return Answer(None, 304, headers)
    try:
        picture = await threads.run(threads.blobs, partial(read_whole, app, derived))
    except Refusal as refusal:
        if refusal.code is not Code.EVIDENCE_DAMAGED:
            raise
        again = partial(prepare_again, sha256=name, derived=derived)
        await threads.run(threads.writers, lambda: app.write(again))
        raise Refusal(Code.THUMBNAIL_PENDING, retry_after=_PENDING_S) from refusal
    return Response(picture, media_type=_THUMBNAIL, headers=headers)


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
