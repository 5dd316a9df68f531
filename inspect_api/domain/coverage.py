"""Which enterprises are to be inspected how often. The rules are data (`rules/coverage.yaml`).

Sources: the 14th five-year emergency-management plans of Jimsar and Pingyang counties. People are not ranked
by any of it: no log-ins, no mileage, no time online (national rule of 2023-12-18).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import combinations
from typing import Literal, get_args

from inspect_api.domain.deadline import ANY, INDUSTRIES, MARKS, Mark, refuse_region
from inspect_api.domain.period import Period, year_of
from inspect_api.domain.rulefiles import Faults, Table, packaged, read_table

Target = Literal["key_industry", "park"]
TARGETS: tuple[Target, ...] = get_args(Target)
_MONTHS = (1, 3, 12)


@dataclass(frozen=True, slots=True)
class CoverageRule:
    """`industries` empty: of any. `first` and `last` bound the first days of the windows it is for."""

    id: str
    target: Target
    industries: frozenset[str]
    region: str
    every_months: int
    first: date
    last: date
    source: str
    mark: Mark
    zh: str
    en: str

    def windows(self, period: Period) -> list[Period]:
        """The stretches of a period in each of which one inspection is owed; of a short one its year's."""
        wide = period if period.months >= self.every_months else year_of(period)
        found = wide.windows(self.every_months)
        return [
            window
            for window in found
            if self.first <= window.first <= self.last
            and window.first < period.following
            and period.first < window.following
        ]


@dataclass(frozen=True, slots=True)
class CoverageRules:
    """The rules that ship and a county's own."""

    rules: tuple[CoverageRule, ...]

    def before(self, rule: CoverageRule, on: date) -> list[str]:
        """The regions in which a more specific rule for the same target takes its place that day."""
        here = "" if rule.region == ANY else rule.region
        others = (o for o in self.rules if o.target == rule.target and o.first <= on <= o.last)
        return [o.region for o in others if o.region not in {ANY, here} and o.region.startswith(here)]


def read_coverage(
    text: str, file: str = "coverage.yaml", shipped: CoverageRules | None = None
) -> CoverageRules:
    """Rules from YAML text, added to the shipped ones; RuleFileError with every mistake."""
    faults = Faults(file)
    top = read_table(text, faults)
    tables = top.tables("rules")
    rules = [_read_rule(table) for table in tables]
    top.end()
    known = shipped.rules if shipped else ()
    for rule, table in zip(rules, tables, strict=True):
        if shipped and rule.region == ANY and not table.faulty:
            table.wrong("region", "a county's own rule names its region, such as '652327'")
        if rule.id in {other.id for other in known}:
            table.wrong("id", f"{rule.id!r} is the id of a rule that ships with the product")
    _refuse_repeats(rules, tables)
    faults.check()
    return CoverageRules((*known, *rules))


@cache
def shipped_coverage() -> CoverageRules:
    """The rules that come with the product."""
    return read_coverage(packaged("coverage.yaml"))


def _read_rule(table: Table) -> CoverageRule:
    in_force, note = table.table("in_force"), table.table("note")
    industries = table.choices("industries", (*INDUSTRIES, ANY))
    rule = CoverageRule(
        id=table.text("id"),
        target=table.choice("target", TARGETS),
        industries=frozenset(industries) - {ANY},
        region=table.text("region"),
        every_months=table.number("every_months", 1, 12),
        first=in_force.day_or_none("from") or date.min,
        last=in_force.day_or_none("to") or date.max,
        source=table.text("source"),
        mark=table.choice("mark", MARKS),
        zh=note.text("zh"),
        en=note.text("en"),
    )
    if rule.every_months not in _MONTHS:
        table.wrong("every_months", f"{rule.every_months} is none of {', '.join(map(str, _MONTHS))}")
    if ANY in industries and len(industries) > 1:
        table.wrong("industries", "is either `any` or a list of industries")
    refuse_region(table, rule.region)
    if rule.last < rule.first:
        in_force.wrong("to", f"{rule.last} is before {rule.first}")
    for part in (table, in_force, note):
        part.end()
    return rule


def _refuse_repeats(rules: Sequence[CoverageRule], tables: Sequence[Table]) -> None:
    sound = [pair for pair in zip(rules, tables, strict=True) if not pair[1].faulty]
    for (earlier, _), (rule, table) in combinations(sound, 2):
        if rule.id == earlier.id:
            table.wrong("id", f"{rule.id!r} is used twice")
        together = rule.first <= earlier.last and earlier.first <= rule.last
        if together and (rule.target, rule.region) == (earlier.target, earlier.region):
            table.wrong("in_force", f"overlaps {earlier.id!r}, which is for the same cases")
