"""Blobs in a folder of this machine: `<root>/ab/<sha256>`, each put there whole or not at all.

The bytes are written under `incoming/` first and then given their name, so that a crash of the process leaves
either the whole blob under its name or no blob; what lies unnamed for a day is cleared away when the folder
is gone through. Bytes and name are synced before `put` returns; both at once, because the disk takes hardly
longer for two syncs that wait together than for one. So a power loss before that can leave a new name with
broken bytes, which nobody was promised, which `open` refuses, and which the next `put` replaces. A name that
is there already only ever changes hands to bytes that are synced.

One level of 256 folders, made once at the start: a second level would be made anew by nearly every photo
until there are 65,536, and each new folder is one more sync that an inspector waits for.

Parts of uploads: `<root>/parts/<upload>/<name>`, put there in the same way.
"""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import IO
from uuid import UUID

from inspect_api.clock import new_id
from inspect_api.media.blobs import (
    BlobMissing,
    BlobStoreDown,
    Lying,
    Source,
    Tally,
    chunks,
    local_disk,
    names_blob,
    reading,
    require_name,
    require_part_name,
)
from inspect_api.media.ranged import Span

_SYNCING = 8  # as many as put at once
_LEFT_BEHIND_S = 24 * 3600


class FolderStore:
    """A blob store below `root`, which is made when it is not there. Safe for many threads and processes."""

    def __init__(self, root: Path) -> None:
        self._root = root.resolve()
        self._incoming, self._parts = self._root / "incoming", self._root / "parts"
        self._syncing = ThreadPoolExecutor(_SYNCING, thread_name_prefix="sync")
        with local_disk():
            _make_folder(self._root)
            for folder in (self._incoming, self._parts, *(self._root / f"{n:02x}" for n in range(256))):
                folder.mkdir(exist_ok=True)
            _sync(self._root)

    def put(
        self,
        sha256: str,
        source: Source | Path,
        size: int,
        overwriting: Callable[[], None] | None = None,
    ) -> None:
        target = self._path(sha256)
        with reading(source) as stream, self._new_file() as (handle, written):
            _fill(handle, stream, size).require(sha256, size)
            self._give_name(handle, written, target)

    def open(self, sha256: str) -> IO[bytes]:
        path = self._path(sha256)
        with local_disk():
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

    def open_range(self, sha256: str, start: int, stop: int) -> Span:
        return Span(self.open(sha256), start, stop)

    def size(self, sha256: str) -> int | None:
        path = self._path(sha256)
        with local_disk():
            try:
                return path.stat().st_size
            except FileNotFoundError:
                self._require_root()
                return None

    def delete(self, sha256: str) -> None:
        path = self._path(sha256)
        with local_disk():
            try:
                path.unlink()
            except FileNotFoundError:
                self._require_root()
            else:
                _sync(path.parent)

    def put_part(self, upload: UUID, name: str, source: Source, size: int) -> None:
        target = self._part(upload, name)
        with self._new_file() as (handle, written):
            _fill(handle, source, size).require_size(size)
            with local_disk():
                _make_folder(target.parent)
            self._give_name(handle, written, target)

    def open_part(self, upload: UUID, name: str) -> IO[bytes]:
        path = self._part(upload, name)
        with local_disk():
            try:
                return path.open("rb")
            except FileNotFoundError:
                self._require_root()
                raise BlobMissing(name) from None

    def drop_part(self, upload: UUID, name: str) -> None:
        with local_disk():
            self._part(upload, name).unlink(missing_ok=True)

    def drop_parts(self, upload: UUID) -> None:
        with local_disk():
            self._require_root()
            with suppress(FileNotFoundError):
                shutil.rmtree(self._parts / str(upload))

    def inventory(self, after: str, most: int) -> list[Lying]:
        found: list[Lying] = []
        with local_disk():
            self._require_root()
            if not after:
                self._clear_incoming()
            for n in range(int(after[:2] or "0", 16), 256):
                names = sorted(name for name in os.listdir(self._root / f"{n:02x}") if name > after)
                for name in filter(names_blob, names[: most - len(found)]):
                    with suppress(FileNotFoundError):
                        changed = self._path(name).stat().st_mtime
                        found.append(Lying(name, datetime.fromtimestamp(changed, UTC)))
                if len(found) >= most:
                    break
        return found

    def check(self) -> None:
        with local_disk(), tempfile.TemporaryFile(dir=self._incoming) as probe:
            probe.write(b"?")
            probe.flush()

    @property
    def is_down(self) -> bool:
        return False

    @contextmanager
    def _new_file(self) -> Iterator[tuple[int, Path]]:
        """A file under a name of no meaning, which it loses at the end."""
        path = self._incoming / str(new_id())
        with local_disk():
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            yield handle, path
        finally:
            os.close(handle)
            with suppress(OSError):
                path.unlink()

    def _clear_incoming(self) -> None:
        """What was being written when a process was killed: nobody goes on with it after a day."""
        with tempfile.TemporaryFile(dir=self._incoming) as probe:
            present = os.fstat(probe.fileno()).st_mtime  # by the clock that dates the other files
        for file in self._incoming.iterdir():
            with suppress(FileNotFoundError):
                if file.stat().st_mtime < present - _LEFT_BEHIND_S:
                    file.unlink()

    def _give_name(self, handle: int, written: Path, target: Path) -> None:
        """Durable under its name when this returns."""
        with local_disk():
            try:
                os.link(written, target)
            except OSError:  # the name is there already, or this disk knows no second names
                os.fsync(handle)
                written.replace(target)
                _sync(target.parent)
                return
            named = self._syncing.submit(_sync, target.parent)
            try:
                os.fsync(handle)
            finally:
                named.result()

    def _part(self, upload: UUID, name: str) -> Path:
        require_part_name(name)
        return self._parts / str(upload) / name

    def _path(self, sha256: str) -> Path:
        require_name(sha256)
        return self._root / sha256[:2] / sha256

    def _require_root(self) -> None:
        # An unmounted disk must not look like a store in which every photo is missing.
        if not self._incoming.is_dir():
            raise BlobStoreDown(f"{self._root} is gone")


def _fill(handle: int, stream: Source, size: int) -> Tally:
    """Write what the stream gives, no more than a piece over `size`; what that was."""
    tally = Tally()
    for piece in chunks(stream):
        tally.add(piece)
        if tally.size > size:
            break
        with local_disk():
            _write_all(handle, piece)
    return tally


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
