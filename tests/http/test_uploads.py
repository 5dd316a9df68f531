"""tus 1.0.0: an upload goes on from where it stands, is one account's, and becomes a photo or nothing."""

import base64
import hashlib
import io
import random
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from httpx import Response
from PIL import Image

from inspect_api.jobs.loop import run_due
from inspect_api.settings import Settings
from tests.http.serving import Person, Served, copy_folder, serve
from tests.http.test_photos import jpeg, name_of, push_photo

OCTETS = "application/offset+octet-stream"


def picture(seed: int, size: int) -> bytes:
    """A JPEG of about so many bytes, each seed another one."""
    out = io.BytesIO()
    Image.new("RGB", (64, 48), (seed % 256, 90, 20)).save(out, "JPEG")
    return out.getvalue() + random.Random(seed).randbytes(max(0, size - len(out.getvalue())))


def metadata(**values: str) -> str:
    return ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in values.items())


class Tus:
    """A client by hand, of one person."""

    def __init__(self, person: Person) -> None:
        self.person = person

    def ask(self, method: str, path: str, content: bytes | Any = b"", **headers: str | None) -> Response:
        sent = {"Tus-Resumable": "1.0.0"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items() if value is not None}
        answer = self.person.served.client.request(
            method, path, content=content, headers=self.person.headers(sent)
        )
        assert answer.headers["tus-resumable"] == "1.0.0"
        return answer

    def create(self, photo: bytes, sha256: str | None = None, **headers: str) -> Response:
        told = metadata(sha256=sha256 or name_of(photo), filename="现场一.jpg", filetype="image/jpeg")
        headers = {"Upload_Length": str(len(photo)), "Upload_Metadata": told, **headers}
        return self.ask("POST", "/api/v1/uploads", **headers)

    def begin(self, photo: bytes, sha256: str | None = None) -> str:
        answer = self.create(photo, sha256)
        assert answer.status_code == 201, answer.text
        return answer.headers["location"]

    def patch(self, path: str, offset: int, content: bytes | Any, **headers: str) -> Response:
        return self.ask("PATCH", path, content, Upload_Offset=str(offset), Content_Type=OCTETS, **headers)

    def offset(self, path: str) -> int:
        answer = self.ask("HEAD", path)
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "no-store"
        return int(answer.headers["upload-offset"])


def status_of(person: Person, photo: bytes) -> dict[str, Any]:
    [item] = person.post("/blobs/status", {"sha256": [name_of(photo)]}).json()["items"]
    return item


def left_over(served: Served) -> list[str]:
    parts = served.settings.data_dir / "blobs" / "parts"
    return [str(path) for path in parts.rglob("*") if path.is_file()]


def test_a_photo_in_parts_is_linked_to_the_record_that_waited_for_it(served):
    photo = picture(1, 300_000)
    person = push_photo(served, photo)
    hazard = person.get("/hazards").json()["items"][0]
    assert hazard["evidence_pending"] == 1
    tus = Tus(person)
    path = tus.begin(photo)
    offset = 0
    for size in (1, 63, 5, 100_000, 1, 70_000):
        answer = tus.patch(path, offset, photo[offset : offset + size])
        offset += size
        assert (answer.status_code, answer.headers["upload-offset"]) == (204, str(offset)), answer.text
        assert answer.headers["upload-expires"].endswith("GMT")
        assert tus.offset(path) == offset
    told = {"sha256": name_of(photo), "status": "partial", "offset": offset, "upload": path}
    assert status_of(person, photo) == told
    assert status_of(served.person("inspector2"), photo)["status"] == "missing"
    assert person.get(f"/photos/{name_of(photo)}").status_code == 404
    assert tus.patch(path, offset, photo[offset:]).headers["upload-offset"] == str(len(photo))
    assert status_of(person, photo) == {"sha256": name_of(photo), "status": "stored"}
    assert person.get(f"/photos/{name_of(photo)}").content == photo
    assert person.get(f"/hazards/{hazard['id']}").json()["evidence_pending"] == 0
    assert tus.offset(path) == len(photo)
    assert tus.patch(path, len(photo), b"").status_code == 204
    assert left_over(served)
    run_due(served.app)
    assert left_over(served) == []
    assert tus.offset(path) == len(photo)


def test_creation_with_all_bytes_is_one_request_and_some_of_them_are_kept(served):
    tus = Tus(served.person("inspector1"))
    photo = picture(2, 200_000)
    told = metadata(sha256=name_of(photo))
    headers = {"Upload_Length": str(len(photo)), "Upload_Metadata": told, "Content_Type": OCTETS}
    answer = tus.ask("POST", "/api/v1/uploads", photo, **headers)
    assert (answer.status_code, answer.headers["upload-offset"]) == (201, str(len(photo)))
    assert status_of(tus.person, photo)["status"] == "stored"
    assert tus.offset(answer.headers["location"]) == len(photo)
    assert left_over(served) == []
    again = tus.ask("POST", "/api/v1/uploads", photo[:50_000], **headers)
    assert (again.status_code, again.headers["upload-offset"]) == (201, "50000")
    rest = tus.patch(again.headers["location"], 50_000, photo[50_000:])
    assert rest.headers["upload-offset"] == str(len(photo))


def test_what_the_server_says_of_itself(sqlite_served):
    answer = sqlite_served.client.options("/api/v1/uploads")
    assert answer.status_code == 204
    assert answer.headers["tus-version"] == "1.0.0"
    assert set(answer.headers["tus-extension"].split(",")) == {
        "creation", "creation-with-upload", "checksum", "expiration", "termination",
    }  # fmt: skip
    assert answer.headers["tus-max-size"] == str(64 * 1024 * 1024)
    assert "sha1" in answer.headers["tus-checksum-algorithm"].split(",")
    limits = sqlite_served.client.get("/api/v1/hello").json()["limits"]
    assert (limits["uploads"], limits["upload_days"]) == (1000, 7)
    tus = Tus(sqlite_served.person("inspector1"))
    photo = jpeg()
    for version in ("0.2.2", "1.0.1", None):
        answer = tus.ask("POST", "/api/v1/uploads", Tus_Resumable=version or "")
        assert (answer.status_code, answer.headers["tus-version"]) == (412, "1.0.0")
    shown = tus.ask("HEAD", tus.begin(photo)).headers
    assert shown["upload-length"] == str(len(photo))
    assert metadata(filename="现场一.jpg") in shown["upload-metadata"]


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({"Upload_Length": "-1"}, 400, "bad_upload"),
        ({"Upload_Length": "0"}, 400, "bad_upload"),
        ({"Upload_Length": "9" * 400}, 400, "bad_upload"),
        ({"Upload_Length": str(64 * 1024 * 1024 + 1)}, 413, "too_large"),
        ({"Upload_Metadata": ""}, 400, "bad_upload"),
        ({"Upload_Metadata": "filename"}, 400, "bad_upload"),
        ({"Upload_Metadata": "sha256 ====="}, 400, "bad_upload"),
        ({"Upload_Metadata": metadata(sha256="../../etc")}, 400, "bad_upload"),
        ({"Upload_Metadata": metadata(sha256="0" * 64) + "," + metadata(sha256="1" * 64)}, 400, "bad_upload"),
        ({"Upload_Metadata": metadata(sha256="0" * 64, filename="x" * 5000)}, 400, "bad_upload"),
    ],
)
def test_an_upload_that_is_not_begun(shared, headers, status, code):
    answer = Tus(shared.person("inspector1")).create(b"x" * 100, **headers)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_a_patch_that_does_not_fit_changes_nothing(sqlite_served):
    tus, photo = Tus(sqlite_served.person("inspector1")), picture(3, 5000)
    path = tus.begin(photo)
    tus.patch(path, 0, photo[:1000])
    for offset in (0, 999, 1001, 5000):
        answer = tus.patch(path, offset, photo[offset:])
        assert (answer.status_code, answer.json()["code"]) == (409, "offset_conflict")
        assert answer.headers["upload-offset"] == "1000"
    for headers, status in (
        ({"Content_Type": "image/jpeg"}, 415),
        ({"Content_Encoding": "gzip"}, 415),
        ({"Upload_Offset": "x"}, 400),
        ({"Upload_Checksum": "crc32 AAAA"}, 400),
        ({"Upload_Checksum": "sha1 AAAA"}, 400),
    ):
        sent = {"Upload_Offset": "1000", "Content_Type": OCTETS, **headers}
        assert tus.ask("PATCH", path, photo[1000:], **sent).status_code == status
    assert tus.patch(path, 1000, photo[1000:] + b"more").status_code == 413
    assert tus.patch(path, 1000, iter([photo[1000:], b"more"])).status_code == 413
    assert tus.offset(path) == 1000
    assert tus.patch(path, 1000, iter([photo[1000:3000], photo[3000:]])).status_code == 204
    assert status_of(tus.person, photo)["status"] == "stored"


def test_a_checksum_is_kept_to(sqlite_served):
    tus, photo = Tus(sqlite_served.person("inspector1")), picture(4, 5000)
    path = tus.begin(photo)
    wrong = base64.b64encode(hashlib.sha256(b"other").digest()).decode()
    answer = tus.patch(path, 0, photo[:2000], Upload_Checksum=f"sha256 {wrong}")
    assert (answer.status_code, answer.json()["code"]) == (460, "checksum_mismatch")
    assert tus.patch(path, 0, b"", Upload_Checksum=f"sha256 {wrong}").status_code == 460
    assert tus.offset(path) == 0
    for name, start, end in (("sha1", 0, 2000), ("sha256", 2000, 4000), ("md5", 4000, 5000)):
        right = base64.b64encode(hashlib.new(name, photo[start:end]).digest()).decode()
        assert tus.patch(path, start, photo[start:end], Upload_Checksum=f"{name} {right}").status_code == 204
    assert status_of(tus.person, photo)["status"] == "stored"


def test_bytes_that_do_not_hash_to_their_name_end_the_upload(served):
    tus, photo = Tus(served.person("inspector1")), picture(5, 5000)
    path = tus.begin(photo, sha256="0" * 64)
    tus.patch(path, 0, photo[:2000])
    answer = tus.patch(path, 2000, photo[2000:])
    assert (answer.status_code, answer.json()["code"]) == (460, "checksum_mismatch")
    assert tus.ask("HEAD", path).status_code == 410
    assert tus.patch(path, 2000, photo[2000:]).json()["code"] == "upload_gone"
    run_due(served.app)
    assert left_over(served) == []
    told = {"sha256": "0" * 64, "status": "missing"}
    assert tus.person.post("/blobs/status", {"sha256": ["0" * 64]}).json()["items"] == [told]


def test_a_first_request_with_several_slices_that_do_not_hash_ends_its_upload(sqlite_served):
    tus, photo = Tus(sqlite_served.person("inspector1")), picture(11, 2_200_000)
    headers = {"Upload_Length": str(len(photo)), "Upload_Metadata": metadata(sha256="0" * 64)}
    answer = tus.ask("POST", "/api/v1/uploads", photo, Content_Type=OCTETS, **headers)
    assert (answer.status_code, answer.json()["code"]) == (460, "checksum_mismatch")
    told = {"sha256": "0" * 64, "status": "missing"}
    assert tus.person.post("/blobs/status", {"sha256": ["0" * 64]}).json()["items"] == [told]
    run_due(sqlite_served.app)
    assert left_over(sqlite_served) == []


def test_what_is_no_photo_is_refused_with_its_first_bytes(sqlite_served):
    tus, body = Tus(sqlite_served.person("inspector1")), b"<svg onload='alert(1)'/>" + bytes(1000)
    path = tus.begin(body)
    assert tus.patch(path, 0, body[:10]).status_code == 204  # too few to tell
    answer = tus.patch(path, 10, body[10:100])
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media")
    assert tus.ask("HEAD", path).status_code == 410


def test_an_upload_is_its_accounts_alone(sqlite_served):
    tus, photo = Tus(sqlite_served.person("inspector1")), picture(6, 5000)
    path = tus.begin(photo)
    for who in ("inspector2", "county", "admin"):
        other = Tus(sqlite_served.person(who))
        assert other.ask("HEAD", path).status_code == 404
        assert other.patch(path, 0, photo).status_code == 404
        assert other.ask("DELETE", path).status_code == 404
    assert tus.offset(path) == 0


def test_an_upload_is_given_up(sqlite_served):
    tus, photo = Tus(sqlite_served.person("inspector1")), picture(7, 5000)
    path = tus.begin(photo)
    tus.patch(path, 0, photo[:3000])
    assert left_over(sqlite_served)
    answer = tus.ask("POST", path, X_HTTP_Method_Override="DELETE")
    assert answer.status_code == 204
    assert tus.ask("HEAD", path).status_code == 410
    assert tus.ask("DELETE", path).status_code == 410
    assert status_of(tus.person, photo)["status"] == "missing"
    run_due(sqlite_served.app)
    assert left_over(sqlite_served) == []


def test_an_upload_expires_and_is_cleared_away_in_batches(served):
    tus, photo = Tus(served.person("inspector1")), picture(8, 5000)
    paths = [tus.begin(photo) for _ in range(3)]
    for path in paths:
        tus.patch(path, 0, photo[:3000])
    served.clock.advance(timedelta(days=6))
    served.people.clear()
    tus = Tus(served.person("inspector1"))
    assert tus.patch(paths[0], 3000, photo[3000:4000]).status_code == 204
    served.clock.advance(timedelta(days=2))
    served.people.clear()
    tus = Tus(served.person("inspector1"))
    assert tus.ask("HEAD", paths[1]).status_code == 410  # before anybody has cleared anything away
    assert tus.patch(paths[1], 3000, photo[3000:]).status_code == 410
    assert run_due(served.app) >= 2
    assert len(left_over(served)) == 1
    assert tus.ask("HEAD", paths[1]).status_code == 410
    assert tus.offset(paths[0]) == 4000
    served.clock.advance(timedelta(days=20))
    served.people.clear()
    run_due(served.app)
    run_due(served.app)
    assert left_over(served) == []
    assert Tus(served.person("inspector1")).ask("HEAD", paths[1]).status_code == 404


def test_unfinished_uploads_are_counted(sqlite_county, tmp_path):
    folder = copy_folder(sqlite_county, tmp_path / "var")
    with serve(Settings(data_dir=folder, demo=True, max_uploads=2)) as served:
        tus, photo = Tus(served.person("inspector1")), picture(9, 5000)
        paths = [tus.begin(photo) for _ in range(2)]
        answer = tus.create(photo)
        assert (answer.status_code, answer.json()["code"]) == (429, "too_many_uploads")
        assert Tus(served.person("inspector2")).create(photo).status_code == 201
        tus.patch(paths[0], 0, photo)
        assert tus.create(photo).status_code == 201


def test_a_store_that_does_not_answer_leaves_the_upload_where_it_stands(sqlite_served):
    tus, photo = Tus(sqlite_served.person("inspector1")), picture(10, 5000)
    path = tus.begin(photo)
    tus.patch(path, 0, photo[:3000])
    blobs = sqlite_served.settings.data_dir / "blobs"
    blobs.rename(blobs.with_name("unplugged"))
    for end in (4000, 5000):
        answer = tus.patch(path, 3000, photo[3000:end])
        assert (answer.status_code, answer.json()["code"]) == (503, "storage_down")
        assert int(answer.headers["retry-after"]) > 0
    blobs.with_name("unplugged").rename(blobs)
    assert tus.offset(path) == 3000
    assert tus.patch(path, 3000, photo[3000:]).status_code == 204
    assert tus.person.get(f"/photos/{name_of(photo)}").content == photo


def test_of_two_patches_at_once_one_wins_and_the_bytes_are_right(served):
    tus = Tus(served.person("inspector1"))
    with ThreadPoolExecutor(2) as two:
        for seed in range(8):
            photo = picture(100 + seed, 150_000)
            path, offset = tus.begin(photo), 0
            while offset < len(photo):
                end = min(offset + 40_000, len(photo))
                tried = [two.submit(tus.patch, path, offset, photo[offset:end]) for _ in range(2)]
                answers = {one.result().status_code for one in tried}
                assert 204 in answers
                assert answers <= {204, 409}
                assert tus.offset(path) == end
                offset = end
            assert tus.person.get(f"/photos/{name_of(photo)}").content == photo
