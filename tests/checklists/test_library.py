"""The three built-in lists and their criteria sets: complete, bilingual, sourced, and honest about gaps."""

import json
import re
from collections import Counter
from datetime import date
from hashlib import sha256

import msgspec
import pytest

from checklists import catalog
from checklists.criteria import CriteriaSet
from checklists.evaluate import evaluate
from checklists.model import Answer, Checklist, Finding, Item
from checklists.wire import PublishedChecklist
from tests.checklists.answering import failing

HAZMAT, MINE, SITE = "hazmat.aq3067-2026", "mine.underground-2022-88", "construction.major-2024-5"
CODES = [HAZMAT, MINE, SITE]
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def shipped(code: str) -> Checklist:
    entry = catalog.get(code, "1")
    assert entry is not None
    return entry.checklist


def criteria_set(key: str) -> CriteriaSet:
    (found,) = [one for one in catalog.criteria().sets if one.key == key]
    return found


ALTERNATIVES = {"AQ3067-5.1.3-2", "AQ3067-5.2.1-2", "JZ5-09-04-2"}
"""Second items of criteria that say "A and B; or C": the limbs of one case are asked apart from the other."""


def items_by_criterion(code: str) -> dict[str, Item]:
    found = [item for item in shipped(code).items() if item.on_fail and item.on_fail.criterion]
    asked = [item for item in found if item.code not in ALTERNATIVES and not item.code.startswith("KA41-")]
    by_criterion = {item.on_fail.criterion: item for item in asked if item.on_fail and item.on_fail.criterion}
    assert len(by_criterion) == len(asked), "one item a criterion"
    return by_criterion


def found_on(code: str, item_code: str, on: date) -> Finding:
    (item,) = [item for item in shipped(code).items() if item.code == item_code]
    (found,) = evaluate(shipped(code), [failing(item)], None, on, catalog.criteria()).findings
    return found


@pytest.mark.parametrize(
    ("code", "industry", "key", "count", "group"),
    [
        (HAZMAT, "hazmat", "AQ3067-2026", 53, None),
        (MINE, "mine", "KA-2022-88", 32, "地下矿山"),
        (SITE, "construction", "JZG-2024-5", 53, None),
    ],
)
def test_every_criterion_of_the_source_is_asked_once(
    code: str, industry: str, key: str, count: int, group: str | None
) -> None:
    assert shipped(code).industry == industry
    asked = items_by_criterion(code)
    wanted = [one for one in criteria_set(key).criteria if group is None or one.group == group]
    assert len(wanted) == count
    assert list(asked) == [one.id for one in wanted]
    for criterion in wanted:
        assert asked[criterion.id].to_be_keyed is criterion.to_be_keyed
        assert asked[criterion.id].basis.article == criterion.article


def test_the_items_per_article_are_those_of_the_sources() -> None:
    hazmat = Counter(one.article.rsplit(".", 1)[0] for one in criteria_set("AQ3067-2026").criteria)
    assert list(hazmat.values()) == [5, 10, 6, 9, 12, 4, 7]
    site = Counter(one.id.split("-")[1] for one in criteria_set("JZG-2024-5").criteria)
    assert list(site.values()) == [5, 4, 4, 3, 9, 5, 2, 4, 2, 7, 3, 3, 1, 1]
    mine = Counter(one.group for one in criteria_set("KA-2022-88").criteria)
    assert mine == {"地下矿山": 32, "露天矿山": 13, "尾矿库": 19}
    assert sum(len(one.sub_items) for one in criteria_set("KA-2022-88").criteria) == 79
    assert [one.id for one in criteria_set("AJZG3-2017-121").criteria] == [
        f"HZ17-{n:02}" for n in range(1, 21)
    ]


def test_every_numbered_alternative_of_a_mine_criterion_is_shown_in_both_languages() -> None:
    asked = items_by_criterion(MINE)
    for criterion in criteria_set("KA-2022-88").criteria[:32]:
        text = asked[criterion.id].text
        for alternative in criterion.sub_items:
            assert f"{alternative.n}. {alternative.zh}" in text.zh.splitlines()
            assert f"\n{alternative.n}. " in text.en


@pytest.mark.parametrize("code", CODES)
def test_each_list_has_its_everyday_items(code: str) -> None:
    everyday = [item for item in shipped(code).items() if item.on_fail and item.on_fail.criterion is None]
    assert 8 <= len(everyday) <= 12
    assert all(item.on_fail and item.on_fail.grade == "general" for item in everyday)
    assert sum(item.applies_when is not None for item in everyday) >= 2


@pytest.mark.parametrize("code", CODES)
def test_every_item_speaks_both_languages_and_says_what_to_do(code: str) -> None:
    for item in shipped(code).items():
        texts = [item.text, *(limb.text for limb in item.limbs), *([item.hint] if item.hint else [])]
        for text in texts:
            assert CHINESE.search(text.zh), item.code
            assert len(text.en) > 3, item.code
            assert not CHINESE.search(text.en), item.code
        assert item.on_fail is not None
        assert CHINESE.search(item.on_fail.title)
        assert len(item.on_fail.title) <= 40
        assert item.on_fail.category
        assert item.on_fail.measure
        assert item.on_fail.due_rule is None
        assert item.requires is not None
        assert "failing" in {item.requires.photo, item.requires.note}


@pytest.mark.parametrize(
    ("code", "limbed"),
    [
        (HAZMAT, ["AQ3067-5.1.3", "AQ3067-5.2.1", "AQ3067-5.2.5"]),
        (MINE, ["KA88-U-08"]),
        (SITE, ["JZ5-05-02", "JZ5-09-03", "JZ5-09-04-2", "JZ5-10-02", "JZ5-11-01", "JZ5-17-01"]),
    ],
)
def test_criteria_joined_by_and_are_asked_limb_by_limb(code: str, limbed: list[str]) -> None:
    assert [item.code for item in shipped(code).items() if item.limbs] == limbed
    for item_code in limbed:
        partial = Answer(item=item_code, value=["b"])
        on, criteria = date(2026, 11, 21), catalog.criteria()
        (found,) = evaluate(shipped(code), [partial], None, on, criteria).findings
        assert (found.grade, found.criterion) == ("general", None)
        assert found_on(code, item_code, on).grade == "major"


def test_clauses_that_have_still_to_be_keyed_are_marked() -> None:
    open_clauses = [one.id for one in criteria_set("AQ3067-2026").criteria if one.to_be_keyed]
    clauses = ["2.2", "2.8", "2.10", "3.4", "3.6", "4.7", "4.8", "4.9", "5.11"]
    assert open_clauses == [f"HZ26-5.{clause}" for clause in clauses]
    assert all(one.to_be_keyed for one in criteria_set("KA-2024-41").criteria)
    assert len(criteria_set("KA-2024-41").criteria) == 6
    assert b'"to_be_keyed":true' in (catalog.get(HAZMAT, "1") or catalog.entries()[0]).wire


@pytest.mark.parametrize(
    ("item", "before", "after"),
    [
        ("AQ3067-5.1.4", "HZ17-02", "HZ26-5.1.4"),
        ("AQ3067-5.5.3", "HZ17-04", "HZ26-5.5.3"),
        ("AQ3067-5.6.4", "HZ17-18", "HZ26-5.6.4"),
        ("AQ3067-5.2.5", "HZ17-09", "HZ26-5.2.5"),
        ("AQ3067-5.7.7", None, "HZ26-5.7.7"),
        ("AQ3067-5.2.1", "HZ17-10", "HZ26-5.2.1"),
        # 121号 knows no major change without a new design
        ("AQ3067-5.2.1-2", None, "HZ26-5.2.1"),
    ],
)
def test_a_hazmat_finding_changes_its_criterion_overnight(item: str, before: str | None, after: str) -> None:
    old, new = found_on(HAZMAT, item, date(2026, 9, 29)), found_on(HAZMAT, item, date(2026, 9, 30))
    assert (old.grade, old.criterion) == ("general" if before is None else "major", before)
    assert (new.grade, new.criterion) == ("major", after)
    assert old.criteria_set is None or old.criteria_set.key == "AJZG3-2017-121"
    assert new.criteria_set is not None
    assert new.criteria_set.key == "AQ3067-2026"


def test_every_item_of_the_2017_standard_is_matched_by_an_item_of_the_new_list() -> None:
    asked = items_by_criterion(HAZMAT).values()
    earlier = {one for item in asked if item.on_fail for one in item.on_fail.earlier_criteria}
    assert earlier == {one.id for one in criteria_set("AJZG3-2017-121").criteria}


def test_assumed_dates_are_marked_and_say_why() -> None:
    supplement, site = criteria_set("KA-2024-41"), criteria_set("JZG-2024-5")
    assert (supplement.parent, supplement.effective_from) == ("KA-2022-88", date(2024, 4, 23))
    assert site.effective_from == date(2024, 12, 1)
    assert supplement.effective_assumed
    assert site.effective_assumed
    assert site.effective_note
    assert "发布日未核实" in site.effective_note
    assert not criteria_set("AQ3067-2026").effective_assumed


def test_the_catch_all_of_construction_needs_its_reason() -> None:
    bare = Answer(item="JZ5-17-01", value=["a", "b"])
    evaluation = evaluate(shipped(SITE), [bare], None, date(2026, 11, 21), catalog.criteria())
    assert evaluation.findings[0].grade == "general"
    assert "reason" in [one.requirement for one in evaluation.unmet]
    assert found_on(SITE, "JZ5-17-01", date(2026, 11, 21)).reason == "现场所见"


@pytest.mark.parametrize("code", CODES)
def test_the_wire_is_the_list_with_the_sets_that_grade_it(code: str) -> None:
    entry = catalog.get(code, "1")
    assert entry is not None
    assert entry.digest == sha256(entry.wire).hexdigest()
    assert msgspec.json.decode(entry.wire, type=PublishedChecklist) == entry.checklist
    sent = json.loads(entry.wire)
    item = sent["sections"][0]["items"][0]
    assert item["answer"] == {"type": "pass_fail"}
    assert {"code", "text", "basis", "answer", "on_fail"} <= item.keys()
    assert set(item["on_fail"]) >= {"grade", "criterion", "title", "category"}
    named = {
        one
        for section in sent["sections"]
        for item in section["items"]
        for one in (item["on_fail"].get("criterion"), *item["on_fail"].get("earlier_criteria", []))
        if one
    }
    assert named == {one["id"] for graded in sent["criteria_sets"] for one in graded["criteria"]}


def test_a_version_is_a_draft_before_its_first_day_and_live_from_then() -> None:
    entry = catalog.get(HAZMAT, "1")
    assert entry is not None
    assert entry.live_from is not None
    assert entry.status(date(2025, 12, 31)) == "draft"
    assert entry.status(entry.live_from) == "live"
    assert entry._replace(live_to=date(2026, 6, 30)).status(date(2026, 7, 1)) == "retired"


def test_the_catalogue_is_read_once_and_knows_what_it_has() -> None:
    codes = [entry.checklist.code for entry in catalog.entries()]
    assert codes == sorted(codes)
    assert set(codes) >= set(CODES)
    assert catalog.get(HAZMAT, "99") is None
    assert catalog.get("gone", "1") is None
    assert catalog.criteria() is catalog.criteria()
