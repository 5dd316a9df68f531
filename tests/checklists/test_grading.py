"""Severity alone never makes a finding major: a matched criterion that is in force on the day does."""

from datetime import date

import pytest

from checklists.criteria import Criteria
from checklists.evaluate import evaluate
from checklists.loading import load_criteria
from checklists.model import Answer, CriteriaRef, Unmet
from tests.checklists.sample import NEW, TODAY, checklist, finding, judge, only

MIXED = Answer(item="A-02", value="fail")


@pytest.mark.parametrize(
    ("on", "criterion", "criteria_set"),
    [
        (date(2026, 9, 29), "OLD-1", CriteriaRef("OLD", "1")),
        (date(2026, 9, 30), "NEW-1", CriteriaRef("NEW", "2")),
        (date(2017, 11, 13), "OLD-1", CriteriaRef("OLD", "1")),
    ],
)
def test_the_set_in_force_on_the_day_grades_and_is_kept(
    on: date, criterion: str, criteria_set: CriteriaRef
) -> None:
    found = only(judge(MIXED, on=on))
    assert (found.grade, found.criterion, found.criteria_set) == ("major", criterion, criteria_set)


def test_with_no_set_in_force_the_same_fact_is_general() -> None:
    found = only(judge(MIXED, on=date(2017, 11, 12)))
    assert (found.grade, found.criterion, found.criteria_set) == ("general", None, None)
    assert found.title == "禁配物质混存"


def test_a_fact_without_an_earlier_criterion_was_general_then() -> None:
    lines = Answer(item="A-03", value=["a", "b"])
    assert only(judge(lines, on=date(2026, 9, 29))).grade == "general"
    assert only(judge(lines, on=date(2026, 9, 30))).grade == "major"


def test_all_limbs_make_it_major_and_some_a_general_hazard_that_says_which() -> None:
    both = only(judge(Answer(item="A-03", value=["b", "a"])))
    assert (both.grade, both.criterion, both.title) == ("major", "NEW-2", "架空线距离不足且未防护")
    one = only(judge(Answer(item="A-03", value=["b"])))
    assert (one.grade, one.criterion, one.title) == ("general", None, "架空线未防护")


def test_a_catch_all_needs_its_reason_in_writing() -> None:
    reasoned = judge(Answer(item="A-04", value="fail", note="罐车在居民楼下卸料"))
    assert (only(reasoned).grade, only(reasoned).reason) == ("major", "罐车在居民楼下卸料")
    bare = judge(Answer(item="A-04", value="fail", note="  "))
    assert (only(bare).grade, only(bare).criterion, only(bare).reason) == ("general", None, None)
    assert bare.unmet == [Unmet("A-04", "reason"), Unmet("A-04", "note")]


def test_each_finding_of_a_catch_all_has_its_own_reason() -> None:
    answer = Answer(item="A-04", value="fail", findings=[finding(1, "罐车占道卸料"), finding(2, "")])
    evaluation = judge(answer)
    assert [(one.grade, one.reason) for one in evaluation.findings] == [
        ("major", "罐车占道卸料"),
        ("general", None),
    ]
    assert Unmet("A-04", "reason") in evaluation.unmet


def test_a_finding_without_a_note_of_its_own_has_that_of_its_answer() -> None:
    answer = Answer(item="A-04", value="fail", note="两处均紧邻居民楼", findings=[finding(1, "")])
    assert only(judge(answer)).reason == "两处均紧邻居民楼"


def test_every_finding_of_an_answer_has_its_grade() -> None:
    answer = Answer(item="A-02", value="fail", findings=[finding(1, "东库"), finding(2, "西库")])
    assert [one.grade for one in judge(answer).findings] == ["major", "major"]


def test_a_supplement_is_in_force_only_while_its_parent_is() -> None:
    parent = load_criteria(
        NEW.replace("NEW-", "PARENT-")
        .replace("key: NEW", "key: PARENT")
        .replace("effective_from: 2026-09-30", "effective_from: 2026-09-30\neffective_to: 2026-10-31"),
        "criteria.parent@2.yaml",
    )
    child = load_criteria(
        NEW.replace("status: in_force", "status: in_force\nparent: PARENT"), "criteria.child@2.yaml"
    )
    known = Criteria([parent, child])

    def grade(on: date) -> str:
        return only(evaluate(checklist(), [MIXED], None, on, known)).grade

    assert grade(date(2026, 10, 31)) == "major"
    assert grade(date(2026, 11, 1)) == "general"
    assert grade(date(2026, 9, 29)) == "general"
    assert date(2026, 11, 1) < TODAY
