"""The lists that cases name, as a phone gets them: those written for the suite, the samples, the shipped."""

from collections.abc import Iterator

from checklists import catalog
from checklists.loading import load_checklist
from checklists.wire import PublishedChecklist, publish
from tests.checklists import sample
from tests.checklists.weighing import WEIGHTED, weighted
from tests.conformance.drawn_lists import drawn_criteria

SHIPPED = (
    ("construction.jgj59-2011", "1"),
    ("construction.major-2024-5", "1"),
    ("hazmat.aq3067-2026", "1"),
    ("mine.underground-2022-88", "1"),
)

CONDITIONS = """\
code: suite.conditions
version: '1'
industry: other
title: {zh: 条件, en: Conditions}
sources: [{key: 来源, title: {zh: 来源, en: Source}}]
sections:
  - code: GATES
    title: {zh: 前提, en: Gates}
    items:
      - {code: P, text: {zh: 前提甲, en: P}, basis: {source: 来源}, answer: {type: pass_fail},
         on_fail: {grade: general, title: 前提甲不合格, category: 前提}}
      - {code: Q, text: {zh: 前提乙, en: Q}, basis: {source: 来源}, answer: {type: pass_fail},
         on_fail: {grade: general, title: 前提乙不合格, category: 前提}}
      - {code: N, text: {zh: 数值, en: N}, basis: {source: 来源}, answer: {type: number, unit: m}}
      - code: M
        text: {zh: 多选, en: M}
        basis: {source: 来源}
        answer:
          type: multi
          options: [{code: x, text: {zh: 甲, en: x}}, {code: y, text: {zh: 乙, en: y}, fails: true}]
        on_fail: {grade: general, title: 多选不合格, category: 前提}
      - code: L
        text: {zh: 并列, en: L}
        basis: {source: 来源}
        answer: {type: pass_fail}
        limbs: [{code: a, text: {zh: 情形甲, en: a}}, {code: b, text: {zh: 情形乙, en: b}}]
        on_fail: {grade: major, criterion: NEW-1, title: 并列情形, category: 前提}
  - code: ASKED
    title: {zh: 被问, en: Asked}
    items:
"""

ASKED = (
    "{op: equals, item: P, value: pass}",
    "{op: not, of: {op: equals, item: P, value: pass}}",
    "{op: all, of: [{op: equals, item: P, value: pass}, {op: equals, item: Q, value: pass}]}",
    "{op: any, of: [{op: equals, item: P, value: fail}, {op: in, item: Q, values: [fail, na]}]}",
    "{op: not, of: {op: any, of: [{op: equals, item: P, value: na}, {op: equals, item: Q, value: na}]}}",
    "{op: all, of: [{op: greater, item: N, than: 0}, {op: not, of: {op: greater, item: N, than: 1}}]}",
    "{op: any, of: [{op: less, item: N, than: 0}, {op: equals, item: M, value: y}]}",
    "{op: in, item: M, values: [x, na]}",
    "{op: all, of: [{op: equals, item: L, value: a}, {op: not, of: {op: equals, item: L, value: b}}]}",
    "{op: any, of: [{op: equals, site: risk, value: red}, {op: equals, site: tank_farm, value: true}]}",
    "{op: all, of: [{op: less, site: major_hazard_level, than: 3}, "
    "{op: in, site: major_hazard_level, values: [1, 2]}]}",
    # looks at an item that may not apply, and then counts as na
    "{op: any, of: [{op: equals, item: T-04, value: na}, {op: equals, site: industry, value: hazmat}]}",
    "{op: less, site: major_hazard_level, than: 5}",
    "{op: greater, site: major_hazard_level, than: 0}",
)

GRADING = """\
code: suite.grading
version: '1'
industry: other
title: {zh: 判定, en: Grading}
sources: [{key: 来源, title: {zh: 来源, en: Source}}]
sections:
  - code: A
    title: {zh: 判定, en: Grading}
    items:
      - {code: G-01, text: {zh: 新旧标准, en: Both}, basis: {source: 来源}, answer: {type: pass_fail},
         on_fail: {grade: major, criterion: NEW-1, earlier_criteria: [OLD-1], title: 甲, category: 判定}}
      - {code: G-02, text: {zh: 补充规定, en: Supplement}, basis: {source: 来源}, answer: {type: pass_fail},
         on_fail: {grade: major, criterion: MORE-1, title: 乙, category: 判定, due_rule: MAJOR-1D}}
      - {code: G-03, text: {zh: 兜底, en: Catch-all}, basis: {source: 来源}, answer: {type: pass_fail},
         requires: {note: failing},
         on_fail: {grade: major, criterion: NEW-2, earlier_criteria: [OLD-2], title: 丙, category: 判定}}
      - code: G-04
        text: {zh: 并列, en: Limbs}
        basis: {source: 来源}
        answer: {type: pass_fail}
        limbs: [{code: a, text: {zh: 情形甲, en: a}}, {code: b, text: {zh: 情形乙, en: b}}]
        on_fail: {grade: major, criterion: NEW-3, title: 丁, category: 判定, measure: 停产}
      - code: G-05
        text: {zh: 并列部分, en: Some limbs}
        basis: {source: 来源}
        answer: {type: pass_fail}
        limbs: [{code: a, text: {zh: 情形甲, en: a}}, {code: b, text: {zh: 情形乙, en: b}}]
        on_fail: {grade: major, criterion: OLD-1, title: 戊, category: 判定}
      - code: G-06
        text: {zh: 并列兜底, en: Limbs of a catch-all}
        basis: {source: 来源}
        answer: {type: pass_fail}
        limbs: [{code: a, text: {zh: 情形甲, en: a}}, {code: b, text: {zh: 情形乙, en: b}}]
        requires: {note: failing, photo: always}
        on_fail: {grade: major, criterion: NEW-2, title: 己, category: 判定}
"""


def named_lists() -> Iterator[PublishedChecklist]:
    """Every list that cases name by code and version."""
    conditions = CONDITIONS + "".join(
        f"      - {{code: T-{n:02}, text: {{zh: 被问{n}, en: Asked}}, basis: {{source: 来源}},\n"
        f"         applies_when: {condition},\n         answer: {{type: pass_fail}},\n"
        f"         on_fail: {{grade: general, title: 被问{n}不合格, category: 被问}}}}\n"
        for n, condition in enumerate(ASKED, 1)
    )
    drawn = drawn_criteria()
    yield publish(load_checklist(conditions, "conditions@1.yaml"), drawn)
    yield publish(load_checklist(GRADING, "grading@1.yaml"), drawn)
    yield publish(sample.checklist(), sample.criteria())
    yield publish(weighted(), sample.criteria())
    strict = WEIGHTED.replace("pass_from: 60", "pass_from: 30").replace("sample.shop", "suite.strict")
    lenient = strict.replace("suite.strict", "suite.lenient").replace(
        "pass_from: 30", "pass_from: 30\n  major_fails: false"
    )
    for text in (strict, lenient):
        yield publish(load_checklist(text, "shop@1.yaml"), sample.criteria())
    yield from shipped_lists()


def shipped_lists() -> Iterator[PublishedChecklist]:
    """Those of the library that the suite takes; a published version never changes."""
    for code, version in SHIPPED:
        entry = catalog.get(code, version)
        if entry is None:
            raise LookupError(code)
        yield entry.checklist
