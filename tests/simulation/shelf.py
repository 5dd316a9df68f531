"""A blob store in memory."""

import hashlib
import io
from pathlib import Path
from typing import IO

from inspect_api.media.blobs import BlobMismatch, BlobMissing, reading


class Shelf:
    """Keeps bytes under their SHA-256, as `media.blobs.BlobStore` asks."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    def put(self, sha256: str, source: IO[bytes] | Path, size: int) -> None:
        with reading(source) as stream:
            data = stream.read()
        if len(data) != size or hashlib.sha256(data).hexdigest() != sha256:
            raise BlobMismatch(sha256)
        self.kept[sha256] = data

    def open(self, sha256: str) -> IO[bytes]:
        if sha256 not in self.kept:
            raise BlobMissing(sha256)
        return io.BytesIO(self.kept[sha256])

    def size(self, sha256: str) -> int | None:
        return len(self.kept[sha256]) if sha256 in self.kept else None

    def delete(self, sha256: str) -> None:
        self.kept.pop(sha256, None)

    def check(self) -> None:
        """Always there."""
