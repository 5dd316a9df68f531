"""What holds for any answers to any list: the sample with every type of answer, and the library."""

import random
from collections.abc import Mapping
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checklists import catalog
from checklists.answers import fails, read_answers
from checklists.conditions import Not
from checklists.criteria import Criteria
from checklists.evaluate import evaluate
from checklists.model import Answer, Checklist, Evaluation, Item, OnFail
from tests.checklists import sample
from tests.checklists.answering import answers, failing, reaching, site_of, sites, some, way_to

SAMPLE = sample.checklist()
LISTS: list[Checklist] = [SAMPLE, *(entry.checklist for entry in catalog.entries())]
ITEMS = [(checklist, item) for checklist in LISTS for item in checklist.items()]
TODAY = date(2026, 11, 21)
DAYS = st.integers(0, 4000).map(lambda days: date(2017, 1, 1) + timedelta(days))
Site = Mapping[str, str | float | bool | None] | None

some_list = st.sampled_from(LISTS)


def criteria_of(checklist: Checklist) -> Criteria:
    return sample.criteria() if checklist is SAMPLE else catalog.criteria()


def judge(checklist: Checklist, given_answers: list[Answer], site: Site, on: date) -> Evaluation:
    return evaluate(checklist, given_answers, site, on, criteria_of(checklist))


@given(data=st.data(), checklist=some_list, site=sites, on=DAYS, seed=st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_the_order_of_the_answers_does_not_matter(
    data: st.DataObject, checklist: Checklist, site: Site, on: date, seed: random.Random
) -> None:
    drawn = data.draw(answers(checklist))
    shuffled = drawn.copy()
    seed.shuffle(shuffled)
    assert judge(checklist, drawn, site, on) == judge(checklist, shuffled, site, on)


@given(data=st.data(), checklist=some_list, site=sites, on=DAYS)
@settings(max_examples=60, deadline=None)
def test_every_item_is_answered_or_unanswered_or_does_not_apply(
    data: st.DataObject, checklist: Checklist, site: Site, on: date
) -> None:
    drawn = data.draw(answers(checklist))
    evaluation = judge(checklist, drawn, site, on)
    answered = {answer.item for answer in drawn}
    assert answered.isdisjoint(evaluation.unanswered)
    assert answered.issuperset(evaluation.ignored)
    conditional = {item.code for item in checklist.items() if item.applies_when is not None}
    absent = {
        item.code
        for section in checklist.sections
        for item in section.items
        if section.optional and answered.isdisjoint(one.code for one in section.items)
    }
    silent = {item.code for item in checklist.items()} - answered - set(evaluation.unanswered)
    assert absent <= silent <= conditional | absent
    assert set(evaluation.ignored) <= conditional


@given(data=st.data(), checklist=some_list, site=sites, on=DAYS)
@settings(max_examples=60, deadline=None)
def test_the_findings_are_the_failing_answers_that_are_not_ignored(
    data: st.DataObject, checklist: Checklist, site: Site, on: date
) -> None:
    drawn = data.draw(answers(checklist))
    evaluation = judge(checklist, drawn, site, on)
    items = {item.code: item for item in checklist.items()}
    bad = {code for code, own in read_answers(checklist, drawn).items() if fails(items[code], own.value)}
    assert [one.item for one in evaluation.findings] == [
        code for code in items if code in bad and code not in evaluation.ignored
    ]


@given(data=st.data(), checklist=some_list, site=sites, on=DAYS)
@settings(max_examples=60, deadline=None)
def test_a_finding_is_major_exactly_when_it_names_a_criterion_in_force_that_day(
    data: st.DataObject, checklist: Checklist, site: Site, on: date
) -> None:
    for found in judge(checklist, data.draw(answers(checklist)), site, on).findings:
        assert (found.grade == "major") is (found.criterion is not None) is (found.criteria_set is not None)
        if found.criterion is not None:
            home = criteria_of(checklist).in_force(found.criterion, on)
            assert home is not None
            assert home[0].ref == found.criteria_set


@given(data=st.data(), checklist=some_list, on=DAYS)
@settings(max_examples=40, deadline=None)
def test_knowing_more_of_a_site_only_ever_leaves_items_out(
    data: st.DataObject, checklist: Checklist, on: date
) -> None:
    drawn, site = data.draw(answers(checklist)), data.draw(sites)
    blind, seeing = judge(checklist, drawn, None, on), judge(checklist, drawn, site, on)
    assert set(blind.ignored) <= set(seeing.ignored)
    assert set(seeing.unanswered) <= set(blind.unanswered)
    assert len(seeing.findings) <= len(blind.findings)


def a_day_that_grades(checklist: Checklist, on_fail: OnFail) -> tuple[date, str | None]:
    """Today, or the last day of a criterion that has gone; and the criterion that grades on it."""
    if on_fail.criterion is not None or not on_fail.earlier_criteria:
        return TODAY, on_fail.criterion
    gone = on_fail.earlier_criteria[0]
    ((home, _),) = criteria_of(checklist).homes(gone)
    assert home.effective_to is not None
    return home.effective_to, gone


@pytest.mark.parametrize(("checklist", "item"), ITEMS, ids=[item.code for _, item in ITEMS])
def test_every_item_can_be_reached_and_made_to_fail(checklist: Checklist, item: Item) -> None:
    if item.on_fail is None:
        assert read_answers(checklist, [some(item)])[item.code].failing is False
        return
    way = None if item.applies_when is None else way_to(checklist, item, item.applies_when)
    before = [] if way is None else reaching(way)
    site = None if way is None else site_of(way)
    on, criterion = a_day_that_grades(checklist, item.on_fail)
    evaluation = judge(checklist, [*before, failing(item)], site, on)
    (found,) = [one for one in evaluation.findings if one.item == item.code]
    assert found.grade == item.on_fail.grade
    assert found.criterion == criterion
    assert found.title == item.on_fail.title


CONDITIONAL = [(checklist, item) for checklist, item in ITEMS if item.applies_when is not None]


@pytest.mark.parametrize(("checklist", "item"), CONDITIONAL, ids=[item.code for _, item in CONDITIONAL])
def test_every_condition_also_leaves_its_item_out(checklist: Checklist, item: Item) -> None:
    assert item.applies_when is not None
    way = way_to(checklist, item, Not(of=item.applies_when))
    evaluation = judge(checklist, [*reaching(way), some(item)], site_of(way), TODAY)
    assert item.code in evaluation.ignored
    assert item.code not in [one.item for one in evaluation.findings]
