"""Originals on their way out: parts, copies, who may see them and who did. On SQLite and a folder, and on
PostgreSQL and S3.
"""

import random
from collections.abc import Iterator
from uuid import uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from inspect_api.demo.county import load_county
from inspect_api.settings import Settings
from inspect_api.store.evidence_views import EVIDENCE_VIEW
from tests.http.serving import Served, copy_folder, serve
from tests.http.test_photos import name_of, push_photo
from tests.postgres import create_database, drop_database

# As long as several pieces, and no picture behind its head: an HTML page and a script, for those who guess.
POLYGLOT = b"\xff\xd8\xff\xe0<html><script>alert(1)</script>" + random.Random(6).randbytes(300_000)
SIZE = len(POLYGLOT)
NAME = name_of(POLYGLOT)
ORIGINAL = f"/photos/{NAME}"


@pytest.fixture(scope="module", params=["folder", "s3"])
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A county in which an inspector's hazard has the photo."""
    folder = tmp_path_factory.mktemp("serving") / "var"
    if request.param == "folder":
        settings = Settings(data_dir=copy_folder(request.getfixturevalue("sqlite_county"), folder), demo=True)
        url = None
    else:
        template = request.getfixturevalue("postgres_county")
        url = create_database(request.getfixturevalue("postgres_url"), template=template)
        bucket = request.getfixturevalue("s3_bucket")
        settings = Settings(
            database_url=url, data_dir=folder, demo=True, db_pool=6, blobs=bucket.url,
            s3_endpoint=bucket.server.endpoint, s3_access_key=bucket.server.access_key,
            s3_secret_key=bucket.server.secret_key,
        )  # fmt: skip
    with serve(settings) as served:
        person = push_photo(served, POLYGLOT)
        assert person.put(f"/blobs/{NAME}", POLYGLOT).status_code == 201
        yield served
    if url is not None:
        drop_database(url)


def seen(world: Served) -> int:
    """How many views of the photo are on file."""
    count = sa.select(sa.func.count()).where(EVIDENCE_VIEW.c.sha256 == NAME)
    return int(world.app.read(lambda work: work.tx.execute(count).scalar_one()))


def owner() -> str:
    """The account of the enterprise in whose hazard the photo is evidence."""
    county = load_county()
    grids = county.account("inspector1").grids
    site = next(site for site in county.sites if site.grid_code in grids and site.industry == "hazmat")
    return next(each.username for each in county.accounts if each.enterprise == site.enterprise)


def test_the_whole_is_what_it_was_and_runs_nowhere(world):
    before = seen(world)
    answer = world.person("county").get(ORIGINAL)
    assert (answer.status_code, answer.content) == (200, POLYGLOT)
    told = answer.headers
    assert told["content-type"] == "image/jpeg"
    assert told["content-length"] == str(SIZE)
    assert told["x-content-type-options"] == "nosniff"
    assert told["content-security-policy"] == "sandbox; default-src 'none'"
    assert told["cross-origin-resource-policy"] == "same-origin"
    assert told["content-disposition"] == f'inline; filename="{NAME[:16]}.jpg"'
    assert told["cache-control"] == "private, no-store"
    assert told["accept-ranges"] == "bytes"
    assert told["etag"] == f'"{NAME}"'
    assert seen(world) == before + 1


def test_a_proof_is_saved_and_not_shown_whatever_its_sender_calls_it(world):
    person, proof = world.person("inspector1"), b"%PDF-1.7\n<script>alert(1)</script>"
    lie = {"Content-Type": "text/html"}
    assert person.put(f"/blobs/{name_of(proof)}", proof, headers=lie).status_code == 201
    told = person.get(f"/photos/{name_of(proof)}").headers
    assert told["content-type"] == "application/pdf"
    assert told["content-disposition"] == f'attachment; filename="{name_of(proof)[:16]}.pdf"'


def test_parts(world):
    person, end = world.person("inspector1"), SIZE - 1
    parts = {
        "bytes=0-0": (0, 0), "bytes=70000-200000": (70_000, 200_000), "bytes=5-": (5, end),
        "bytes=-7": (SIZE - 7, end), f"bytes=-{SIZE * 2}": (0, end), f"bytes={end}-{SIZE * 9}": (end, end),
        "Bytes= 10-20": (10, 20),
    }  # fmt: skip
    for asked, (first, last) in parts.items():
        answer = person.get(ORIGINAL, headers={"Range": asked})
        assert answer.status_code == 206, asked
        assert answer.headers["content-range"] == f"bytes {first}-{last}/{SIZE}"
        assert answer.content == POLYGLOT[first : last + 1]
        assert answer.headers["content-length"] == str(len(answer.content))
    for asked in ("bytes=0-1,5-9", "lines=1-2", "bytes=9-5", "bytes=-", "bytes=a-b", "0-5", "bytes=--5"):
        answer = person.get(ORIGINAL, headers={"Range": asked})
        assert (answer.status_code, len(answer.content)) == (200, SIZE), asked
    before = seen(world)
    for asked in (f"bytes={SIZE}-", "bytes=-0", f"bytes={10**17}-{10**17 + 5}"):
        answer = person.get(ORIGINAL, headers={"Range": asked})
        assert (answer.status_code, answer.json()["code"]) == (416, "range_not_satisfiable")
        assert answer.headers["content-range"] == f"bytes */{SIZE}"
    assert seen(world) == before


def test_who_has_a_copy_is_told_that_it_is_good_and_goes_on_with_the_rest(world):
    person, tag = world.person("inspector1"), f'"{NAME}"'
    before = seen(world)
    for asked in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        answer = person.get(ORIGINAL, headers={"If-None-Match": asked, "Range": "bytes=0-1"})
        assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", tag)
    assert seen(world) == before + 4
    assert person.get(ORIGINAL, headers={"If-None-Match": '"other"'}).status_code == 200
    went_on = {"Range": "bytes=100-", "If-Range": tag}
    assert person.get(ORIGINAL, headers=went_on).content == POLYGLOT[100:]
    for other in ('"other"', f"W/{tag}", "Wed, 21 Oct 2026 07:28:00 GMT"):
        assert person.get(ORIGINAL, headers=went_on | {"If-Range": other}).status_code == 200


def test_head_tells_the_same_and_shows_nothing(world):
    person, before = world.person("inspector1"), seen(world)
    answer = world.client.head(f"/api/v1{ORIGINAL}", headers=person.headers({"Range": "bytes=0-1"}))
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-length"] == str(SIZE)
    assert answer.headers["content-type"] == "image/jpeg"
    known = person.headers({"If-None-Match": answer.headers["etag"]})
    assert world.client.head(f"/api/v1{ORIGINAL}", headers=known).status_code == 304
    assert seen(world) == before


def test_who_may_not_see_it_learns_nothing_and_leaves_no_view(world):
    before = seen(world)
    stranger = world.person("inspector9")
    for headers in ({}, {"Range": "bytes=0-1"}, {"If-None-Match": "*"}, {"Range": "bytes=999999999-"}):
        hidden = stranger.get(ORIGINAL, headers=headers)
        missing = stranger.get(f"/photos/{'0' * 64}", headers=headers)
        assert hidden.status_code == missing.status_code == 404
        assert {**hidden.json(), "request_id": ""} == {**missing.json(), "request_id": ""}
    assert world.client.head(f"/api/v1{ORIGINAL}", headers=stranger.headers()).status_code == 404
    for size in (320, 1280):
        assert stranger.get(f"{ORIGINAL}/thumbnail?size={size}").status_code == 404
    for username in {owner(), "enterprise1", "enterprise2"}:
        status = 200 if username == owner() else 404
        assert world.person(username).get(f"/photos/{NAME}").status_code == status
    before = seen(world)
    assert world.person("admin").get(ORIGINAL).json()["code"] == "forbidden"
    assert stranger.get(f"{ORIGINAL}/views").json()["code"] == "forbidden"
    assert seen(world) == before


def test_every_view_is_on_file_with_who_when_and_for_which_hazard(world):
    inspector, county = world.person("inspector1"), world.person("county")
    [hazard] = [
        item["id"]
        for item in county.get("/hazards?sort=-reported_at&limit=5").json()["items"]
        if NAME in {photo["sha256"] for photo in county.get(f"/hazards/{item['id']}").json()["photos"]}
    ]
    assert inspector.get(f"{ORIGINAL}?hazard={hazard}", headers={"Range": "bytes=2-3"}).status_code == 206
    assert county.get(f"{ORIGINAL}?hazard={uuid4()}").status_code == 404
    page = county.get(f"{ORIGINAL}/views?limit=1").json()
    [view] = page["items"]
    assert view["viewer"]["name"] == inspector.get("/me").json()["name"]
    assert view["device_id"] == str(inspector.device_id)
    assert (view["hazard_id"], view["part"]) == (hazard, f"bytes 2-3/{SIZE}")
    assert not view["is_again"]
    older = county.get(f"{ORIGINAL}/views?limit=1&cursor={page['cursor']}").json()["items"]
    assert older != page["items"]
    everything = county.get(f"{ORIGINAL}/views?limit=200").json()
    assert len(everything["items"]) == seen(world)


def test_views_are_never_changed(world):
    for change in (sa.update(EVIDENCE_VIEW).values(part="x"), sa.delete(EVIDENCE_VIEW)):
        with pytest.raises(DBAPIError), world.app.db.write() as tx:
            tx.execute(change)


def test_where_views_cannot_be_written_down_nothing_is_shown(world):
    if not world.app.db.is_sqlite:
        pytest.skip("a table that has gone is a passing fault to SQLite only")
    person = world.person("inspector1")
    with world.app.db.write() as tx:
        tx.execute(sa.text("ALTER TABLE evidence_view RENAME TO mislaid"))
    try:
        answer = person.get(ORIGINAL)
    finally:
        with world.app.db.write() as tx:
            tx.execute(sa.text("ALTER TABLE mislaid RENAME TO evidence_view"))
    assert (answer.status_code, answer.json()["code"]) == (503, "busy")
    assert person.get(ORIGINAL).content == POLYGLOT
