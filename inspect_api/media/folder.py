"""Blobs in a folder of this machine: `<root>/ab/<sha256>`, each put there whole or not at all.

The bytes are written and synced under `incoming/` first and then renamed, so that a crash or a power loss
leaves either the whole blob under its name or no blob. The name is synced too before `put` returns.

One level of 256 folders, made once at the start: a second level would be made anew by nearly every photo
until there are 65,536, and each new folder is one more sync that an inspector waits for.
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from inspect_api.media.blobs import (
    BlobMissing,
    BlobStoreDown,
    Tally,
    chunks,
    reading,
    require_name,
)


class FolderStore:
    """A blob store below `root`, which is made when it is not there. Safe for many threads and processes."""

    def __init__(self, root: Path) -> None:
        self._root = root.resolve()
        self._incoming = self._root / "incoming"
        with _disk():
            _make_folder(self._root)
            for folder in (self._incoming, *(self._root / f"{n:02x}" for n in range(256))):
                folder.mkdir(exist_ok=True)
            _sync(self._root)

    def put(self, sha256: str, source: IO[bytes] | Path, size: int) -> None:
        target = self._path(sha256)
        with reading(source) as stream:
            part = self._write_part(stream, sha256, size)
        try:
            with _disk():
                part.replace(target)
        except BaseException:
            _forget(part)
            raise
        with _disk():
            _sync(target.parent)

    def open(self, sha256: str) -> IO[bytes]:
        path = self._path(sha256)
        with _disk():
            try:
                file = path.open("rb")
            except FileNotFoundError:
                self._require_root()
                raise BlobMissing(sha256) from None
            tally = Tally()
            try:
                for piece in chunks(file):
                    tally.add(piece)
                tally.require_intact(sha256)
                file.seek(0)
            except BaseException:
                file.close()
                raise
        return file

    def size(self, sha256: str) -> int | None:
        path = self._path(sha256)
        with _disk():
            try:
                return path.stat().st_size
            except FileNotFoundError:
                self._require_root()
                return None

    def delete(self, sha256: str) -> None:
        path = self._path(sha256)
        with _disk():
            try:
                path.unlink()
            except FileNotFoundError:
                self._require_root()
            else:
                _sync(path.parent)

    def check(self) -> None:
        with _disk(), tempfile.TemporaryFile(dir=self._incoming) as probe:
            probe.write(b"?")
            probe.flush()

    def _write_part(self, stream: IO[bytes], sha256: str, size: int) -> Path:
        tally = Tally()
        with _disk():
            handle, name = tempfile.mkstemp(dir=self._incoming, prefix=sha256[:12] + ".")
        try:
            with open(handle, "wb", buffering=0) as file:
                for piece in chunks(stream):
                    tally.add(piece)
                    if tally.size > size:
                        break
                    with _disk():
                        _write_all(file.fileno(), piece)
                tally.require(sha256, size)
                with _disk():
                    os.fsync(file.fileno())
        except BaseException:
            _forget(Path(name))
            raise
        return Path(name)

    def _path(self, sha256: str) -> Path:
        require_name(sha256)
        return self._root / sha256[:2] / sha256

    def _require_root(self) -> None:
        # An unmounted disk must not look like a store in which every photo is missing.
        if not self._incoming.is_dir():
            raise BlobStoreDown(f"{self._root} is gone")


@contextmanager
def _disk() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise BlobStoreDown(f"the photo folder fails: {error}") from error


def _write_all(handle: int, piece: bytes) -> None:
    rest = memoryview(piece)
    while rest:
        rest = rest[os.write(handle, rest) :]


def _make_folder(folder: Path) -> None:
    if folder.is_dir():
        return
    _make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    _sync(folder.parent)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _forget(part: Path) -> None:
    with suppress(OSError):
        part.unlink()
