"""A small list that is scored by plain weights."""

from collections.abc import Sequence
from datetime import date

from checklists.evaluate import evaluate
from checklists.loading import load_checklist
from checklists.model import Answer, Checklist, Evaluation
from tests.checklists.sample import criteria

WEIGHTED = """\
code: sample.shop
version: '1'
industry: public_place
title: {zh: 商铺安全评分表, en: Score of a shop}
sources:
  - key: 消防法
    title: {zh: 中华人民共和国消防法, en: Fire Protection Law}
scoring:
  type: weighted
  excellent_from: 90
  pass_from: 60
  section_weights: [{code: A, weight: 3}, {code: B, weight: 1}]
  item_weights: [{code: A-02, weight: 4}]
sections:
  - code: A
    title: {zh: 疏散, en: Escape}
    items:
      - code: A-01
        text: {zh: 通道畅通, en: Routes clear}
        basis: {source: 消防法}
        answer: {type: pass_fail}
        on_fail: {grade: general, title: 通道堵塞, category: 消防安全}
      - code: A-02
        text: {zh: 出口上锁且无人值守, en: Locked and unattended}
        basis: {source: 消防法}
        answer: {type: pass_fail}
        limbs:
          - {code: locked, text: {zh: 出口上锁, en: Locked}}
          - {code: unattended, text: {zh: 出口无人值守, en: Unattended}}
        on_fail: {grade: major, criterion: NEW-1, title: 出口上锁且无人值守, category: 消防安全}
      - code: A-03
        text: {zh: 备注, en: Remarks}
        basis: {source: 消防法}
        answer: {type: text}
  - code: B
    title: {zh: 用电, en: Power}
    items:
      - code: B-01
        text: {zh: 电气线路, en: Wiring}
        basis: {source: 消防法}
        answer: {type: deduct, full_marks: 10}
        on_fail: {grade: general, title: 电气线路不合格, category: 用电安全}
      - code: B-02
        text: {zh: 用电负荷, en: Load}
        basis: {source: 消防法}
        applies_when: {op: equals, item: B-01, value: fail}
        answer: {type: number, unit: kW, max: 5}
        on_fail: {grade: general, title: 用电超负荷, category: 用电安全}
"""


def weighted(old: str = "", new: str = "") -> Checklist:
    assert old in WEIGHTED
    return load_checklist(WEIGHTED.replace(old, new, 1) if old else WEIGHTED, "shop@1.yaml")


def judged(*answers: Answer, checklist: Checklist | None = None) -> Evaluation:
    return evaluate(checklist or weighted(), answers, None, date(2026, 11, 21), criteria())


ESCAPE, LOCKED, WIRING, LOAD = "A-01", "A-02", "B-01", "B-02"
Value = str | float | list[str]
Given = tuple[str, Value] | tuple[str, Value, float]

SCORES: list[tuple[list[Given], list[float | None], float, str]] = [
    # 5 of 5 in A, 10 of 10 in B
    ([(ESCAPE, "pass"), (LOCKED, []), (WIRING, "pass")], [100, 100], 100, "excellent"),
    # 4 of 5 in A weighs 3, 6 of 10 in B weighs 1
    ([(ESCAPE, "fail"), (LOCKED, "pass"), (WIRING, "fail", 4), (LOAD, "na")], [80, 60], 75, "pass"),
    # one limb is a general hazard, and the weight of the item is lost
    ([(ESCAPE, "pass"), (LOCKED, ["locked"]), (WIRING, "pass")], [20, 100], 40, "fail"),
    # 6 of 10 marks and the measured load beside them: 7 of 11
    ([(WIRING, "fail", 4), (LOAD, 4.5)], [None, 700 / 11], 700 / 11, "pass"),
    # an answer that is ignored does not count, nor does one that says it does not apply
    ([(ESCAPE, "pass"), (LOCKED, "na"), (WIRING, "pass"), (LOAD, 9)], [100, 100], 100, "excellent"),
    # deductions end at the marks of the item; not to say how much is to lose all
    ([(WIRING, "fail", 12)], [None, 0], 0, "fail"),
    ([(WIRING, "fail")], [None, 0], 0, "fail"),
]
"""Answers, the scores of both sections, the total, the rating: computed by hand."""


def as_answers(given: Sequence[Given]) -> list[Answer]:
    return [Answer(item=item, value=value, deduct=rest[0] if rest else None) for item, value, *rest in given]
