"""A scheme that counts what is not there, or not right, is refused with its place."""

from pathlib import Path

import pytest

from checklists.document import InvalidData
from checklists.loading import load_checklist
from tests.checklists.weighing import WEIGHTED

TABLES = """\
code: sample.tables
version: '1'
industry: construction
title: {zh: 评分表, en: Tables}
sources: [{key: JGJ59-2011, title: {zh: 建筑施工安全检查标准, en: Standard}}]
scoring:
  type: jgj59
  guarantee: {least: 40, of: 60}
  excellent_from: 80
  pass_from: 70
  summary:
    - {title: {zh: 安全管理, en: Management}, full_marks: 60, sections: [A]}
    - {title: {zh: 脚手架, en: Scaffolds}, full_marks: 40, sections: [B]}
sections:
  - code: A
    title: {zh: 安全管理, en: Management}
    items:
      - code: A-G01
        text: {zh: 责任制, en: Responsibility}
        basis: {source: JGJ59-2011}
        answer: {type: deduct, full_marks: 60, guarantee: true}
        on_fail: {grade: general, title: 责任制不符, category: 安全管理}
      - code: A-N01
        text: {zh: 标志, en: Signs}
        basis: {source: JGJ59-2011}
        answer:
          type: deduct
          full_marks: 40
          rules: [{text: {zh: 未挂标志, en: No signs}, marks: 2, up_to: 6}]
        on_fail: {grade: general, title: 标志不符, category: 安全管理}
  - code: B
    title: {zh: 脚手架, en: Scaffolds}
    items:
      - code: B-N01
        text: {zh: 通道, en: Access}
        basis: {source: JGJ59-2011}
        answer: {type: deduct, full_marks: 100}
        on_fail: {grade: general, title: 通道不符, category: 脚手架}
"""

MISTAKES = [
    (TABLES, "excellent_from: 80", "excellent_from: 70", "scoring.excellent_from", "above pass_from"),
    (TABLES, "pass_from: 70", "pass_from: 0", "scoring.excellent_from", "between 0 and 100"),
    (TABLES, "least: 40", "least: 61", "scoring.guarantee.least", "at most"),
    (TABLES, "full_marks: 100}", "full_marks: 90}", "sections.1.items", "has 100 marks, not 90"),
    (TABLES, "of: 60", "of: 50", "sections.0.items", "guarantee items have 50 marks, not 60"),
    (TABLES, "full_marks: 40, sections", "full_marks: 30, sections", "scoring.summary", "100 marks, not 90"),
    (
        TABLES,
        "sections: [B]",
        "sections: [B, C]",
        "scoring.summary.1.sections.1",
        "no section has the code C",
    ),
    (TABLES, "sections: [B]", "sections: [B, B]", "scoring.summary.1.sections", "B is counted twice"),
    (TABLES, "sections: [B]", "sections: []", "scoring.summary", "counts section B nowhere"),
    (TABLES, "{type: deduct, full_marks: 100}", "{type: pass_fail}", "sections.1.items", "deducted from"),
    (TABLES, "marks: 2,", "marks: 41,", "rules.0.marks", "within the marks"),
    (TABLES, "up_to: 6", "up_to: 2", "rules.0.up_to", "above marks"),
    (TABLES, "up_to: 6", "up_to: 41", "rules.0.up_to", "within the marks"),
    (TABLES, "type: jgj59", "type: jgj99", "scoring.type", "jgj99"),
    (WEIGHTED, "full_marks: 10", "full_marks: 10, guarantee: true", "answer.guarantee", "only the scheme"),
    (WEIGHTED, "code: A-02, weight: 4", "code: A-09, weight: 4", "item_weights.0.code", "no item that can"),
    (WEIGHTED, "code: A-02, weight: 4", "code: A-03, weight: 4", "item_weights.0.code", "no item that can"),
    (WEIGHTED, "weight: 4", "weight: 0", "item_weights.0.weight", "above nought"),
    (WEIGHTED, ", {code: B, weight: 1}", "", "scoring.section_weights", "no weight for section B"),
    (WEIGHTED, "code: B, weight: 1", "code: A, weight: 1", "section_weights.0.code", "counted twice"),
    (WEIGHTED, "pass_from: 60", "pass_from: 95", "scoring.excellent_from", "above pass_from"),
]


@pytest.mark.parametrize(("text", "old", "new", "field", "words"), MISTAKES)
def test_a_wrong_scheme_names_its_place(text: str, old: str, new: str, field: str, words: str) -> None:
    assert old in text
    with pytest.raises(InvalidData) as caught:
        load_checklist(text.replace(old, new, 1), "wrong@1.yaml")
    assert [one for one in caught.value.mistakes if field in one.field and words in one.detail], str(
        caught.value
    )


def test_both_schemes_load() -> None:
    assert load_checklist(TABLES, "tables@1.yaml").scoring is not None
    assert load_checklist(WEIGHTED, "shop@1.yaml").scoring is not None


def test_the_file_of_jgj59_says_where_its_marks_do_not_add_up() -> None:
    library = Path(__file__).parents[2] / "checklists" / "library"
    file = library / "construction" / "construction.jgj59-2011@1.yaml"
    text = file.read_text(encoding="utf-8").replace("full_marks: 12", "full_marks: 13")
    with pytest.raises(InvalidData) as caught:
        load_checklist(text, file.name)
    (mistake,) = caught.value.mistakes
    assert (mistake.field, mistake.detail) == ("sections.18.items", "a table has 100 marks, not 101")
