"""The process in which photos are decoded: whatever they do to it, they do to it alone."""

import io
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from PIL import Image

from inspect_api.media.darkroom import Darkroom
from inspect_api.media.developed import Developed
from tests.live import ROOT
from tests.media.pictures import picture, saved, scans
from tests.media.processes import children, peak

SIZES = (320, 1280)
SECRET = "AKIA-the-key-of-the-store"

# Looks at the photo of its argument, and says when it is about to.
WORKER = """
import sys
from inspect_api.media.darkroom import Darkroom
darkroom = Darkroom(1000)
with open(sys.argv[1], "rb") as file:
    darkroom.develop(open(sys.argv[2], "rb"), (320,))
    print("looking", flush=True)
    darkroom.develop(file, (320,))
"""

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="finds and measures processes in /proc")


@pytest.fixture
def darkroom(monkeypatch: pytest.MonkeyPatch) -> Iterator[Darkroom]:
    monkeypatch.setenv("S3_SECRET_KEY", SECRET)
    darkroom = Darkroom(cpu_seconds=1)
    yield darkroom
    darkroom.close()
    assert children(os.getpid()) == []


def look(darkroom: Darkroom, content: bytes) -> Developed:
    with tempfile.SpooledTemporaryFile(1024 * 1024) as file:  # as the bucket gives it
        file.write(content)
        return darkroom.develop(file, SIZES)


def has_open(process: int, file: Path) -> bool:
    with suppress(OSError):
        return file in (handle.readlink() for handle in Path(f"/proc/{process}/fd").iterdir())
    return False


def test_one_process_for_many_photos(darkroom):
    assert children(os.getpid()) == []
    first = look(darkroom, saved(picture((2000, 1250)), "JPEG"))
    assert {size: Image.open(io.BytesIO(copy)).size for size, copy in first.copies.items()} == {
        320: (320, 200),
        1280: (1280, 800),
    }
    [child] = children(os.getpid())
    assert look(darkroom, b"%PDF-1.7").state == "unsupported"
    assert look(darkroom, saved(picture(), "JPEG")[:3000]).state == "damaged"
    assert look(darkroom, saved(picture(), "PNG")).state == "ready"
    assert children(os.getpid()) == [child]


def test_it_holds_no_secrets_and_no_other_files(darkroom):
    look(darkroom, saved(picture(), "PNG"))
    [child] = children(os.getpid())
    assert SECRET.encode() not in Path(f"/proc/{child}/environ").read_bytes()
    assert len(list(Path(f"/proc/{child}/fd").iterdir())) <= 6


def test_a_bomb_is_refused_and_takes_no_memory(darkroom):
    look(darkroom, saved(picture((8, 8)), "PNG"))
    [child] = children(os.getpid())
    before = peak(child)
    bomb = saved(Image.new("1", (20_000, 20_000)), "PNG", compress_level=1)
    assert look(darkroom, bomb).state == "too_large"
    assert children(os.getpid()) == [child]
    assert peak(child) < before + 50 * 1024 * 1024


def test_a_thousand_scans_end_by_the_limit_of_computing(darkroom):
    developed = look(darkroom, scans(1000, 5000))
    assert (developed.state, developed.exif.make) == ("timeout", "HUAWEI")
    assert look(darkroom, saved(picture(), "JPEG")).state == "ready"


def test_a_process_that_died_since_is_replaced(darkroom):
    photo = saved(picture(), "JPEG")
    look(darkroom, photo)
    [child] = children(os.getpid())
    os.kill(child, signal.SIGKILL)
    assert look(darkroom, photo).state == "ready"
    assert children(os.getpid()) != [child]


def test_what_ends_a_fresh_process_too_has_crashed_it(darkroom, tmp_path):
    look(darkroom, saved(picture(), "JPEG"))
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(scans(1000, 6000))
    is_over, killed = threading.Event(), set()

    def kill() -> None:
        while not is_over.is_set():
            for child in children(os.getpid()):
                if has_open(child, photo):
                    os.kill(child, signal.SIGSEGV)
                    killed.add(child)

    killer = threading.Thread(target=kill, daemon=True)
    killer.start()
    try:
        with photo.open("rb") as file:
            assert darkroom.develop(file, SIZES).state == "crashed"
    finally:
        is_over.set()
        killer.join()
    assert len(killed) == 2


def test_it_does_not_outlive_a_worker_that_is_killed(tmp_path):
    bomb, photo = tmp_path / "bomb.jpg", tmp_path / "photo.png"
    bomb.write_bytes(scans(20_000, 6000))
    photo.write_bytes(saved(picture(), "PNG"))
    worker = subprocess.Popen([sys.executable, "-c", WORKER, bomb, photo], cwd=ROOT, stdout=subprocess.PIPE)
    with worker:
        assert worker.stdout is not None
        assert worker.stdout.readline() == b"looking\n"
        [child] = children(worker.pid)
        worker.kill()
    until = time.monotonic() + 60
    while Path(f"/proc/{child}/cmdline").exists() and time.monotonic() < until:
        time.sleep(0.01)
    assert not Path(f"/proc/{child}").exists()
