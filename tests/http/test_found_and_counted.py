"""What a phone hands in is found by its words and counted, before a worker has seen it and after."""

from datetime import timedelta
from typing import Any
from urllib.parse import quote
from uuid import uuid4

from inspect_api.demo.county import load_county
from inspect_api.jobs.loop import index_words, tally_townships
from tests.http.serving import Person, Served


def ids(person: Person, query: str) -> list[str]:
    return [hazard["id"] for hazard in person.get(f"/hazards?{query}").json()["items"]]


def total(person: Person) -> dict[str, Any]:
    summed = {by: person.get(f"/overdue/summary?by={by}").json() for by in ("region", "step", "enterprise")}
    totals = [answer["total"] for answer in summed.values()]
    assert totals[0] == totals[1] == totals[2]
    found: dict[str, Any] = totals[0]
    return found


def test_found_and_counted_at_once_and_ever_after(served: Served) -> None:
    inspector, county = served.person("inspector1"), served.person("county")
    grids = set(inspector.get("/me").json()["grids"])
    site = next(site for site in load_county().sites if site.grid_code in grids)
    hazard = str(uuid4())
    body = {"site_id": str(site.id), "description": "二楼ＣＯ₂气瓶未固定", "photos": []}
    report = inspector.push(inspector.operation("hazard.report", hazard, body)).json()
    assert report["outcomes"][0]["code"] == "applied"
    number = county.get(f"/hazards/{hazard}").json()["number"]
    asked = ["co2气瓶", "ＣＯ2 未固定", number, number[-6:].lower(), f"{site.name} 气瓶"]
    for worked in (False, True):
        for words in asked:
            for person in (inspector, county):
                assert ids(person, f"q={quote(words)}") == [hazard], (worked, words)
        assert ids(served.person("enterprise12"), f"q={quote(asked[0])}") == []
        assert (total(county)["open"], total(county)["overdue"]) == (1, 0)
        assert index_words(served.app) + tally_townships(served.app) == (0 if worked else 2)
    served.clock.advance(timedelta(days=200))
    del served.people["county"]
    county = served.person("county")
    late = ids(county, "overdue=true")
    assert late == [hazard]
    for _ in range(2):
        assert (total(county)["open"], total(county)["overdue"]) == (1, 1)
        tally_townships(served.app)
    answer = county.post(
        f"/hazards/{hazard}/commands", {"kind": "hazard.dismiss", "body": {"reason": "重复上报"}}
    )
    assert answer.status_code == 200, answer.text
    for _ in range(2):
        assert (total(county)["open"], total(county)["overdue"]) == (0, 0)
        assert index_words(served.app) == 0
        tally_townships(served.app)
