"""Which rule applies, what its sum is, and that a wrong rule file says all that is wrong with it."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspect_api.domain.calendar import CIVIL, civil_date
from inspect_api.domain.deadline import (
    CLOCK_PARTY,
    CLOCKS,
    GRADES,
    DeadlineRules,
    Rule,
    Unit,
    compute_due,
    overdue_days,
    read_deadlines,
    shipped_deadlines,
)
from inspect_api.domain.rulefiles import RuleFault, RuleFileError, packaged
from tests.domain.official_calendar import OFFICIAL

SHIPPED = packaged("deadlines.yaml")


def rule_text(
    rule_id: str,
    *,
    clock: str = "rectification",
    grade: str = "general",
    industry: str = "any",
    region: str = "any",
    amount: int = 7,
    unit: str = "calendar_day",
    first: str = "null",
    last: str = "null",
) -> str:
    party = "enterprise" if clock in ("plan", "rectification", "report_to_workers") else "regulator"
    return f"""
- id: {rule_id}
  clock: {clock}
  party: {party}
  grade: {grade}
  industry: {industry}
  region: {region}
  amount: {amount}
  unit: {unit}
  in_force: {{from: {first}, to: {last}}}
  source: 吉木萨尔县应急管理局规定
  mark: local policy
  note: {{zh: 县级另定。, en: Set by the county.}}
"""


def with_rules(*texts: str) -> DeadlineRules:
    return read_deadlines(SHIPPED + "".join(texts))


def picked(rules: DeadlineRules, industry: str, region: str, on: str = "2026-10-01") -> str:
    return rules.pick("rectification", "general", industry, region, date.fromisoformat(on)).id


COUNTY = with_rules(
    rule_text("county", region="'652327'", amount=10),
    rule_text("township", region="'652327100'", amount=5),
    rule_text("hazmat", industry="hazmat", amount=3),
    rule_text("city-mine", industry="mine", region="'6523'", amount=4),
    rule_text("any-grade", grade="any", industry="fire", amount=2, first="2026-10-01", last="2026-12-31"),
)


@pytest.mark.parametrize(
    ("industry", "region", "rule_id"),
    [
        ("construction", "110101001001", "rectification.general"),
        ("construction", "652327101001", "county"),
        ("construction", "652327100001", "township"),
        ("hazmat", "110101001001", "hazmat"),
        ("hazmat", "652327101001", "county"),  # the place weighs more than the industry
        ("mine", "652327101001", "county"),
        ("mine", "652301001001", "city-mine"),
        ("mine", "652201001001", "rectification.general"),
        ("fire", "110101001001", "any-grade"),  # the industry weighs more than the grade
    ],
)
def test_the_most_specific_rule_is_picked(industry: str, region: str, rule_id: str) -> None:
    assert picked(COUNTY, industry, region) == rule_id


@pytest.mark.parametrize(
    ("on", "rule_id"),
    [
        ("2026-09-30", "rectification.general"),
        ("2026-10-01", "any-grade"),
        ("2026-12-31", "any-grade"),
        ("2027-01-01", "rectification.general"),
    ],
)
def test_a_rule_is_in_force_from_its_first_to_its_last_day(on: str, rule_id: str) -> None:
    assert picked(COUNTY, "fire", "110101001001", on) == rule_id


@pytest.mark.parametrize("on", [date(1970, 1, 1), date(2008, 2, 1), date(2026, 11, 21), date(2200, 12, 31)])
def test_every_clock_and_grade_has_a_rule_on_every_day(on: date) -> None:
    for clock in CLOCKS:
        for grade in GRADES:
            rule = shipped_deadlines().pick(clock, grade, "other", "652327001001", on)
            assert rule.clock == clock
            assert rule.party == CLOCK_PARTY[clock]


def test_the_shipped_rules_say_what_law_says_and_what_is_policy() -> None:
    rules = shipped_deadlines()
    told = {rule.id: (rule.amount, rule.unit, rule.mark) for rule in rules.rules}
    assert told["reinspection"] == (10, "calendar_day", "medium")
    assert told["resumption-decision"] == (10, "calendar_day", "high")
    assert told["rectification.general"] == (15, "calendar_day", "local policy")
    assert told["confirmation.major"] == (1, "working_day", "local policy")
    assert {rule.id for rule in rules.rules if rule.mark != "local policy"} == {
        "reinspection",
        "resumption-decision",
    }
    assert "DL-P15" in rules.rule("reinspection").source


def test_a_rule_is_found_again_by_its_id() -> None:
    assert COUNTY.rule("county").amount == 10
    with pytest.raises(KeyError):
        COUNTY.rule("repealed")


@pytest.mark.parametrize(
    ("amount", "unit", "start", "due"),
    [
        # National Day 2026: 1 to 7 October off, Saturday the 10th worked
        (1, "working_day", "2026-09-30T10:00:00", "2026-10-08T23:59:59"),
        (5, "working_day", "2026-09-30T10:00:00", "2026-10-13T23:59:59"),
        (3, "working_day", "2026-10-04T10:00:00", "2026-10-10T23:59:59"),
        (10, "calendar_day", "2026-09-30T10:00:00", "2026-10-10T23:59:59"),
        # a start at the very edges of a civil day
        (1, "working_day", "2026-10-08T00:00:00", "2026-10-09T23:59:59"),
        (1, "working_day", "2026-10-08T23:59:59", "2026-10-09T23:59:59"),
        (1, "working_day", "2026-10-09T00:00:00", "2026-10-10T23:59:59"),
        (1, "calendar_day", "2026-10-08T00:00:00", "2026-10-09T23:59:59"),
        (1, "calendar_day", "2026-10-08T23:59:59", "2026-10-09T23:59:59"),
        # month ends and leap days
        (15, "calendar_day", "2026-01-31T09:00:00", "2026-02-15T23:59:59"),
        (15, "calendar_day", "2024-02-15T09:00:00", "2024-03-01T23:59:59"),
        (15, "calendar_day", "2025-02-15T09:00:00", "2025-03-02T23:59:59"),
        (1, "calendar_day", "2024-02-28T09:00:00", "2024-02-29T23:59:59"),
        (2, "working_day", "2025-12-31T09:00:00", "2026-01-05T23:59:59"),
        # hours run through night and holiday
        (24, "hour", "2026-09-30T23:30:00", "2026-10-01T23:30:00"),
        (48, "hour", "2024-02-28T08:15:30", "2024-03-01T08:15:30"),
    ],
)
def test_due_moments_counted_by_hand(amount: int, unit: Unit, start: str, due: str) -> None:
    rules = with_rules(rule_text("tested", region="'652327'", amount=amount, unit=unit))
    answer = compute_due(rules.rule("tested"), civil(start), OFFICIAL)
    assert answer.at == civil(due)
    assert answer.at.tzinfo is UTC
    assert (answer.rule_id, answer.calendar_version, answer.provisional) == ("tested", "2026.1", False)


def civil(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=CIVIL)


def test_the_zone_of_the_start_does_not_matter() -> None:
    rule = shipped_deadlines().rule("plan")
    start = civil("2026-10-08T00:30:00")
    assert start.astimezone(UTC).date() == date(2026, 10, 7)
    assert compute_due(rule, start.astimezone(UTC), OFFICIAL) == compute_due(rule, start, OFFICIAL)


def test_only_working_days_of_a_year_without_notice_are_provisional() -> None:
    start = civil("2026-12-30T10:00:00")
    plan = compute_due(shipped_deadlines().rule("plan"), start, OFFICIAL)
    assert (plan.at, plan.provisional) == (civil("2027-01-06T23:59:59"), True)
    assert any("暂定" in sentence for sentence in plan.explanation)
    fixed = compute_due(shipped_deadlines().rule("reinspection"), start, OFFICIAL)
    assert (fixed.at, fixed.provisional) == (civil("2027-01-09T23:59:59"), False)
    assert not any("暂定" in sentence for sentence in fixed.explanation)


def test_the_explanation_shows_the_sum() -> None:
    told = "".join(
        compute_due(shipped_deadlines().rule("plan"), civil("2026-09-30T10:00:00"), OFFICIAL).explanation
    )
    assert "2026年9月30日10:00:00" in told
    assert "5个工作日（规则 plan）" in told
    assert "2026.1" in told
    assert "2026年10月13日23:59:59" in told


def test_a_start_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        compute_due(shipped_deadlines().rule("plan"), datetime(2026, 9, 30, 10), OFFICIAL)  # noqa: DTZ001


@given(st.integers(0, 5 * 366 * 86_400), st.sampled_from(shipped_deadlines().rules))
def test_a_day_rule_always_ends_with_a_civil_day_after_the_start(seconds: int, rule: Rule) -> None:
    start = datetime(2023, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    due = compute_due(rule, start, OFFICIAL).at
    assert civil_date(due) > civil_date(start)
    assert civil_date(due + timedelta(seconds=1)) == civil_date(due) + timedelta(days=1)


@pytest.mark.parametrize(
    ("as_of", "days"),
    [
        ("2026-10-01T08:00:00", 0),
        ("2026-10-10T23:59:59", 0),
        ("2026-10-11T00:00:00", 1),
        ("2026-10-11T23:59:59", 1),
        ("2026-10-12T00:00:00", 2),
        ("2026-11-10T12:00:00", 31),
    ],
)
def test_overdue_days_are_civil_days_after_the_due_date(as_of: str, days: int) -> None:
    due = civil("2026-10-10T23:59:59").astimezone(UTC)
    assert overdue_days(due, civil(as_of).astimezone(UTC)) == days


def faults_of(text: str) -> tuple[RuleFault, ...]:
    with pytest.raises(RuleFileError) as caught:
        read_deadlines(text, "county.yaml")
    for fault in caught.value.faults:
        assert f"county.yaml:{fault.line}: {fault.field}: {fault.detail}" in str(caught.value)
        assert 1 <= fault.line <= max(1, len(text.splitlines()))
    return caught.value.faults


@pytest.mark.parametrize(
    ("old", "new", "field", "word"),
    [
        ("unit: calendar_day", "unit: lunar_month", "unit", "none of hour, working_day"),
        ("clock: rectification", "clock: rectify", "clock", "none of plan"),
        ("party: enterprise", "party: regulator", "party", "is the enterprise's"),
        ("grade: general", "grade: severe", "grade", "none of general, major, any"),
        ("industry: any", "industry: chemistry", "industry", "none of hazmat"),
        ("region: any", "region: 652327", "region", "in quotes"),
        ("region: any", "region: '65232'", "region", "2, 4, 6, 9 or 12 digits"),
        ("amount: 15", "amount: 0", "amount", "whole number"),
        ("amount: 15", "amount: 1.5", "amount", "whole number"),
        ("amount: 15", "amount: [15]", "amount", "single value"),
        ("mark: local policy", "mark: law", "mark", "none of confirmed"),
        ("in_force: {from: null, to: null}", "in_force: {from: 2026-02-30, to: null}", "from", "not a date"),
        ("in_force: {from: null, to: null}", "in_force: {from: 20260230, to: null}", "from", "not a date"),
        ("in_force: {from: null, to: null}", "in_force: {from: null}", "to", "is missing"),
        ("in_force: {from: null, to: null}", "in_force: forever", "in_force", "table of fields"),
        (
            "in_force: {from: null, to: null}",
            "in_force: {from: 2026-01-02, to: 2026-01-01}",
            "to",
            "is before",
        ),
        ("source: DL-G02 产品默认（非法定）", "source: ''", "source", "must not be empty"),
        ("  amount: 15", "  amount: 15\n  amount: 16", "amount", "given twice"),
        ("  amount: 15", "  amount: 15\n  ammount: 16", "ammount", "not a known field"),
        ("  amount: 15\n", "", "amount", "is missing"),
    ],
)
def test_a_wrong_field_is_named(old: str, new: str, field: str, word: str) -> None:
    text = SHIPPED.replace(old, new, 1)
    assert text != SHIPPED
    [fault] = faults_of(text)
    assert fault.field.startswith("rules[0].")
    assert fault.field.endswith(field)
    assert word in fault.detail
    assert "missing" in word or field in text.splitlines()[fault.line - 1]


def test_a_mistake_is_told_with_its_line() -> None:
    text = SHIPPED.replace("unit: working_day", "unit: fortnight", 1)
    [fault] = faults_of(text)
    assert "fortnight" in text.splitlines()[fault.line - 1]


def test_all_mistakes_are_told_at_once() -> None:
    text = SHIPPED.replace("amount: 15", "amount: many").replace("unit: working_day", "unit: week", 2)
    text = text.replace("id: listing", "id: reinspection")
    assert [fault.field for fault in faults_of(text)] == [
        "rules[0].amount",
        "rules[2].unit",
        "rules[3].unit",
        "rules[15].id",
    ]


@pytest.mark.parametrize(
    ("first", "last"), [("null", "null"), ("2026-01-01", "null"), ("null", "2008-02-01")]
)
def test_two_rules_for_the_same_cases_on_one_day_are_refused(first: str, last: str) -> None:
    [(_, _, path, detail)] = faults_of(SHIPPED + rule_text("second", first=first, last=last))
    assert path == "rules[16].in_force"
    assert "overlaps 'rectification.general'" in detail


def test_a_rule_follows_another_on_the_next_day_without_gap_or_overlap() -> None:
    ending = SHIPPED.replace("in_force: {from: null, to: null}", "in_force: {from: null, to: 2026-12-31}", 1)
    rules = read_deadlines(ending + rule_text("new", first="2027-01-01"))
    assert picked(rules, "mine", "652327", "2026-12-31") == "rectification.general"
    assert picked(rules, "mine", "652327", "2027-01-01") == "new"
    [(_, _, path, detail)] = faults_of(ending + rule_text("new", first="2026-12-31"))
    assert path == "rules[16].in_force"
    assert "overlaps" in detail
    [(_, _, path, detail)] = faults_of(ending + rule_text("new", first="2027-01-02"))
    assert path == "rules"
    assert detail == "no rule for clock rectification, grade general on 2027-01-01"


@pytest.mark.parametrize(
    ("first", "last", "gap"),
    [("null", "2026-12-31", "2027-01-01"), ("2009-01-01", "null", "2008-02-01")],
)
def test_a_gap_in_the_general_rules_is_refused(first: str, last: str, gap: str) -> None:
    text = SHIPPED.replace("in_force: {from: null, to: null}", f"in_force: {{from: {first}, to: {last}}}", 1)
    local = rule_text("county", region="'652327'") + rule_text("hazmat", industry="hazmat")
    [(_, _, path, detail)] = faults_of(text + local)
    assert (path, detail) == ("rules", f"no rule for clock rectification, grade general on {gap}")


def test_a_clock_without_rule_is_refused() -> None:
    text = SHIPPED[: SHIPPED.index("- id: listing")]
    assert [fault.detail for fault in faults_of(text)] == [
        "no rule for clock listing, grade general on 2008-02-01",
        "no rule for clock listing, grade major on 2008-02-01",
    ]


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("", "is empty"),
        ("- 1\n", "table of fields"),
        ("rules: []\n", "list of at least one"),
        ("rules:\n- {id: 'x\n", "not YAML"),
        ("rules: \x07\n", "not YAML"),
        (SHIPPED + "\nversion: 2\n", "not a known field"),
    ],
)
def test_what_is_no_rule_file_is_refused(text: str, word: str) -> None:
    assert any(word in fault.detail for fault in faults_of(text))
