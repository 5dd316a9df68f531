"""A small list that is scored by plain weights."""

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
