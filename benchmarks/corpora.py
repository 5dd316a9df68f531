"""Every file of some folders, as if phones had sent it. `python -m benchmarks.corpora <folder> …`

Each file goes by PUT /blobs to a server; a worker prepares what was accepted; the thumbnail is asked for.
Counted are the answers, what became of the thumbnails, and whatever must not be: answers of 5xx, and ends of
the server or the worker. Public corpora that are worth it: python-pillow/Pillow (Tests/images),
drewnoakes/metadata-extractor-images, ianare/exif-samples, strukturag/libheif (fuzzing).
"""

import hashlib
import os
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import httpx

from benchmarks.measuring import machine, report
from tests.live import LiveServer, LiveWorker, prepare_county


def look_through(folders: list[str]) -> None:
    print(machine())
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_DIR")) as name:
        env = {"DATA_DIR": name, "DEMO": "true"}
        prepare_county(env, ["inspector1"])
        server = LiveServer(env)
        server.start(wrap=lambda command: [*command, "--no-worker"])
        worker = LiveWorker(env)
        try:
            headers = {"Authorization": f"Bearer {server.token('inspector1')}"}
            with httpx.Client(base_url=f"{server.url}/api/v1", headers=headers, timeout=120) as phone:
                for folder in folders:
                    _look_through(phone, Path(folder))
            report("corpora", {"worker": "ENDED" if worker.process.poll() is not None else "still the same"})
        finally:
            worker.kill()
            server.kill()


def _look_through(phone: httpx.Client, folder: Path) -> None:
    answers, found, bad = Counter[str](), Counter[str](), Counter[str]()
    accepted: dict[str, Path] = {}
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    for path in files:
        content = path.read_bytes()
        name = hashlib.sha256(content).hexdigest()
        answer = phone.put(f"/blobs/{name}", content=content)
        _note(answer, path, bad)
        answers[_told(answer)] += 1
        if answer.is_success:
            accepted[name] = path
    for name, path in accepted.items():
        while (told := _thumbnail(phone, name, path, bad)) == "thumbnail_pending":
            time.sleep(0.1)
        found[told] += 1
        if told in ("crashed", "timeout", "too_large"):
            print(f"  {told}: {path.relative_to(folder)}")
    report(
        f"corpus {folder.name}",
        {
            "files": len(files),
            "different ones accepted": len(accepted),
            "sent": str(dict(answers.most_common())),
            "thumbnails": str(dict(found.most_common())),
            "answers of 5xx": bad.total(),
        },
    )


def _thumbnail(phone: httpx.Client, name: str, path: Path, bad: Counter[str]) -> str:
    for size in (320, 1280):
        answer = phone.get(f"/photos/{name}/thumbnail?size={size}")
        _note(answer, path, bad)
        if not answer.is_success:
            break
    return "ready" if answer.is_success else _told(answer)


def _note(answer: httpx.Response, path: Path, bad: Counter[str]) -> None:
    if answer.is_server_error:
        bad[answer.text] += 1
        print(f"  {answer.status_code}: {path}: {answer.text}")


def _told(answer: httpx.Response) -> str:
    if answer.is_success:
        return str(answer.status_code)
    told = answer.json()
    if told["code"] == "thumbnail_unavailable":
        return str(told["errors"][0]["code"])
    return f"{answer.status_code} {told['code']}" if told["code"] != "thumbnail_pending" else told["code"]


if __name__ == "__main__":
    look_through(sys.argv[1:])
