from datetime import date

import pytest

from checklists.answers import InvalidAnswers
from checklists.model import Answer, Unmet
from tests.checklists.sample import checklist, finding, judge, only

PHOTO = "a" * 64


def test_passing_and_not_applicable_answers_are_no_findings() -> None:
    evaluation = judge(
        Answer(item="A-01", value="pass"),
        Answer(item="A-02", value="na"),
        Answer(item="A-03", value=[]),
        Answer(item="B-01", value=20.9),
        Answer(item="B-02", value="none"),
        Answer(item="B-04", value="现场整洁"),
        Answer(item="B-05", value="pass"),
    )
    assert evaluation.findings == []
    assert evaluation.score is None


def test_a_failing_answer_is_one_finding_with_what_the_list_says_of_it() -> None:
    found = only(judge(Answer(item="A-01", value="fail")))
    assert (found.item, found.n, found.grade) == ("A-01", 1, "general")
    assert (found.title, found.category, found.measure) == ("仓库缺少警示标志", "安全标志", "补设警示标志")
    assert (found.criterion, found.criteria_set, found.due_rule, found.reason) == (None, None, None, None)


def test_each_numbered_finding_is_one_hazard_in_the_order_of_its_number() -> None:
    answer = Answer(item="A-01", value="fail", findings=[finding(3, "东门"), finding(1, "西门")])
    assert [one.n for one in judge(answer).findings] == [1, 3]


def test_findings_come_in_the_order_of_the_list() -> None:
    evaluation = judge(Answer(item="B-05", value="fail", deduct=4), Answer(item="A-01", value="fail"))
    assert [one.item for one in evaluation.findings] == ["A-01", "B-05"]


@pytest.mark.parametrize(
    ("value", "fails"), [(19.4, True), (19.5, False), (21, False), (21.1, True), (0, True)]
)
def test_a_number_outside_its_limits_fails_and_the_limits_themselves_pass(value: float, fails: bool) -> None:
    assert bool(judge(Answer(item="B-01", value=value)).findings) is fails


def test_a_choice_fails_when_its_option_does_and_keeps_its_due_rule() -> None:
    found = only(judge(Answer(item="B-02", value="secret")))
    assert found.due_rule == "GENERAL-3D"
    assert judge(Answer(item="B-02", value="hot")).findings == []


def test_several_options_fail_when_one_of_them_does() -> None:
    hot = Answer(item="B-02", value="hot")
    assert judge(hot, Answer(item="B-03", value=["clear"])).findings == []
    assert only(judge(hot, Answer(item="B-03", value=["clear", "unattended"]))).title == "动火无监护人"


def test_deducted_marks_are_a_general_finding() -> None:
    assert only(judge(Answer(item="B-05", value="fail", deduct=25))).grade == "general"
    assert judge(Answer(item="B-05", value="fail")).unmet == [Unmet("B-05", "deduct")]


def test_what_applies_and_has_no_answer_is_listed_in_order() -> None:
    evaluation = judge(
        Answer(item="A-02", value="pass"), Answer(item="B-02", value="none"), site={"risk": "blue"}
    )
    # B-03, and B-07 behind it, do not apply after "none"; B-06 may: nobody recorded the major hazard's level
    assert evaluation.unanswered == ["A-01", "A-03", "A-04", "B-01", "B-04", "B-05", "B-06"]


def test_an_answer_to_an_item_that_is_known_not_to_apply_is_ignored_but_named() -> None:
    evaluation = judge(Answer(item="B-02", value="none"), Answer(item="B-03", value=["unattended"]))
    assert evaluation.findings == []
    assert evaluation.ignored == ["B-03"]


def test_an_item_behind_one_that_does_not_apply_does_not_apply_either() -> None:
    after_none = judge(Answer(item="B-02", value="none"), Answer(item="B-07", value="fail"))
    assert after_none.findings == []
    assert after_none.ignored == ["B-07"]
    unanswered_gate = judge(Answer(item="B-02", value="hot"), Answer(item="B-07", value="fail"))
    assert only(unanswered_gate).item == "B-07"


def test_an_item_that_may_apply_is_judged() -> None:
    assert only(judge(Answer(item="B-06", value="fail"))).item == "B-06"
    assert only(judge(Answer(item="B-06", value="fail"), site={"risk": None})).item == "B-06"


def test_what_an_answer_must_carry_and_does_not_is_unmet() -> None:
    bare = judge(Answer(item="A-01", value="fail"))
    assert bare.unmet == [Unmet("A-01", "photo"), Unmet("A-01", "position")]
    assert judge(Answer(item="A-01", value="fail", photos=[PHOTO]), positioned=True).unmet == []
    assert judge(Answer(item="A-01", value="pass")).unmet == []


def test_what_is_always_required_is_required_of_a_passing_answer_too() -> None:
    hot = Answer(item="B-02", value="hot")
    assert judge(hot, Answer(item="B-03", value=[])).unmet == [Unmet("B-03", "note")]
    assert judge(hot, Answer(item="B-03", value=[], note=" \n")).unmet == [Unmet("B-03", "note")]
    assert judge(hot, Answer(item="B-03", value=[], note="无动火")).unmet == []
    assert judge(hot, Answer(item="B-03", value="na")).unmet == []


def test_each_finding_needs_its_photo_unless_the_answer_has_one() -> None:
    two = [finding(1, "东门", [PHOTO]), finding(2, "西门")]
    evaluation = judge(Answer(item="A-01", value="fail", findings=two), positioned=True)
    assert evaluation.unmet == [Unmet("A-01", "photo")]
    assert judge(Answer(item="A-01", value="fail", findings=two, photos=[PHOTO]), positioned=True).unmet == []


WRONG = [
    (Answer(item="Z-99", value="pass"), "item", "unknown_item"),
    (Answer(item="A-01", value="maybe"), "value", "unknown_value"),
    (Answer(item="A-01", value=1), "value", "wrong_value_type"),
    (Answer(item="A-01", value=[]), "value", "wrong_value_type"),
    (Answer(item="A-01", value=True), "value", "wrong_value_type"),
    (Answer(item="A-03", value="fail"), "value", "wrong_value_type"),
    (Answer(item="A-03", value=["a", "c"]), "value", "unknown_limb"),
    (Answer(item="A-03", value=["a", "a"]), "value", "duplicate_value"),
    (Answer(item="B-01", value="20"), "value", "wrong_value_type"),
    (Answer(item="B-01", value=False), "value", "wrong_value_type"),
    (Answer(item="B-01", value=float("nan")), "value", "unknown_value"),
    (Answer(item="B-01", value=float("inf")), "value", "unknown_value"),
    (Answer(item="B-02", value="cold"), "value", "unknown_value"),
    (Answer(item="B-02", value=["hot"]), "value", "wrong_value_type"),
    (Answer(item="B-03", value=["hot"]), "value", "unknown_value"),
    (Answer(item="B-04", value=4), "value", "wrong_value_type"),
    (Answer(item="A-01", value="pass", findings=[finding(1, "东门")]), "findings", "finding_without_failure"),
    (Answer(item="A-01", value="fail", findings=[finding(0, "东门")]), "findings/0/n", "finding_number"),
    (Answer(item="A-01", value="fail", deduct=2), "deduct", "deduct_not_expected"),
    (Answer(item="B-05", value="pass", deduct=2), "deduct", "deduct_not_expected"),
    (Answer(item="B-05", value="fail", deduct=-2), "deduct", "deduct_out_of_range"),
]


@pytest.mark.parametrize(("answer", "path", "code"), WRONG)
def test_an_answer_that_does_not_fit_is_refused_with_its_place(answer: Answer, path: str, code: str) -> None:
    with pytest.raises(InvalidAnswers) as caught:
        judge(Answer(item="A-02", value="pass"), answer)
    (fault,) = caught.value.faults
    assert (fault.answer, fault.path, fault.code) == (1, path, code)
    assert fault.detail


def test_everything_that_is_wrong_is_told_at_once() -> None:
    repeated = Answer(item="A-01", value="fail", findings=[finding(2, "东门"), finding(2, "西门")])
    with pytest.raises(InvalidAnswers) as caught:
        judge(repeated, Answer(item="A-01", value="pass"), Answer(item="B-02", value="cold"))
    places = [(fault.answer, fault.path, fault.code) for fault in caught.value.faults]
    assert places == [
        (0, "findings/1/n", "finding_number"),
        (1, "item", "duplicate_answer"),
        (2, "value", "unknown_value"),
    ]


def test_a_whole_number_of_any_size_is_a_number() -> None:
    assert only(judge(Answer(item="B-01", value=10**400))).item == "B-01"


def test_pass_says_of_all_limbs_what_the_empty_list_says() -> None:
    assert judge(Answer(item="A-03", value="pass")).findings == []


def test_evaluating_changes_nothing_and_repeats_itself() -> None:
    answers = [Answer(item="A-01", value="fail", note="东门"), Answer(item="A-02", value="fail")]
    assert judge(*answers) == judge(*answers)
    assert checklist() == checklist()
    assert judge(*answers, on=date(2026, 9, 29)) != judge(*answers)
