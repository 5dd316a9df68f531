"""Coal: Orders No. 21 and No. 4, and the two lists that they grade."""

from collections import Counter
from datetime import date

import pytest

from checklists.model import Answer
from tests.checklists.shelf import criteria_of, criteria_set, found_on, judge, shipped

UNDERGROUND, OPEN_PIT = "coal.underground", "coal.open-pit"
LAST_DAY, FIRST_DAY = date(2026, 6, 30), date(2026, 7, 1)

# article: number of cases in the source
KEYED = {4: 3, 8: 17, 20: 19}
PENDING = {5: 9, 6: 6, 7: 5, 9: 3, 10: 16, 11: 9, 12: 3, 13: 6, 14: 8, 15: 4, 16: 3, 17: 3, 18: 7, 19: 2}
OLD = {4: 6, 5: 3, 6: 7, 7: 2, 8: 10, 9: 9, 10: 3, 11: 5, 12: 4, 13: 6, 14: 3, 15: 4, 16: 5, 17: 3, 18: 11}


def cases(key: str) -> dict[int, int]:
    """Cases by article, headings not counted."""
    ids = [one.id.split("-") for one in criteria_set(key).criteria]
    return dict(Counter(int(parts[1]) for parts in ids if len(parts) == 3 and parts[2].isdigit()))


def headings(key: str) -> list[int]:
    ids = [one.id.split("-") for one in criteria_set(key).criteria]
    return [int(parts[1]) for parts in ids if len(parts) == 2]


def test_order_21_has_its_17_categories_with_the_cases_that_are_confirmed() -> None:
    assert headings("MEM-ORDER-21-2026") == list(range(4, 21))
    assert cases("MEM-ORDER-21-2026") == KEYED
    assert sum(KEYED.values()) + sum(PENDING.values()) == 123
    for one in criteria_set("MEM-ORDER-21-2026").criteria:
        article = int(one.id.split("-")[1])
        assert one.to_be_keyed is (article in PENDING), one.id
        if one.id == f"CM26-{article:02}":
            assert f"{(KEYED | PENDING)[article]} cases" in one.confidence
    assert sum(one.to_be_keyed for one in criteria_set("MEM-ORDER-21-2026").criteria) == 15


def test_order_4_has_its_15_categories_and_81_cases() -> None:
    assert headings("MEM-ORDER-4-2020") == list(range(4, 19))
    assert cases("MEM-ORDER-4-2020") == OLD
    assert sum(OLD.values()) == 81
    assert [one.id for one in criteria_set("MEM-ORDER-4-2020").criteria if one.catch_all] == ["CM20-18-11"]


@pytest.mark.parametrize("key", ["MEM-ORDER-21-2026", "MEM-ORDER-4-2020"])
def test_every_case_stands_under_its_heading(key: str) -> None:
    by_id = {one.id: one for one in criteria_set(key).criteria}
    for one in by_id.values():
        heading = by_id["-".join(one.id.split("-")[:2])]
        assert one.group == f"{heading.article} {heading.text.zh}"
        assert one.article.startswith(heading.article)


def test_the_orders_follow_each_other_without_a_gap() -> None:
    old, new = criteria_set("MEM-ORDER-4-2020"), criteria_set("MEM-ORDER-21-2026")
    assert (old.effective_from, old.effective_to) == (date(2021, 1, 1), LAST_DAY)
    assert (new.effective_from, new.effective_to) == (FIRST_DAY, None)
    assert old.subject == new.subject == "coal"
    assert new.replaces == (old.key,)
    assert not old.effective_assumed
    assert not new.effective_assumed


@pytest.mark.parametrize(
    ("code", "item", "before", "after"),
    [
        (UNDERGROUND, "MEM21-04-01", "CM20-04-01", "CM26-04-01"),
        (UNDERGROUND, "MEM21-08-02", "CM20-08-02", "CM26-08-02"),
        (UNDERGROUND, "MEM21-08-14", "CM20-08-09", "CM26-08-14"),
        (UNDERGROUND, "MEM21-20-17", "CM20-13-05", "CM26-20-17"),
        (UNDERGROUND, "MEM21-20-03", "CM20-05-01", "CM26-20-03"),
        (UNDERGROUND, "MEM21-20-18", None, "CM26-20-18"),
        (UNDERGROUND, "MEM21-08-17", None, "CM26-08-17"),
        (UNDERGROUND, "MEM21-10", None, "CM26-10"),
        (UNDERGROUND, "MEM4-09-03", "CM20-09-03", "CM26-10"),
        (UNDERGROUND, "MEM4-06-02", "CM20-06-02", "CM26-07"),
        (UNDERGROUND, "MEM4-07-02", "CM20-07-02", "CM26-14"),
        (UNDERGROUND, "MEM4-14-01", "CM20-14-01", "CM26-16"),
        (UNDERGROUND, "MEM4-18-02", "CM20-18-02", None),
        (UNDERGROUND, "MEM4-04-03", "CM20-04-03", None),
        (OPEN_PIT, "MEM21-15", "CM20-18-10", "CM26-15"),
        (OPEN_PIT, "MEM21-20-01", None, "CM26-20-01"),
        (OPEN_PIT, "MEM4-10-02", "CM20-10-02", "CM26-09"),
        (OPEN_PIT, "MEM4-04-02", "CM20-04-02", None),
    ],
)
def test_a_finding_changes_its_criterion_overnight(
    code: str, item: str, before: str | None, after: str | None
) -> None:
    for on, expected, order in (
        (LAST_DAY, before, "MEM-ORDER-4-2020"),
        (FIRST_DAY, after, "MEM-ORDER-21-2026"),
    ):
        found = found_on(code, item, on)
        assert found is not None
        assert (found.grade, found.criterion) == ("general" if expected is None else "major", expected)
        assert (found.criteria_set.key if found.criteria_set else None) == (expected and order)


def test_no_item_has_two_criteria_of_one_order() -> None:
    for code in (UNDERGROUND, OPEN_PIT):
        for item in shipped(code).items():
            orders = [one.split("-")[0] for one in criteria_of(item)]
            assert len(orders) == len(set(orders)), item.code
            assert orders in ([], ["CM26"], ["CM20"], ["CM26", "CM20"])


def test_each_confirmed_case_of_order_21_is_asked_in_the_words_of_the_source() -> None:
    asked = {
        item.on_fail.criterion: item
        for code in (OPEN_PIT, UNDERGROUND)
        for item in shipped(code).items()
        if item.on_fail and item.basis.source == "MEM-ORDER-21-2026"
    }
    confirmed = [one for one in criteria_set("MEM-ORDER-21-2026").criteria if not one.to_be_keyed]
    for one in confirmed:
        if len(one.id.split("-")) == 3:
            assert asked[one.id].text == one.text
            assert asked[one.id].basis.article == one.article


def test_each_category_whose_cases_are_pending_can_be_reported_with_a_note() -> None:
    reachable = {
        item.on_fail.criterion: item
        for code in (OPEN_PIT, UNDERGROUND)
        for item in shipped(code).items()
        if item.on_fail and "原文待录入" in item.text.zh
    }
    assert {int(str(one).removeprefix("CM26-")) for one in reachable} == set(PENDING)
    for item in reachable.values():
        assert item.to_be_keyed
        assert item.requires is not None
        assert item.requires.note == "failing"


def test_what_and_joins_is_asked_limb_by_limb() -> None:
    limbed = [
        (code, item.code) for code in (OPEN_PIT, UNDERGROUND) for item in shipped(code).items() if item.limbs
    ]
    assert limbed == [(OPEN_PIT, "MEM21-15"), (UNDERGROUND, "MEM21-05-x")]
    partial = found_on(
        UNDERGROUND, "MEM21-05-x", answer=Answer(item="MEM21-05-x", value=["a"], note="回风流")
    )
    assert partial is not None
    assert (partial.grade, partial.title) == ("general", "瓦斯浓度达到3.0%以上（停电停风及打钻喷孔除外）")
    whole = found_on(UNDERGROUND, "MEM21-05-x")
    assert whole is not None
    assert (whole.grade, whole.criterion) == ("major", "CM26-05-x")


def test_the_catch_all_of_order_4_needs_its_reason() -> None:
    bare = found_on(UNDERGROUND, "MEM4-18-11", LAST_DAY, Answer(item="MEM4-18-11", value="fail"))
    assert bare is not None
    assert bare.grade == "general"
    written = found_on(UNDERGROUND, "MEM4-18-11", LAST_DAY)
    assert written is not None
    assert (written.criterion, written.reason) == ("CM20-18-11", "现场所见")


@pytest.mark.parametrize(
    ("item", "limit", "beyond"),
    [
        ("MEM-D-04", 1.0, 1.01),
        ("MEM-D-06", 24, 25),
        ("MEM-D-07", 0.25, 0.24),
        ("MEM-D-07", 4, 4.1),
        ("MEM-D-08", 26, 26.5),
    ],
)
def test_a_measured_value_fails_only_beyond_its_limit(item: str, limit: float, beyond: float) -> None:
    assert found_on(UNDERGROUND, item, answer=Answer(item=item, value=limit)) is None
    found = found_on(UNDERGROUND, item, answer=Answer(item=item, value=beyond))
    assert found is not None
    assert found.grade == "general"


def test_a_low_gas_mine_is_not_asked_about_outbursts() -> None:
    outburst = ("MEM4-06-03", "MEM21-08-08", "MEM4-06-02")
    answers = [Answer(item=one, value="fail") for one in outburst]
    low, unknown = (
        judge(UNDERGROUND, Answer(item="MEM-00-1", value="low"), *answers),
        judge(UNDERGROUND, *answers),
    )
    assert set(low.ignored) == set(outburst)
    assert low.findings == []
    assert {found.item for found in unknown.findings} == set(outburst)
