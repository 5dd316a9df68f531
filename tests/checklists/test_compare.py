"""What an inspector is told when a new version of a list comes out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import fields

from checklists import catalog
from checklists.compare import ITEM_FIELDS, LIST_FIELDS, SECTION_FIELDS, Change, diff
from checklists.loading import load_checklist
from checklists.model import Checklist, Item, OnFail, Section
from tests.checklists.sample import CHECKLIST, checklist

REMARKS = """\
      - code: B-04
        text: {zh: 备注, en: Remarks}
        basis: {source: 安全生产法}
        answer: {type: text}
"""


def changed(old: str, new: str) -> Checklist:
    assert old in CHECKLIST
    text = CHECKLIST.replace("version: '1'", "version: '2'").replace(old, new, 1)
    return load_checklist(text, "sample@2.yaml")


def told(old: str, new: str) -> tuple[str, str | None, str | None, str]:
    (change,) = diff(checklist(), changed(old, new))
    return change.kind, change.section, change.item, change.field


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("警示标志明显完好", "警示标志齐全", ("reworded", "A", "A-01", "text")),
        ("article: 第35条}", "article: 第36条}", ("basis_changed", "A", "A-01", "basis")),
        ("title: 仓库缺少警示标志", "title: 缺少标志", ("reworded", "A", "A-01", "on_fail.title")),
        ("measure: 补设警示标志", "measure: 补设", ("reworded", "A", "A-01", "on_fail.measure")),
        ("category: 安全标志", "category: 标志", ("reworded", "A", "A-01", "on_fail.category")),
        ("earlier_criteria: [OLD-1]", "due_rule: MAJOR-1D\n          earlier_criteria: [OLD-1]",
         ("deadline_changed", "A", "A-02", "on_fail.due_rule")),
        ("criterion: NEW-1", "criterion: NEW-2", ("regraded", "A", "A-02", "on_fail.criterion")),
        ("earlier_criteria: [OLD-1]", "earlier_criteria: [OLD-2]",
         ("regraded", "A", "A-02", "on_fail.earlier_criteria")),
        ("than: 23.5", "than: 22", ("condition_changed", "B", "B-03", "applies_when")),
        ("max: 21", "max: 23.5", ("answer_changed", "B", "B-01", "answer")),
        ("架空线未防护", "架空线无防护", ("answer_changed", "A", "A-03", "limbs")),
        ("photo: failing, position: failing", "photo: always, position: failing",
         ("requires_changed", "A", "A-01", "requires")),
        ("answer: {type: text}", "answer: {type: text}\n        to_be_keyed: true",
         ("basis_changed", "B", "B-04", "to_be_keyed")),
        ("answer: {type: text}", "answer: {type: text}\n        hint: {zh: 如实填写, en: As it is}",
         ("reworded", "B", "B-04", "hint")),
        ("title: {zh: 储存,", "title: {zh: 仓储,", ("reworded", "A", None, "title")),
        ("title: {zh: 储存, en: Storage}", "title: {zh: 储存, en: Storage}\n    guide: {zh: 拍照, en: Photo}",
         ("reworded", "A", None, "guide")),
        ("title: {zh: 储存, en: Storage}", "title: {zh: 储存, en: Storage}\n    optional: true",
         ("requires_changed", "A", None, "optional")),
        ("危险化学品仓库检查表", "仓库检查表", ("reworded", None, None, "title")),
        ("industry: hazmat", "industry: fire", ("basis_changed", None, None, "industry")),
        ("中华人民共和国安全生产法", "安全生产法（2021）", ("basis_changed", None, None, "sources")),
        ("effective_from: 2026-01-01", "effective_from: 2026-06-01",
         ("dates_changed", None, None, "effective_from")),
        ("effective_from: 2026-01-01", "effective_from: 2026-01-01\neffective_to: 2026-06-01",
         ("dates_changed", None, None, "effective_to")),
        ("effective_from: 2026-01-01", "note: 试行\neffective_from: 2026-01-01",
         ("reworded", None, None, "note")),
        ("effective_from: 2026-01-01",
         "effective_from: 2026-01-01\nscoring: {type: weighted, excellent_from: 90, pass_from: 60}",
         ("scoring_changed", None, None, "scoring")),
    ],
)  # fmt: skip
def test_each_difference_is_told_by_its_name(
    old: str, new: str, expected: tuple[str, str | None, str | None, str]
) -> None:
    assert told(old, new) == expected


def test_a_general_item_that_becomes_major_is_regraded() -> None:
    changes = diff(
        checklist(), changed("grade: general, title: 仓库", "grade: major, criterion: NEW-1, title: 仓库")
    )
    assert [(one.kind, one.field, one.before, one.after) for one in changes] == [
        ("regraded", "on_fail.grade", "general", "major"),
        ("regraded", "on_fail.criterion", None, "NEW-1"),
    ]


def test_added_removed_and_moved_items() -> None:
    without = changed(REMARKS, "")
    assert diff(checklist(), without) == [
        Change(kind="removed", section="B", item="B-04", field="", before="备注", after=None)
    ]
    assert diff(without, checklist()) == [
        Change(kind="added", section="B", item="B-04", field="", before=None, after="备注")
    ]
    text = CHECKLIST.replace(REMARKS, "")
    text = text.replace("  - code: B\n", f"{REMARKS}  - code: B\n")
    assert diff(checklist(), load_checklist(text, "sample@2.yaml")) == [
        Change(kind="moved", section="A", item="B-04", field="", before="B", after="A")
    ]


def test_a_new_version_that_is_the_same_changes_nothing() -> None:
    assert diff(checklist(), changed("sample.warehouse", "sample.warehouse")) == []


LISTS = [entry.checklist for entry in catalog.entries()]


@given(st.sampled_from(LISTS), st.sampled_from(LISTS))
def test_what_one_way_adds_the_other_way_removes(one: Checklist, other: Checklist) -> None:
    there, back = diff(one, other), diff(other, one)
    assert (there == []) is (one is other)
    turned = {"added": "removed", "removed": "added"}
    assert {(turned.get(c.kind, c.kind), c.item, c.field) for c in there} == {
        (c.kind, c.item, c.field) for c in back
    }


def test_no_field_is_forgotten() -> None:
    item = {one.name for one in fields(Item)} - {"code", "on_fail"}
    on_fail = {f"on_fail.{one.name}" for one in fields(OnFail)}
    assert item | on_fail == set(ITEM_FIELDS)
    assert {one.name for one in fields(Section)} - {"code", "items"} == set(SECTION_FIELDS)
    assert {one.name for one in fields(Checklist)} - {"code", "version", "sections"} == set(LIST_FIELDS)
