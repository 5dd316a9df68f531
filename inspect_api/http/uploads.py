"""tus 1.0.0: photos in as many pieces as the network allows, on any node."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial, wraps
from uuid import UUID

from litestar import Response

from inspect_api.actions.uploads import Upload, WrongOffset, look, terminate
from inspect_api.clock import new_id
from inspect_api.errors import Code, Refusal
from inspect_api.http import tus
from inspect_api.http.asked import Answer, Asked
from inspect_api.http.problems import refusal_response, request_id_of
from inspect_api.http.slices import Interrupted, begin_empty, take_body

Told = Answer | Response[bytes]


def _speaks_tus(endpoint: Callable[[Asked], Awaitable[Answer]]) -> Callable[[Asked], Awaitable[Told]]:
    """To clients of our version only; where the upload stands is told with 409 too."""

    @wraps(endpoint)
    async def speak(asked: Asked) -> Told:
        tus.require_version(asked.request)
        try:
            return await endpoint(asked)
        except WrongOffset as wrong:
            close = isinstance(wrong, Interrupted)
            response = refusal_response(wrong, request_id_of(asked.request), close=close)
            response.headers["Upload-Offset"] = str(wrong.offset)
            return response

    return speak


async def options(asked: Asked) -> Answer:
    """What is spoken here."""
    told = {
        "Tus-Extension": tus.EXTENSIONS,
        "Tus-Max-Size": str(asked.app.settings.max_blob_bytes),
        "Tus-Checksum-Algorithm": ",".join(tus.ALGORITHMS),
    }
    return Answer(None, 204, told)


@_speaks_tus
async def create(asked: Asked) -> Answer:
    """A new upload, with the first of its bytes where the request brings some."""
    settings, request = asked.app.settings, asked.request
    size, told = tus.number(request, "Upload-Length"), request.headers.get("upload-metadata", "")
    if size > settings.max_blob_bytes:
        raise Refusal(Code.TOO_LARGE, f"The upload has more than {settings.max_blob_bytes} bytes")
    if size == 0:
        raise Refusal(Code.BAD_UPLOAD, "Upload-Length: there are no photos without bytes")
    expires_at = asked.app.clock.now() + timedelta(days=settings.upload_days)
    upload = Upload(new_id(), tus.sha256_of(told), size, 0, told, expires_at)
    checksum = tus.checksum(request)
    if tus.carries_bytes(request):
        async with asked.turns.take(upload.id) as turn:
            upload = await take_body(asked, upload, turn, checksum, is_new=True)
    else:
        await begin_empty(asked, upload)
    return Answer(None, 201, {"Location": tus.address(upload.id), **tus.state_of(upload)})


@_speaks_tus
async def head(asked: Asked) -> Answer:
    """Where an upload stands. An older request that still waits for bytes writes down first what has come."""
    upload_id = asked.uuid("id")
    upload = await _look(asked, upload_id)
    async with asked.turns.take(upload_id) as turn:
        if turn.is_second:
            upload = await _look(asked, upload_id)
    length = {"Upload-Length": str(upload.size), "Upload-Metadata": upload.told}
    return Answer(None, 200, {**tus.state_of(upload), **length})


@_speaks_tus
async def patch(asked: Asked) -> Answer:
    """More bytes, from where the upload stands."""
    request, upload_id = asked.request, asked.uuid("id")
    upload = await _look(asked, upload_id)
    if not tus.carries_bytes(request):
        raise Refusal(Code.UNSUPPORTED_MEDIA, f"The Content-Type of a PATCH is {tus.OCTETS}")
    offset, checksum = tus.number(request, "Upload-Offset"), tus.checksum(request)
    async with asked.turns.take(upload_id) as turn:
        if turn.is_second:
            upload = await _look(asked, upload_id)
        if offset != upload.received:
            raise WrongOffset(upload.received)
        upload = await take_body(asked, upload, turn, checksum, is_new=False)
    return Answer(None, 204, tus.state_of(upload))


@_speaks_tus
async def delete(asked: Asked) -> Answer:
    """The client gives an upload up."""
    upload_id = asked.uuid("id")
    await _look(asked, upload_id)
    act = partial(terminate, upload_id=upload_id)
    async with asked.turns.take(upload_id):
        await asked.threads.run(asked.threads.writers, lambda: asked.write(act))
    return Answer(None, 204)


async def _look(asked: Asked, upload_id: UUID) -> Upload:
    see = partial(look, upload_id=upload_id)
    return await asked.threads.run(asked.threads.readers, lambda: asked.look(see))
