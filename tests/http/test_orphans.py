"""Photos to which nothing refers: gone after sixty days, never under a hold, never when they come again."""

import io
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from inspect_api.actions import collect_orphans
from inspect_api.actions.collect_orphans import collect
from inspect_api.actions.place_holds import lift_hold, place_hold
from inspect_api.custody_commands import hold
from inspect_api.media.blobs import Source
from inspect_api.store import custody
from inspect_api.store.sites import SITE
from tests.http.serving import START, Person, Served, serve
from tests.http.test_damage import statuses
from tests.http.test_photos import name_of, push_photo
from tests.http.test_uploads import OCTETS, Tus, metadata, picture


class World:
    """An installation, months of which go by."""

    def __init__(self, served: Served) -> None:
        self.served, self.app, self.seed = served, served.app, 0

    def person(self) -> Person:
        return self.served.person("inspector1")

    def photo(self) -> bytes:
        self.seed += 1
        return picture(self.seed, 1000)

    def hand_in(self, photo: bytes | None = None) -> str:
        photo = photo or self.photo()
        answer = self.person().put(f"/blobs/{name_of(photo)}", photo)
        assert answer.json()["status"] == "stored", answer.text
        return name_of(photo)

    def leave(self, photo: bytes | None = None) -> str:
        """Into the store, and then the server dies."""
        photo = photo or self.photo()
        self.app.blobs.put(name_of(photo), io.BytesIO(photo), len(photo))
        return name_of(photo)

    def days_later(self, days: float) -> None:
        """Files count as being there from the beginning; the collector comes by."""
        for path in (self.served.settings.data_dir / "blobs").rglob("*"):
            os.utime(path, (START.timestamp(), START.timestamp()))
        self.wait(days)
        collect(self.app)

    def wait(self, days: float) -> None:
        self.served.clock.advance(timedelta(days=days))
        self.served.people.clear()  # their logins have run out

    def lies(self, *names: str) -> list[bool]:
        return [self.app.blobs.size(name) is not None for name in names]

    def statuses(self, *names: str) -> list[str]:
        return statuses(self.person(), *names)

    def book(self, name: str) -> list[str]:
        return [row.kind for row in self.app.read(lambda work: custody.of_photo(work.tx, name))]


@pytest.fixture
def world(settings, monkeypatch) -> Iterator[World]:
    monkeypatch.setattr(collect_orphans, "_PAGE", 2)  # so that there are pages
    with serve(settings) as served:
        yield World(served)


def test_what_nothing_refers_to_goes_after_sixty_days_and_nothing_else(world):
    evidence, waiting, begun = world.photo(), world.photo(), world.photo()
    push_photo(world.served, evidence)
    kept = [world.hand_in(evidence), world.hand_in(waiting), world.leave(begun)]
    orphans = [world.hand_in(), world.hand_in(), world.leave()]
    deposited = b'{"photo": "%s"}' % name_of(waiting).encode()
    assert world.person().post("/sync/deposit", deposited).status_code == 200
    world.days_later(59)
    Tus(world.person()).begin(begun)
    world.days_later(2)
    late = world.hand_in()
    assert world.lies(*kept, *orphans) == [True] * 6
    world.days_later(2)
    assert world.lies(*kept, *orphans, late) == [True] * 3 + [False] * 3 + [True]
    assert world.statuses(*kept[:2], *orphans, late) == ["stored"] * 2 + ["missing"] * 3 + ["stored"]
    assert [world.book(name) for name in orphans] == [["collected"]] * 3
    assert world.hand_in(evidence) == kept[0]


def test_a_photo_that_comes_again_stays(world):
    photo, left = world.photo(), world.photo()
    names = [world.hand_in(photo), world.leave(left)]
    world.days_later(61)  # marked
    assert [world.hand_in(photo), world.hand_in(left)] == names
    world.days_later(2)
    assert (world.lies(*names), world.statuses(*names)) == ([True] * 2, ["stored"] * 2)
    world.days_later(61)
    world.days_later(2)
    assert world.lies(*names) == [False] * 2
    assert world.statuses(world.hand_in(photo)) == ["stored"]
    assert world.lies(names[0]) == [True]


class TakesAway:
    """A store in which the collector comes by once, between putting bytes and recording them."""

    def __init__(self, world: World) -> None:
        self.world, self.store, self.is_done = world, world.app.blobs, False

    def put(self, sha256: str, source: Source | Path, size: int, overwriting: Callable[[], None]) -> None:
        self.store.put(sha256, source, size, overwriting)
        if not self.is_done:
            self.is_done = True
            collect(self.world.app)
            assert self.store.size(sha256) is None

    def __getattr__(self, name: str) -> Any:
        return getattr(self.store, name)


@pytest.mark.parametrize("how", ["put", "tus"])
def test_bytes_that_are_taken_away_before_they_are_recorded_are_put_again(world, how):
    photo = world.photo()
    name = world.hand_in(photo)
    world.days_later(61)
    world.wait(2)
    object.__setattr__(world.app, "blobs", TakesAway(world))
    if how == "tus":  # in one request, so that no upload that is under way protects it
        whole = {"Upload_Length": str(len(photo)), "Upload_Metadata": metadata(sha256=name)}
        answer = Tus(world.person()).ask("POST", "/api/v1/uploads", photo, Content_Type=OCTETS, **whole)
        assert answer.headers["upload-offset"] == str(len(photo))
    else:
        world.hand_in(photo)
    assert world.statuses(name) == ["stored"]
    assert world.lies(name) == [True]


def test_arrivals_and_the_collector_at_once_leave_no_stored_photo_without_bytes(world):
    photos = [world.photo() for _ in range(12)]
    names = [world.hand_in(photo) for photo in photos]
    world.days_later(61)
    world.wait(2)
    person = world.person()

    def come(photo: bytes) -> int:
        return person.put(f"/blobs/{name_of(photo)}", photo).status_code

    with ThreadPoolExecutor(6) as pool:
        collecting = [pool.submit(collect, world.app) for _ in range(2)]
        answers = list(pool.map(come, photos))
        for done in collecting:
            done.result()
    collect(world.app)
    assert set(answers) <= {200, 201, 503}
    told, lies = world.statuses(*names), world.lies(*names)
    assert told == ["missing" if answer == 503 else "stored" for answer in answers]
    assert all(is_there for status, is_there in zip(told, lies, strict=True) if status == "stored")


def test_under_a_hold_nothing_goes_that_may_belong_there(world):
    sites = world.app.read(lambda work: list(work.tx.execute(sa.select(SITE)).all()))
    grids = world.person().get("/me").json()["grids"]
    here = {site.region_code for site in sites if site.grid_code in grids}
    there = min({site.region_code for site in sites if site.region_code[:9] not in {c[:9] for c in here}})
    mine, unknown = world.hand_in(), world.leave()
    elsewhere = world.app.write(lambda work: place_hold(work, "region", there, "另案"))
    held = world.app.write(lambda work: place_hold(work, "region", min(here), "挂牌督办的事故"))
    world.days_later(61)
    world.days_later(2)
    assert world.lies(mine, unknown) == [True, True]
    world.app.write(lambda work: lift_hold(work, held, "结案"))
    world.days_later(1)
    world.days_later(2)
    assert world.lies(mine, unknown) == [False, True]  # nobody knows where the other one belongs
    world.app.write(lambda work: lift_hold(work, elsewhere, "结案"))
    world.days_later(1)
    world.days_later(2)
    assert world.lies(unknown) == [False]


def test_the_operator_places_and_lifts_holds(sqlite_served, monkeypatch):
    monkeypatch.setenv("DATA_DIR", str(sqlite_served.settings.data_dir))
    run = CliRunner().invoke
    added = run(hold, ["add", "region", "652327", "--reason", "案件甲"])
    assert added.exit_code == 0, added.output
    assert "region 652327: 案件甲" in run(hold, ["list"]).output
    assert run(hold, ["add", "hazard", "652327", "--reason", "x"]).exit_code == 2
    lifted = run(hold, ["lift", added.output.strip(), "--reason", "结案"])
    assert lifted.exit_code == 0, lifted.output
    assert run(hold, ["list"]).output == ""
    assert run(hold, ["lift", added.output.strip(), "--reason", "结案"]).exit_code == 2
