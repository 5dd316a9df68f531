"""Thousands of phones that are logged in already, each with a grid and a site of its own."""

import hashlib
import io
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from uuid import UUID, uuid4

import msgspec
import sqlalchemy as sa
from PIL import Image

from inspect_api.actions import set_up
from inspect_api.actions.log_in import token_hash
from inspect_api.actions.work import Work
from inspect_api.clock import new_id, new_token
from inspect_api.demo.base import give_county
from inspect_api.demo.county import load_county
from inspect_api.store import accounts
from inspect_api.store.sessions import DEVICE, SESSION
from inspect_api.store.sites import NewSite
from tests.records import inspection, plain_items, push

RECORDS, PHOTOS, PHOTO_BYTES = 20, 2, 50_000
_SLICE = 500


class Enrolled(NamedTuple):
    """A phone, and what it is known by."""

    device_id: UUID
    token: str
    site_id: UUID


def enrol(work: Work, count: int) -> list[Enrolled]:
    """Enter a county with so many grid inspectors more, logged in on phones of their own.

    Sessions are opened without passwords: 5,000 people do not log in every evening.
    """
    give_county(work, load_county(), {"county"})
    phones = [Enrolled(uuid4(), new_token(), uuid4()) for _ in range(count)]
    for begun in range(0, count, _SLICE):
        _enter(work, phones[begun : begun + _SLICE], begun)
    return phones


def _enter(work: Work, phones: list[Enrolled], first: int) -> None:
    villages = sorted({site.village for site in load_county().sites})
    people: list[dict[str, object]] = []
    grids: list[dict[str, object]] = []
    places = []
    for n, phone in enumerate(phones, first):
        grid = f"{villages[n % len(villages)]}{n:05d}"
        person = {"id": uuid4(), "username": f"crowd{n}", "name": f"网格员{n}", "role": "inspector"}
        people.append({**person, "password_hash": "", "enterprise_id": None})
        grids.append({"account_id": person["id"], "grid_code": grid, "given_at": work.now})
        place = {"lat": 44.0 + n / 1e5, "lon": 89.1, "datum": "wgs84"}
        name, village = f"第{n}号加油站", villages[n % len(villages)]
        places.append(
            NewSite(
                phone.site_id, name, "hazmat", None, village, grid,
                place, 44.0 + n / 1e5, 89.1, None, None, {}, 1,
            )
        )  # fmt: skip
    set_up.add_sites(work, (), places)
    accounts.add(work.tx, people)
    accounts.add_grids(work.tx, grids)
    now, later = work.now, work.now + timedelta(days=1)
    devices = [
        {"id": phone.device_id, "enrolled_by": person["id"], "enrolled_at": now}
        for phone, person in zip(phones, people, strict=True)
    ]
    sessions = [
        {
            "id": new_id(), "account_id": person["id"], "device_id": phone.device_id, "opened_at": now,
            "access_hash": token_hash(phone.token), "access_until": later,
            "refresh_hash": token_hash(new_token()), "refresh_until": later,
        }
        for phone, person in zip(phones, people, strict=True)
    ]  # fmt: skip
    work.tx.execute(sa.insert(DEVICE), devices)
    work.tx.execute(sa.insert(SESSION), sessions)


def seat_regulator(work: Work) -> str:
    """The token of the county's regulator, logged in at a desk."""
    token, later = new_token(), work.now + timedelta(days=1)
    regulator = sa.select(accounts.ACCOUNT.c.id).where(accounts.ACCOUNT.c.username == "county")
    session = {
        "id": new_id(), "account_id": work.tx.execute(regulator).scalar_one(), "opened_at": work.now,
        "access_hash": token_hash(token), "access_until": later,
        "refresh_hash": token_hash(new_token()), "refresh_until": later,
    }  # fmt: skip
    work.tx.execute(sa.insert(SESSION), session)
    return token


class Day(NamedTuple):
    """What a phone brings home in the evening: the bytes of one push, and its photos by their names."""

    push: bytes
    entity_ids: list[str]
    photos: dict[str, bytes]


_FAILS = [item.code for item in plain_items("general")[:2]]


def a_day(phone: Enrolled) -> Day:
    """20 inspections of 30 answers with 2 findings each; two photos belong to the first."""
    photos = {hashlib.sha256(data).hexdigest(): data for data in _photos()}
    taken = {"content_type": "image/jpeg", "taken_at": datetime.now(UTC).isoformat()}
    named = [{"sha256": name, "size": len(data), **taken} for name, data in photos.items()]
    ops = [
        inspection(phone.site_id, fails={code: {} for code in _FAILS}, seq=n, photos=named if n == 1 else [])
        for n in range(1, RECORDS + 1)
    ]
    body = msgspec.json.encode(push(ops, str(phone.device_id)))
    return Day(body, [op["entity_id"] for op in ops], photos)


def _photos() -> Iterator[bytes]:
    """JPEGs that differ in a comment, and are filled up to their size by it."""
    for _ in range(PHOTOS):
        room = PHOTO_BYTES - len(_SCENE) - 4
        yield _SCENE[:2] + b"\xff\xfe" + (room + 2).to_bytes(2, "big") + os.urandom(room) + _SCENE[2:]


def _scene() -> bytes:
    """A picture of about 20 kB."""
    with io.BytesIO() as file:
        noise = Image.effect_noise((320, 240), 60).convert("RGB")
        noise.save(file, "JPEG", quality=70)
        return file.getvalue()


_SCENE = _scene()
