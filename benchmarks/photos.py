"""Photos of 200 kB, acknowledged when they are durable, against the disk alone. `python -m benchmarks.photos`

One client, which costs as little as a client can. Two limits, on the same disk and in the same rounds:
`file` writes 200 kB into a new file and syncs it; `raw` is what makes a file durable: it gives it its name
and syncs the folder too. `bare` is `benchmarks/bare.py`, what our framework takes for `file`. PUT /blobs and
tus (creation with upload) sync a file, its folder and the log of the database (SQLite and a folder, without
a worker: what is done with a photo later has time).
"""

import base64
import hashlib
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from pathlib import Path

from benchmarks.measuring import compare, machine, report
from tests.live import LiveServer, free_port, prepare_county

SIZE, ROUNDS, TIMES = 200_000, 15, 20
_JPEG = b"\xff\xd8\xff\xe0"


def main() -> None:
    print(machine())
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_DIR")) as name:
        folder = Path(name)
        for part in ("raw", "file", "bare"):
            (folder / part).mkdir()
        env, port = {"DATA_DIR": name, "DEMO": "true"}, free_port()
        prepare_county(env, ["inspector1"])
        server = LiveServer(env)
        bare = subprocess.Popen([sys.executable, "-m", "benchmarks.bare", str(folder / "bare"), str(port)])
        server.start(wrap=lambda command: [*command, "--no-worker"])
        try:
            token = server.token("inspector1")
            runs, begun = _runs(folder, token, server.port, port), _cpu_seconds(server.pid)
            _report(compare(runs, ROUNDS, TIMES))
            taken = _cpu_seconds(server.pid) - begun
            report("photo", {"processor of the server ms": taken / (2 * ROUNDS * TIMES) * 1000})
        finally:
            server.kill()
            bare.kill()
            bare.wait()


def _report(taken: dict[str, float]) -> None:
    for name, seconds in taken.items():
        report(
            f"photo, {name}",
            {
                "a second": 1 / seconds,
                "ms": seconds * 1000,
                "x raw": taken["raw"] / seconds,
                "x file": taken["file"] / seconds,
            },
        )


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _runs(folder: Path, token: str, port: int, bare_port: int) -> dict[str, Callable[[], object]]:
    photos = _photos()
    phone, simple = HTTPConnection("127.0.0.1", port), HTTPConnection("127.0.0.1", bare_port)
    login = {"Authorization": f"Bearer {token}"}

    def send(to: HTTPConnection, method: str, path: str, photo: bytes, headers: dict[str, str]) -> None:
        to.request(method, path, photo, headers)
        answer = to.getresponse()
        answer.read()
        assert answer.status == 201, answer.status

    def file() -> None:
        name, photo = next(photos)
        with (folder / "file" / name).open("wb", buffering=0) as written:
            written.write(photo)
            os.fsync(written.fileno())

    def raw() -> None:
        write_durably(folder / "raw", *next(photos))

    def barely() -> None:
        name, photo = next(photos)
        send(simple, "PUT", f"/blobs/{name}", photo, {})

    def put() -> None:
        name, photo = next(photos)
        send(phone, "PUT", f"/api/v1/blobs/{name}", photo, login)

    def tus() -> None:
        name, photo = next(photos)
        headers = {
            "Tus-Resumable": "1.0.0",
            "Upload-Length": str(len(photo)),
            "Upload-Metadata": f"sha256 {base64.b64encode(name.encode()).decode()}",
            "Content-Type": "application/offset+octet-stream",
        }
        send(phone, "POST", "/api/v1/uploads", photo, {**login, **headers})

    _until_it_answers(barely)
    return {"file": file, "raw": raw, "bare": barely, "PUT /blobs": put, "tus": tus}


def _until_it_answers(ask: Callable[[], None]) -> None:
    for _ in range(600):
        try:
            return ask()
        except ConnectionRefusedError:
            time.sleep(0.1)
    raise SystemExit("the bare server did not start")


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
