"""The bytes of blobs on their way out: what a browser may do with them, and a piece at a time.

Whatever the bytes are, they run nowhere: their type is the one that was found in them when they came, the
browser is told not to guess another (`nosniff` stands on every answer), and a page of them would be in a
sandbox that loads nothing.
"""

import re
from collections.abc import AsyncIterator

from anyio import to_thread

from inspect_api.actions.app import App
from inspect_api.errors import Code, Refusal
from inspect_api.http.asked import Asked
from inspect_api.http.storage import storage_refusal
from inspect_api.media.blobs import BlobDamaged, BlobMissing, BlobStoreDown, Tally
from inspect_api.media.ranged import Reading

PIECE = 64 * 1024
"""At once in memory for each reader, and as much again on its way."""

_NAME = re.compile("[0-9a-f]{64}")
_SHOWN = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp", "image/avif": "avif"}
_SAVED = {"image/heic": "heic", "application/pdf": "pdf"}


def blob_name(asked: Asked) -> str:
    """The SHA-256 in the address. Raises NOT_FOUND: what is none names nothing."""
    name = asked.text("sha256")
    if not _NAME.fullmatch(name):
        raise Refusal(Code.NOT_FOUND)
    return name


def blob_headers(name: str, content_type: str, cache: str) -> dict[str, str]:
    """Of a blob by its SHA-256. What browsers show safely is shown, all else is saved, under our own name."""
    shown = _SHOWN.get(content_type)
    how = "inline" if shown else "attachment"
    extension = shown or _SAVED.get(content_type, "bin")
    return {
        "ETag": f'"{name}"',
        "Cache-Control": cache,
        "Content-Disposition": f'{how}; filename="{name[:16]}.{extension}"',
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Referrer-Policy": "no-referrer",
    }


def open_range(app: App, name: str, start: int, stop: int) -> Reading:
    """Raises EVIDENCE_DAMAGED, STORAGE_DOWN. Blocks."""
    try:
        return app.blobs.open_range(name, start, stop)
    except (BlobMissing, BlobDamaged) as error:
        raise Refusal(Code.EVIDENCE_DAMAGED) from error
    except BlobStoreDown as error:
        raise storage_refusal(error) from error


def read_whole(app: App, name: str) -> bytes:
    """Of something small. Raises as `open_range`. Blocks."""
    try:
        with app.blobs.open(name) as file:
            return file.read()
    except (BlobMissing, BlobDamaged) as error:
        raise Refusal(Code.EVIDENCE_DAMAGED) from error
    except BlobStoreDown as error:
        raise storage_refusal(error) from error


async def pieces(reading: Reading, size: int, sha256: str | None) -> AsyncIterator[bytes]:
    """So many bytes. A whole (of which the name is told) keeps back its last piece until it is the right one.

    Raises BlobDamaged, BlobStoreDown: the answer breaks off, and the reader sees that it is not complete.
    """
    tally, left = Tally(), size

    def next_piece() -> bytes:
        piece = tally.add(reading.read(PIECE)) if sha256 else reading.read(PIECE)
        if not piece or (sha256 and tally.size >= size and not tally.is_of(sha256)):
            raise BlobDamaged(sha256)
        return piece

    try:
        while left > 0:
            piece = await to_thread.run_sync(next_piece)
            left -= len(piece)
            yield piece
    finally:
        reading.close()
