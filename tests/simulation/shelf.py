"""A blob store in memory."""

import hashlib
import io
import tempfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import IO, cast
from uuid import UUID

from inspect_api.clock import Clock
from inspect_api.media.blobs import BlobMismatch, BlobMissing, Lying, Source, chunks, reading


class Shelf:
    """Keeps bytes under their SHA-256, as `media.blobs.BlobStore` asks."""

    is_down = False

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.kept: dict[str, bytes] = {}
        self._put_at: dict[str, datetime] = {}
        self.parts: dict[tuple[UUID, str], bytes] = {}

    def put(
        self,
        sha256: str,
        source: Source | Path,
        size: int,
        overwriting: Callable[[], None] | None = None,
    ) -> None:
        with reading(source) as stream:
            data = _all_of(stream, size)
        if hashlib.sha256(data).hexdigest() != sha256:
            raise BlobMismatch(sha256)
        self.kept[sha256], self._put_at[sha256] = data, self._clock.now()

    def open(self, sha256: str) -> IO[bytes]:
        if sha256 not in self.kept:
            raise BlobMissing(sha256)
        file = tempfile.SpooledTemporaryFile()  # noqa: SIM115  (whoever asked closes it)
        file.write(self.kept[sha256])
        file.seek(0)
        return cast("IO[bytes]", file)

    def size(self, sha256: str) -> int | None:
        return len(self.kept[sha256]) if sha256 in self.kept else None

    def delete(self, sha256: str) -> None:
        self.kept.pop(sha256, None)

    def inventory(self, after: str, most: int) -> list[Lying]:
        return [Lying(name, self._put_at[name]) for name in sorted(self.kept) if name > after][:most]

    def put_part(self, upload: UUID, name: str, source: Source, size: int) -> None:
        self.parts[upload, name] = _all_of(source, size)

    def open_part(self, upload: UUID, name: str) -> IO[bytes]:
        if (upload, name) not in self.parts:
            raise BlobMissing(name)
        return io.BytesIO(self.parts[upload, name])

    def drop_part(self, upload: UUID, name: str) -> None:
        self.parts.pop((upload, name), None)

    def drop_parts(self, upload: UUID) -> None:
        self.parts = {key: data for key, data in self.parts.items() if key[0] != upload}

    def check(self) -> None:
        """Always there."""


def _all_of(stream: Source, size: int) -> bytes:
    data = b"".join(chunks(stream))
    if len(data) != size:
        raise BlobMismatch(f"{len(data)} bytes instead of {size}")
    return data
