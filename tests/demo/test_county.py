"""The demo county is complete, consistent and visibly invented; a slip in a file is named by file and row."""

from collections import Counter
from pathlib import Path
from shutil import copytree

import pytest

from checklists.conditions import SITE_FACTS
from inspect_api.demo.county import COUNTY, XPCC_TOWNSHIP, County, load_county
from inspect_api.demo.datafile import DATA, DataError

CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


@pytest.fixture(scope="module")
def county() -> County:
    return load_county()


def organisation_check(body: str) -> str:
    """Check character of an organisation code (GB 11714-1997)."""
    weights = (3, 7, 9, 10, 5, 8, 4, 2)
    rest = 11 - sum(int(char, 36) * weight for char, weight in zip(body, weights, strict=True)) % 11
    return {10: "X", 11: "0"}.get(rest, str(rest))


def credit_check(body: str) -> str:
    """Check character of a unified social credit code (GB 32100-2015)."""
    total = sum(CREDIT_ALPHABET.index(char) * pow(3, i, 31) for i, char in enumerate(body))
    return CREDIT_ALPHABET[-total % 31]


def test_the_check_digits_are_those_of_the_standards() -> None:
    # two widely published valid codes, so that this test does not only agree with itself
    assert organisation_check("D2143569") == "X"
    assert credit_check("91350100M000100Y4") == "3"


def test_regions_are_the_official_list_down_to_the_villages(county: County) -> None:
    levels = Counter(region.level for region in county.regions)
    assert levels == {1: 1, 2: 1, 3: 7, 4: 11, 5: 90}
    names = {region.code: region.name for region in county.regions}
    assert names[COUNTY] == "吉木萨尔县"
    assert names[XPCC_TOWNSHIP] == "兵团农六师红旗农场"
    assert names["652327106001"] == "五彩湾社区居委会"


def test_every_township_has_sites_and_three_industries_are_widespread(county: County) -> None:
    townships = {region.code for region in county.regions if region.level == 4}
    sites = Counter(site.township for site in county.sites)
    assert set(sites) == townships
    assert min(sites[code] for code in townships - {XPCC_TOWNSHIP}) >= 3
    assert sites[XPCC_TOWNSHIP] >= 2
    for industry in ("hazmat", "mine", "construction"):
        assert len({site.township for site in county.sites if site.industry == industry}) >= 7
    assert Counter(site.industry for site in county.sites)["coal_mine"] == 3


def test_every_enterprise_has_a_site_and_a_valid_code_that_cannot_be_real(county: County) -> None:
    assert {site.enterprise for site in county.sites} - {None} == {e.key for e in county.enterprises}
    for enterprise in county.enterprises:
        code = enterprise.credit_code
        assert "演示" in enterprise.name
        assert code[2:8] == COUNTY
        assert code[8:11] == "DEM"
        assert code[16] == organisation_check(code[8:16])
        assert code[17] == credit_check(code[:17])


def test_facts_are_those_that_conditions_ask_for(county: County) -> None:
    types = {"bool": bool, "number": int, "text": str}
    for site in county.sites:
        for name, fact in site.facts.items():
            assert type(fact) is types[{**SITE_FACTS, "park": "text"}[name]], (site.key, name)
    # which park a site lies in is asked by the rules of inspection coverage
    asked = {name for site in county.sites for name in site.facts} - {"park"}
    assert asked == set(SITE_FACTS) - {"industry", "risk"}


def test_identities_are_the_same_in_every_demo(county: County) -> None:
    assert str(county.site("petrol-east").id) == "b4a209ae-0329-51d7-86b5-a0ba5515dde2"
    assert len({site.id for site in county.sites}) == len(county.sites)
    assert county.site("petrol-east").enterprise_id == county.account("enterprise1").enterprise_id
    assert county.site("landslide-south").enterprise_id is None


def test_accounts_are_those_of_the_contract(county: County) -> None:
    usernames = [account.username for account in county.accounts]
    assert usernames == [
        *("admin", "county", "city", "officer1", "officer2"),
        *(f"inspector{n}" for n in range(1, 11)),
        *(f"enterprise{n}" for n in range(1, 13)),
        "enterprise1b",
    ]


def test_each_inspector_has_all_occupied_grids_of_one_township(county: County) -> None:
    townships = set()
    for n in range(1, 11):
        inspector = county.account(f"inspector{n}")
        (township,) = {grid[:9] for grid in inspector.grids}
        townships.add(township)
        seen = {site.key for site in county.sites if county.sees(inspector, site)}
        assert seen == {site.key for site in county.sites if site.township == township}
    assert len(townships) == 10
    assert XPCC_TOWNSHIP not in townships


@pytest.mark.parametrize("username", ["county", "officer1", "officer2"])
def test_the_county_and_its_officers_see_all_but_the_xpcc_township(county: County, username: str) -> None:
    account = county.account(username)
    unseen = {site.township for site in county.sites if not county.sees(account, site)}
    assert unseen == {XPCC_TOWNSHIP}
    assert all(county.sees(county.account("city"), site) for site in county.sites)


def test_enterprise_accounts_are_twelve_enterprises_of_the_three_industries_first(county: County) -> None:
    owners = {e.key: e for e in county.enterprises}
    keys = [county.account(f"enterprise{n}").enterprise for n in range(1, 13)]
    assert len(set(keys)) == 12
    assert [owners[key or ""].industry for key in keys[:3]] == ["hazmat", "mine", "construction"]
    assert county.account("enterprise1b").enterprise == keys[0]
    for n in range(1, 13):
        account = county.account(f"enterprise{n}")
        assert any(county.sees(account, site) for site in county.sites)


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("sites.yaml", "lat: 43.99221", "lat: 北纬44度", r"sites\.yaml: row 1: Expected `float`"),
        ("sites.yaml", "lat: 43.99221", "lat: 4.399221", r"sites\.yaml: row 1: .*`\$\.lat`"),
        (
            "sites.yaml",
            "qr: JMSR-100-002",
            "qr: JMSR-100-001",
            r"sites\.yaml: row 2: qr JMSR-100-001 .* row 1",
        ),
        (
            "sites.yaml",
            "enterprise: gas-cylinders",
            "enterprise: nobody",
            r"sites\.yaml: row 2: enterprise nob",
        ),
        ("sites.yaml", "  risk: yellow", "  colour: yellow", r"sites\.yaml: row 1: .*colour"),
        (
            "regions.csv",
            "652327101,三台镇,4,652327",
            "652327101,三台镇,4,652328",
            r"regions\.csv: row 11: 652328",
        ),
        ("accounts.yaml", 'township: "652327100"', 'township: "652327999"', r"accounts\.yaml: row 6: region"),
        ("enterprises.yaml", "contact: 周启明", "contact: [周启明", r"enterprises\.yaml: "),
    ],
)
def test_a_slip_is_named_by_file_and_row(tmp_path: Path, file: str, old: str, new: str, message: str) -> None:
    folder = copytree(DATA, tmp_path / "data")
    text = (folder / file).read_text("utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(DataError, match=message):
        load_county(folder)
