"""Originals on their way out, whole or in parts; that they are seen is on file before they are."""

from collections.abc import AsyncIterator
from functools import partial
from uuid import UUID

from litestar import Response
from litestar.response import Stream
from msgspec import Struct

from inspect_api.actions.app import App
from inspect_api.actions.photo_damage import doubt
from inspect_api.actions.view_photo import EvidenceViewList, find_original, list_views, note_view
from inspect_api.actions.work import Work
from inspect_api.errors import Code, Refusal
from inspect_api.http.asked import Answer, Asked
from inspect_api.http.lists import CursorText, Limit
from inspect_api.http.problems import refusal_response, request_id_of
from inspect_api.http.ranges import Part, RangeNotSatisfiable, has_copy, part_of
from inspect_api.http.sending import blob_headers, blob_name, open_range, pieces
from inspect_api.media.blobs import BlobDamaged
from inspect_api.media.ranged import Reading
from inspect_api.store.schema import AnyRow


class OriginalQuery(Struct, frozen=True, kw_only=True):
    """`hazard`: as evidence of which it is looked at."""

    hazard: UUID | None = None


class ViewsQuery(Struct, frozen=True, kw_only=True):
    limit: Limit = 50
    cursor: CursorText | None = None


async def get(asked: Asked) -> Answer | Response[bytes] | Stream:
    """The original bytes, or a part of them."""
    name, sent = blob_name(asked), asked.request.headers
    found = await _find(asked, name)
    headers = _headers(name, found)
    if has_copy(asked.if_none_match, headers["ETag"]):
        await _note(asked, name, None, is_again=True)
        return Answer(None, 304, headers)
    try:
        part = part_of(found.size, headers["ETag"], sent.get("range", ""), sent.get("if-range"))
    except RangeNotSatisfiable as refusal:
        refused = refusal_response(refusal, request_id_of(asked.request))
        refused.headers["Content-Range"] = refusal.content_range
        return refused
    wanted = part or Part(0, found.size, found.size)
    reading = await _open(asked, name, found.fault, wanted)
    try:
        await _note(asked, name, part)
    except BaseException:
        reading.close()
        raise
    length = wanted.stop - wanted.start
    headers["Content-Length"] = str(length)
    if part:
        headers["Content-Range"] = part.content_range
    body = _watched(asked, name, pieces(reading, length, None if part else name))
    return Stream(body, media_type=found.content_type, headers=headers, status_code=206 if part else 200)


async def head(asked: Asked) -> Answer | Response[bytes]:
    """What GET would say of the whole. Nothing is seen, so nothing is written."""
    name = blob_name(asked)
    found = await _find(asked, name)
    headers = _headers(name, found)
    if has_copy(asked.if_none_match, headers["ETag"]):
        return Answer(None, 304, headers)
    headers |= {"Content-Length": str(found.size), "Content-Type": found.content_type}
    return Response(b"", headers=headers)


def views(work: Work, asked: Asked) -> EvidenceViewList:
    """Who has looked at it."""
    query = asked.query_as(ViewsQuery)
    return list_views(work, blob_name(asked), query.limit, query.cursor)


def _headers(name: str, found: AnyRow) -> dict[str, str]:
    return blob_headers(name, found.content_type, "private, no-store") | {"Accept-Ranges": "bytes"}


async def _find(asked: Asked, name: str) -> AnyRow:
    find = partial(find_original, sha256=name, hazard_id=asked.query_as(OriginalQuery).hazard)
    return await asked.threads.run(asked.threads.readers, lambda: asked.look(find))


async def _note(asked: Asked, name: str, part: Part | None, *, is_again: bool = False) -> None:
    hazard_id, told = asked.query_as(OriginalQuery).hazard, part.content_range if part else None
    act = partial(note_view, sha256=name, hazard_id=hazard_id, part=told, is_again=is_again)
    await asked.threads.run(asked.threads.writers, lambda: asked.write(act))


async def _open(asked: Asked, name: str, fault: str | None, wanted: Part) -> Reading:
    """What turns out to be damaged is looked after."""
    try:
        opening = partial(_open_sound, asked.app, name, fault, wanted)
        return await asked.threads.run(asked.threads.blobs, opening)
    except Refusal as refusal:
        if refusal.code is Code.EVIDENCE_DAMAGED:
            await _have_checked(asked, name)
        raise


def _open_sound(app: App, name: str, fault: str | None, wanted: Part) -> Reading:
    """Raises as `open_range`, also for what is known to be damaged: a part of it would not be looked at."""
    if fault in ("damaged", "missing"):
        raise Refusal(Code.EVIDENCE_DAMAGED)
    return open_range(app, name, wanted.start, wanted.stop)


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
