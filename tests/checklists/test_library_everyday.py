"""The lists that we wrote around the criteria: hazmat, special work, shops, crowded places, hazard points."""

from collections import Counter
from datetime import date

import pytest

from checklists.model import Answer, Choice, Multi, Number
from tests.checklists.shelf import criteria_of, found_on, item_of, judge, shipped

PRODUCTION, TANKS, TRADE, FILLING = (
    f"hazmat.{name}" for name in ("production", "tank-farm", "trade-storage", "filling")
)
WORK = "hazmat.special-work"
PATROL, CROWD, NATURE = (f"common.{name}" for name in ("grid-patrol", "crowded-place", "natural-hazard"))
EVERYDAY = [PRODUCTION, TANKS, TRADE, FILLING, WORK, PATROL, CROWD, NATURE]
KINDS = {
    "hot": "5",
    "confined": "6",
    "blind": "7",
    "height": "8",
    "lifting": "9",
    "power": "10",
    "digging": "11",
    "road": "12",
}


@pytest.mark.parametrize(
    ("code", "industry", "criteria"),
    [
        (PRODUCTION, "hazmat", 12),
        (TANKS, "hazmat", 10),
        (TRADE, "hazmat", 9),
        (FILLING, "hazmat", 4),
        (WORK, "hazmat", 19),
        (PATROL, "other", 0),
        (CROWD, "public_place", 0),
        (NATURE, "natural_hazard", 0),
    ],
)
def test_only_a_matched_criterion_of_aq_3067_makes_an_everyday_item_major(
    code: str, industry: str, criteria: int
) -> None:
    assert shipped(code).industry == industry
    major = [item for item in shipped(code).items() if item.on_fail and item.on_fail.grade == "major"]
    assert len(major) == criteria
    for item in major:
        current, *earlier = criteria_of(item)
        assert current.startswith("HZ26-5.")
        assert all(one.startswith("HZ17-") for one in earlier)
        assert (item.basis.source, f"HZ26-{item.basis.article}") == ("AQ3067-2026", current)
        assert not item.to_be_keyed


@pytest.mark.parametrize("code", EVERYDAY)
def test_answers_are_of_the_type_that_fits(code: str) -> None:
    types = Counter(type(item.answer) for item in shipped(code).items())
    assert types[Choice] + types[Multi] >= 2
    assert types[Number] >= 1
    assert any(item.applies_when for item in shipped(code).items())


@pytest.mark.parametrize(
    ("code", "item", "criterion", "earlier"),
    [
        (PRODUCTION, "HP-6-1", "HZ26-5.4.2", "HZ17-12"),
        (PRODUCTION, "HP-4-10", "HZ26-5.7.4", None),
        (TANKS, "TF-3-3", "HZ26-5.5.6", "HZ17-05"),
        (TRADE, "TS-2-1", "HZ26-5.5.8", "HZ17-20"),
        (TRADE, "TS-1-1", "HZ26-5.7.1", None),
        (FILLING, "FI-2-1", "HZ26-5.4.4", "HZ17-07"),
        (WORK, "SW-4-1", "HZ26-5.6.1", "HZ17-18"),
        (WORK, "SW-4-6", "HZ26-5.1.4", "HZ17-02"),
        (WORK, "SW-5-9", "HZ26-5.6.3", "HZ17-18"),
        (WORK, "SW-6-5", "HZ26-5.6.3", "HZ17-18"),
    ],
)
def test_a_hazmat_finding_is_graded_by_the_standard_of_its_day(
    code: str, item: str, criterion: str, earlier: str | None
) -> None:
    before, after = found_on(code, item, date(2026, 9, 29)), found_on(code, item, date(2026, 9, 30))
    assert before is not None
    assert after is not None
    assert (before.grade, before.criterion) == ("major" if earlier else "general", earlier)
    assert (after.grade, after.criterion) == ("major", criterion)


def test_the_eight_inspection_types_are_named_with_their_frequency() -> None:
    answer = item_of(PRODUCTION, "HP-0-1").answer
    assert isinstance(answer, Choice)
    assert [option.text.zh.split("（")[0] for option in answer.options] == [
        "日常排查",
        "综合性排查",
        "专业性排查",
        "季节性排查",
        "重点时段及节假日前排查",
        "事故类比排查",
        "复产复工前排查",
        "外聘专家诊断式排查",
    ]


def test_special_work_has_a_section_for_each_of_the_eight_kinds() -> None:
    answer = item_of(WORK, "SW-0-1").answer
    assert isinstance(answer, Multi)
    assert [option.code for option in answer.options] == list(KINDS)
    sections = {section.code: section for section in shipped(WORK).sections}
    assert set(sections) == {"0", "4", *KINDS.values()}
    for code in KINDS.values():
        assert len(sections[code].items) >= 5
        assert all(
            item.basis.article == f"第{code}章" or item.basis.source == "AQ3067-2026"
            for item in sections[code].items
        )


@pytest.mark.parametrize("kind", KINDS)
def test_only_the_section_of_the_kind_at_work_is_asked(kind: str) -> None:
    asked = judge(WORK, Answer(item="SW-0-1", value=[kind])).unanswered
    chapters = {code.split("-")[1] for code in asked}
    assert chapters == {"4", KINDS[kind]}
    nothing = judge(WORK, Answer(item="SW-0-1", value=[])).unanswered
    assert nothing == ["SW-4-11", "SW-4-12"]


@pytest.mark.parametrize(
    ("item", "passing", "beyond"),
    [
        ("SW-5-3", 8, 8.5),
        ("SW-5-4", 72, 73),
        ("SW-5-7", 30, 31),
        ("SW-5-9", 0.5, 0.51),
        ("SW-5-10", 0.2, 0.21),
        ("SW-5-17", 5, 4.9),
        ("SW-5-18", 10, 9.9),
        ("SW-6-1", 24, 25),
        ("SW-6-5", 19.5, 19.4),
        ("SW-6-5", 21, 21.1),
        ("SW-6-6", 23.5, 23.6),
        ("SW-6-9", 2, 3),
        ("SW-6-12", 36, 220),
        ("SW-6-13", 12, 36),
        ("SW-8-1", 7, 8),
        ("SW-10-1", 15, 16),
    ],
)
def test_the_limits_of_gb_30871_pass_and_what_is_beyond_fails(
    item: str, passing: float, beyond: float
) -> None:
    assert found_on(WORK, item, answer=Answer(item=item, value=passing)) is None
    assert found_on(WORK, item, answer=Answer(item=item, value=beyond)) is not None


@pytest.mark.parametrize(("gas", "asked"), [("ge4", "SW-5-9"), ("lt4", "SW-5-10"), ("none", None)])
def test_the_limit_of_the_gas_follows_its_explosive_limit(gas: str, asked: str | None) -> None:
    work = [Answer(item="SW-0-1", value=["hot"]), Answer(item="SW-5-8", value=gas)]
    unanswered = judge(WORK, *work).unanswered
    assert [one for one in unanswered if one in {"SW-5-9", "SW-5-10"}] == ([asked] if asked else [])


def test_a_tank_farm_without_a_major_hazard_is_not_asked_about_its_guarantors() -> None:
    none, second = ({"major_hazard_level": level} for level in (0, 2))
    assert "TF-7-2" not in judge(TANKS, site=none).unanswered
    assert {"TF-7-2", "TF-3-3"} <= set(judge(TANKS, site=second).unanswered)
    assert "TF-3-3" not in judge(TANKS, site={"major_hazard_level": 3}).unanswered
    assert "TF-3-3" in judge(TANKS).unanswered


@pytest.mark.parametrize(
    ("code", "item", "passing", "failing_value"),
    [
        (PRODUCTION, "HP-4-3", 1, 1.5),
        (PRODUCTION, "HP-4-10", 6, 7),
        (PRODUCTION, "HP-3-1", 3, 4),
        (PATROL, "GP-1-3", 1, 0),
        (PATROL, "GP-2-1", "separated", "mixed"),
        (PATROL, "GP-3-5", "outdoor", "indoor"),
        (PATROL, "GP-7-4", "fixed", "open"),
        (CROWD, "CP-2-3", 0.8, 0.79),
        (CROWD, "CP-1-4", 2, 2.5),
        (CROWD, "CP-3-1", 2, 1),
        (CROWD, "CP-4-4", "none", "yes"),
        (NATURE, "NH-2-6", "near", "above"),
        (NATURE, "NH-2-7", 0, 0.1),
        (NATURE, "NH-3-1", "same", "grown"),
    ],
)
def test_a_choice_or_a_measure_fails_where_it_is_a_hazard(
    code: str, item: str, passing: str | float, failing_value: str | float
) -> None:
    assert found_on(code, item, answer=Answer(item=item, value=passing)) is None
    found = found_on(code, item, answer=Answer(item=item, value=failing_value))
    assert found is not None
    assert item_of(code, item).on_fail is not None


@pytest.mark.parametrize(
    ("kind", "section"), [("flood", "2"), ("reservoir", "2"), ("geology", "3"), ("fire", "4")]
)
def test_a_hazard_point_is_asked_only_about_its_own_kind(kind: str, section: str) -> None:
    asked = judge(NATURE, Answer(item="NH-0-1", value=[kind])).unanswered
    assert {one.split("-")[1] for one in asked} == {"0", "1", "5", section}


def test_under_a_red_warning_people_must_have_left() -> None:
    calm, red = (judge(NATURE, Answer(item="NH-0-2", value=level)) for level in ("none", "red"))
    assert "NH-1-7" not in calm.unanswered
    assert "NH-1-7" in red.unanswered
