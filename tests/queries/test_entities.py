"""Entities by id: set-based, and nothing of what lies outside the scope."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid4, uuid5

import pytest
import sqlalchemy as sa

from inspect_api.actions import entities
from inspect_api.actions.work import Work
from inspect_api.domain.access import Caller
from inspect_api.store import calendar_days
from inspect_api.store.accounts import ACCOUNT
from inspect_api.store.database import Database
from inspect_api.store.notices import NOTICE
from inspect_api.store.operations import OPERATION
from inspect_api.store.photos import BLOB, PHOTO
from sync.photo import ExifClaims
from tests.queries.world import (
    COUNTY,
    FINDER,
    NOW,
    PROVINCE,
    World,
    account_row,
    caller,
    make_world,
    work,
)

_WORLD = make_world()
PERSON = UUID(int=99)
CALLERS = [
    PROVINCE, COUNTY, caller(regions=("659001",)), caller("inspector", grids=("G-7",)), caller("expert"),
    caller("officer", regions=("6523",), industries=("hazmat", "fire")),
    caller("security_admin", regions=("65",)),
    *(caller("enterprise", enterprise_id=row["id"]) for row in _WORLD.enterprises[:3]),
]  # fmt: skip


@contextmanager
def statements() -> Iterator[list[str]]:
    """The statements of a block, as they are sent."""
    sent: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        sent.append(statement)

    sa.event.listen(sa.Engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", note)


@pytest.mark.parametrize("who", CALLERS, ids=lambda who: f"{who.role}-{'-'.join(who.regions)}")
def test_only_what_the_caller_sees(db: Database, world: World, who: Caller) -> None:
    asked = [line.id for line in world.hazards] + [uuid4()]
    with db.read() as tx:
        hazards = entities.hazards_by_ids(work(tx, who), asked)
        sites = entities.sites_by_ids(work(tx, who), [row["id"] for row in world.sites])
        owners = entities.enterprises_by_ids(work(tx, who), [row["id"] for row in world.enterprises])
    assert set(hazards) == {line.id for line in world.seen_by(who)}
    assert set(sites) == {row["id"] for row in world.sites if who.sees(SimpleNamespace(**row))}
    assert set(owners) == {row["id"] for row in world.enterprises if knows(world, who, row)}


def knows(world: World, who: Caller, row: dict[str, Any]) -> bool:
    """Its own persons, and whoever sees its place of registration, a site or a hazard of it."""
    things = [*(SimpleNamespace(**site) for site in world.sites), *world.hazards]
    theirs = [thing for thing in things if thing.enterprise_id == row["id"] and who.sees(thing)]
    if who.role == "enterprise":
        return bool(row["id"] == who.enterprise_id)
    if who.role in ("inspector", "expert", "security_admin"):
        return bool(theirs)
    registered = who.covers(row["region_code"]) and (not who.industries or row["industry"] in who.industries)
    return bool(registered or theirs)


Loader = Callable[[Work, Iterable[UUID]], Mapping[UUID, object]]


@pytest.mark.parametrize(
    "load",
    [
        entities.hazards_by_ids, entities.sites_by_ids, entities.enterprises_by_ids,
        entities.inspections_by_ids, entities.photos_by_ids, entities.notices_by_ids,
        entities.calendars_by_ids,
    ],
)  # fmt: skip
def test_the_number_of_statements_does_not_grow(db: Database, world: World, load: Loader) -> None:
    ids = [row["id"] for row in [*world.sites, *world.enterprises]] + [line.id for line in world.hazards]
    counts = []
    for some in (ids[:1], ids):
        with statements() as sent, db.read() as tx:
            load(work(tx, PROVINCE), some)
        counts.append(len([one for one in sent if one.startswith("SELECT")]))
    assert 1 <= counts[0] <= counts[1] <= 3
    with db.read() as tx:
        assert load(work(tx, PROVINCE), []) == {}


@pytest.fixture(scope="module")
def papers(db: Database, world: World) -> dict[str, UUID]:
    """A photo that waits, one that is stored, and a notice."""
    line = next(line for line in world.seen_by(COUNTY) if line.enterprise_id is not None)
    op_id, waiting, stored, notice = uuid4(), uuid4(), uuid4(), uuid4()
    operation = {
        "filed_id": op_id, "op_id": str(op_id), "account_id": FINDER, "device_id": op_id, "batch_id": op_id,
        "seq": 1, "kind": "hazard.report", "entity_id": line.id, "encoding": "json", "raw": b"{}",
        "digest": bytes(32), "received_at": NOW, "captured_at": NOW, "uncertainty_ms": 0, "code": "applied",
        "outcome": b"{}", "judged_at": NOW,
    }  # fmt: skip
    photo = {
        "sha256": "a" * 64, "op_id": op_id, "account_id": FINDER, "device_id": op_id, "hazard_id": line.id,
        "purpose": "finding", "size": 5, "content_type": "image/webp", "region_code": line.region_code,
        "grid_code": line.grid_code, "industry": line.industry, "enterprise_id": line.enterprise_id,
        "position": {"lat": 44.0, "lon": 89.1, "datum": "gcj02"}, "caption": "报警器",
    }  # fmt: skip
    blob = {
        "sha256": "a" * 64, "size": 7, "content_type": "image/jpeg", "stored_at": NOW,
        "exif": {"taken_at": "2026-11-20T10:00:00", "lat": 44.0}, "prepared": "done",
    }  # fmt: skip
    told = {
        "id": notice, "number": "652327-T-1", "kind": "step", "cause": "step:1", "hazard_id": line.id,
        "step": 1, "receiver_id": PERSON, "channel": "in_app", "title": "提示",
        "text": "请整改", "created_at": NOW,
    }  # fmt: skip
    with db.write() as tx:
        tx.execute(sa.insert(ACCOUNT), [account_row(PERSON, "person", "王监管", "regulator")])
        tx.execute(sa.insert(OPERATION), [operation])
        tx.execute(sa.insert(BLOB), [blob])
        here = [{**photo, "id": stored, "is_present": True}, {**photo, "id": waiting, "is_present": False}]
        tx.execute(sa.insert(PHOTO), here)
        tx.execute(sa.insert(NOTICE), [told])
        calendar_days.set_notice(tx, 2026, "2026.1", "国务院办公厅", [])
    return {"waiting": waiting, "stored": stored, "notice": notice}


def test_a_photo_shows_its_bytes_only_once_they_are_linked(db: Database, papers: dict[str, UUID]) -> None:
    with db.read() as tx:
        photos = entities.photos_by_ids(work(tx, COUNTY), papers.values())
        strange = entities.photos_by_ids(work(tx, caller(regions=("659001",))), papers.values())
    waiting, stored = photos[papers["waiting"]], photos[papers["stored"]]
    assert (waiting.stored, waiting.size, waiting.content_type, waiting.exif) == (
        False,
        5,
        "image/webp",
        None,
    )
    assert (stored.stored, stored.size, stored.content_type) == (True, 7, "image/jpeg")
    assert stored.exif == ExifClaims(taken_at="2026-11-20T10:00:00", lat=44.0)
    assert stored.position is not None
    assert stored.position.datum == "gcj02"
    assert strange == {}


def test_nobody_reads_a_notice_to_another(db: Database, papers: dict[str, UUID]) -> None:
    receiver = caller(regions=("65",), account_id=PERSON)
    with db.read() as tx:
        assert set(entities.notices_by_ids(work(tx, receiver), papers.values())) == {papers["notice"]}
        assert entities.notices_by_ids(work(tx, PROVINCE), papers.values()) == {}


def test_calendars_have_one_id_everywhere(db: Database, papers: dict[str, UUID]) -> None:
    with db.read() as tx:
        (calendar,) = entities.calendars_by_ids(work(tx, COUNTY), [entities.calendar_id(2026)]).values()
        assert entities.calendars(work(tx, COUNTY)) == [calendar]
    assert (calendar.year, calendar.version, calendar.noticed) == (2026, "2026.1", True)
    assert calendar.id == uuid5(NAMESPACE_URL, "urn:inspect-api:calendar:2026")
