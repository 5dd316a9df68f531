"""Photos: in under the SHA-256 of themselves, out unchanged, and only to those who may see them."""

import hashlib
import io
from pathlib import Path
from uuid import uuid4

import pytest
from PIL import ExifTags, Image

from inspect_api.demo.county import load_county
from inspect_api.jobs.loop import run_due
from inspect_api.settings import Settings
from tests.http.serving import Person, Served, copy_folder, serve
from tests.records import inspection, plain_items


def jpeg(colour: tuple[int, int, int] = (200, 30, 30), size: tuple[int, int] = (640, 480)) -> bytes:
    out, exif = io.BytesIO(), Image.Exif()
    exif[ExifTags.Base.Make] = "HUAWEI"
    Image.new("RGB", size, colour).save(out, "JPEG", exif=exif)
    return out.getvalue()


def name_of(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def push_photo(served: Served, photo: bytes) -> Person:
    """An inspection by inspector1 whose failing item names the photo."""
    person = served.person("inspector1")
    grids = set(person.get("/me").json()["grids"])
    site = next(s for s in load_county().sites if s.grid_code in grids and s.industry == "hazmat")
    sha256 = name_of(photo)
    claim = {
        "sha256": sha256, "size": len(photo), "content_type": "image/jpeg",
        "taken_at": served.clock.now().isoformat(),
    }  # fmt: skip
    item = plain_items("general")[0].code
    op = inspection(site.id, at=served.clock.now(), fails={item: {"photos": [sha256]}}, photos=[claim])
    answer = person.post("/sync/push", person.batch(op))
    [outcome] = answer.json()["outcomes"]
    assert outcome["code"] == "applied", outcome
    assert outcome["missing_blobs"] == [sha256]
    return person


def test_a_photo_comes_after_its_record_and_is_given_back_unchanged(served):
    photo = jpeg()
    person = push_photo(served, photo)
    name = name_of(photo)
    assert person.get(f"/photos/{name}").status_code == 404
    stored = person.put(f"/blobs/{name}", photo)
    assert (stored.status_code, stored.json()) == (201, {"sha256": name, "status": "stored"})
    assert person.put(f"/blobs/{name}", photo).status_code == 200
    answer = person.get(f"/photos/{name}")
    assert answer.content == photo
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-disposition"].startswith("inline")
    assert "sandbox" in answer.headers["content-security-policy"]
    again = person.get(f"/photos/{name}", headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_the_thumbnail_is_made_by_the_worker_and_has_no_exif(served):
    photo = jpeg(size=(2000, 1500))
    person = push_photo(served, photo)
    name = name_of(photo)
    person.put(f"/blobs/{name}", photo)
    early = person.get(f"/photos/{name}/thumbnail")
    assert (early.status_code, early.json()["code"]) == (404, "thumbnail_pending")
    assert int(early.headers["retry-after"]) > 0
    assert told(person, name) == ("pending", None)
    assert run_due(served.app) >= 1
    assert told(person, name) == ("ready", None)
    for size in (320, 1280):
        answer = person.get(f"/photos/{name}/thumbnail?size={size}")
        assert answer.status_code == 200
        with Image.open(io.BytesIO(answer.content)) as image:
            assert max(image.size) == size
            assert not image.getexif()
        assert answer.headers["cache-control"] == "private, max-age=31536000, immutable"
        assert answer.headers["content-security-policy"] == "sandbox; default-src 'none'"
        known = {"If-None-Match": answer.headers["etag"]}
        assert person.get(f"/photos/{name}/thumbnail?size={size}", headers=known).status_code == 304
    assert person.get(f"/photos/{name}/thumbnail?size=640").json()["code"] == "malformed_query"
    assert run_due(served.app) == 0


def test_who_may_not_see_a_photo_is_told_what_he_is_told_of_none(served):
    photo = jpeg()
    person = push_photo(served, photo)
    name = name_of(photo)
    person.put(f"/blobs/{name}", photo)
    stranger, county = served.person("inspector9"), served.person("county")
    assert county.get(f"/photos/{name}").content == photo
    hidden, missing = stranger.get(f"/photos/{name}"), stranger.get(f"/photos/{'0' * 64}")
    assert hidden.status_code == missing.status_code == 404
    assert {**hidden.json(), "request_id": ""} == {**missing.json(), "request_id": ""}
    asked = {"sha256": [name, "0" * 64]}
    statuses = {
        who: [item["status"] for item in served.person(who).post("/blobs/status", asked).json()["items"]]
        for who in ("inspector1", "county", "inspector9")
    }
    assert statuses == {
        "inspector1": ["stored", "missing"],
        "county": ["stored", "missing"],
        "inspector9": ["missing", "missing"],
    }


def files(served: Served) -> list[Path]:
    return [path for path in (served.settings.data_dir / "blobs").rglob("*") if path.is_file()]


@pytest.mark.parametrize(
    ("body", "name", "status", "code"),
    [
        (jpeg(), "0" * 64, 422, "hash_mismatch"),
        (b"", hashlib.sha256(b"").hexdigest(), 422, "hash_mismatch"),
        (b"<svg onload='alert(1)'/>", None, 415, "unsupported_media"),
        (b"GIF89a" + bytes(100), None, 415, "unsupported_media"),
        (b"MZ" + bytes(100), None, 415, "unsupported_media"),
        (b"PK\x03\x04" + bytes(100), None, 415, "unsupported_media"),
        (jpeg(), "A" * 64, 404, "not_found"),
        (jpeg(), "0" * 63, 404, "not_found"),
        (jpeg(), "..%2f..%2fsigning.pem", 404, "not_found"),
    ],
)
def test_what_is_not_kept(sqlite_served, body, name, status, code):
    before = files(sqlite_served)
    person = sqlite_served.person("inspector1")
    answer = person.put(f"/blobs/{name or name_of(body)}", body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert files(sqlite_served) == before


def test_a_photo_is_not_decompressed(sqlite_served):
    photo = jpeg()
    headers = {"Content-Encoding": "gzip"}
    answer = sqlite_served.person("inspector1").put(f"/blobs/{name_of(photo)}", photo, headers=headers)
    assert answer.json()["code"] == "unsupported_media"


def test_a_photo_over_the_limit_is_413_and_hello_says_the_limit(sqlite_county, tmp_path):
    folder = copy_folder(sqlite_county, tmp_path / "var")
    with serve(Settings(data_dir=folder, demo=True, max_blob_bytes=1024 * 1024)) as served:
        assert served.client.get("/api/v1/hello").json()["limits"]["blob_bytes"] == 1024 * 1024
        big = jpeg() + bytes(1024 * 1024)
        answer = served.person("inspector1").put(f"/blobs/{name_of(big)}", big)
        assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
        assert files(served) == []


def test_bytes_that_have_rotted_are_never_shown(sqlite_served):
    photo = jpeg()
    person = push_photo(sqlite_served, photo)
    name = name_of(photo)
    person.put(f"/blobs/{name}", photo)
    path = sqlite_served.settings.data_dir / "blobs" / name[:2] / name
    path.write_bytes(photo[:-1] + b"\x00")
    answer = person.get(f"/photos/{name}")
    assert (answer.status_code, answer.json()["code"]) == (502, "evidence_damaged")
    assert person.put(f"/blobs/{name}", photo).status_code == 200
    assert person.get(f"/photos/{name}").content == photo


def test_a_store_that_does_not_answer_keeps_the_records_coming(sqlite_served):
    photo = jpeg()
    blobs = sqlite_served.settings.data_dir / "blobs"
    blobs.rename(blobs.with_name("unplugged"))
    person = push_photo(sqlite_served, photo)
    answer = person.put(f"/blobs/{name_of(photo)}", photo)
    assert (answer.status_code, answer.json()["code"]) == (503, "storage_down")
    assert int(answer.headers["retry-after"]) > 0
    blobs.with_name("unplugged").rename(blobs)
    assert person.put(f"/blobs/{name_of(photo)}", photo).status_code == 201


@pytest.mark.parametrize(
    ("photo", "why"), [(jpeg()[:300], "damaged"), (b"%PDF-1.7 " + bytes(100), "unsupported")]
)
def test_what_nobody_can_decode_is_kept_and_says_so(served, photo, why):
    person = push_photo(served, photo)
    name = name_of(photo)
    assert told(person, name) == (None, None)
    assert person.put(f"/blobs/{name}", photo).status_code == 201
    run_due(served.app)
    answer = person.get(f"/photos/{name}/thumbnail")
    assert (answer.status_code, answer.json()["code"]) == (404, "thumbnail_unavailable")
    assert [fault["code"] for fault in answer.json()["errors"]] == [why]
    assert "retry-after" not in answer.headers
    assert told(person, name) == ("failed", why)
    assert person.get(f"/photos/{name}").content == photo


def told(person: Person, name: str) -> tuple[str | None, str | None]:
    """What the photo's record says of its thumbnail."""
    hazard = person.get("/hazards?sort=-reported_at&limit=1").json()["items"][0]["id"]
    [photo] = [p for p in person.get(f"/hazards/{hazard}").json()["photos"] if p["sha256"] == name]
    return photo["thumbnail"], photo["thumbnail_failure"]


def test_statuses_are_asked_a_thousand_at_a_time(shared):
    person = shared.person("county")
    assert len(person.post("/blobs/status", {"sha256": ["0" * 64] * 1000}).json()["items"]) == 1000
    answer = person.post("/blobs/status", {"sha256": ["0" * 64] * 1001})
    assert answer.json()["errors"][0]["pointer"] == "/sha256"
    answer = person.post("/blobs/status", {"sha256": ["0" * 64, str(uuid4())]})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"].startswith("/sha256/")
