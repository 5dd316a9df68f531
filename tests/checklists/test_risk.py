"""Four colours: the scales by their published bounds, a site, a region, and rules that a county writes."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checklists import catalog
from checklists.document import InvalidData
from checklists.risk import (
    HazardCounts,
    OpenHazard,
    rate_diagnosis,
    rate_lec,
    rate_ls,
    region_risk,
    risk_by_counts,
    site_risk,
)
from checklists.risk_rules import COLOURS, Colour, RiskRules, load_risk_rules, tops

RULES = catalog.risk_rules()
MAJOR, SUSPECTED = OpenHazard("major"), OpenHazard("major", suspected_major=True)
GENERAL, LATE = OpenHazard("general"), OpenHazard("general", overdue_days=1)


@pytest.mark.parametrize(
    ("pairs", "colour"),
    [
        ([(5, 5), (5, 4), (4, 5)], "red"),
        ([(4, 4), (5, 3), (3, 5)], "orange"),
        ([(3, 3), (4, 3), (2, 5)], "yellow"),
        ([(2, 4), (4, 2), (1, 1), (1, 5)], "blue"),
    ],
)
def test_ls_by_its_matrix(pairs: list[tuple[int, int]], colour: str) -> None:
    for likelihood, severity in pairs:
        assert rate_ls(likelihood, severity, RULES.ls).colour == colour
        assert rate_ls(likelihood, severity, RULES.ls).value == likelihood * severity


def test_the_two_lowest_grades_of_ls_are_told_apart() -> None:
    assert rate_ls(2, 2, RULES.ls).name.zh == "低风险"
    assert rate_ls(3, 1, RULES.ls).name.zh == "可忽略"


@pytest.mark.parametrize(
    ("values", "product_of", "colour", "name"),
    [
        ((6, 6, 15), 540, "red", "极其危险"),
        ((3, 6, 15), 270, "orange", "高度危险"),
        ((1, 10, 15), 150, "yellow", "显著危险"),
        ((1, 10, 7), 70, "blue", "一般危险"),  # 70 is not above 70
        ((10, 2, 1), 20, "blue", "稍有危险"),  # 20 is not above 20
        ((0.2, 3, 40), 24, "blue", "一般危险"),
        ((0.1, 0.5, 1), 0.05, "blue", "稍有危险"),
    ],
)
def test_lec_by_its_bounds(
    values: tuple[float, float, float], product_of: float, colour: str, name: str
) -> None:
    rated = rate_lec(*values, RULES.lec)
    assert (rated.value, rated.colour, rated.name.zh) == (product_of, colour, name)


def test_a_value_that_is_not_on_the_scale_is_refused() -> None:
    with pytest.raises(ValueError, match="severity is a whole number from 1 to 5, not 6"):
        rate_ls(1, 6, RULES.ls)
    with pytest.raises(ValueError, match=r"exposure is one of 10, 6, 3, 2, 1, 0\.5, not 4"):
        rate_lec(1, 4, 15, RULES.lec)
    with pytest.raises(ValueError, match="no situation has the code gone"):
        rate_diagnosis(95, ["gone"], RULES.diagnosis)
    with pytest.raises(ValueError, match="finite"):
        rate_diagnosis(float("nan"), [], RULES.diagnosis)


def test_a_worse_value_never_has_a_better_colour() -> None:
    ls = [rate_ls(likely, severe, RULES.ls) for likely, severe in product(range(1, 6), repeat=2)]
    scales = (RULES.lec.likelihood, RULES.lec.exposure, RULES.lec.consequence)
    lec = [rate_lec(*values, RULES.lec) for values in product(*scales)]
    for rated in (ls, lec):
        rated.sort(key=lambda one: one.value)
        worst_first = [COLOURS.index(one.colour) for one in rated]
        assert worst_first == sorted(worst_first, reverse=True)


@pytest.mark.parametrize(
    ("score", "colour"),
    [
        (59.9, "red"),
        (60, "orange"),
        (74.9, "orange"),
        (75, "yellow"),
        (89.9, "yellow"),
        (90, "blue"),
        (105, "blue"),
    ],
)
def test_the_diagnosis_of_a_hazmat_plant(score: float, colour: str) -> None:
    assert rate_diagnosis(score, [], RULES.diagnosis).colour == colour


def test_four_situations_make_a_plant_red_whatever_its_score() -> None:
    assert len(RULES.diagnosis.situations) == 4
    for one in RULES.diagnosis.situations:
        rated = rate_diagnosis(98, [one.code], RULES.diagnosis)
        assert (rated.value, rated.colour, rated.name.zh) == (98, "red", "重大风险")


SITES: list[tuple[dict[str, str | float | bool | None], list[OpenHazard], str | None, list[str]]] = [
    ({}, [], None, []),
    ({}, [GENERAL], None, []),
    ({"risk": None}, [], None, []),
    ({"risk": "blue"}, [GENERAL] * 9, "blue", ["S-ASSESSED-BLUE"]),
    ({"risk": "blue"}, [MAJOR], "red", ["S-MAJOR"]),
    ({"risk": "red"}, [MAJOR], "red", ["S-MAJOR", "S-ASSESSED-RED"]),
    ({"risk": "yellow"}, [SUSPECTED], "orange", ["S-SUSPECTED"]),
    ({"risk": "orange"}, [], "orange", ["S-ASSESSED-ORANGE"]),
    ({"risk": "yellow"}, [GENERAL], "yellow", ["S-ASSESSED-YELLOW"]),
    ({"risk": "blue"}, [LATE], "yellow", ["S-OVERDUE"]),
    ({"risk": "blue"}, [LATE] * 3, "orange", ["S-OVERDUE-MANY"]),
    ({}, [OpenHazard("general", overdue_days=30)], "yellow", ["S-OVERDUE"]),
    ({}, [OpenHazard("general", overdue_days=31)], "orange", ["S-OVERDUE-LONG"]),
    ({}, [GENERAL] * 10, "yellow", ["S-MANY"]),
    ({"major_hazard_level": 0}, [], None, []),
    ({"major_hazard_level": 2}, [], "orange", ["S-INSTALLATION-HIGH"]),
    ({"major_hazard_level": 4}, [], "yellow", ["S-INSTALLATION"]),
]


@pytest.mark.parametrize(("facts", "hazards", "colour", "rules"), SITES)
def test_a_site_has_the_worst_colour_that_a_rule_gives_it(
    facts: dict[str, str | float | bool | None],
    hazards: list[OpenHazard],
    colour: str | None,
    rules: list[str],
) -> None:
    found = site_risk(facts, hazards, RULES.site)
    assert (found.colour, found.rules) == (colour, rules)


def test_every_rule_of_the_site_was_the_reason_of_one_case() -> None:
    assert {code for *_, codes in SITES for code in codes} == {rule.code for rule in RULES.site}


@given(
    st.lists(st.sampled_from([MAJOR, SUSPECTED, GENERAL, LATE]), max_size=12),
    st.sampled_from([MAJOR, SUSPECTED, GENERAL, LATE]),
    st.sampled_from([None, *COLOURS]),
)
def test_another_open_hazard_never_betters_a_site(
    hazards: list[OpenHazard], another: OpenHazard, risk: Colour | None
) -> None:
    before = site_risk({"risk": risk}, hazards, RULES.site).colour
    after = site_risk({"risk": risk}, [*hazards, another], RULES.site).colour
    assert rank(after) <= rank(before)


@given(st.lists(st.integers(0, 60), min_size=5, max_size=5), st.sampled_from([None, *COLOURS]))
def test_beyond_its_top_a_number_makes_no_difference(numbers: list[int], risk: Colour | None) -> None:
    highest = tops(RULES.site)
    assert highest == {
        "major_open": 1, "major_suspected": 1, "general_open": 10, "general_overdue": 3,
        "longest_overdue_days": 31,
    }  # fmt: skip
    exact = HazardCounts(*numbers)
    cut = HazardCounts(**{name: min(number, highest[name]) for name, number in exact._asdict().items()})
    facts = {"risk": risk}
    assert risk_by_counts(facts, cut, RULES.site) == risk_by_counts(facts, exact, RULES.site)


def rank(colour: Colour | None) -> int:
    return len(COLOURS) if colour is None else COLOURS.index(colour)


def sites(
    red: int = 0, orange: int = 0, yellow: int = 0, blue: int = 0, unknown: int = 0
) -> list[Colour | None]:
    counts = zip((*COLOURS, None), (red, orange, yellow, blue, unknown), strict=True)
    return [colour for colour, count in counts for _ in range(count)]


@pytest.mark.parametrize(
    ("of", "colour", "rule"),
    [
        (sites(), None, None),
        (sites(unknown=5), None, None),
        (sites(blue=5, unknown=50), "blue", None),
        (sites(red=1, blue=2), "orange", "R-ORANGE-RED"),
        (sites(red=2, blue=18), "red", "R-RED"),
        (sites(red=3, blue=27), "red", "R-RED"),
        (sites(red=2, blue=19), "orange", "R-ORANGE-RED"),
        (sites(red=2, blue=18, unknown=100), "red", "R-RED"),
        (sites(orange=2, blue=8), "orange", "R-ORANGE"),
        (sites(orange=2, blue=9), "yellow", "R-YELLOW-ORANGE"),
        (sites(orange=1, blue=1), "yellow", "R-YELLOW-ORANGE"),
        (sites(yellow=3, blue=7), "yellow", "R-YELLOW"),
        (sites(yellow=3, blue=8), "blue", None),
        (sites(yellow=1), "blue", None),
    ],
)
def test_a_region_by_its_sites(of: list[Colour | None], colour: str | None, rule: str | None) -> None:
    found = region_risk(of, RULES.region)
    assert (found.colour, found.rule) == (colour, rule)
    assert found.red + found.orange + found.yellow + found.blue + found.unknown == len(of)


@given(st.lists(st.sampled_from(COLOURS), min_size=1, max_size=30), st.data())
def test_a_site_that_gets_worse_never_betters_its_region(of: list[Colour], data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(of) - 1))
    worse = data.draw(st.sampled_from(COLOURS[: COLOURS.index(of[at]) + 1]))
    before = region_risk(of, RULES.region).colour
    after = region_risk([*of[:at], worse, *of[at + 1 :]], RULES.region).colour
    assert rank(after) <= rank(before)


LAST_OF_LS = "en: Low}}\nlec"
RED_AGAIN = "    - {colour: red, name: {zh: 重大, en: Major}}\nlec"


def own(old: str, new: str) -> RiskRules:
    text = COUNTY
    assert old in text
    return load_risk_rules(text.replace(old, new, 1), "county.yaml")


COUNTY = """\
ls:
  source: 本县 / county
  highest: 5
  bands:
    - {colour: red, name: {zh: 重大, en: Major}, at_least: 16}
    - {colour: blue, name: {zh: 低, en: Low}}
lec:
  source: 本县 / county
  likelihood: [10, 1]
  exposure: [10, 1]
  consequence: [100, 1]
  bands: [{colour: red, name: {zh: 重大, en: Major}, above: 99}, {colour: blue, name: {zh: 低, en: Low}}]
diagnosis:
  source: 本县 / county
  situations: [{code: fire, text: {zh: 发生火灾, en: Fire}}]
  bands: [{colour: blue, name: {zh: 低, en: Low}, at_least: 60}, {colour: red, name: {zh: 重大, en: Major}}]
site:
  - {code: S1, colour: red, text: {zh: 重大隐患, en: Major}, when: {op: greater, site: major_open, than: 1}}
region:
  - {code: R1, colour: red, text: {zh: 有红色, en: Red}, of: red}
  - {code: R2, colour: yellow, text: {zh: 有黄色, en: Yellow}, of: yellow}
"""


def test_a_county_has_its_own_rules() -> None:
    rules = own("at_least: 16", "at_least: 15")
    assert rate_ls(5, 3, rules.ls).colour == "red"
    assert site_risk({}, [MAJOR], rules.site).colour is None
    assert site_risk({}, [MAJOR, MAJOR], rules.site).colour == "red"
    assert region_risk(["red"], rules.region).colour == "red"


@pytest.mark.parametrize(
    ("old", "new", "field", "words"),
    [
        ("at_least: 16}", "at_least: 16, above: 15}", "ls.bands.0", "one bound"),
        ("en: Low}}\nlec", "en: Low}, at_least: 4}\nlec", "ls.bands.1", "last band has no bound"),
        (", at_least: 16", "", "ls.bands.0", "every other has one"),
        (LAST_OF_LS, f"en: Low}}, above: 9}}\n{RED_AGAIN}", "ls.bands", "up and down"),
        (LAST_OF_LS, f"en: Low}}, above: 16}}\n{RED_AGAIN}", "ls.bands.1", "not below"),
        ("site: major_open", "site: majors", "site.0.when.site", "no such site fact"),
        ("site: major_open", "item: A-01", "site.0.when.item", "no earlier item"),
        ("code: R2", "code: R1", "region.1.code", "there twice"),
        ("of: yellow", "of: yellow, share: 2", "region.1.share", "between 0 and 1"),
        ("of: yellow", "of: yellow, count: 0", "region.1.count", "at least 1"),
        ("{code: R1, colour: red", "{code: R1, colour: blue", "region.1.colour", "never be reached"),
        ("S1, colour: red", "S1, colour: purple", "site.0.colour", "purple"),
    ],
)
def test_a_wrong_rule_names_its_place(old: str, new: str, field: str, words: str) -> None:
    with pytest.raises(InvalidData) as caught:
        own(old, new)
    found = [one for one in caught.value.mistakes if one.field == field and words in one.detail]
    assert found, str(caught.value)
    assert found[0].line > 1
