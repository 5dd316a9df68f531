"""The body of a request as it comes in: counted, timed, decompressed, never more than the limits allow."""

import asyncio
import zlib
from collections.abc import AsyncIterator
from functools import partial
from typing import Any, Protocol

import zstandard
from litestar import Request

from inspect_api.errors import Code, Refusal
from inspect_api.http.threads import Threads
from sync.limits import LIMITS

IDLE_S = 30.0
"""A sender that is silent for so long is given up."""

_SLOWEST = 1024  # bytes a second, on average, after the first minute
_GRACE_S = 60.0
_DRAINED = 4 * 1024 * 1024
_DRAIN_S = 2.0
_INLINE = 16 * 1024
_GZIP_STEP = 64 * 1024
_ZSTD_STEP = 128  # a block of 4 bytes can hold 128 KiB, and a call gives all of its blocks at once
_RATIO_FROM = 64 * 1024
_ZSTD_WINDOW = 8 * 1024 * 1024


class BodyRefused(Refusal):
    """A body that was not read to its end: the connection cannot be used any further."""


async def read_body(request: Request[Any, Any, Any], threads: Threads) -> bytes:
    """The decompressed body. Raises BodyRefused with TOO_LARGE, and MALFORMED_BODY, UNSUPPORTED_MEDIA."""
    compression = request.headers.get("content-encoding", "").strip().lower()
    if compression not in ("", "identity", "gzip", "zstd"):
        raise Refusal(Code.UNSUPPORTED_MEDIA, "Content-Encoding is gzip, zstd or none")
    wire = bytearray()
    async for piece in stream_body(request, LIMITS.wire_bytes):
        wire += piece
    if compression in ("", "identity"):
        return bytes(wire)
    unpack = partial(inflate, bytes(wire), compression)
    return unpack() if len(wire) <= _INLINE else await threads.run(threads.inflating, unpack)


async def stream_body(request: Request[Any, Any, Any], most: int) -> AsyncIterator[bytes]:
    """The pieces of a body as sent, at most `most` bytes of them, chunked or not."""
    announced = request.headers.get("content-length", "")
    if announced.isdigit() and len(announced) < 20 and int(announced) > most:
        await _drain(request)
        raise _too_large(most)
    clock, seen, more = asyncio.get_running_loop(), 0, True
    begun = clock.time()
    while more:
        try:
            async with asyncio.timeout(IDLE_S):
                message = await request.receive()
        except TimeoutError:
            raise BodyRefused(Code.MALFORMED_BODY, "The body did not arrive in time") from None
        if message["type"] != "http.request":
            raise BodyRefused(Code.MALFORMED_BODY, "The connection ended before the body did")
        piece, more = message["body"], message["more_body"]
        seen += len(piece)
        if seen > most:
            await _drain(request)
            raise _too_large(most)
        if more and clock.time() - begun > _GRACE_S + seen / _SLOWEST:
            raise BodyRefused(Code.MALFORMED_BODY, "The body did not arrive in time")
        yield piece


def inflate(wire: bytes, compression: str) -> bytes:
    """Decompress a whole body. Raises TOO_LARGE over 8 MiB or 100:1, MALFORMED_BODY when cut or followed."""
    try:
        body, unpacker = (_gunzip if compression == "gzip" else _unzstd)(wire)
    except (zlib.error, zstandard.ZstdError) as error:
        raise Refusal(Code.MALFORMED_BODY, f"The body is not {compression}") from error
    if not unpacker.eof:
        raise Refusal(Code.MALFORMED_BODY, "The compressed body is cut off")
    if unpacker.unused_data:
        raise Refusal(Code.MALFORMED_BODY, "Something follows the compressed body")
    return body


class _Unpacker(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...


def _gunzip(wire: bytes) -> tuple[bytes, _Unpacker]:
    unpacker, body, rest = zlib.decompressobj(wbits=31), bytearray(), wire
    while rest and not unpacker.eof:
        body += unpacker.decompress(rest, _GZIP_STEP)
        rest = unpacker.unconsumed_tail
        _check_size(len(body), len(wire) - len(rest))
    return bytes(body), unpacker


def _unzstd(wire: bytes) -> tuple[bytes, _Unpacker]:
    unpacker: Any = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW).decompressobj()
    body = bytearray()
    for start in range(0, len(wire), _ZSTD_STEP):
        if unpacker.eof:
            raise Refusal(Code.MALFORMED_BODY, "Something follows the compressed body")
        body += unpacker.decompress(wire[start : start + _ZSTD_STEP])
        _check_size(len(body), start + _ZSTD_STEP)
    return bytes(body), unpacker


def _check_size(size: int, wire: int) -> None:
    if size > LIMITS.decoded_bytes:
        raise Refusal(Code.TOO_LARGE, f"More than {LIMITS.decoded_bytes} bytes when decompressed")
    if size > _RATIO_FROM and size > wire * LIMITS.ratio:
        raise Refusal(Code.TOO_LARGE, f"Compressed more than {LIMITS.ratio}:1")


def _too_large(most: int) -> BodyRefused:
    return BodyRefused(Code.TOO_LARGE, f"The body has more than {most} bytes")


async def _drain(request: Request[Any, Any, Any]) -> None:
    """Read on for a moment: a client still sending would meet a reset instead of our answer."""
    seen, more = 0, True
    try:
        async with asyncio.timeout(_DRAIN_S):
            while more and seen < _DRAINED:
                message = await request.receive()
                if message["type"] != "http.request":
                    return
                seen, more = seen + len(message["body"]), message["more_body"]
    except TimeoutError:
        return
