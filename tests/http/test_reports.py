"""Statistics through the front door."""

from io import BytesIO

import pytest
from openpyxl import load_workbook

from tests.http.serving import Served


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("", "/query"), ("period=2026Q5", "/query/period"), ("period=1999Q1", "/query/period"),
        ("period=2007Q4", "/query/period"), ("period=2099", "/query/period"),
        ("period=2026-13", "/query/period"), ("period=2026Q3%0A", "/query/period"),
        ("period=2026Q3&region=%25", "/query/region"), ("period=2026Q3&region=_", "/query/region"),
        ("period=2026Q3&region=65_3", "/query/region"), ("period=2026Q3&edition=0", "/query/edition"),
        ("period=2026Q3&as_of=2199-01-01T00:00:00Z", "/query/as_of"),
        ("period=2026Q3&as_of=2026-06-30T15:59:59Z", "/query/as_of"),
        ("period=2026Q3&edition=1&as_of=2026-10-01T00:00:00Z", "/query/as_of"),
        ("period=2026Q3&rank=inspectors", "/query/rank"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("path", ["/reports/hazards", "/reports/hazards.xlsx"])
def test_a_period_or_place_that_is_none_is_named(shared: Served, path: str, query: str, pointer: str) -> None:
    answer = shared.person("county").get(f"{path}?{query}")
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed_query")
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


@pytest.mark.parametrize(
    ("body", "status", "pointer"),
    [
        ({"period": "2026Q5", "region": "652327"}, 422, "/period"),
        ({"period": "2026Q4", "region": "652327"}, 422, "/period"),
        ({"period": "2098", "region": "652327"}, 422, "/period"),
        ({"period": "2007Q4", "region": "652327"}, 422, "/period"),
        ({"period": "2026Q3", "region": "%"}, 422, "/region"),
        ({"period": "2026Q3", "region": "652328"}, 422, "/region"),
        ({"period": "2026Q3", "region": "65232"}, 422, "/region"),
        ({"period": "2026Q3"}, 422, ""),
    ],
)
def test_what_cannot_be_issued_is_named(
    shared: Served, body: dict[str, str], status: int, pointer: str
) -> None:
    answer = shared.person("county").post("/reports/hazards", body)
    assert (answer.status_code, answer.json()["code"]) == (status, "invalid_body")
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


def test_a_quarter_is_issued_and_fetched_again(sqlite_served: Served) -> None:
    county = sqlite_served.person("county")
    wanted = {"period": "2026Q3", "region": "652327"}
    assert sqlite_served.person("officer1").post("/reports/hazards", wanted).status_code == 403
    issued = county.post("/reports/hazards", wanted)
    assert issued.status_code == 200, issued.text
    assert county.post("/reports/hazards", wanted).json() == issued.json()
    assert county.get("/reports/hazards?period=2026Q3&edition=1").json() == issued.json()
    assert county.get("/reports/hazards?period=2026Q3&edition=2").status_code == 404
    packed = county.get("/reports/hazards?period=2026Q3", headers={"Accept": "application/vnd.msgpack"})
    assert packed.headers["content-type"] == "application/vnd.msgpack"
    sheet = county.get("/reports/hazards.xlsx?period=2026Q3&edition=1")
    assert sheet.headers["content-type"].endswith("spreadsheetml.sheet")
    first = load_workbook(BytesIO(sheet.content), read_only=True)["统计表"]
    assert ["版次" in [cell.value for cell in row] for row in first.iter_rows()].count(True) == 1


@pytest.mark.parametrize("who", ["inspector1", "enterprise1", "city"])
def test_everybody_is_told_of_his_own(shared: Served, who: str) -> None:
    answer = shared.person(who).get("/reports/hazards?period=2026")
    assert answer.status_code == 200, answer.text
    assert answer.json()["report"]["period"] == {
        "code": "2026", "first": "2026-01-01", "last": "2026-12-31", "complete": False,
        "owed_by": "2027-01-31",
    }  # fmt: skip


def test_a_hazard_is_asked_for_at_a_moment(shared: Served) -> None:
    county = shared.person("county")
    listed = county.get("/hazards?limit=1").json()
    hazard = listed["items"][0]["id"] if listed["items"] else "00000000-0000-0000-0000-000000000007"
    for as_of, status in (("2199-01-01T00:00:00Z", 400), ("2020-01-01T00:00:00Z", 404), ("never", 400)):
        assert county.get(f"/hazards/{hazard}?as_of={as_of}").status_code == status
