"""The four colours through HTTP: a finding colours its site, its grid, its village and what lies above."""

from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from checklists import catalog
from inspect_api.actions.app import open_app
from inspect_api.demo.county import Site, load_county
from inspect_api.settings import Settings, SettingsError
from sync.identity import hazard_id
from tests import records
from tests.http.serving import START, Served, copy_folder, serve

COUNTY = load_county()
MAJOR = records.plain_items("major")[0].code


def calm_site() -> tuple[Site, str, str]:
    """A hazmat site that is neither red nor orange, with the names of its inspector and of its owner."""
    for site in COUNTY.sites:
        roles = {a.role: a.username for a in COUNTY.accounts if site.enterprise and COUNTY.sees(a, site)}
        calm = site.risk not in ("red", "orange") and site.facts.get("major_hazard_level", 0) not in (1, 2)
        if site.industry == "hazmat" and calm and {"inspector", "enterprise"} <= roles.keys():
            return site, roles["inspector"], roles["enterprise"]
    raise LookupError("no such site in the demo county")


SITE, INSPECTOR, OWNER = calm_site()


def colour(answer: dict[str, Any]) -> dict[str, Any]:
    """The site's own line, where it is listed."""
    (found,) = [one for one in answer["sites"] if one["id"] == str(SITE.id)]
    line: dict[str, Any] = found
    return line


def test_a_finding_colours_everything_above_it(served: Served) -> None:
    officer = served.person("officer1")
    before = officer.get("/regions/652327/risk").json()
    assert colour(officer.get(f"/regions/{SITE.village}/risk").json())["rules"] != ["S-SUSPECTED"]

    op = records.inspection(SITE.id, at=START - timedelta(hours=1), fails={MAJOR: {}})
    assert served.person(INSPECTOR).push(op).json()["outcomes"][0]["code"] == "applied"
    for person in ("officer1", INSPECTOR, OWNER):
        for place in (SITE.grid_code, SITE.village):
            told = served.person(person).get(f"/regions/{place}/risk").json()
            assert (colour(told)["colour"], colour(told)["rules"][0]) == ("orange", "S-SUSPECTED")
            assert told["region"]["code"] == place
            assert told["partial"] is (person != "officer1")

    hazard = hazard_id(UUID(op["entity_id"]), MAJOR, 1)
    item = next(one for one in records.checklist().items() if one.code == MAJOR)
    assert item.on_fail is not None
    confirm = {"kind": "hazard.confirm", "body": {"grade": "major", "criterion": item.on_fail.criterion}}
    confirmed = officer.post(f"/hazards/{hazard}/commands", confirm)
    assert confirmed.status_code == 200, confirmed.text
    assert colour(officer.get(f"/regions/{SITE.village}/risk").json())["colour"] == "red"
    township = SITE.village[:9]
    after = officer.get("/regions/652327/risk").json()
    assert after["counts"]["red"] == before["counts"]["red"] + 1
    (line,) = [one for one in after["items"] if one["code"] == township]
    assert line["counts"]["red"] >= 1
    assert line == {**line, "name": next(r.name for r in COUNTY.regions if r.code == township)}
    assert "sites" not in after
    total = {key: sum(one["counts"][key] for one in after["items"]) for key in after["counts"]}
    assert total == after["counts"]


@pytest.mark.parametrize(
    ("username", "codes"),
    [
        ("county", ("6523", "65", "652327500", "11", "652327999", "nothing", "%00", "6" * 30)),
        ("inspector1", ("652328", "652327500")),
        (OWNER, ("652328", "652327500")),
    ],
)
def test_what_lies_outside_does_not_exist(shared: Served, username: str, codes: tuple[str, ...]) -> None:
    for code in codes:
        answer = shared.person(username).get(f"/regions/{code}/risk")
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), code


def test_only_readers_ask(shared: Served) -> None:
    assert shared.client.get("/api/v1/regions/652327/risk").status_code == 401


def test_a_county_has_rules_of_its_own(sqlite_county: Path, tmp_path: Path) -> None:
    own = tmp_path / "risk.yaml"
    shipped = Path(str(catalog.__file__)).with_name("risk.yaml").read_text("utf-8")
    first = shipped.index("  - code: S-MAJOR")
    stricter = (
        "  - {code: S-HAZMAT, colour: red, text: {zh: 危化, en: Hazmat},"
        " when: {op: equals, site: industry, value: hazmat}}\n"
    )
    own.write_text(shipped[:first] + stricter + shipped[first:], "utf-8")
    folder = copy_folder(sqlite_county, tmp_path / "var")
    with serve(Settings(data_dir=folder, demo=True, risk_rules_file=str(own))) as served:
        told = served.person("county").get(f"/regions/{SITE.village}/risk").json()
        assert (colour(told)["colour"], colour(told)["rules"]) == ("red", ["S-HAZMAT"])
    own.write_text(shipped.replace("colour: red", "colour: pink", 1), "utf-8")
    for file in (own, tmp_path / "gone.yaml"):
        with pytest.raises(SettingsError, match="RISK_RULES_FILE"):
            open_app(Settings(data_dir=folder, risk_rules_file=str(file)))
