"""The folder under kill -9 and on a full disk: a final name always stands for the whole blob."""

import hashlib
import os
import resource
import signal
import subprocess
import sys

import pytest

from inspect_api.media.blobs import BlobMissing, BlobStoreDown
from inspect_api.media.folder import FolderStore

# Puts numbered blobs for ever and names each one on standard output after `put` has returned.
WRITER = """
import hashlib, io, sys
from pathlib import Path
from inspect_api.media.folder import FolderStore
store = FolderStore(Path(sys.argv[1]))
for n in range(1_000_000):
    content = n.to_bytes(4) * 50_000
    name = hashlib.sha256(content).hexdigest()
    store.put(name, io.BytesIO(content), len(content))
    print(name, flush=True)
"""


def stored(folder):
    return [path for path in folder.glob("??/*") if path.is_file()]


@pytest.mark.parametrize("acknowledged", [1, 7, 40])
def test_kill_in_the_middle_of_puts(tmp_path, acknowledged):
    writer = subprocess.Popen([sys.executable, "-c", WRITER, tmp_path], stdout=subprocess.PIPE, text=True)
    names = [writer.stdout.readline().strip() for _ in range(acknowledged)]
    writer.kill()
    names += writer.stdout.read().split()
    writer.wait()

    store = FolderStore(tmp_path)
    for name in names:
        store.open(name).close()
    for path in stored(tmp_path):
        assert hashlib.sha256(path.read_bytes()).hexdigest() == path.name


def test_a_full_disk_refuses_and_keeps_nothing_half(tmp_path):
    store = FolderStore(tmp_path)
    content = bytes(200_000)
    path = tmp_path / "source.pdf"
    path.write_bytes(content)
    name = hashlib.sha256(content).hexdigest()
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
    try:
        with pytest.raises(BlobStoreDown):
            store.put(name, path, len(content))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, ignored)
    assert stored(tmp_path) == []
    assert list((tmp_path / "incoming").iterdir()) == []
    with pytest.raises(BlobMissing):
        store.open(name)

    store.put(name, path, len(content))
    store.open(name).close()


def test_what_a_kill_left_half_written_is_cleared_away_a_day_later(tmp_path):
    store = FolderStore(tmp_path)
    old, young = tmp_path / "incoming" / "old", tmp_path / "incoming" / "young"
    for file, age in ((old, 25 * 3600), (young, 23 * 3600)):
        file.write_bytes(b"half a photo")
        since = file.stat().st_mtime - age
        os.utime(file, (since, since))
    store.inventory("", 10)
    assert list((tmp_path / "incoming").iterdir()) == [young]
