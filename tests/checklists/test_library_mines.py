"""Metal and non-metal open pits and tailings ponds: 矿安〔2022〕88号 and its supplement 矿安〔2024〕41号."""

from collections import Counter
from datetime import date

import pytest

from checklists.model import Answer
from tests.checklists.shelf import criteria_of, criteria_set, found_on, item_of, shipped

PIT, POND, UNDERGROUND = "mine.open-pit-2022-88", "tailings.pond-2022-88", "mine.underground-2022-88"
GROUPS = [(PIT, "mine", "露天矿山", 13, 9), (POND, "tailings", "尾矿库", 19, 16)]


@pytest.mark.parametrize(("code", "industry", "group", "count", "alternatives"), GROUPS)
def test_every_item_of_the_criteria_is_asked_once_with_all_its_cases(
    code: str, industry: str, group: str, count: int, alternatives: int
) -> None:
    assert shipped(code).industry == industry
    wanted = [one for one in criteria_set("KA-2022-88").criteria if one.group == group]
    assert len(wanted) == count
    assert sum(len(one.sub_items) for one in wanted) == alternatives
    asked = [
        (one, item) for item in shipped(code).items() for one in criteria_of(item) if one.startswith("NM-")
    ]
    assert Counter(one for one, _ in asked) == Counter(one.id for one in wanted)
    items = dict(asked)
    for criterion in wanted:
        item = items[criterion.id]
        assert item.basis.article == criterion.article
        assert criterion.text.zh in item.text.zh
        for case in criterion.sub_items:
            assert f"{case.n}. {case.zh}" in item.text.zh.splitlines()
            assert f"\n{case.n}. " in item.text.en


def test_the_criteria_have_64_items_and_79_numbered_cases() -> None:
    criteria = criteria_set("KA-2022-88").criteria
    assert Counter(one.group for one in criteria) == {"地下矿山": 32, "露天矿山": 13, "尾矿库": 19}
    assert sum(len(one.sub_items) for one in criteria) == 79


def test_the_supplement_says_that_four_two_and_two_cases_have_still_to_be_keyed() -> None:
    supplement = criteria_set("KA-2024-41")
    assert supplement.parent == "KA-2022-88"
    assert supplement.effective_assumed
    assert "4 underground, 2 open pit, 2 tailings" in supplement.source
    assert Counter(one.group for one in supplement.criteria) == {"地下矿山": 2, "露天矿山": 2, "尾矿库": 2}
    # each group: one case whose direction is known, and one entry for all the others
    assert [one.article.split("（")[-1] for one in supplement.criteria if "其余" in one.article] == [
        "其余3项）",
        "其余1项）",
        "其余1项）",
    ]
    assert all(one.to_be_keyed for one in supplement.criteria)


@pytest.mark.parametrize(
    ("code", "item", "criterion"),
    [
        (UNDERGROUND, "KA41-U-x1", "NMS-U-x1"),
        (UNDERGROUND, "KA41-U-x2", "NMS-U-x2"),
        (PIT, "KA41-O-x1", "NMS-O-x1"),
        (PIT, "KA41-O-x2", "NMS-O-x2"),
        (POND, "KA41-T-x1", "NMS-T-x1"),
        (POND, "KA41-T-x2", "NMS-T-x2"),
    ],
)
def test_a_case_of_the_supplement_grades_from_its_publication(code: str, item: str, criterion: str) -> None:
    assert item_of(code, item).to_be_keyed
    before, after = found_on(code, item, date(2024, 4, 22)), found_on(code, item, date(2024, 4, 23))
    assert before is not None
    assert after is not None
    assert (before.grade, before.criterion) == ("general", None)
    assert (after.grade, after.criterion) == ("major", criterion)
    assert after.criteria_set is not None
    assert after.criteria_set.key == "KA-2024-41"


@pytest.mark.parametrize(
    ("code", "item", "criterion"),
    [(PIT, "KA88-O-08", "NM-O-08"), (POND, "KA88-T-02", "NM-T-02"), (POND, "KA88-T-14", "NM-T-14")],
)
def test_a_criterion_grades_from_its_first_day(code: str, item: str, criterion: str) -> None:
    before, after = found_on(code, item, date(2022, 8, 31)), found_on(code, item, date(2022, 9, 1))
    assert before is not None
    assert after is not None
    assert (before.criterion, after.criterion) == (None, criterion)


@pytest.mark.parametrize(("code", "least"), [(PIT, 15), (POND, 15)])
def test_the_everyday_items_are_general(code: str, least: int) -> None:
    everyday = [item for item in shipped(code).items() if item.on_fail and not criteria_of(item)]
    assert len(everyday) >= least
    assert all(item.on_fail and item.on_fail.grade == "general" for item in everyday)


def test_a_water_level_above_the_designed_one_is_a_hazard() -> None:
    level = "TP-D-05"
    assert found_on(POND, level, answer=Answer(item=level, value=0)) is None
    assert found_on(POND, level, answer=Answer(item=level, value=-0.5)) is None
    assert found_on(POND, level, answer=Answer(item=level, value=0.1)) is not None


def test_turbid_seepage_is_a_hazard_and_clear_seepage_is_none() -> None:
    seepage = "TP-D-03"
    assert found_on(POND, seepage, answer=Answer(item=seepage, value="clear")) is None
    assert found_on(POND, seepage, answer=Answer(item=seepage, value="turbid")) is not None
