"""A site is moved while pushes and photos about it are on their way."""

import io
import threading
from collections.abc import Callable
from hashlib import sha256
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from inspect_api.actions.move_site import move_site
from inspect_api.actions.receive_photo import StoredBlob, receive_photo
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
            patiently(lambda name=name, data=data: upload(phone, name, data))

    def upload(phone: Phone, name: str, data: bytes) -> None:
        county.app.blobs.put(name, io.BytesIO(data), len(data))

        def act(unit: Any) -> bool:
            unit.caller = county.caller(unit, phone.account_id, phone.device_id)
            return receive_photo(unit, StoredBlob(name, len(data), "image/jpeg"))

        county.app.write(act)

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
