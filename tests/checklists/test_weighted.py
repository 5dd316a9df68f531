import pytest
from hypothesis import given
from hypothesis import strategies as st

from checklists.model import Answer
from tests.checklists.answering import values
from tests.checklists.weighing import SCORES, Given, as_answers, judged, weighted


@pytest.mark.parametrize(("given_answers", "sections", "total", "rating"), SCORES)
def test_what_passes_over_what_was_looked_at(
    given_answers: list[Given], sections: list[float | None], total: float, rating: str
) -> None:
    score = judged(*as_answers(given_answers)).score
    assert score is not None
    assert [one.score for one in score.sections] == pytest.approx(sections)
    assert score.total == pytest.approx(total)
    assert score.rating == rating
    assert [one.zero_reason for one in score.sections] == [
        "no_marks_left" if one == 0 else None for one in sections
    ]


def test_words_alone_and_nothing_at_all_have_no_score() -> None:
    assert judged().score is None
    assert judged(Answer(item="A-03", value="现场整洁"), Answer(item="A-01", value="na")).score is None


def test_without_weights_of_sections_each_weighs_what_its_items_do() -> None:
    plain = weighted("  section_weights: [{code: A, weight: 3}, {code: B, weight: 1}]\n")
    score = judged(*as_answers([("A-01", "fail"), ("A-02", []), ("B-01", "pass")]), checklist=plain).score
    assert score is not None
    assert score.total == pytest.approx(14 / 15 * 100)


def test_a_major_finding_fails_the_list_unless_the_scheme_says_no() -> None:
    answers = as_answers([("A-01", "pass"), ("A-02", ["locked", "unattended"]), ("B-01", "pass")])
    lenient = weighted("pass_from: 60", "pass_from: 30\n  major_fails: false")
    strict = judged(*answers)
    assert strict.findings[0].grade == "major"
    assert strict.score is not None
    assert (strict.score.total, strict.score.rating) == (40, "fail")
    loose = judged(*answers, checklist=lenient).score
    assert loose is not None
    assert loose.rating == "pass"


@given(st.data())
def test_turning_a_pass_into_a_failure_never_raises_the_total(data: st.DataObject) -> None:
    counted = [item for item in weighted().items() if item.code in {"A-01", "A-02", "B-01"}]
    answers = [Answer(item=item.code, value=data.draw(values(item))) for item in counted]
    before = judged(*answers).score
    worse = [
        Answer(item=one.item, value="fail") if one.value == "pass" and one.item != "A-02" else one
        for one in answers
    ]
    after = judged(*worse).score
    assert (before is None) is (after is None)
    if before is not None and after is not None:
        assert 0 <= after.total <= before.total <= 100
