"""Nothing is acknowledged before it is on the disk: the order of the kernel's own calls says so (A3)."""

import hashlib
import re
import shutil
import subprocess
from uuid import uuid4

import httpx
import pytest

from inspect_api.demo.county import load_county
from tests.http.test_photos import jpeg, name_of
from tests.http.test_uploads import OCTETS, metadata
from tests.live import LiveServer, prepare_county
from tests.records import inspection, plain_items, push

PUSHES = 20
PHOTOS = 10
_TRACED = "fsync,fdatasync,read,recvfrom,write,writev,sendto,sendmsg"
_SYNC = re.compile(r"\bf(?:data)?sync\(\d+<(?P<path>[^>]*)>")
_SYNCED = re.compile(r"\bf(?:data)?sync(?:\(\d+<| resumed>).*= 0$")


def _may_trace() -> bool:
    if shutil.which("strace") is None:
        return False
    return (
        subprocess.run(["strace", "-e", "trace=none", "true"], capture_output=True, check=False).returncode
        == 0
    )


pytestmark = pytest.mark.skipif(not _may_trace(), reason="no strace here, or it may not look at processes")


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """What a server on SQLite and a folder asked of the kernel while it took records and photos."""
    folder = tmp_path_factory.mktemp("traced")
    env, trace = {"DATA_DIR": str(folder), "DEMO": "true"}, folder / "trace"
    prepare_county(env, ["inspector1"])
    server = LiveServer(env)
    options = ["strace", "-f", "-y", "-s", "200", "-e", f"trace={_TRACED}", "-o", str(trace)]
    try:
        server.start(wrap=lambda command: [*options, *command])
        _hand_in(server)
        server.stop()  # which completes the trace
    finally:
        server.kill()
    return trace.read_text(errors="replace").splitlines()


def _hand_in(server: LiveServer) -> None:
    county, device = load_county(), str(uuid4())
    grids = county.account("inspector1").grids
    site = next(site for site in county.sites if site.grid_code in grids and site.industry == "hazmat")
    headers = {"Authorization": f"Bearer {server.token('inspector1', device)}"}
    with httpx.Client(base_url=f"{server.url}/api/v1", headers=headers, timeout=30) as phone:
        for seq in range(PUSHES):
            op = inspection(site.id, fails={plain_items("general")[0].code: {}}, passes=3, seq=seq)
            answer = phone.post("/sync/push", json=push([op], device))
            assert answer.json()["outcomes"][0]["code"] == "applied"
        for number in range(PHOTOS):
            photo = jpeg((number * 20, 30, 30))
            answer = phone.put(f"/blobs/{hashlib.sha256(photo).hexdigest()}", content=photo)
            assert answer.json()["status"] == "stored"
            _hand_in_by_parts(phone, jpeg((number * 20, 90, 30)))


def _hand_in_by_parts(phone: httpx.Client, photo: bytes) -> None:
    phone.headers["Tus-Resumable"] = "1.0.0"
    told = {"Upload-Length": str(len(photo)), "Upload-Metadata": metadata(sha256=name_of(photo))}
    path = phone.post("/uploads", headers=told).headers["location"].removeprefix("/api/v1")
    for start, end in ((0, 1000), (1000, len(photo))):
        sent = {"Upload-Offset": str(start), "Content-Type": OCTETS}
        assert phone.patch(path, headers=sent, content=photo[start:end]).status_code == 204


def syncs_before_answers(log: list[str], request: str) -> list[list[str]]:
    """For each such request the paths that were synced between its arrival and its answer."""
    answered: list[list[str]] = []
    open_since: list[str] | None = None
    begun: dict[str, str] = {}
    for line in log:
        thread, synced = line.partition(" ")[0], _SYNC.search(line)
        if synced:
            begun[thread] = synced["path"]
        if request in line:
            open_since = []
        elif open_since is not None and _SYNCED.search(line):  # a call may be told in two lines
            open_since.append(begun[thread])
        elif open_since is not None and re.search(r'(sendto|sendmsg|writev?)\(.*"HTTP/1\.1 20[014]', line):
            answered.append(open_since)
            open_since = None
    return answered


def test_the_log_is_synced_before_every_acknowledgement(log: list[str]) -> None:
    answered = syncs_before_answers(log, "POST /api/v1/sync/push")
    assert len(answered) == PUSHES
    assert [paths for paths in answered if not any(path.endswith("-wal") for path in paths)] == []


def test_a_photo_and_its_folder_are_synced_before_it_is_called_stored(log: list[str]) -> None:
    answered = syncs_before_answers(log, "PUT /api/v1/blobs/")
    assert len(answered) == PHOTOS
    for paths in answered:
        inside = [path for path in paths if "/blobs/" in path]
        assert len(inside) >= 2, "the file, and the folder in which it got its name"
        assert any(path.endswith("-wal") for path in paths)


def test_so_are_the_parts_of_an_upload_before_its_offset_is_told(log: list[str]) -> None:
    answered = syncs_before_answers(log, "PATCH /api/v1/uploads/")
    assert len(answered) == 2 * PHOTOS
    for number, paths in enumerate(answered):
        where = "/blobs/" if number % 2 else "/blobs/parts/"
        assert [path for path in paths if where in path], paths
        assert len([path for path in paths if "/blobs/" in path]) >= 2
        assert any(path.endswith("-wal") for path in paths)
