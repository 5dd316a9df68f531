"""A site is moved while pushes and photos about it are on their way."""

import io
import threading
import time
from collections.abc import Callable
from hashlib import sha256
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from inspect_api.actions.move_site import move_site
from inspect_api.actions.receive_photo import StoredBlob, receive_photo
from inspect_api.actions.work import Work
from inspect_api.errors import Code, Refusal
from inspect_api.store.hazards import HAZARD
from inspect_api.store.photos import PHOTO
from inspect_api.store.sites import SITE
from tests.scope.county import County, Phone


def test_moved_back_and_forth_while_everybody_works_there(county: County) -> None:
    grids = [county.grid(1), county.grid(2)]
    county.join("甲", "inspector", grids=grids)
    county.join("乙", "inspector", grids=grids)
    county.join("东", "inspector", grids=grids[:1])
    county.join("西", "inspector", grids=grids[1:])
    site, other = county.build(grids[0]), county.build(grids[0])
    watching = [county.phone("东"), county.phone("西"), county.phone("甲")]
    failures: list[BaseException] = []
    done = threading.Event()

    def work(phone: Phone, number: int) -> None:
        for n in range(8):
            data = f"{county.code} {number} {n}".encode()
            name = sha256(data).hexdigest()
            op = phone.report(site_id=other if n == 3 else site)
            claim = {"sha256": name, "size": 9, "content_type": "image/jpeg"}
            op["body"]["photos"] = [claim | {"taken_at": county.clock.now().isoformat()}]
            outcome = patiently(lambda op=op: phone.push(op)[0])
            assert outcome["code"] == "applied", outcome
            patiently(lambda data=data: upload(phone, data))

    def shuttle() -> None:
        n = 0
        while not done.is_set():
            n += 1
            patiently(lambda n=n: county.change(move_site, site, grids[n % 2]))
            county.later(seconds=1)

    def guarded(act: Callable[..., None], *args: Any) -> threading.Thread:
        def run() -> None:
            try:
                act(*args)
            except BaseException as error:
                failures.append(error)

        thread = threading.Thread(target=run)
        thread.start()
        return thread

    workers = [guarded(work, county.phone(name), n) for n, name in enumerate(("甲", "乙"))]
    mover = guarded(shuttle)
    while any(worker.is_alive() for worker in workers):
        for phone in watching:
            phone.pull(limit=3, pages=1)
    done.set()
    mover.join()
    assert failures == []
    for phone in watching:
        phone.pull()
        assert phone.store == phone.fresh()
    assert_together(county, site, hazards=14)


def test_a_photo_that_arrives_while_its_site_is_being_moved(county: County) -> None:
    """It has looked where the record lies, and then has to wait for the move to be committed."""
    here, there = county.grid(1), county.grid(2)
    county.join("东", "inspector", grids=[here])
    county.join("西", "inspector", grids=[there])
    old, new = county.phone("东"), county.phone("西")
    site, data = county.build(here), f"{county.code} photo".encode()
    op = old.report(site_id=site)
    claim = {"sha256": sha256(data).hexdigest(), "size": len(data), "content_type": "image/jpeg"}
    op["body"]["photos"] = [claim | {"taken_at": county.clock.now().isoformat()}]
    assert old.push(op)[0]["missing_blobs"] == [claim["sha256"]]
    for phone in (old, new):
        phone.pull()
    arrival = threading.Thread(target=upload, args=(old, data))
    with county.app.db.write() as tx:
        work = Work(tx, county.clock.now(), county.app.rules)
        move_site(work, site, there)
        arrival.start()
        wait_until_blocked(county, arrival)
        work.publish()
    arrival.join()
    for phone in (old, new):
        phone.pull()
        assert phone.store == phone.fresh()
    assert [data["stored"] for (kind, _), data in new.store.items() if kind == "photo"] == [True]
    assert old.ids("photo") == set()


def upload(phone: Phone, data: bytes) -> None:
    """The bytes of a photo are stored, and the records that wait for them are told."""
    app, name = phone.county.app, sha256(data).hexdigest()
    app.blobs.put(name, io.BytesIO(data), len(data))

    def act(work: Work) -> bool:
        work.caller = phone.county.caller(work, phone.account_id, phone.device_id)
        return receive_photo(work, StoredBlob(name, len(data), "image/jpeg"))

    app.write(act)


def wait_until_blocked(county: County, thread: threading.Thread) -> None:
    """Until the other transaction waits for a lock of ours. SQLite has one writer: it cannot even begin."""
    if county.app.db.is_sqlite:
        return
    waiting = sa.text(
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    for _ in range(1000):
        with county.app.db.read() as tx:
            if tx.execute(waiting).scalar_one():
                return
        time.sleep(0.01)
    raise AssertionError(f"{thread.name} waits for nothing")


def assert_together(county: County, site: UUID, hazards: int) -> None:
    with county.app.db.read() as tx:
        query = sa.select(
            HAZARD.c.id, HAZARD.c.grid_code, SITE.c.grid_code, PHOTO.c.grid_code, PHOTO.c.is_present
        )
        query = query.join(SITE, SITE.c.id == HAZARD.c.site_id).join(PHOTO, PHOTO.c.hazard_id == HAZARD.c.id)
        rows = tx.execute(query.where(SITE.c.id == site)).all()
    assert len({row[0] for row in rows}) == hazards
    assert {len({hazard, its_site, photo}) for _, hazard, its_site, photo, _ in rows} == {1}
    assert all(row[4] for row in rows)


def patiently(act: Callable[[], Any]) -> Any:
    """As a client does when it is told to try again."""
    for _ in range(20):
        try:
            return act()
        except Refusal as refusal:
            if refusal.code is not Code.BUSY:
                raise
    raise AssertionError("busy for ever")
