"""What the product asks of a place that keeps photos and proofs, by the SHA-256 of their bytes.

Two places answer it: a folder (`folder.py`) and an S3 bucket (`s3.py`). Calls block; the edge and the jobs
make them in threads.
"""

import errno
import hashlib
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO, NamedTuple, Protocol
from uuid import UUID

from inspect_api.media.ranged import Reading

CHUNK = 256 * 1024
_NAME = re.compile(r"[0-9a-f]{64}")
_PART = re.compile(r"[0-9a-f-]{1,80}")


class BlobError(Exception):
    """A blob could not be kept or given back."""


class BlobMismatch(BlobError):
    """What was handed in is not what its name and size say; nothing of it is kept."""


class BlobMissing(BlobError):
    """Nothing is kept under this name."""


class BlobDamaged(BlobError):
    """What is kept under this name no longer hashes to it; a new `put` of the right bytes repairs it."""


class BlobStoreDown(BlobError):
    """The place does not answer, refuses or is full; `__cause__` says which. Try again later."""


class BlobNotKept(BlobStoreDown):
    """The place took the bytes, and gives others back, or none; a copy that it had is perhaps gone."""


class BlobStoreFull(BlobStoreDown):
    """There is no room; it takes an operator to make some."""


class Source(Protocol):
    """What can be read to its end."""

    def read(self, size: int, /) -> bytes: ...


class Lying(NamedTuple):
    """A blob in the store, unchecked, and when it was put there last."""

    sha256: str
    changed_at: datetime


class BlobStore(Protocol):
    """Bytes under the lower-case hex of their SHA-256. Any other name raises ValueError.

    Beside them lie the parts of uploads that are under way, each under its upload and a name that is used
    once. They are not checked when they are read: what they are joined into is.
    """

    def put(
        self, sha256: str, source: Source | Path, size: int, overwriting: Callable[[], None] | None = None
    ) -> None:
        """Keep `size` bytes read from `source` up to its end; they are durable when this returns.

        Repeating it changes nothing, but repairs a damaged copy. `overwriting` is called first where writing
        could spoil a copy that is there. Raises BlobMismatch, BlobStoreDown and whatever reading `source`
        or `overwriting` raises.
        """

    def open(self, sha256: str) -> IO[bytes]:
        """The bytes, already checked against their name, to be read and closed by the caller.

        Raises BlobMissing, BlobDamaged, BlobStoreDown.
        """

    def open_range(self, sha256: str, start: int, stop: int) -> Reading:
        """Bytes `start` to `stop` (without it) of a blob that was checked as a whole against its name.

        To be closed by the caller. Raises BlobMissing, BlobDamaged, BlobStoreDown.
        """

    def size(self, sha256: str) -> int | None:
        """Number of bytes kept, unchecked; None when there are none. Raises BlobStoreDown."""

    def delete(self, sha256: str) -> None:
        """Forget the bytes; nothing happens when there are none. Raises BlobStoreDown."""

    def put_part(self, upload: UUID, name: str, source: Source, size: int) -> None:
        """Keep a part of `size` bytes; it is durable when this returns. Raises as `put`."""

    def open_part(self, upload: UUID, name: str) -> IO[bytes]:
        """The bytes of a part, to be read and closed by the caller. Raises BlobMissing, BlobStoreDown."""

    def drop_part(self, upload: UUID, name: str) -> None:
        """Forget a part; nothing happens when it is not there. Raises BlobStoreDown."""

    def drop_parts(self, upload: UUID) -> None:
        """Forget all that was ever put there for an upload. Raises BlobStoreDown."""

    def inventory(self, after: str, most: int) -> list["Lying"]:
        """Up to `most` blobs whose names come after `after`, in that order. Raises BlobStoreDown."""

    def check(self) -> None:
        """Raise BlobStoreDown unless the place answers and takes a blob; it may have been tried just now."""

    @property
    def is_down(self) -> bool:
        """Whether a call would be refused at once, because others before it were not answered."""


_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def is_full(error: OSError) -> bool:
    """Whether a disk says that there is no room."""
    return error.errno in _FULL


@contextmanager
def local_disk() -> Iterator[None]:
    """What a disk of this machine says, as BlobStoreFull or BlobStoreDown."""
    try:
        yield
    except OSError as error:
        kind = BlobStoreFull if is_full(error) else BlobStoreDown
        raise kind(f"the disk fails: {error}") from error


def require_name(sha256: str) -> None:
    """Raises ValueError unless this names a blob: it becomes part of a path."""
    if not _NAME.fullmatch(sha256):
        raise ValueError(f"not the lower-case hex of a SHA-256: {sha256!r}")


def names_blob(name: str) -> bool:
    return _NAME.fullmatch(name) is not None


def require_part_name(name: str) -> None:
    """Raises ValueError unless this may name a part: it becomes part of a path."""
    if not _PART.fullmatch(name):
        raise ValueError(f"not the name of a part: {name!r}")


def chunks(stream: Source) -> Iterator[bytes]:
    """What is left of a stream, in pieces of at most CHUNK bytes."""
    while piece := stream.read(CHUNK):
        yield piece


@contextmanager
def reading(source: Source | Path) -> Iterator[Source]:
    """A stream to read from; one that the caller opened stays open."""
    if isinstance(source, Path):
        with source.open("rb") as stream:
            yield stream
    else:
        yield source


class Tally:
    """Counts and hashes bytes on their way through."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256()
        self.size = 0

    def add(self, piece: bytes) -> bytes:
        self._hash.update(piece)
        self.size += len(piece)
        return piece

    @property
    def name(self) -> str:
        """The lower-case hex of the SHA-256 of the bytes seen."""
        return self._hash.hexdigest()

    def is_of(self, sha256: str) -> bool:
        return self.name == sha256

    def require_intact(self, sha256: str) -> None:
        """Raises BlobDamaged unless the bytes seen, out of a store, hash to `sha256`."""
        if not self.is_of(sha256):
            raise BlobDamaged(sha256)

    def require_size(self, size: int) -> None:
        """Raises BlobMismatch unless the bytes seen, handed in, are `size` long."""
        if self.size != size:
            raise BlobMismatch(f"{self.size} bytes instead of {size}")

    def require(self, sha256: str, size: int) -> None:
        """Raises BlobMismatch unless the bytes seen, handed in, are `size` long and hash to `sha256`."""
        self.require_size(size)
        if not self.is_of(sha256):
            raise BlobMismatch(f"the bytes hash to {self.name} instead of {sha256}")
