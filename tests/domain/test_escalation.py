"""Who is told when nobody acts: moments by hand, catching up, receivers, and wrong ladder files."""

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspect_api.domain.calendar import CIVIL
from inspect_api.domain.deadline import CLOCK_PARTY, CLOCKS, GRADES, ClockKind, Grade, Party
from inspect_api.domain.escalation import (
    STEP_NAMES,
    Ladder,
    Level,
    Receiver,
    Step,
    next_step,
    read_ladders,
    receiver_prefix,
    shipped_ladders,
    step_moment,
    steps_due,
)
from inspect_api.domain.rulefiles import RuleFault, RuleFileError, packaged
from tests.domain.official_calendar import OFFICIAL

SHIPPED = packaged("ladders.yaml")


def civil(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=CIVIL)


DUE = civil("2026-10-10T23:59:59").astimezone(UTC)
"""The worked Saturday after National Day."""
ENTERPRISE_GENERAL = shipped_ladders().of("general", "enterprise", "rectification")


@pytest.mark.parametrize(
    ("grade", "party", "clock", "moments"),
    [
        (
            "general",
            "enterprise",
            "rectification",
            [(1, "09-30"), (2, "10-12"), (3, "10-14"), (4, "10-20"), (5, "10-23"), (7, "10-30")],
        ),
        (
            "major",
            "enterprise",
            "rectification",
            [
                *[(1, "09-30"), (2, "10-12"), (3, "10-13"), (4, "10-14")],
                *[(5, "10-16"), (6, "10-20"), (7, "10-23")],
            ],
        ),
        ("general", "regulator", "reinspection", [(1, "10-09"), (2, "10-12"), (3, "10-14"), (5, "10-23")]),
        (
            "major",
            "regulator",
            "final_review",
            [(1, "10-09"), (2, "10-12"), (3, "10-13"), (4, "10-14"), (5, "10-16")],
        ),
        ("major", "regulator", "confirmation", [(1, "10-10"), (2, "10-12"), (3, "10-13"), (5, "10-14")]),
        ("major", "enterprise", "report_to_workers", [(1, "09-30"), (2, "10-12"), (3, "10-16")]),
    ],
)
def test_the_shipped_ladders_step_on_these_days(
    grade: Grade, party: Party, clock: ClockKind, moments: list[tuple[int, str]]
) -> None:
    ladder = shipped_ladders().of(grade, party, clock)
    told = [(step.n, step_moment(step, DUE, OFFICIAL)) for step in ladder.steps]
    assert told == [(n, civil(f"2026-{day}T09:00:00")) for n, day in moments]


def test_a_due_day_of_rest_is_day_zero() -> None:
    due = civil("2026-10-03T23:59:59")
    reminder, urging, *_ = ENTERPRISE_GENERAL.steps
    assert step_moment(reminder, due, OFFICIAL) == civil("2026-09-28T09:00:00")
    assert step_moment(urging, due, OFFICIAL) == civil("2026-10-08T09:00:00")
    today = shipped_ladders().of("major", "regulator", "service").steps[0]
    assert step_moment(today, due, OFFICIAL) == civil("2026-10-03T09:00:00")


def test_a_clock_of_hours_is_never_reminded_after_its_end() -> None:
    today, overdue, *_ = shipped_ladders().of("major", "regulator", "service").steps
    due = civil("2026-10-08T03:00:00")
    assert step_moment(today, due, OFFICIAL) == due
    assert step_moment(overdue, due, OFFICIAL) == civil("2026-10-09T09:00:00")


def test_moments_are_utc() -> None:
    moment = step_moment(ENTERPRISE_GENERAL.steps[0], DUE, OFFICIAL)
    assert moment.tzinfo is UTC
    assert moment.time() == time(1)


@pytest.mark.parametrize(
    ("taken", "n", "moment"),
    [
        (0, 1, "2026-09-30T09:00:00"),
        (1, 2, "2026-10-12T09:00:00"),
        (5, 7, "2026-10-30T09:00:00"),
        (6, 7, "2026-10-30T09:00:00"),
    ],
)
def test_the_next_step_is_the_first_not_taken(taken: int, n: int, moment: str) -> None:
    following = next_step(ENTERPRISE_GENERAL, DUE, taken, OFFICIAL)
    assert following is not None
    assert (following[0].n, following[1]) == (n, civil(moment))


def test_after_the_last_step_there_is_none() -> None:
    assert next_step(ENTERPRISE_GENERAL, DUE, 7, OFFICIAL) is None


@pytest.mark.parametrize(
    ("taken", "now", "numbers"),
    [
        (0, "2026-09-30T08:59:59", []),
        (0, "2026-09-30T09:00:00", [1]),
        (1, "2026-10-12T08:59:59", []),
        (1, "2026-10-14T09:00:00", [2, 3]),
        (0, "2027-01-01T00:00:00", [1, 2, 3, 4, 5, 7]),
        (4, "2027-01-01T00:00:00", [5, 7]),
        (7, "2027-01-01T00:00:00", []),
    ],
)
def test_what_was_missed_is_caught_up_in_order(taken: int, now: str, numbers: list[int]) -> None:
    due = steps_due(ENTERPRISE_GENERAL, DUE, taken, civil(now), OFFICIAL)
    assert [step.n for step, _ in due] == numbers
    assert [moment for _, moment in due] == sorted(moment for _, moment in due)


@given(st.lists(st.integers(0, 60 * 24), min_size=1, max_size=12), st.sampled_from(shipped_ladders().ladders))
def test_looking_at_any_hours_takes_each_step_once_and_never_early(hours: list[int], ladder: Ladder) -> None:
    taken: list[int] = []
    start = DUE - timedelta(days=15)
    for hour in [*hours, 60 * 24]:  # in any order: clocks jump
        now = start + timedelta(hours=hour)
        for step, moment in steps_due(ladder, DUE, max(taken, default=0), now, OFFICIAL):
            assert moment <= now
            taken.append(step.n)
    assert taken == [step.n for step in ladder.steps]


def test_every_clock_has_a_ladder_and_every_step_somebody() -> None:
    for grade in GRADES:
        for clock in CLOCKS:
            ladder = shipped_ladders().of(grade, CLOCK_PARTY[clock], clock)
            assert (ladder.grade, ladder.party, ladder.mark) == (grade, CLOCK_PARTY[clock], "local policy")
            for step in ladder.steps:
                assert step.to_enterprise or step.receivers
                assert step.name == STEP_NAMES[step.n]
                assert step.to_enterprise == (ladder.party == "enterprise")


def test_a_clock_with_its_own_ladder_does_not_climb_the_general_one() -> None:
    ladders = shipped_ladders()
    assert ladders.of("major", "regulator", "confirmation").clocks == ("confirmation", "service")
    assert ladders.of("major", "regulator", "reinspection").clocks == ()
    assert ladders.of("general", "regulator", "confirmation").clocks == ()


def test_only_a_major_hazard_is_listed() -> None:
    listing = [ladder for ladder in shipped_ladders().ladders if any(step.n == 6 for step in ladder.steps)]
    assert {ladder.grade for ladder in listing} == {"major"}


def test_a_step_says_what_it_wants_of_whom() -> None:
    assert ENTERPRISE_GENERAL.steps[1] == Step(
        n=2,
        when=1,
        to_enterprise=True,
        receivers=(Receiver("inspector", "grid"), Receiver("regulator", "township")),
        answer_within=3,
        zh="已超过期限，请立即整改，并在3个工作日内说明原因和完成时间。",
        en="The time limit has passed; act at once and state the reason and the new date "
        "within 3 working days.",
    )


@pytest.mark.parametrize(
    ("level", "region", "grid", "prefix"),
    [
        ("grid", "652327100001", "652327100001003", "652327100001003"),
        ("grid", "652327100001", None, "652327100001"),
        ("grid", "652327100", "", "652327100"),
        ("township", "652327100001", "652327100001003", "652327100"),
        ("county", "652327100001", None, "652327"),
        ("city", "652327100001", None, "6523"),
        ("province", "652327100001", None, "65"),
        ("township", "652327", None, "652327"),
        ("city", "65", None, "65"),
    ],
)
def test_receivers_are_found_by_walking_up_the_region(
    level: Level, region: str, grid: str | None, prefix: str
) -> None:
    assert receiver_prefix(level, region, grid) == prefix


def faults_of(text: str) -> tuple[RuleFault, ...]:
    assert text != SHIPPED
    with pytest.raises(RuleFileError) as caught:
        read_ladders(text, "ladders.yaml")
    return caught.value.faults


@pytest.mark.parametrize(
    ("old", "new", "field", "word"),
    [
        ("to: [{party: enterprise}]", "to: []", "ladders[0].steps[0].to", "at least one"),
        (
            "to: [{party: enterprise}]",
            "to: [{level: county}]",
            "ladders[0].steps[0].to[0].role",
            "is missing",
        ),
        ("to: [{party: enterprise}]", "to: [{party: media}]", "steps[0].to[0].party", "none of enterprise"),
        (
            "to: [{party: enterprise}]",
            "to: [{party: enterprise, level: grid}]",
            "steps[0].to[0].level",
            "not a known field",
        ),
        ("role: inspector", "role: mayor", "steps[1].to[1].role", "none of inspector"),
        ("level: township", "level: village", "steps[1].to[2].level", "none of township"),
        ("level: grid", "level: county", "steps[1].to[1].level", "none of grid"),
        ("  - n: 2", "  - n: 1", "steps[1].n", "does not come after step 1"),
        ("  - n: 2", "  - n: 8", "steps[1].n", "from 1 to 7"),
        ("  - n: 5", "  - n: 6", "steps[4].n", "only a major hazard is listed"),
        ("when: 3", "when: 0", "steps[2].when", "earlier than step 2"),
        ("when: 1", "when: soon", "steps[1].when", "whole number"),
        ("answer_within: 3", "answer_within: 0", "steps[1].answer_within", "whole number"),
        ("    answer_within: 3\n", "", "steps[1].answer_within", "is missing"),
        ("grade: general", "grade: severe", "ladders[0].grade", "none of general, major"),
        ("clocks: [report_to_workers]", "clocks: [service]", "ladders[2].clocks", "is the regulator's"),
        ("clocks: [report_to_workers]", "clocks: [nap]", "ladders[2].clocks", "none of plan"),
        ("  clocks: [report_to_workers]\n", "", "ladders[2].party", "another ladder for major, enterprise"),
        ("mark: local policy", "mark: law", "ladders[0].mark", "none of confirmed"),
        ("    zh: 已超过期限", "    zn: 已超过期限\n    zh: 已超过期限", "steps[1].zn", "not a known field"),
    ],
)
def test_a_wrong_field_is_named_with_its_line(old: str, new: str, field: str, word: str) -> None:
    text = SHIPPED.replace(old, new, 1)
    [fault] = faults_of(text)
    assert fault.field.endswith(field)
    assert word in fault.detail
    changed = next(
        i for i, (a, b) in enumerate(zip(text.splitlines(), SHIPPED.splitlines(), strict=False)) if a != b
    )
    assert "missing" in word or abs(fault.line - (changed + 1)) <= 1


def test_a_pair_without_ladder_is_refused() -> None:
    start, end = (
        SHIPPED.index("- grade: general\n  party: regulator"),
        SHIPPED.index("- grade: major\n  party: regulator"),
    )
    [fault] = faults_of(SHIPPED[:start] + SHIPPED[end:])
    assert (fault.field, fault.detail) == ("ladders", "no ladder without clocks for general, regulator")


def test_a_ladder_without_steps_is_refused() -> None:
    start, end = SHIPPED.index("  steps:"), SHIPPED.index("\n- grade: major")
    [fault] = faults_of(SHIPPED[:start] + "  steps: []\n" + SHIPPED[end:])
    assert (fault.field, fault.detail) == ("ladders[0].steps", "must be a list of at least one")


def test_all_mistakes_are_told_at_once() -> None:
    text = SHIPPED.replace("role: inspector", "role: mayor", 1).replace("level: province", "level: nation")
    assert [fault.field for fault in faults_of(text)] == [
        "ladders[0].steps[1].to[1].role",
        "ladders[4].steps[4].to[2].level",
        "ladders[5].steps[3].to[2].level",
    ]
