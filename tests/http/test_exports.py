"""The register as a file: the same rows as the list, nothing that runs, and a cut that can be seen."""

import csv
import io
import re
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import pytest
import sqlalchemy as sa
from anyio import sleep_forever
from openpyxl import load_workbook

from inspect_api.actions.export_hazards import PAGE
from inspect_api.http import export_workbook
from inspect_api.settings import Settings
from inspect_api.store.accounts import ACCOUNT
from inspect_api.store.hazards import HAZARD
from inspect_api.store.sites import SITE
from tests.http.serving import START, Person, Served, copy_folder, serve
from tests.queries.world import make_world

NASTY = [
    '=cmd|"/c calc"!A1', "+1+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "＝1+1", " =1", '=HYPERLINK("x")',
    '他说"停"，\r\n第二行', "<b>&amp;", "𠮷野家", "'已有撇号", "a\u2028b",
    "\ufeff=1", "\u200b +1", "坏\ufffe字\uffff",
]  # fmt: skip
COUNT = PAGE + 130
SITE_PLACE = (44.25, 89.5)


@pytest.fixture(scope="module")
def filled(sqlite_county: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The county with more hazards than a page of an export holds."""
    folder = copy_folder(sqlite_county, tmp_path_factory.mktemp("exports") / "var")
    with serve(Settings(data_dir=folder, demo=True)) as served:
        with served.app.db.write() as tx:
            finder = tx.execute(sa.select(ACCOUNT.c.id).limit(1)).scalar_one()
            site = tx.execute(sa.select(SITE.c.id).limit(1)).scalar_one()
            tx.execute(sa.update(SITE).where(SITE.c.id == site).values(lat=SITE_PLACE[0], lon=SITE_PLACE[1]))
            same = {"site_id": None, "enterprise_id": None, "found_by": finder, "lat": None, "lon": None}
            rows = [line.row() | same for line in make_world(hazards=COUNT).hazards]
            for number, row in enumerate(rows):
                row.update(title=NASTY[number % len(NASTY)], region_code="652327100", updated_at=START)
            rows[3]["site_id"] = site
            rows[4].update(lat=43.5, lon=88.5)
            tx.execute(sa.insert(HAZARD), rows)
        yield served


def listed(person: Person, query: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    cursor = ""
    while True:
        page = person.get(f"/hazards?limit=200&{query}{cursor}").json()
        found += page["items"]
        if page["cursor"] is None:
            return found
        cursor = f"&cursor={page['cursor']}"


@pytest.mark.parametrize("query", ["sort=-reported_at", "grade=major&overdue=true", "region=652328"])
def test_every_format_has_the_rows_of_the_list_in_its_order(filled: Served, query: str) -> None:
    person = filled.person("county")
    expected = listed(person, query)
    assert len(expected) == {"s": COUNT, "r": 0}.get(query[0], len(expected))

    plain = person.get(f"/exports/hazards.csv?{query}")
    assert plain.headers["content-type"].startswith("text/csv")
    assert plain.content.startswith(b"\xef\xbb\xbf")
    head, *lines = csv.reader(io.StringIO(plain.content.decode("utf-8-sig"), newline=""))
    assert lines.pop() == ["合计", str(len(expected))]
    assert [line[head.index("标识")] for line in lines] == [hazard["id"] for hazard in expected]

    places = person.get(f"/exports/hazards.geojson?{query}").json()
    assert [feature["properties"] for feature in places["features"]] == expected
    assert (places["type"], places["count"], places["complete"]) == ("FeatureCollection", len(expected), True)

    book = load_workbook(io.BytesIO(person.get(f"/exports/hazards.xlsx?{query}").content), read_only=True)
    heading, *rows = book["隐患"].iter_rows(values_only=True)
    assert list(heading) == head
    assert [row[-1] for row in rows] == [hazard["id"] for hazard in expected]
    assert [row[0] for row in rows] == [hazard["number"] for hazard in expected]
    assert book["说明"]["B2"].value == len(expected)


def test_what_a_spreadsheet_might_run_is_text(filled: Served) -> None:
    person = filled.person("county")
    hazards = {hazard["id"]: hazard["title"] for hazard in listed(person, "")}
    lines = list(csv.reader(io.StringIO(person.get("/exports/hazards.csv").content.decode("utf-8-sig"))))
    shown = {line[-1]: line[1] for line in lines[1:-1]}
    for hazard_id, title in hazards.items():
        runs = title.lstrip("\ufeff\u200b\t\r ")[:1] in "=+-@＝"
        assert shown[hazard_id].replace("\r\n", "\n") == ("'" * runs + title).replace("\r\n", "\n")
    book = load_workbook(io.BytesIO(person.get("/exports/hazards.xlsx").content))
    cells = {row[-1].value: row[1] for row in book["隐患"].iter_rows(min_row=2)}
    assert {cell.data_type for cell in cells.values()} == {"s"}
    assert {key: cell.value.replace("\r", "") for key, cell in cells.items()} == {
        key: re.sub("[\r\ufffe\uffff]", "", title) for key, title in hazards.items()
    }


def test_a_hazard_without_a_position_stands_at_its_site(filled: Served) -> None:
    features = filled.person("county").get("/exports/hazards.geojson").json()["features"]
    points = sorted(f["geometry"]["coordinates"] for f in features if f["geometry"])
    assert points == [[88.5, 43.5], [SITE_PLACE[1], SITE_PLACE[0]]]


def test_more_rows_than_a_sheet_holds_go_on_in_the_next(
    filled: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export_workbook, "ROWS_A_SHEET", 501)
    book = load_workbook(io.BytesIO(filled.person("county").get("/exports/hazards.xlsx").content))
    assert [sheet.max_row for sheet in book.worksheets[:-1]] == [501, 501, COUNT + 3 - 2 * 501]
    assert {sheet["A1"].value for sheet in book.worksheets[:-1]} == {"编号"}


def test_an_export_is_of_the_callers_scope_and_refuses_like_the_list(filled: Served) -> None:
    stranger = filled.person("enterprise1")
    assert stranger.get("/exports/hazards.geojson").json()["features"] == []
    for query in ("limit=1", "cursor=x", "region=%25", "as_of=2199-01-01T00:00:00Z", "sort=id"):
        answer = stranger.get(f"/exports/hazards.csv?{query}")
        assert (answer.status_code, answer.json()["code"]) == (400, "malformed_query")
    assert filled.client.get("/api/v1/exports/hazards.xlsx").status_code == 401


def test_an_export_whose_session_ends_is_cut_visibly(filled: Served) -> None:
    """After its first page the session is closed: neither the rest nor an end is sent."""
    for extension in ("csv", "geojson", "xlsx"):
        token = filled.log_in("county").json()["access_token"]
        pieces: list[bytes] = []

        async def close_after_the_first(piece: bytes, token: str = token, to: list[bytes] = pieces) -> None:
            to.append(piece)
            if len(to) == 1:
                await ask(filled, "POST", "/auth/logout", token, nothing)

        path = f"/exports/hazards.{extension}"
        with filled.client.portal() as portal:
            assert not portal.call(ask, filled, "GET", path, token, close_after_the_first)
        whole = filled.person("county").get(path).content
        assert len(b"".join(pieces)) < len(whole)
        if extension == "xlsx":
            with pytest.raises(BadZipFile):
                load_workbook(io.BytesIO(b"".join(pieces)))


async def nothing(_piece: bytes) -> None:
    return None


async def ask(
    served: Served, method: str, path: str, token: str, take: Callable[[bytes], Awaitable[None]]
) -> bool:
    """A request by ASGI, each piece taken before the next is sent; whether the answer came to its end."""
    ended = False
    scope: dict[str, Any] = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method,
        "scheme": "http", "path": f"/api/v1{path}", "raw_path": f"/api/v1{path}".encode(), "root_path": "",
        "query_string": b"", "headers": [(b"authorization", f"Bearer {token}".encode())],
        "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 2), "extensions": {},
    }  # fmt: skip

    async def receive() -> dict[str, Any]:
        if scope.setdefault("asked", False):
            await sleep_forever()
        scope["asked"] = True
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        nonlocal ended
        if message["type"] == "http.response.body":
            ended = not message.get("more_body", False)
            if message.get("body"):
                await take(message["body"])

    with suppress(Exception):  # what a server closes the connection for
        await served.client.app(scope, receive, send)  # type: ignore[arg-type]
    return ended
