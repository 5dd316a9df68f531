"""Thumbnails against Pillow alone, and what hostile pictures cost. `python -m benchmarks.thumbnails`

The floor: Pillow's own draft mode in this process, from the bytes to a picture of 320 pixels, or to WebPs of
320 and 1280. Beside it the product's way of the same, into another process and back.

Then hostile pictures are sent to a server and prepared by a worker, and the memory of both and of the
worker's children is watched.
"""

import hashlib
import io
import os
import sys
import tempfile
import time
from collections.abc import Callable

import httpx
from PIL import Image

from benchmarks.measuring import compare, machine, report
from inspect_api.media.darkroom import Darkroom
from tests.live import LiveServer, LiveWorker, prepare_county
from tests.media.hostile import hostile, noise
from tests.media.pictures import picture, saved
from tests.media.processes import children, peak

ROUNDS, TIMES = 11, 1
_MB = 1_000_000


def main() -> None:
    print(machine())
    _time_thumbnails()
    if sys.platform == "linux":
        _watch_memory()


def _time_thumbnails() -> None:
    photo = saved(noise((4000, 3000)), "JPEG", quality=90)
    darkroom = Darkroom()
    with tempfile.TemporaryFile() as file:
        file.write(photo)

        def pillow(size: int, encode: bool) -> None:
            with Image.open(io.BytesIO(photo)) as image:
                image.thumbnail((size, size))
                if encode:
                    image.save(io.BytesIO(), "WEBP", quality=80, method=2)

        def both() -> None:
            for size in (320, 1280):
                pillow(size, True)

        def ours(sizes: tuple[int, ...]) -> None:
            if darkroom.develop(file, sizes).state != "ready":
                raise AssertionError

        runs: dict[str, Callable[[], object]] = {
            "Pillow, 320": lambda: pillow(320, False),
            "product, 320, WebP": lambda: ours((320,)),
            "Pillow, both, WebP": both,
            "product, both, WebP": lambda: ours((320, 1280)),
        }
        ours((320,))  # the child has started
        taken = compare(runs, ROUNDS, TIMES)
    darkroom.close()
    for name, seconds in taken.items():
        floor = taken["Pillow, both, WebP" if "both" in name else "Pillow, 320"]
        report(f"thumbnail, {name}", {"ms": seconds * 1000, "x Pillow": seconds / floor})


def _watch_memory() -> None:
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_DIR")) as name:
        env = {"DATA_DIR": name, "DEMO": "true"}
        prepare_county(env, ["inspector1"])
        server = LiveServer(env)
        server.start(wrap=lambda command: [*command, "--no-worker"])
        worker = LiveWorker(env)
        try:
            headers = {"Authorization": f"Bearer {server.token('inspector1')}"}
            with httpx.Client(base_url=f"{server.url}/api/v1", headers=headers, timeout=120) as phone:
                _send_hostile(phone, server.pid, worker.process.pid)
        finally:
            worker.kill()
            server.kill()


def _send_hostile(phone: httpx.Client, server: int, worker: int) -> None:
    send(phone, saved(picture((1280, 960)), "JPEG"))  # everything is loaded
    api, jobs, highest = peak(server), peak(worker), 0
    for what, photo in hostile():
        name, status = put(phone, photo), "thumbnail_pending"
        child = 0
        while status == "thumbnail_pending":
            child = max([child, *(peak(each) for each in children(worker))])
            status = look(phone, name)
        highest = max(highest, child)
        figures = {"kB": len(photo) / 1000, "answer": status, "child MB": child / _MB}
        report(f"hostile photo, {what}", figures)
    report(
        "hostile photos",
        {
            "peak of the child MB": highest / _MB,
            "limit of the child MB": 512,
            "API over idle MB": (peak(server) - api) / _MB,
            "limit over idle MB": 64,
            "worker over idle MB": (peak(worker) - jobs) / _MB,
        },
    )


def send(phone: httpx.Client, photo: bytes) -> str:
    """Hand a photo in and wait for its thumbnail: `ready`, or why there is none."""
    name, status = put(phone, photo), "thumbnail_pending"
    while status == "thumbnail_pending":
        time.sleep(0.02)
        status = look(phone, name)
    return status


def put(phone: httpx.Client, photo: bytes) -> str:
    """Hand a photo in; its name."""
    name = hashlib.sha256(photo).hexdigest()
    phone.put(f"/blobs/{name}", content=photo).raise_for_status()
    return name


def look(phone: httpx.Client, name: str) -> str:
    """`ready`, `thumbnail_pending`, or why there is no thumbnail."""
    answer = phone.get(f"/photos/{name}/thumbnail")
    if answer.status_code == 200:
        return "ready"
    told = answer.json()
    return str(told["errors"][0]["code"] if told["code"] == "thumbnail_unavailable" else told["code"])


if __name__ == "__main__":
    main()
