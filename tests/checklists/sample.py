"""A small checklist with every type of answer, and the two criteria sets that grade it."""

from collections.abc import Mapping
from datetime import date

from checklists.conditions import Fact
from checklists.criteria import Criteria
from checklists.evaluate import evaluate
from checklists.loading import load_checklist, load_criteria
from checklists.model import Answer, AnswerFinding, Checklist, Evaluation, Finding

CHECKLIST = """\
code: sample.warehouse
version: '1'
industry: hazmat
title: {zh: 危险化学品仓库检查表, en: Hazmat warehouse}
effective_from: 2026-01-01
sources:
  - key: 安全生产法
    title: {zh: 中华人民共和国安全生产法, en: Work Safety Law}
sections:
  - code: A
    title: {zh: 储存, en: Storage}
    items:
      - code: A-01
        text: {zh: 警示标志明显完好, en: Clear warning signs}
        basis: {source: 安全生产法, article: 第35条}
        answer: {type: pass_fail}
        requires: {photo: failing, position: failing}
        on_fail: {grade: general, title: 仓库缺少警示标志, category: 安全标志, measure: 补设警示标志}
      - code: A-02
        text: {zh: 禁配物质混放混存, en: Incompatible goods mixed}
        basis: {source: 安全生产法}
        answer: {type: pass_fail}
        on_fail:
          grade: major
          criterion: NEW-1
          earlier_criteria: [OLD-1]
          title: 禁配物质混存
          category: 储存
      - code: A-03
        text: {zh: 架空线, en: Overhead lines}
        basis: {source: 安全生产法}
        answer: {type: pass_fail}
        limbs:
          - {code: a, text: {zh: 架空线安全距离不足, en: Too near}}
          - {code: b, text: {zh: 架空线未防护, en: Unprotected}}
        on_fail: {grade: major, criterion: NEW-2, title: 架空线距离不足且未防护, category: 用电}
      - code: A-04
        text: {zh: 其他现实危险, en: Other actual danger}
        basis: {source: 安全生产法}
        answer: {type: pass_fail}
        requires: {note: failing}
        on_fail: {grade: major, criterion: NEW-3, title: 其他现实危险, category: 兜底}
  - code: B
    title: {zh: 作业, en: Work}
    items:
      - code: B-01
        text: {zh: 氧含量, en: Oxygen}
        basis: {source: 安全生产法}
        answer: {type: number, unit: '%', min: 19.5, max: 21}
        on_fail: {grade: general, title: 氧含量不合格, category: 作业安全}
      - code: B-02
        text: {zh: 作业种类, en: Kind of work}
        basis: {source: 安全生产法}
        answer:
          type: choice
          options:
            - {code: none, text: {zh: 无, en: None}}
            - {code: hot, text: {zh: 动火, en: Hot work}}
            - {code: secret, text: {zh: 未审批作业, en: Without permit}, fails: true}
        on_fail: {grade: general, title: 作业未审批, category: 作业安全, due_rule: GENERAL-3D}
      - code: B-03
        text: {zh: 动火现场, en: Hot work}
        basis: {source: 安全生产法}
        applies_when:
          op: all
          of:
            - {op: in, item: B-02, values: [hot, secret]}
            - {op: not, of: {op: greater, item: B-01, than: 23.5}}
        answer:
          type: multi
          options:
            - {code: clear, text: {zh: 可燃物已清理, en: Cleared}}
            - {code: unattended, text: {zh: 无监护人, en: Unattended}, fails: true}
        requires: {note: always}
        on_fail: {grade: general, title: 动火无监护人, category: 作业安全}
      - code: B-04
        text: {zh: 备注, en: Remarks}
        basis: {source: 安全生产法}
        answer: {type: text}
      - code: B-05
        text: {zh: 临时用电, en: Temporary power}
        basis: {source: 安全生产法}
        answer: {type: deduct, full_marks: 10, rules: [{text: {zh: 未设漏保扣10分, en: No RCD}, marks: 10}]}
        on_fail: {grade: general, title: 临时用电不合格, category: 用电}
      - code: B-06
        text: {zh: 红色风险公告, en: Red risk notice}
        basis: {source: 安全生产法}
        applies_when:
          op: any
          of:
            - {op: equals, site: risk, value: red}
            - {op: less, site: major_hazard_level, than: 3}
        answer: {type: pass_fail}
        on_fail: {grade: general, title: 红色风险未公告, category: 风险管控}
      - code: B-07
        text: {zh: 动火后留人看守, en: Watched after hot work}
        basis: {source: 安全生产法}
        applies_when: {op: equals, item: B-03, value: clear}
        answer: {type: pass_fail}
        on_fail: {grade: general, title: 动火后无人看守, category: 作业安全}
"""

NEW = """\
key: NEW
version: '2'
subject: sample
doc_no: 新标准
title: {zh: 新标准, en: New}
issuer: 应急管理部
effective_from: 2026-09-30
status: in_force
source: written for a test
criteria:
  - {id: NEW-1, article: 第1条, text: {zh: 混存, en: Mixed}, confidence: confirmed}
  - {id: NEW-2, article: 第2条, text: {zh: 架空线, en: Lines}, confidence: confirmed}
  - {id: NEW-3, article: 第3条, text: {zh: 兜底, en: Catch-all}, confidence: confirmed, catch_all: true}
"""

OLD = """\
key: OLD
version: '1'
subject: sample
doc_no: 旧标准
title: {zh: 旧标准, en: Old}
issuer: 应急管理部
effective_from: 2017-11-13
effective_to: 2026-09-29
status: superseded
source: written for a test
criteria:
  - {id: OLD-1, article: 第1条, text: {zh: 混存, en: Mixed}, confidence: confirmed}
"""

TODAY = date(2026, 11, 20)


def checklist() -> Checklist:
    return load_checklist(CHECKLIST, "sample@1.yaml")


def criteria() -> Criteria:
    return Criteria([load_criteria(NEW, "criteria.new@2.yaml"), load_criteria(OLD, "criteria.old@1.yaml")])


def judge(
    *answers: Answer,
    site: Mapping[str, str | float | bool | None] | None = None,
    on: date = TODAY,
    positioned: bool = False,
) -> Evaluation:
    return evaluate(checklist(), answers, site, on, criteria(), positioned=positioned)


def only(evaluation: Evaluation) -> Finding:
    (finding,) = evaluation.findings
    return finding


def finding(n: int, note: str, photos: list[str] | None = None) -> AnswerFinding:
    return AnswerFinding(n=n, note=note, photos=photos or [])


def as_answer(code: str, value: Fact) -> Answer:
    """An answer with a value as conditions see it."""
    assert value is not None
    return Answer(item=code, value=list(value) if isinstance(value, tuple) else value)
