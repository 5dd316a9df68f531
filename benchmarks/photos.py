"""Photos of 200 kB, acknowledged when they are durable, against the disk alone. `python -m benchmarks.photos`

One client. The floor: 200 kB into a new file, fsync, rename, fsync of the folder, on the same disk and in
the same rounds. Beside it PUT /blobs and tus (creation with upload) on SQLite and a folder, without a
worker: what is done with a photo later has time.
"""

import base64
import hashlib
import os
import random
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx

from benchmarks.measuring import compare, machine
from tests.live import LiveServer, prepare_county

SIZE, ROUNDS, TIMES = 200_000, 9, 25
_JPEG = b"\xff\xd8\xff\xe0"


def main() -> None:
    print(machine())
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_DIR")) as name:
        folder = Path(name)
        env = {"DATA_DIR": name, "DEMO": "true"}
        prepare_county(env, ["inspector1"])
        server = LiveServer(env)
        server.start(wrap=lambda command: [*command, "--no-worker"])
        try:
            headers = {"Authorization": f"Bearer {server.token('inspector1')}"}
            with httpx.Client(base_url=f"{server.url}/api/v1", headers=headers, timeout=60) as phone:
                _report(compare(_runs(phone, folder / "raw"), ROUNDS, TIMES))
        finally:
            server.kill()


def _report(taken: dict[str, float]) -> None:
    floor = taken["raw"]
    for name, seconds in taken.items():
        print(f"{name:20} {1 / seconds:6.0f}/s  {seconds * 1000:5.2f} ms  {floor / seconds:.2f} x raw")


def _runs(phone: httpx.Client, folder: Path) -> dict[str, Callable[[], object]]:
    folder.mkdir()
    photos = _photos()
    numbers = iter(range(10**9))

    def raw() -> None:
        write_durably(folder, f"{next(numbers)}", next(photos)[1])

    def put() -> None:
        name, photo = next(photos)
        phone.put(f"/blobs/{name}", content=photo).raise_for_status()

    def tus() -> None:
        name, photo = next(photos)
        headers = {
            "Tus-Resumable": "1.0.0",
            "Upload-Length": str(len(photo)),
            "Upload-Metadata": f"sha256 {base64.b64encode(name.encode()).decode()}",
            "Content-Type": "application/offset+octet-stream",
        }
        phone.post("/uploads", content=photo, headers=headers).raise_for_status()

    return {"raw": raw, "PUT /blobs": put, "tus": tus}


def write_durably(folder: Path, name: str, content: bytes) -> None:
    """As cheaply as the disk allows."""
    part = folder / f"{name}.part"
    with part.open("wb", buffering=0) as file:
        file.write(content)
        os.fsync(file.fileno())
    part.rename(folder / name)
    handle = os.open(folder, os.O_RDONLY)
    os.fsync(handle)
    os.close(handle)


def _photos() -> Iterator[tuple[str, bytes]]:
    """Each another one, with its name."""
    noise = _JPEG + random.Random(1).randbytes(SIZE - 12)
    number = 0
    while True:
        number += 1
        photo = noise + number.to_bytes(8)
        yield hashlib.sha256(photo).hexdigest(), photo


if __name__ == "__main__":
    main()
