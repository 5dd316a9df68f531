"""Lists that are walked page by page while others write: what was there stands in exactly one page."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

from inspect_api.demo.county import load_county
from tests import records
from tests.http.serving import Person, Served

LISTS = ("/hazards?sort=-reported_at&", "/inspections?", "/quarantine?")
FAILS = [item.code for item in records.plain_items("general")[:2]]


def test_every_list_beside_a_phone_that_goes_on_handing_in(served: Served) -> None:
    inspector = served.person("inspector1")
    work = handing_in(served, inspector)
    for _ in range(4):
        next(work)
    for path in LISTS:
        before = [entry(item) for item in inspector.get(f"{path}limit=200").json()["items"]]
        assert len(before) >= 4, path
        met: list[str] = []
        cursor = ""
        while True:
            page = inspector.get(f"{path}limit=1{cursor}").json()
            met += map(entry, page["items"])
            if page["cursor"] is None:
                break
            cursor = f"&cursor={page['cursor']}"
            if len(met) < 3:
                next(work)
        assert [one for one in met if one in before] == before, path


def entry(item: dict[str, Any]) -> str:
    return str(item.get("id") or item["op_id"])


def handing_in(served: Served, inspector: Person) -> Iterator[None]:
    """Each time an inspection with two hazards, and an operation that nobody can apply."""
    grids = set(inspector.get("/me").json()["grids"])
    site = next(site for site in load_county().sites if site.grid_code in grids and site.enterprise_id)
    seq = 0
    while True:
        served.clock.advance(timedelta(minutes=1))
        seq += 2
        inspection = records.inspection(
            site.id, at=served.clock.now(), fails={code: {} for code in FAILS}, seq=seq
        )
        strange = inspector.operation("hazard.note", uuid4(), {"text": ""}, seq=seq + 1)
        codes = [one["code"] for one in inspector.push(inspection, strange).json()["outcomes"]]
        assert codes == ["applied", "quarantined"]
        yield
