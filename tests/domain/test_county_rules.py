"""A county's own rules: what they change, and every mistake with file, line and field."""

from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from inspect_api.actions.own_rules import load_rules
from inspect_api.cli import main
from inspect_api.domain.county_rules import add_deadlines, add_ladders
from inspect_api.domain.deadline import shipped_deadlines
from inspect_api.domain.escalation import shipped_ladders
from inspect_api.domain.rulefiles import RuleFault, RuleFileError
from inspect_api.settings import SettingsError

RULE = """
- id: {id}
  clock: rectification
  party: enterprise
  grade: general
  industry: any
  region: {region}
  amount: 7
  unit: {unit}
  in_force: {{from: {first}, to: {last}}}
  source: 吉木萨尔县应急管理局2026年第3号文
  mark: local policy
  note: {{zh: 本县一般隐患7日内整改。, en: Seven days in this county.}}
"""
LADDER = """ladders:
- grade: general
  party: enterprise
  mark: local policy
  source: 吉木萨尔县应急管理局2026年第3号文
  steps:
  - n: 2
    when: 2
    to: {to}
    answer_within: 3
    zh: 已超过期限，请立即整改。
    en: Overdue.
"""


def rule(
    name: str,
    *,
    region: str = "'652327'",
    unit: str = "working_day",
    first: str = "null",
    last: str = "null",
) -> str:
    return RULE.format(id=name, region=region, unit=unit, first=first, last=last)


def faults_of(text: str) -> tuple[RuleFault, ...]:
    with pytest.raises(RuleFileError) as caught:
        add_deadlines(shipped_deadlines(), text, "jimsar/deadlines.yaml")
    return caught.value.faults


def test_a_county_sets_its_own_day_counts_and_keeps_the_others() -> None:
    rules = add_deadlines(shipped_deadlines(), "rules:" + rule("jimsar-2026", first="2026-10-01"), "x")

    def picked(region: str, on: date) -> str:
        return rules.pick("rectification", "general", "hazmat", region, on).id

    assert picked("652327100001", date(2026, 10, 1)) == "jimsar-2026"
    assert picked("652327100001", date(2026, 9, 30)) == "rectification.general"
    assert picked("652328100001", date(2026, 10, 1)) == "rectification.general"
    assert rules.rule("jimsar-2026").mark == "local policy"
    assert rules.pick("plan", "major", "hazmat", "652327100001", date(2026, 10, 1)).id == "plan"


@pytest.mark.parametrize(
    ("texts", "line", "field", "word"),
    [
        ([rule("a", unit="moon")], 9, "rules[0].unit", "none of hour, working_day, calendar_day"),
        ([rule("a", region="any")], 7, "rules[0].region", "names its region"),
        ([rule("plan")], 2, "rules[0].id", "ships with the product"),
        (
            [rule("a", last="2026-06-30"), rule("b", first="2026-06-30")],
            23, "rules[1].in_force", "overlaps 'a'",
        ),
        (
            [rule("a", last="2026-06-30"), rule("b", first="2026-08-01")],
            23, "rules[1].in_force", "leaves a gap: no rule from 2026-07-01 on, after 'a'",
        ),
    ],
)  # fmt: skip
def test_a_mistake_names_file_line_and_field(texts: list[str], line: int, field: str, word: str) -> None:
    [fault] = faults_of("rules:" + "".join(texts))
    assert (fault.file, fault.line, fault.field) == ("jimsar/deadlines.yaml", line, field)
    assert word in fault.detail


def test_rules_that_follow_each_other_leave_no_gap() -> None:
    text = "rules:" + rule("b", first="2026-07-01") + rule("a", last="2026-06-30")
    assert len(add_deadlines(shipped_deadlines(), text, "x").rules) == len(shipped_deadlines().rules) + 2


def test_a_countys_ladder_goes_before_the_shipped_one() -> None:
    ladders = add_ladders(shipped_ladders(), LADDER.format(to="[{role: regulator, level: county}]"), "x")
    own = ladders.of("general", "enterprise", "rectification")
    assert [(step.n, step.when) for step in own.steps] == [(2, 2)]
    assert ladders.of("major", "enterprise", "plan").steps[0].n == 1


@pytest.mark.parametrize(("to", "field", "line"), [("[]", "steps[0].to", 9), ("[{}]", "to[0].role", 9)])
def test_a_ladder_that_names_nobody_is_refused(to: str, field: str, line: int) -> None:
    with pytest.raises(RuleFileError) as caught:
        add_ladders(shipped_ladders(), LADDER.format(to=to), "ladders.yaml")
    fault = caught.value.faults[0]
    assert fault.field.endswith(field)
    assert fault.line == line


def test_a_wrong_folder_stops_the_start_and_the_check_tells_why(tmp_path: Path) -> None:
    (tmp_path / "deadlines.yaml").write_text("rules:" + rule("a", unit="moon"), encoding="utf-8")
    with pytest.raises(SettingsError, match=r"RULES_DIR: .*deadlines\.yaml:9: rules\[0\]\.unit"):
        load_rules(str(tmp_path))
    told = CliRunner().invoke(main, ["rules", "check", str(tmp_path)])
    assert told.exit_code == 2
    assert "deadlines.yaml:9" in told.output
    (tmp_path / "deadlines.yaml").write_text("rules:" + rule("a"), encoding="utf-8")
    told = CliRunner().invoke(main, ["rules", "check", str(tmp_path)])
    assert (told.exit_code, told.output) == (
        0,
        "sound: 1 deadlines, 0 ladders, 0 coverage rules of the county's own\n",
    )
    (tmp_path / "ladders.yaml").write_bytes("规则".encode("gb18030"))
    with pytest.raises(SettingsError, match=r"ladders\.yaml: is not UTF-8"):
        load_rules(str(tmp_path))
    (tmp_path / "ladders.yaml").unlink()
    (tmp_path / "deadline.yaml").write_text("rules: []", encoding="utf-8")
    with pytest.raises(SettingsError, match="is none of"):
        load_rules(str(tmp_path))


def test_a_folder_that_is_not_there_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="RULES_DIR"):
        load_rules(str(tmp_path / "nowhere"))
