import pytest

from checklists.conditions import (
    AllOf,
    AnyOf,
    Condition,
    Equals,
    Fact,
    Greater,
    Less,
    Not,
    OneOf,
    comparisons,
    holds,
)

YES = Equals(site="risk", value="red")
NO = Equals(site="risk", value="blue")
UNKNOWN = Equals(site="hydrology", value="complex")
SITE: dict[str, Fact] = {"risk": "red", "major_hazard_level": 2, "tank_farm": True, "hydrology": None}


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (AllOf((YES, YES)), True),
        (AllOf((YES, NO)), False),
        (AllOf((UNKNOWN, NO)), False),
        (AllOf((YES, UNKNOWN)), None),
        (AnyOf((NO, YES)), True),
        (AnyOf((NO, NO)), False),
        (AnyOf((UNKNOWN, YES)), True),
        (AnyOf((NO, UNKNOWN)), None),
        (Not(YES), False),
        (Not(NO), True),
        (Not(UNKNOWN), None),
    ],
)
def test_the_tree_is_decided_by_what_is_known(condition: Condition, expected: bool | None) -> None:
    assert holds(condition, {}, SITE) is expected


@pytest.mark.parametrize(
    ("condition", "fact", "expected"),
    [
        (Equals(item="A", value="fail"), "fail", True),
        (Equals(item="A", value="fail"), "na", False),
        (Equals(item="A", value="fail"), None, None),
        (Equals(item="A", value="b"), ("a", "b"), True),
        (Equals(item="A", value="b"), (), False),
        (Equals(item="A", value=1), True, False),
        (Equals(item="A", value=True), 1, False),
        (Equals(item="A", value=1), 1.0, True),
        (OneOf(item="A", values=("hot", "lift")), "lift", True),
        (OneOf(item="A", values=("hot", "lift")), "dig", False),
        (OneOf(item="A", values=("b", "c")), ("a", "b"), True),
        (Less(item="A", than=3), 2.9, True),
        (Less(item="A", than=3), 3, False),
        (Less(item="A", than=3), "na", False),
        (Less(item="A", than=3), False, False),
        (Greater(item="A", than=3), 3.1, True),
        (Greater(item="A", than=3), 3, False),
        (Greater(item="A", than=3), None, None),
    ],
)
def test_a_comparison(condition: Condition, fact: Fact, expected: bool | None) -> None:
    assert holds(condition, {"A": fact}, {}) is expected


def test_an_item_that_does_not_apply_is_none_of_the_facts() -> None:
    assert holds(YES, {"risk": "blue"}, SITE) is True
    assert holds(Equals(item="risk", value="red"), {}, SITE) is None


def test_every_leaf_is_found() -> None:
    tree = AllOf((YES, Not(AnyOf((NO, UNKNOWN)))))
    assert list(comparisons(tree)) == [YES, NO, UNKNOWN]
