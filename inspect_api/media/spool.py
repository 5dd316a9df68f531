"""A bounded folder of this node in which photos wait for a store that is down, and a store with such one.

What lies in the folder is durable and was hashed, but one disk holds it: it is `received`, never `stored`.
Parts of uploads lie there likewise; until they are in the store only this node can go on with them.
"""

import os
import shutil
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO
from uuid import UUID

from inspect_api.clock import Clock, new_id
from inspect_api.media.blobs import (
    BlobMissing,
    BlobStore,
    BlobStoreDown,
    BlobStoreFull,
    Lying,
    Source,
    local_disk,
)
from inspect_api.media.folder import FolderStore
from inspect_api.media.ranged import Reading

_MEASURED_FOR_S = 5.0
_ELSEWHERE = timedelta(hours=6)
"""For so long a part that is nowhere may lie in the folder of another node."""


class Spool:
    """At most `most` bytes below `root`, and never the last `free` bytes of its disk."""

    def __init__(self, root: Path, most: int, free: int) -> None:
        self._folder, self._root, self._most, self._free = FolderStore(root), root, most, free
        self._guard, self._used, self._measured_at = threading.Lock(), 0, float("-inf")
        self.node = _name_of(root)

    def put(self, sha256: str, source: Source | Path, size: int) -> None:
        """Durable when this returns. Raises BlobMismatch, BlobStoreFull, BlobStoreDown."""
        self._reserve(size)
        self._folder.put(sha256, source, size)

    def open(self, sha256: str) -> IO[bytes]:
        """The bytes, checked against their name. Raises BlobMissing, BlobDamaged, BlobStoreDown."""
        return self._folder.open(sha256)

    def delete(self, sha256: str) -> None:
        self._folder.delete(sha256)
        self._measured_at = float("-inf")

    def inventory(self, after: str, most: int) -> list[Lying]:
        return self._folder.inventory(after, most)

    def put_part(self, upload: UUID, name: str, source: Source, size: int) -> None:
        self._reserve(size)
        self._folder.put_part(upload, name, source, size)

    def open_part(self, upload: UUID, name: str) -> IO[bytes]:
        return self._folder.open_part(upload, name)

    def drop_part(self, upload: UUID, name: str) -> None:
        self._folder.drop_part(upload, name)

    def drop_parts(self, upload: UUID) -> None:
        self._folder.drop_parts(upload)

    def parts(self) -> list[tuple[UUID, str, int]]:
        """(upload, name, size) of the parts that lie here."""
        found = []
        with local_disk():
            for file in sorted((self._root / "parts").glob("*/*")):
                with suppress(FileNotFoundError):
                    found.append((UUID(file.parent.name), file.name, file.stat().st_size))
        return found

    def _reserve(self, size: int) -> None:
        with self._guard, local_disk():
            now = time.monotonic()
            if now > self._measured_at + _MEASURED_FOR_S:
                self._used, self._measured_at = _size_of(self._root), now
            if self._used + size > self._most or shutil.disk_usage(self._root).free - size < self._free:
                raise BlobStoreFull("the spool of this node is full")
            self._used += size


class SpooledStore:
    """A store with a spool beside it, into which parts of uploads go while the store is down.

    Whole photos are put there by who can say that they are not stored yet.
    """

    def __init__(self, store: BlobStore, spool: Spool, clock: Clock) -> None:
        self.store, self.spool, self._clock = store, spool, clock

    def put(
        self, sha256: str, source: Source | Path, size: int, overwriting: Callable[[], None] | None = None
    ) -> None:
        self.store.put(sha256, source, size, overwriting)

    def open(self, sha256: str) -> IO[bytes]:
        return self.store.open(sha256)

    def open_range(self, sha256: str, start: int, stop: int) -> Reading:
        return self.store.open_range(sha256, start, stop)

    def size(self, sha256: str) -> int | None:
        return self.store.size(sha256)

    def delete(self, sha256: str) -> None:
        self.store.delete(sha256)

    def inventory(self, after: str, most: int) -> list[Lying]:
        return self.store.inventory(after, most)

    def check(self) -> None:
        self.store.check()

    @property
    def is_down(self) -> bool:
        return self.store.is_down

    def put_part(self, upload: UUID, name: str, source: Source, size: int) -> None:
        if not self.is_down:
            self.store.put_part(upload, name, source, size)
        else:
            self.spool.put_part(upload, name, source, size)

    def open_part(self, upload: UUID, name: str) -> IO[bytes]:
        try:
            return self.spool.open_part(upload, name)
        except BlobMissing:
            pass
        try:
            return self.store.open_part(upload, name)
        except BlobMissing:
            if self._clock.now() - _made_at(name) < _ELSEWHERE:
                raise BlobStoreDown("a part of this upload waits on another node") from None
            raise

    def drop_part(self, upload: UUID, name: str) -> None:
        self.spool.drop_part(upload, name)
        self.store.drop_part(upload, name)

    def drop_parts(self, upload: UUID) -> None:
        self.spool.drop_parts(upload)
        self.store.drop_parts(upload)


def _name_of(root: Path) -> UUID:
    """The id that lies in the folder; put there the first time, by one process."""
    file = root / "node"
    with local_disk():
        with suppress(FileExistsError):
            written = root / str(new_id())
            written.write_text(str(new_id()), encoding="ascii")
            try:
                os.link(written, file)
            finally:
                written.unlink()
        return UUID(file.read_text(encoding="ascii"))


def _size_of(root: Path) -> int:
    total = 0
    for folder, _, names in os.walk(root):
        for name in names:
            with suppress(FileNotFoundError):
                total += (Path(folder) / name).stat().st_size
    return total


def _made_at(name: str) -> datetime:
    """When a part was named: names are UUIDv7 (RFC 9562, 5.7)."""
    try:
        milliseconds = UUID(name).int >> 80
    except ValueError:
        milliseconds = 0
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=milliseconds)
