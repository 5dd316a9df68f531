"""Through the public door: a picture that contradicts its record is taken, looked at, and told of."""

import hashlib
import io
from datetime import timedelta
from uuid import UUID

from PIL import Image
from PIL.ExifTags import GPS, Base

from inspect_api.demo.county import load_county
from inspect_api.demo.picture import take_picture
from inspect_api.jobs.loop import run_due
from sync.identity import hazard_id
from tests.http.serving import Served
from tests.media.pictures import TURPAN, exif, saved
from tests.records import inspection, plain_items


def test_a_picture_that_contradicts_its_record(served: Served) -> None:
    """Taken in another county an hour before, by a phone whose EXIF holds what PostgreSQL refuses."""
    at = served.clock.now()
    taken = at + timedelta(hours=7)  # the wall clock in the county, an hour before
    shot = Image.open(io.BytesIO(take_picture("灭火器", at)))
    content = saved(
        shot,
        "JPEG",
        exif=exif(
            {Base.Make: "HUAWEI\0\x01", Base.Model: "鸿蒙 4.2".encode(),
             Base.Orientation: 0},
            {Base.DateTimeOriginal: f"{taken:%Y:%m:%d %H:%M:%S}", Base.OffsetTimeOriginal: "+08:00"},
            TURPAN | {GPS.GPSDateStamp: "1999:99:99"},
        ),
    )  # fmt: skip
    name = hashlib.sha256(content).hexdigest()
    person = served.person("inspector1")
    grids = set(person.get("/me").json()["grids"])
    site = next(s for s in load_county().sites if s.grid_code in grids and s.industry == "hazmat")
    place = {"lat": site.lat, "lon": site.lon, "datum": "wgs84"}
    claim = {"sha256": name, "size": len(content), "content_type": "image/jpeg", "taken_at": at.isoformat()}
    item = plain_items("general")[0].code
    forwarded = saved(shot.resize((200, 150)), "WEBP")
    proof = hashlib.sha256(forwarded).hexdigest()
    fails = {item: {"photos": [name], "fixed_on_site": {"note": "已更换", "photos": [proof]}}}
    op = inspection(site.id, at=at, fails=fails, photos=[claim | {"position": place}], position=place)
    [outcome] = person.push(op).json()["outcomes"]
    assert outcome["code"] == "applied"
    for sha256, sent in ((name, content), (proof, forwarded)):
        assert person.put(f"/blobs/{sha256}", sent).status_code == 201
    assert run_due(served.app) >= 1
    hazard = person.get(f"/hazards/{hazard_id(UUID(op['entity_id']), item, 1)}").json()
    assert (hazard["position"], hazard["wgs84"]) == (
        place | {"accuracy_m": None},
        {k: place[k] for k in ("lat", "lon")},
    )
    photo, fixed = sorted(hazard["photos"], key=lambda one: one["sha256"] != name)
    assert photo["device"] == {"platform": "鸿蒙", "model": "测试机"}
    assert photo["exif"]["make"] == "HUAWEI"
    assert photo["exif"]["model"] == "鸿蒙 4.2"
    assert (photo["exif"]["orientation"], photo["exif"]["gps_at"]) == (None, None)
    found = photo["disagreement"]
    assert (found["seconds"], found["offset_assumed"], found["explained_by"]) == (-3600, False, None)
    assert 100_000 < found["metres"] < 300_000
    assert photo["flags"] == ["exif_mismatch"]
    doubts = {(doubt["photo_id"], doubt["kind"]): doubt["uses"] for doubt in hazard["doubts"]}
    assert doubts.pop((photo["id"], "exif_mismatch")) == []
    [use] = doubts.pop((fixed["id"], "looks_the_same"))
    assert (use["photo_id"], use["hazard_id"], doubts) == (photo["id"], hazard["id"], {})
    pulled = person.post("/sync/pull", {"protocol": 1, "device_id": str(person.device_id), "limit": 1000})
    told = [c["data"] for c in pulled.json()["changes"] if c["entity"] == "photo"]
    assert sorted(told, key=lambda one: one["sha256"] != name) == [photo, fixed]
    [shown] = person.get("/inspections").json()["items"]
    assert shown["wgs84"] == hazard["wgs84"]
