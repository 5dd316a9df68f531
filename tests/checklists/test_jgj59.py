"""JGJ 59-2011: the list as the standard has it, and its rules by examples computed by hand."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checklists import catalog
from checklists.evaluate import evaluate
from checklists.model import Answer, Deduct, Score, SectionScore, Unmet
from tests.checklists.tables import (
    TODAY,
    full_marks,
    is_guarantee,
    items_of,
    jgj59,
    looked_at,
    scheme,
    score_of,
    scoring,
    unprorated,
)

TABLES = [f"B.{n}" for n in range(1, 20)]


def table(score: Score, code: str) -> SectionScore:
    (found,) = [one for one in score.sections if one.code == code]
    return found


def test_nineteen_tables_of_a_hundred_marks_and_their_summary() -> None:
    assert [section.code for section in jgj59().sections] == TABLES
    assert len(jgj59().items()) == 189
    for code in TABLES:
        assert sum(map(full_marks, items_of(code))) == 100
        guarantee = sum(full_marks(item) for item in items_of(code) if is_guarantee(item))
        assert guarantee == (0 if code in {"B.13", "B.19"} else 60)
        assert all(item.code.startswith(f"JGJ59-{code}-") for item in items_of(code))
    assert [(line.title.zh, line.full_marks, len(line.sections)) for line in scheme().summary] == [
        ("安全管理", 10, 1),
        ("文明施工", 15, 1),
        ("脚手架", 10, 8),
        ("基坑工程", 10, 1),
        ("模板支架", 10, 1),
        ("高处作业", 10, 1),
        ("施工用电", 10, 1),
        ("物料提升机与施工升降机", 10, 2),
        ("塔式起重机与起重吊装", 10, 2),
        ("施工机具", 5, 1),
    ]


def test_deduction_rules_are_there_or_still_to_be_keyed() -> None:
    rules = 0
    for item in jgj59().items():
        assert isinstance(item.answer, Deduct)
        rules += len(item.answer.rules)
        assert item.to_be_keyed is (not item.answer.rules)
        assert item.on_fail is not None
        assert item.on_fail.grade == "general"
    assert rules == 291
    assert sum(item.to_be_keyed for item in jgj59().items()) == 121
    kinds = Counter(
        rule.per.zh
        for item in jgj59().items()
        if isinstance(item.answer, Deduct)
        for rule in item.answer.rules
        if rule.per
    )
    assert kinds == {"处": 42, "人": 7}


def test_the_question_bank_site_without_cranes() -> None:
    """Question bank: 73.5 of 90, 81.67, excellent."""
    scores = {"B.1": 80, "B.2": 84, "B.3": 78, "B.11": 85, "B.12": 85, "B.13": 82, "B.14": 80, "B.19": 82}
    answers = [answer for code, wanted in scores.items() for answer in scoring(code, wanted)]
    found = score_of([*answers, *scoring("B.15", 76), *scoring("B.16", 80)])
    assert found.total == pytest.approx(73.5 / 90 * 100)
    assert found.rating == "excellent"
    assert {one.code: one.score for one in found.sections if one.score is not None} == pytest.approx(
        scores | {"B.15": 76, "B.16": 80}
    )
    assert table(found, "B.17") == SectionScore(code="B.17", score=None, max=100)


def test_a_guarantee_item_without_marks_left_makes_its_table_nought() -> None:
    """Question bank: 88 on paper, the guarantee subtotal 50; the deduction of 12 counts as 10."""
    found = table(score_of(looked_at("B.1", {"G05": 12, "N04": 2})), "B.1")
    assert (found.score, found.zero_reason, found.zero_items) == (
        0,
        "guarantee_item_zero",
        ["JGJ59-B.1-G05"],
    )
    assert table(score_of(looked_at("B.1", {"G05": 9, "N04": 2})), "B.1").score == 89


def test_deductions_end_at_the_marks_of_the_item() -> None:
    assert table(score_of(looked_at("B.1", {"N01": 25})), "B.1").score == 90


@pytest.mark.parametrize(
    ("lost", "score", "reason"),
    [
        ({"G01": 5, "G02": 5, "G03": 5, "G04": 5}, 80, None),  # subtotal 40
        ({"G01": 5, "G02": 5, "G03": 5, "G04": 5, "G05": 0.5}, 0, "guarantee_subtotal_low"),  # 39.5
        ({"N01": 10, "N02": 10, "N03": 10, "N04": 10}, 60, None),  # general items may lose all
    ],
)
def test_a_guarantee_subtotal_under_forty_makes_the_table_nought(
    lost: dict[str, float], score: float, reason: str | None
) -> None:
    found = table(score_of(looked_at("B.1", lost)), "B.1")
    assert (found.score, found.zero_reason) == (score, reason)
    if reason:
        assert found.zero_items == [f"JGJ59-B.1-{end}" for end in lost]


def test_forty_shrinks_with_the_guarantee_items_that_apply_unless_the_setting_is_off() -> None:
    # 50 apply, two thirds are 33.33; 34 kept is enough, and is not 40
    enough = looked_at("B.1", {"G06": "na", "G01": 8, "G02": 8})
    assert table(score_of(enough), "B.1").score == pytest.approx((34 + 40) / 90 * 100)
    assert table(score_of(enough, unprorated()), "B.1").zero_reason == "guarantee_subtotal_low"
    short = looked_at("B.1", {"G06": "na", "G01": 8, "G02": 8, "G03": 1})
    assert table(score_of(short), "B.1").zero_reason == "guarantee_subtotal_low"


def test_exactly_two_thirds_is_enough() -> None:
    # 40 apply, two thirds are 26.67; and 30 apply, two thirds are 20
    kept = looked_at("B.1", {"G04": "na", "G05": "na", "G06": "na", "G01": 5, "G02": 5})
    assert table(score_of(kept), "B.1").score == pytest.approx((20 + 40) / 70 * 100)


def test_items_that_do_not_apply_are_converted() -> None:
    found = table(score_of(looked_at("B.1", {"N01": "na", "N02": "na", "N03": 4})), "B.1")
    assert found.score == pytest.approx(76 / 80 * 100)
    silent = [one for one in looked_at("B.1", {"N03": 4}) if one.item[-3:] not in {"N01", "N02"}]
    assert table(score_of(silent), "B.1").score == pytest.approx(76 / 80 * 100)


def test_a_table_without_guarantee_items_is_nought_when_nothing_is_left() -> None:
    lost: dict[str, float | str] = {item.code[-3:]: 20 for item in items_of("B.13")}
    found = score_of([*looked_at("B.1"), *looked_at("B.13", lost)])
    assert table(found, "B.13").zero_reason == "no_marks_left"
    assert (found.total, found.rating) == (50, "fail")
    assert table(score_of(looked_at("B.13", {"N01": 10, "N02": 10})), "B.13").score == 80


def test_groups_count_by_the_mean_of_the_tables_that_were_looked_at() -> None:
    found = score_of([*scoring("B.3", 70), *scoring("B.8", 80), *scoring("B.10", 96), *scoring("B.1", 100)])
    assert found.total == pytest.approx((8.2 + 10) / 20 * 100)


def test_the_summary_weighs_and_leaves_out_what_was_not_inspected() -> None:
    found = score_of([*scoring("B.2", 60), *scoring("B.19", 100)])
    assert found.total == pytest.approx((9 + 5) / 20 * 100)


@pytest.mark.parametrize(
    ("each", "rating"),
    [(80.0, "excellent"), (79.99, "pass"), (70.0, "pass"), (69.99, "fail"), (100, "excellent")],
)
def test_the_rating_is_by_the_unrounded_total(each: float, rating: str) -> None:
    found = score_of([answer for code in TABLES for answer in scoring(code, each)])
    assert found.total == pytest.approx(each)
    assert found.rating == rating


def test_seventy_on_paper_passes_though_a_computer_has_a_little_less() -> None:
    """47 of 90 and 79 of 90: 52.2 and 87.8, and 70 exactly."""
    heights = looked_at(
        "B.13", {"N01": 4, "N02": 6, "N04": 8, "N05": 6, "N06": 6, "N07": "na", "N08": 5, "N10": 8}
    )
    found = score_of([*heights, *looked_at("B.5", {"N02": 6, "N03": 5, "N04": "na"})])
    assert found.total < 70
    assert found.rating == "pass"


def test_a_table_at_nought_fails_whatever_the_total() -> None:
    answers = [answer for code in TABLES if code != "B.17" for answer in scoring(code, 100)]
    found = score_of([*answers, *looked_at("B.17", {"G01": 10})])
    assert found.total == pytest.approx(95)
    assert found.rating == "fail"


def test_a_table_where_nothing_applies_was_not_inspected() -> None:
    every = {item.code[-3:]: "na" for item in items_of("B.17")}
    found = score_of([*scoring("B.1", 90), *looked_at("B.17", every)])
    assert table(found, "B.17").score is None
    assert found.total == 90


def test_nothing_inspected_has_no_score() -> None:
    assert evaluate(jgj59(), [], None, TODAY, catalog.criteria()).score is None
    every = {item.code[-3:]: "na" for item in items_of("B.17")}
    assert evaluate(jgj59(), looked_at("B.17", every), None, TODAY, catalog.criteria()).score is None


def test_guarantee_items_none_of_which_applies_zero_nothing() -> None:
    every = {f"G0{n}": "na" for n in range(1, 7)}
    for checklist in (jgj59(), unprorated()):
        assert table(score_of(looked_at("B.1", every | {"N01": 10}), checklist), "B.1").score == 75


def test_failing_without_marks_loses_them_all_and_is_told() -> None:
    bare = Answer(item="JGJ59-B.1-G01", value="fail", note="未建责任制")
    evaluation = evaluate(jgj59(), [bare, *looked_at("B.1")[1:]], None, TODAY, catalog.criteria())
    assert evaluation.unmet == [Unmet("JGJ59-B.1-G01", "deduct")]
    assert evaluation.score is not None
    assert table(evaluation.score, "B.1").zero_reason == "guarantee_item_zero"


def test_nought_deducted_keeps_the_marks_and_is_still_a_finding() -> None:
    answers = [Answer(item="JGJ59-B.1-G01", value="fail", deduct=0, note="轻微"), *looked_at("B.1")[1:]]
    evaluation = evaluate(jgj59(), answers, None, TODAY, catalog.criteria())
    assert [one.grade for one in evaluation.findings] == ["general"]
    assert evaluation.score is not None
    assert evaluation.score.total == 100


def test_a_table_that_is_not_on_the_site_is_not_missed_but_one_begun_is() -> None:
    always = [*looked_at("B.1"), *looked_at("B.2"), *looked_at("B.14")]
    assert evaluate(jgj59(), always, None, TODAY, catalog.criteria()).unanswered == []
    begun = [*always, looked_at("B.17")[0]]
    missed = evaluate(jgj59(), begun, None, TODAY, catalog.criteria()).unanswered
    assert missed == [item.code for item in items_of("B.17")][1:]
    nothing = evaluate(jgj59(), [], None, TODAY, catalog.criteria()).unanswered
    assert {code.split("-")[1] for code in nothing} == {"B.1", "B.2", "B.14"}


losses = st.dictionaries(
    st.sampled_from([item.code for item in jgj59().items()]),
    st.none() | st.integers(0, 30).map(lambda halves: halves / 2),
    max_size=60,
)


def inspected(lost: dict[str, float | None]) -> list[Answer]:
    """None does not apply, nought passes."""
    return [
        Answer(item=code, value="na" if loss is None else "fail" if loss else "pass", deduct=loss or None)
        for code, loss in lost.items()
    ]


@given(losses, st.data())
def test_deducting_more_never_raises_a_score(lost: dict[str, float | None], data: st.DataObject) -> None:
    applies = [code for code, loss in lost.items() if loss is not None]
    if not applies:
        return
    code = data.draw(st.sampled_from(applies))
    more = lost | {code: (lost[code] or 0) + data.draw(st.sampled_from([0.5, 2, 20]))}
    for checklist in (jgj59(), unprorated()):
        before, after = score_of(inspected(lost), checklist), score_of(inspected(more), checklist)
        assert after.total <= before.total
        for was, now in zip(before.sections, after.sections, strict=True):
            assert (was.score is None) is (now.score is None)
            assert (now.score or 0) <= (was.score or 0)
        order = ["fail", "pass", "excellent"]
        assert order.index(after.rating) <= order.index(before.rating)


@given(losses)
def test_scores_are_within_bounds_and_nought_is_always_explained(lost: dict[str, float | None]) -> None:
    evaluation = evaluate(jgj59(), inspected(lost), None, TODAY, catalog.criteria())
    if evaluation.score is None:
        assert all(loss is None for loss in lost.values())
        return
    assert 0 <= evaluation.score.total <= 100
    for one in evaluation.score.sections:
        assert one.score is None or 0 <= one.score <= one.max
        assert (one.zero_reason is not None) is (one.score == 0) is bool(one.zero_items)
        assert one.score != 0 or evaluation.score.rating == "fail"
