"""The work that speed is measured with: inspections as phones push them, in a county with room for them.

A record is an inspection with 30 answers of a real checklist, two of them failing with a note: some 3 kB of
JSON, Chinese text, ids UUIDv7. Each of the demo county's ten inspectors has 2,000 sites more than in the
demo, so that a site is not inspected a hundred times within a minute.
"""

import random
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from benchmarks.wire import NAMES, TOLD, WHAT, WHERE
from inspect_api.actions import set_up
from inspect_api.actions.app import open_app
from inspect_api.actions.set_up import NewEnterprise
from inspect_api.clock import new_id
from inspect_api.demo.county import County
from inspect_api.settings import load_settings
from inspect_api.store.sites import NewSite
from tests.live import prepare_county
from tests.records import clock, plain_items

INSPECTORS = [f"inspector{n}" for n in range(1, 11)]
ANSWERS, FINDINGS, LIST = 30, 2, "hazmat.trade-storage"
_SITES, _FIRMS = 2000, 200
_GENERAL = [item.code for item in plain_items("general", LIST)]
_ITEMS = [*_GENERAL, *(item.code for item in plain_items("major", LIST))][:ANSWERS]


def prepare_work(env: Mapping[str, str]) -> dict[str, list[UUID]]:
    """A county to work in; inspector -> his sites."""
    county = prepare_county(env, INSPECTORS)
    app = open_app(load_settings(env))
    try:
        return {name: _build(app.write, county, name) for name in INSPECTORS}
    finally:
        app.close()


def push_body(sites: list[UUID], device_id: UUID, records: int, dice: random.Random) -> bytes:
    """The JSON of one push of records that were captured during the last hours."""
    sent = datetime.now(UTC)
    ops = [
        _record(site, n, sent - timedelta(minutes=records - n), dice)
        for n, site in enumerate(dice.choices(sites, k=records), 1)
    ]
    push = {"protocol": 1, "device_id": device_id, "batch_id": new_id(), "sent": clock(sent), "ops": ops}
    return msgspec.json.encode(push)


def _build(write: Any, county: County, inspector: str) -> list[UUID]:
    grids = sorted(county.account(inspector).grids)
    firms = [
        NewEnterprise(new_id(), f"天山化工{n}厂", None, None, "hazmat", grids[0][:12]) for n in range(_FIRMS)
    ]
    sites = [
        NewSite(new_id(), f"油罐区{n}号", "hazmat", firms[n % _FIRMS].id, grid[:12], grid, None, None, None,
                None, None, {}, 1)
        for n in range(_SITES)
        for grid in [grids[n % len(grids)]]
    ]  # fmt: skip
    write(lambda work: set_up.add_sites(work, firms, sites))
    return [site.id for site in sites]


def _record(site: UUID, seq: int, at: datetime, dice: random.Random) -> dict[str, Any]:
    failing = set(dice.sample(_GENERAL, FINDINGS))
    position = {"lat": round(43.9 + dice.random() / 5, 6), "lon": round(89 + dice.random() / 3, 6),
                "accuracy_m": dice.choice([5.0, 8.0, 12.0]), "datum": "gcj02"}  # fmt: skip
    return {
        "op_id": new_id(),
        "seq": seq,
        "kind": "inspection.submit",
        "entity_id": new_id(),
        "at": clock(at),
        "body": {
            "site_id": site,
            "checklist": {"code": LIST, "version": "1"},
            "started_at": at - timedelta(minutes=12),
            "finished_at": at,
            "position": position,
            "answers": [_answer(item, item in failing, dice) for item in _ITEMS],
            "attendees": [{"role": "principal", "name": dice.choice(NAMES)}],
        },
    }


def _answer(item: str, fails: bool, dice: random.Random) -> dict[str, Any]:
    if not fails:
        return {"item": item, "value": "pass", "note": f"{dice.choice(WHERE)}现场查看，符合要求"}
    what = dice.choice(WHAT).format(n=dice.randint(2, 60), m=dice.randint(1, 9))
    return {"item": item, "value": "fail", "note": dice.choice(WHERE) + what + dice.choice(TOLD)}
