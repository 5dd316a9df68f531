"""What holds for every list and every criterion that is shipped."""

import re
from collections import Counter

import pytest

from checklists import catalog
from checklists.authored import Text
from checklists.model import Checklist, Choice, Item, Multi
from tests.checklists.shelf import criteria_of, criterion

CHINESE = re.compile(r"[\u4e00-\u9fff]")
LISTS = [entry.checklist for entry in catalog.entries()]
# the tables of JGJ 59 repeat the names of their items
NAMED_BY_TABLE = {"construction.jgj59-2011"}

HEADING = "a heading: each of its cases is a criterion of its own and is asked"
DATA_ONLY = {
    **dict.fromkeys(["CM26-04", "CM26-08", "CM26-20"], HEADING),
    **dict.fromkeys([f"CM20-{article:02}" for article in range(4, 19)], HEADING),
}

COUNTS = {
    "coal.open-pit": 58,
    "coal.underground": 136,
    "common.crowded-place": 47,
    "common.grid-patrol": 38,
    "common.natural-hazard": 40,
    "construction.jgj59-2011": 189,
    "construction.major-2024-5": 66,
    "hazmat.aq3067-2026": 67,
    "hazmat.filling": 39,
    "hazmat.production": 55,
    "hazmat.special-work": 89,
    "hazmat.tank-farm": 40,
    "hazmat.trade-storage": 39,
    "mine.open-pit-2022-88": 34,
    "mine.underground-2022-88": 46,
    "tailings.pond-2022-88": 44,
}


def texts(item: Item) -> list[Text]:
    options = item.answer.options if isinstance(item.answer, Choice | Multi) else ()
    hint = [item.hint] if item.hint else []
    return [item.text, *hint, *(limb.text for limb in item.limbs), *(option.text for option in options)]


def test_the_library_is_whole() -> None:
    assert {one.code: len(one.items()) for one in LISTS} == COUNTS
    assert {one.industry for one in LISTS} == {
        "hazmat",
        "coal_mine",
        "mine",
        "tailings",
        "construction",
        "public_place",
        "natural_hazard",
        "other",
    }


def test_every_criterion_is_asked_by_some_list_or_says_why_not() -> None:
    asked = {one for checklist in LISTS for item in checklist.items() for one in criteria_of(item)}
    every = {one.id for criteria_set in catalog.criteria().sets for one in criteria_set.criteria}
    assert every - asked == DATA_ONLY.keys()


def test_each_case_of_a_heading_that_is_data_only_is_asked() -> None:
    asked = {one for checklist in LISTS for item in checklist.items() for one in criteria_of(item)}
    for heading in (one for one, why in DATA_ONLY.items() if why is HEADING):
        cases = [one for one in asked if one.startswith(f"{heading}-")]
        assert cases, heading
        assert not criterion(heading).to_be_keyed


def test_every_criterion_speaks_both_languages() -> None:
    for criteria_set in catalog.criteria().sets:
        for text in (criteria_set.title, *(one.text for one in criteria_set.criteria)):
            assert CHINESE.search(text.zh)
            assert text.en
            assert not CHINESE.search(text.en), text.en


@pytest.mark.parametrize("checklist", LISTS, ids=lambda one: one.code)
def test_every_text_is_chinese_and_english(checklist: Checklist) -> None:
    sections = [part for one in checklist.sections for part in (one.title, one.guide) if part]
    items = [text for item in checklist.items() for text in texts(item)]
    for text in (checklist.title, *(one.title for one in checklist.sources), *sections, *items):
        assert text.zh.strip()
        assert text.en.strip()
        assert text.zh != text.en
        assert not CHINESE.search(
            re.sub("矿安〔2022〕88号|矿安〔2024〕41号|建质规〔2024〕5号", "", text.en)
        ), text.en
    assert all(CHINESE.search(item.text.zh) for item in checklist.items())


@pytest.mark.parametrize("checklist", LISTS, ids=lambda one: one.code)
def test_no_list_asks_the_same_twice(checklist: Checklist) -> None:
    if checklist.code in NAMED_BY_TABLE:
        return
    asked = Counter(item.text.zh for item in checklist.items())
    titles = Counter(item.on_fail.title for item in checklist.items() if item.on_fail)
    assert [one for one, times in [*asked.items(), *titles.items()] if times > 1] == []


@pytest.mark.parametrize("checklist", LISTS, ids=lambda one: one.code)
def test_every_source_is_used_and_every_item_has_one(checklist: Checklist) -> None:
    used = {item.basis.source for item in checklist.items()}
    earlier = {"AJZG3-2017-121"}  # listed where its items grade findings of earlier days
    assert {source.key for source in checklist.sources} - used <= earlier
    assert all(source.doc_no or source.issuer or source.note for source in checklist.sources)


@pytest.mark.parametrize("checklist", LISTS, ids=lambda one: one.code)
def test_every_hazard_has_a_short_title_a_category_and_a_measure(checklist: Checklist) -> None:
    for item in checklist.items():
        if item.on_fail is None:
            continue
        assert CHINESE.search(item.on_fail.title)
        assert len(item.on_fail.title) <= 40
        assert not item.on_fail.title.endswith("。")
        assert CHINESE.search(item.on_fail.category)
        assert item.on_fail.measure
        assert item.requires is not None, item.code
        assert "failing" in {item.requires.photo, item.requires.note}


@pytest.mark.parametrize("checklist", LISTS, ids=lambda one: one.code)
def test_an_item_says_so_where_the_criterion_it_was_made_from_is_still_to_be_keyed(
    checklist: Checklist,
) -> None:
    for item in checklist.items():
        current = item.on_fail.criterion if item.on_fail else None
        if current is not None:
            assert item.to_be_keyed is criterion(current).to_be_keyed, item.code
