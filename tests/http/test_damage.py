"""Bytes that rot or vanish in the store: found in turn, told, never shown, and healed by the phone (E2)."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from inspect_api.actions.scrub_photos import scrub
from inspect_api.jobs.loop import run_due
from inspect_api.store import custody, photo_checks
from tests.http.serving import Person, Served, serve
from tests.http.test_photos import jpeg, name_of, push_photo
from tests.http.test_uploads import picture


def lies_at(served: Served, name: str) -> Path:
    return served.settings.data_dir / "blobs" / name[:2] / name


def statuses(person: Person, *names: str) -> list[str]:
    return [item["status"] for item in person.post("/blobs/status", {"sha256": names}).json()["items"]]


def degraded(served: Served) -> list[str]:
    return list(served.client.get("/health/ready").json()["degraded"])


def book(served: Served, name: str) -> list[str]:
    return [row.kind for row in served.app.read(lambda work: custody.of_photo(work.tx, name))]


def pulled(person: Person, entity: str) -> list[dict[str, Any]]:
    asked = {"protocol": 1, "device_id": str(person.device_id), "limit": 1000}
    changes = person.post("/sync/pull", asked).json()["changes"]
    return [change["data"] for change in changes if change["entity"] == entity]


def test_damage_is_found_told_never_shown_and_healed_by_the_phone(served):
    rotten, lost, sound = jpeg(), jpeg((1, 2, 3)), jpeg((4, 5, 6))
    person = push_photo(served, rotten)
    for photo in (lost, sound):
        push_photo(served, photo)
    names = [name_of(photo) for photo in (rotten, lost, sound)]
    for photo in (rotten, lost, sound):
        assert person.put(f"/blobs/{name_of(photo)}", photo).status_code == 201
    run_due(served.app)
    lies_at(served, names[0]).write_bytes(rotten[:-1] + b"?")
    lies_at(served, names[1]).unlink()
    assert run_due(served.app) == 0  # nobody looks yet
    served.clock.advance(timedelta(days=2))
    assert run_due(served.app) >= 3
    served.people.clear()  # their logins have run out
    person, county = served.person("inspector1"), served.person("county")
    assert degraded(served) == ["evidence"]
    assert 'inspect_api_photos_faulty{fault="damaged"} 1.0' in served.client.get("/metrics").text
    assert statuses(person, *names) == ["missing", "missing", "stored"]
    assert [book(served, name) for name in names] == [["damaged"], ["missing"], []]
    told = [notice for notice in county.get("/notices").json()["items"] if "损坏" in notice["title"]]
    assert len(told) == 1
    assert any(name in told[0]["text"] for name in names[:2])
    for name in names[:2]:
        answer = person.get(f"/photos/{name}")
        assert (answer.status_code, answer.json()["code"]) == (502, "evidence_damaged")
    shown = {photo["sha256"]: (photo["stored"], photo["fault"]) for photo in pulled(person, "photo")}
    assert [shown[name] for name in names] == [(False, "damaged"), (False, "missing"), (True, None)]
    op_again = push_photo(served, rotten)  # a record that names it now is told that it is missing
    for photo in (rotten, lost):
        assert op_again.put(f"/blobs/{name_of(photo)}", photo).json()["status"] == "stored"
    assert statuses(person, *names) == ["stored"] * 3
    assert degraded(served) == []
    assert [book(served, name)[-1] for name in names[:2]] == ["mended", "mended"]
    assert person.get(f"/photos/{names[0]}").content == rotten


def test_who_meets_damage_has_it_looked_at_and_a_store_that_recovers_is_noticed(sqlite_served):
    photo = jpeg()
    person, name = push_photo(sqlite_served, photo), name_of(photo)
    person.put(f"/blobs/{name}", photo)
    run_due(sqlite_served.app)
    path = lies_at(sqlite_served, name)
    path.write_bytes(photo[:-1] + b"?")
    for _ in range(2):
        assert person.get(f"/photos/{name}").status_code == 502
    assert run_due(sqlite_served.app) == 1
    assert degraded(sqlite_served) == ["evidence"]
    path.write_bytes(photo)  # the operator has put a copy back
    assert person.get(f"/photos/{name}", headers={"Range": "bytes=0-9"}).status_code == 502
    assert run_due(sqlite_served.app) == 1
    assert degraded(sqlite_served) == []
    assert person.get(f"/photos/{name}").content == photo
    assert book(sqlite_served, name) == ["damaged", "mended"]


class Counting:
    """A store that counts what is read."""

    def __init__(self, store: Any) -> None:
        self.store, self.opened = store, Counter[str]()

    def open(self, sha256: str) -> Any:
        self.opened[sha256] += 1
        return self.store.open(sha256)


def test_workers_share_the_round_and_its_allowance_and_go_on_where_it_stands(settings):
    with serve(replace_settings(settings, scrub_bytes_per_s=1000)) as served:
        person = served.person("inspector1")
        photos = [picture(n, 20_000) for n in range(12)]
        for photo in photos:
            person.put(f"/blobs/{name_of(photo)}", photo)
        run_due(served.app)
        served.clock.advance(timedelta(days=2))
        counting = Counting(served.app.blobs)
        app = replace(served.app, blobs=counting)
        seen = []
        for _ in range(4):
            with ThreadPoolExecutor(3) as workers:
                list(workers.map(scrub, [app] * 3))
            seen.append(counting.opened.total())
            served.clock.advance(timedelta(seconds=60))  # 60 kB more
        assert seen == [3, 6, 9, 12]
        assert set(counting.opened.values()) == {1}
        assert not app.read(lambda work: photo_checks.are_due(work.tx, work.now))


def replace_settings(settings: Any, **values: Any) -> Any:
    return type(settings)(**{name: getattr(settings, name) for name in settings.__struct_fields__} | values)


def test_a_thumbnail_that_rots_is_made_anew_from_the_original(served):
    photo = jpeg()
    person, name = push_photo(served, photo), name_of(photo)
    person.put(f"/blobs/{name}", photo)
    run_due(served.app)
    whole = person.get(f"/photos/{name}/thumbnail")
    path = lies_at(served, whole.headers["etag"].strip('"'))
    for harm in (lambda: path.write_bytes(whole.content[:-1] + b"?"), path.unlink):
        harm()
        for _ in range(2):
            answer = person.get(f"/photos/{name}/thumbnail")
            assert (answer.status_code, answer.json()["code"]) == (404, "thumbnail_pending")
        assert run_due(served.app) >= 1
        assert person.get(f"/photos/{name}/thumbnail").content == whole.content
    assert (person.get(f"/photos/{name}").content, degraded(served)) == (photo, [])


def test_a_photo_that_was_damaged_before_anybody_looked_has_thumbnails_once_it_is_healed(sqlite_served):
    photo = jpeg()
    person, name = push_photo(sqlite_served, photo), name_of(photo)
    person.put(f"/blobs/{name}", photo)
    path = lies_at(sqlite_served, name)
    path.unlink()
    for _ in range(20):  # until the job is given up
        run_due(sqlite_served.app)
        sqlite_served.clock.advance(timedelta(minutes=11))
    sqlite_served.people.clear()
    person = sqlite_served.person("inspector1")
    assert person.get(f"/photos/{name}").status_code == 502
    assert person.put(f"/blobs/{name}", photo).json()["status"] == "stored"
    assert run_due(sqlite_served.app) >= 1
    assert person.get(f"/photos/{name}/thumbnail").status_code == 200
