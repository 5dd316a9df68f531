"""Lists of sites, checklists and what they refuse, through HTTP."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from checklists import catalog
from inspect_api.actions.list_checklists import ShownChecklist
from inspect_api.demo.county import Site, load_county
from tests import records
from tests.http.serving import MSGPACK, Person, Served

COUNTY = load_county()
LIST = "/checklists/hazmat.aq3067-2026/1"


def pages(person: Person, path: str, limit: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    cursor = ""
    while True:
        answer = person.get(f"{path}limit={limit}{cursor}")
        assert answer.status_code == 200, answer.text
        page = answer.json()
        assert len(page["items"]) == limit or page["cursor"] is None
        found += page["items"]
        if page["cursor"] is None:
            return found
        cursor = f"&cursor={page['cursor']}"


@pytest.mark.parametrize("username", ["county", "inspector1", "enterprise1", "enterprise1b", "officer2"])
def test_everybody_lists_his_own_sites(shared: Served, username: str) -> None:
    account = COUNTY.account(username)
    expected = sorted(str(site.id) for site in COUNTY.sites if COUNTY.sees(account, site))
    for limit in (3, 200):
        assert [site["id"] for site in pages(shared.person(username), "/sites?", limit)] == expected


def chosen(site: Site, query: dict[str, str]) -> bool:
    owners = {owner.key: owner.name for owner in COUNTY.enterprises}
    fits: dict[str, Callable[[str], bool]] = {
        "region": site.village.startswith,
        "industry": lambda value: site.industry == value,
        "grid_code": lambda value: site.grid_code == value,
        "qr": lambda value: site.qr == value,
        "enterprise_id": lambda value: str(site.enterprise_id) == value,
        "q": lambda value: value in site.name or value in owners.get(site.enterprise or "", ""),
    }
    return all(fits[name](value) for name, value in query.items())


@pytest.mark.parametrize(
    "query",
    [
        {"region": "652327100"}, {"industry": "mine"}, {"industry": "hazmat", "region": "652327"},
        {"grid_code": COUNTY.sites[3].grid_code}, {"qr": COUNTY.sites[5].qr}, {"qr": COUNTY.sites[5].qr[:-1]},
        {"enterprise_id": str(COUNTY.enterprises[0].id)}, {"q": COUNTY.sites[0].name[1:4]}, {"q": "%"},
        {"q": COUNTY.enterprises[1].name[:3]},
    ],
)  # fmt: skip
def test_sites_are_filtered(shared: Served, query: dict[str, str]) -> None:
    person, account = shared.person("county"), COUNTY.account("county")
    found = person.get("/sites", params={**query, "limit": 200}).json()["items"]
    expected = {str(s.id) for s in COUNTY.sites if COUNTY.sees(account, s) and chosen(s, query)}
    assert {site["id"] for site in found} == expected


def test_a_site_shows_its_place_and_owner(shared: Served) -> None:
    site = next(s for s in COUNTY.sites if s.enterprise and COUNTY.sees(COUNTY.account("county"), s))
    owner = next(e for e in COUNTY.enterprises if e.key == site.enterprise)
    region = next(r for r in COUNTY.regions if r.code == site.village)
    shown = shared.person("county").get(f"/sites/{site.id}").json()
    assert shown["enterprise"] == {"id": str(owner.id), "name": owner.name}
    assert shown["region"] == {"code": region.code, "name": region.name}
    assert (shown["qr"], shown["grid_code"], shown["risk"]) == (site.qr, site.grid_code, site.risk)
    assert shown["position"] == {"lat": site.lat, "lon": site.lon, "datum": "wgs84", "accuracy_m": None}
    enterprise = shared.person("county").get(f"/enterprises/{owner.id}").json()
    assert (enterprise["name"], enterprise["credit_code"]) == (owner.name, owner.credit_code)


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("/hazards?region=6", "/query/region"), ("/hazards?region=65232x", "/query/region"),
        ("/hazards?region=652327%0A", "/query/region"), ("/hazards?region=6523270000000", "/query/region"),
        ("/hazards?region=٦٥", "/query/region"), ("/hazards?region=", "/query/region"),
        ("/hazards?status=open", "/query/status"), ("/hazards?grade=minor", "/query/grade"),
        ("/hazards?overdue=perhaps", "/query/overdue"),
        ("/hazards?overdue=true&overdue=false", "/query/overdue"),
        ("/hazards?due_before=2026-11-21", "/query/due_before"),
        ("/hazards?due_before=2026-11-21T00:00:00", "/query/due_before"),
        ("/hazards?due_after=9999-12-31T23:59:59-23:59", "/query"),
        ("/hazards?step_min=8", "/query/step_min"),
        ("/hazards?step_min=99999999999999999999", "/query/step_min"), ("/hazards?limit=0", "/query/limit"),
        ("/hazards?limit=201", "/query/limit"), ("/hazards?enterprise_id=null", "/query/enterprise_id"),
        ("/overdue/summary?as_of=NULL", "/query/as_of"), ("/hazards?sort=id", "/query/sort"),
        ("/hazards?site_id=1", "/query/site_id"), ("/hazards?q=%00", "/query/q"), ("/hazards?q=", "/query/q"),
        ("/hazards?q=%ff", "/query"), ("/hazards?state=open", "/query/state"),
        ("/hazards?as_of=2199-01-01T00:00:00Z", "/query/as_of"), ("/overdue/summary?by=person", "/query/by"),
        ("/overdue/summary?as_of=2199-01-01T00:00:00Z", "/query/as_of"),
        ("/sites?region=abc", "/query/region"),
        ("/inspections?since=yesterday", "/query/since"), ("/notices?unanswered=2", "/query/unanswered"),
        ("/checklists?limit=0", "/query/limit"), ("/hazards?region=%25", "/query/region"),
        ("/hazards?region=65_", "/query/region"), ("/overdue/summary?region=_", "/query/region"),
        ("/hazards?q=%E7%81%AD", "/query/q"),
        ("/exports/hazards.csv?q=%25+_", "/query/q"),
        ("/hazards?q=" + "a" * 101, "/query/q"), ("/quarantine?region=%25", "/query/region"),
        ("/quarantine?region=" + "6" * 1000, "/query/region"),
        ("/inspections?region=6%25", "/query/region"), ("/sync/outcomes?limit=-1", "/query/limit"),
        ("/hazards?" + "&".join(["q=1"] * 101), "/query"), ("/quarantine?limit=1" + "0" * 40, "/query/limit"),
    ],
)  # fmt: skip
def test_a_parameter_that_is_not_what_it_should_be_is_named(shared: Served, query: str, pointer: str) -> None:
    answer = shared.person("county").get(query)
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed_query")
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


@pytest.mark.parametrize("path", ["/hazards", "/sites", "/inspections", "/notices"])
def test_a_strange_cursor_is_409(shared: Served, path: str) -> None:
    for cursor in ("x", "null", "A" * 120, "%E4%B8%AD"):
        answer = shared.person("county").get(f"{path}?cursor={cursor}")
        assert (answer.status_code, answer.json()["code"]) == (409, "cursor_invalid")


def test_a_cursor_is_of_one_list(shared: Served) -> None:
    cursor = shared.person("county").get("/sites?limit=1").json()["cursor"]
    assert shared.person("county").get(f"/inspections?cursor={cursor}").status_code == 409
    assert shared.person("officer1").get(f"/sites?cursor={cursor}").status_code == 409
    assert shared.person("county").get(f"/sites?limit=9&cursor={cursor}").status_code == 200


def test_checklists_are_listed(shared: Served) -> None:
    listed = shared.person("inspector1").get("/checklists").json()
    assert listed["cursor"] is None
    assert {(one["code"], one["version"]) for one in listed["items"]} == {
        (entry.checklist.code, entry.checklist.version) for entry in catalog.entries()
    }
    (hazmat,) = [one for one in listed["items"] if one["code"] == "hazmat.aq3067-2026"]
    assert hazmat["industry"] == "hazmat"
    assert hazmat["title"]["zh"]
    assert hazmat["status"] in {"draft", "live", "retired"}


def test_a_checklist_a_phone_has_is_not_sent_again(shared: Served) -> None:
    person = shared.person("inspector1")
    first = person.get(LIST)
    tag = first.headers["etag"]
    shown = msgspec.json.decode(first.content, type=ShownChecklist)
    assert shown.items() == records.checklist().items()
    assert {one["status"] for one in person.get("/checklists").json()["items"]} >= {first.json()["status"]}
    for known in (tag, tag.removeprefix("W/"), f'"other", {tag}', "*"):
        again = person.get(LIST, headers={"If-None-Match": known})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    for known in ('"other"', tag.replace("live", "retired") + "x"):
        assert person.get(LIST, headers={"If-None-Match": known}).status_code == 200
    packed = person.get(LIST, headers={"Accept": MSGPACK})
    assert msgspec.msgpack.decode(packed.content) == first.json()
    assert person.get("/checklists/hazmat.aq3067-2026/99").status_code == 404


def test_evaluate_says_what_answers_mean(shared: Served) -> None:
    major, general = records.plain_items("major")[0].code, records.plain_items("general")
    answers: list[dict[str, Any]] = [{"item": major, "value": "fail", "note": "未投用"}]
    answers += [{"item": item.code, "value": "fail"} for item in general[:1]]
    result = shared.person("enterprise1").post(
        f"{LIST}/evaluate", {"answers": answers, "site": {"tank_farm": False}, "on": "2026-11-21"}
    )
    assert result.status_code == 200, result.text
    findings = result.json()["findings"]
    assert {(one["item"], one["n"]) for one in findings} >= {(major, 1)}
    (found,) = [one for one in findings if one["item"] == major]
    assert (found["grade"], bool(found["criterion"]), bool(found["title"])) == ("major", True, True)
    assert {"due_rule", "category"} <= found.keys()
    assert result.json()["score"] is None
    assert result.json()["unanswered"]


def test_answers_that_do_not_fit_are_all_named(shared: Served) -> None:
    item = records.plain_items("major")[0].code
    answers = [
        {"item": "nothing", "value": "fail"},
        {"item": item, "value": 7},
        {"item": item, "value": "pass"},
    ]
    answer = shared.person("county").post(f"{LIST}/evaluate", {"answers": answers})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_answers")
    assert [(error["pointer"], error["code"]) for error in answer.json()["errors"]] == [
        ("/answers/0/item", "unknown_item"),
        ("/answers/1/value", "wrong_value_type"),
        ("/answers/2/item", "duplicate_answer"),
    ]


def test_evaluate_refuses_what_is_no_request(shared: Served) -> None:
    person = shared.person("county")
    assert person.post("/checklists/nothing/1/evaluate", {"answers": []}).status_code == 404
    wrong = person.post(f"{LIST}/evaluate", {"answers": [], "on": "2026-13-01"})
    assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (422, "/on")
    site = person.post(f"{LIST}/evaluate", {"answers": [], "site": {"tank_farm": [1]}})
    assert site.status_code == 422
    facts = {"tank_farm": "x", "major_hazard_level": True, "industry": None, "another": 7}
    typed = person.post(f"{LIST}/evaluate", {"answers": [], "site": facts})
    assert (typed.status_code, typed.json()["code"]) == (422, "invalid_body")
    assert [error["pointer"] for error in typed.json()["errors"]] == [
        "/site/tank_farm",
        "/site/major_hazard_level",
    ]


def test_messagepack_says_the_same_as_json(shared: Served) -> None:
    for path in ("/hazards?limit=200", "/sites?limit=2", "/overdue/summary?by=industry"):
        plain = shared.person("county").get(path).json()
        packed = shared.person("county").get(path, headers={"Accept": MSGPACK})
        assert packed.headers["content-type"] == MSGPACK
        other = msgspec.msgpack.decode(packed.content)
        assert {**other, "cursor": None} == {**plain, "cursor": None}


def test_checklists_come_in_pages_too(shared: Served) -> None:
    county = shared.person("county")
    whole = county.get("/checklists").json()["items"]
    assert pages(county, "/checklists?", 5) == whole
    assert len(whole) > 5
    stranger = shared.person("inspector1")
    cursor = county.get("/checklists?limit=5").json()["cursor"]
    assert stranger.get(f"/checklists?limit=5&cursor={cursor}").status_code == 409
