"""The share that is drawn of what enterprises accept themselves."""

from datetime import date, timedelta
from uuid import UUID

import pytest

from inspect_api.domain.rulefiles import RuleFileError
from inspect_api.domain.sampling import is_drawn, read_sampling, shipped_sampling
from tests.domain.hazard_cases import START, act, file_in, person

SHIPPED = """
rules:
- {id: all, region: any, share: 10, in_force: {from: null, to: null}, source: 产品默认, mark: local policy,
   note: {zh: 抽查, en: drawn}}
- {id: county, region: '652327', share: 50, in_force: {from: 2026-06-01, to: null}, source: 县定,
   mark: local policy, note: {zh: 抽查, en: drawn}}
"""


def test_the_share_is_that_of_the_nearest_region_in_force() -> None:
    rules = read_sampling(SHIPPED)
    assert rules.share("652327100001", date(2026, 6, 1)) == 50
    assert rules.share("652327100001", date(2026, 5, 31)) == 10
    assert rules.share("652328100001", date(2026, 6, 1)) == 10
    assert shipped_sampling().share("652327", date(2026, 3, 2)) == 10


def test_the_draw_keeps_to_its_share_and_can_be_worked_out_again() -> None:
    drawn = [is_drawn(UUID(int=n), START, 10) for n in range(5000)]
    assert 400 < sum(drawn) < 600
    assert drawn == [is_drawn(UUID(int=n), START, 10) for n in range(5000)]
    assert not any(is_drawn(UUID(int=n), START, 0) for n in range(500))
    assert all(is_drawn(UUID(int=n), START, 100) for n in range(500))


def test_the_draw_depends_on_the_moment_that_nobody_chooses() -> None:
    moments = [START + timedelta(microseconds=n) for n in range(500)]
    assert len({is_drawn(UUID(int=1), at, 10) for at in moments}) == 2


@pytest.mark.parametrize(
    ("old", "new", "word"),
    [
        ("share: 10", "share: 101", "0 to 100"),
        ("region: '652327'", "region: any", "overlaps 'all'"),
        ("region: '652327'", "region: '6523271'", "digits"),
        ("from: 2026-06-01, to: null", "from: 2026-06-01, to: 2026-05-01", "before"),
        ("share: 50", "part: 50", "not a known field"),
    ],
)
def test_mistakes_are_named(old: str, new: str, word: str) -> None:
    with pytest.raises(RuleFileError) as refused:
        read_sampling(SHIPPED.replace(old, new), "县.yaml")
    assert word in str(refused.value)
    assert "县.yaml" in str(refused.value)


def test_reopening_ends_a_sample() -> None:
    file = file_in("closed", order_kind="self", sample="drawn")
    act(file, "reopen", person("regulator"))
    assert file.hazard.sample is None
