"""How long each party has, and when its clock runs out.

The day counts are data (`rules/deadlines.yaml`), each with its source and how sure that source is. This
module picks the rule that applies, adds it up and says how, so that a hazard can keep the rule's id and the
calendar's version and show the sum to whoever disputes the date.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache, lru_cache
from itertools import combinations
from typing import Literal, get_args

from inspect_api.domain.calendar import CIVIL, Calendar, civil_date, end_of_day
from inspect_api.domain.day_sum import day_sum
from inspect_api.domain.rulefiles import Faults, Table, packaged, read_table

Grade = Literal["general", "major"]
Party = Literal["enterprise", "regulator"]
Unit = Literal["hour", "working_day", "calendar_day"]
Mark = Literal["confirmed", "high", "medium", "local policy"]
ClockKind = Literal[
    "plan",
    "rectification",
    "report_to_workers",
    "service",
    "confirmation",
    "plan_decision",
    "extension_decision",
    "reinspection",
    "final_review",
    "resumption_decision",
    "listing_publication",
    "listing",
    "delisting",
]

CLOCK_PARTY: dict[ClockKind, Party] = {
    "plan": "enterprise",
    "rectification": "enterprise",
    "report_to_workers": "enterprise",
    "service": "regulator",
    "confirmation": "regulator",
    "plan_decision": "regulator",
    "extension_decision": "regulator",
    "reinspection": "regulator",
    "final_review": "regulator",
    "resumption_decision": "regulator",
    "listing_publication": "regulator",
    "listing": "regulator",
    "delisting": "regulator",
}
"""Every obligation that runs, and whose it is."""

GRADES: tuple[Grade, ...] = get_args(Grade)
PARTIES: tuple[Party, ...] = get_args(Party)
CLOCKS: tuple[ClockKind, ...] = get_args(ClockKind)
MARKS: tuple[Mark, ...] = get_args(Mark)
ANY = "any"

REGISTER_BEGINS = date(2008, 2, 1)
"""Order 16, which made the register of hazards, took effect; an earlier date is judged as this one."""

_UNIT_ZH: dict[Unit, str] = {"hour": "小时", "working_day": "个工作日", "calendar_day": "日（自然日）"}
_MARK_ZH: dict[Mark, str] = {
    "confirmed": "原文已核对",
    "high": "来源可靠",
    "medium": "来源待核对",
    "local policy": "政策，可由县级另定",
}
INDUSTRIES = (
    *("hazmat", "coal_mine", "mine", "tailings", "construction"),
    *("fire", "public_place", "natural_hazard", "other"),
)
_REGION_DIGITS = (2, 4, 6, 9, 12)


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """One day count. `first` and `last` bound the days, both included, on which a starting clock takes it.

    Read once: equal to itself only, so that sums are kept by it.
    """

    id: str
    clock: ClockKind
    grade: Grade | Literal["any"]
    industry: str
    region: str
    amount: int
    unit: Unit
    first: date
    last: date
    source: str
    mark: Mark
    zh: str
    en: str

    @property
    def party(self) -> Party:
        return CLOCK_PARTY[self.clock]

    @property
    def specificity(self) -> tuple[int, bool, bool]:
        """Region weighs most, then industry, then grade."""
        return (0 if self.region == ANY else len(self.region), self.industry != ANY, self.grade != ANY)

    def applies(self, clock: ClockKind, grade: Grade, industry: str, region: str, on: date) -> bool:
        return (
            self.clock == clock
            and self.grade in (grade, ANY)
            and self.industry in (industry, ANY)
            and (self.region == ANY or region.startswith(self.region))
            and self.first <= on <= self.last
        )


@dataclass(frozen=True, slots=True)
class Due:
    """A due moment in UTC and where it comes from; `explanation` are short Chinese sentences.

    The findings of one visit share it: it is replaced, never changed.
    """

    at: datetime
    rule_id: str
    calendar_version: str
    provisional: bool
    explanation: list[str]


@dataclass(frozen=True, slots=True, eq=False)
class DeadlineRules:
    """The rules of one file; complete, so that every clock and grade has one on every day."""

    rules: tuple[Rule, ...]

    def pick(self, clock: ClockKind, grade: Grade, industry: str, region: str, on: date) -> Rule:
        """The most specific rule for a clock that starts on the civil day `on`; `region` is the hazard's."""
        return _most_specific(self, clock, grade, industry, region, max(on, REGISTER_BEGINS))

    def rule(self, rule_id: str) -> Rule:
        """The rule that a hazard was given. KeyError when there is none of that id."""
        for rule in self.rules:
            if rule.id == rule_id:
                return rule
        raise KeyError(rule_id)


@lru_cache(maxsize=4096)
def _most_specific(
    rules: DeadlineRules, clock: ClockKind, grade: Grade, industry: str, region: str, on: date
) -> Rule:
    fitting = (rule for rule in rules.rules if rule.applies(clock, grade, industry, region, on))
    return max(fitting, key=lambda rule: rule.specificity)


@lru_cache(maxsize=4096)
def compute_due(rule: Rule, start: datetime, calendar: Calendar) -> Due:
    """When a clock that starts at the aware moment `start` runs out.

    Hours are added to the moment. Days are counted from the next civil day, and the last of them counts to
    23:59:59 in China. ValueError when `start` is naive.
    """
    first_day, provisional = civil_date(start), False
    if rule.unit == "hour":
        at = start.astimezone(UTC) + timedelta(hours=rule.amount)
    elif rule.unit == "calendar_day":
        at = end_of_day(first_day + timedelta(days=rule.amount))
    else:
        last_day, provisional = calendar.add_working_days(first_day, rule.amount)
        at = end_of_day(last_day)
    explanation = list(_explain(rule, start, at, calendar, provisional))
    return Due(at, rule.id, calendar.version, provisional, explanation)


def overdue_days(due_at: datetime, as_of: datetime) -> int:
    """Civil days after the due date: 0 until it has ended in China, 1 on the day after it."""
    return max(0, (civil_date(as_of) - civil_date(due_at)).days)


def _explain(
    rule: Rule, start: datetime, at: datetime, calendar: Calendar, provisional: bool
) -> Iterator[str]:
    counted = "自该时刻连续计算" if rule.unit == "hour" else "当日不计，次日起算"
    yield f"起算时间：{_civil_text(start)}，{counted}。"
    yield f"期限：{rule.amount}{_UNIT_ZH[rule.unit]}（规则 {rule.id}）。"
    yield f"依据：{rule.source}（{_MARK_ZH[rule.mark]}）。{rule.zh}"
    if rule.unit == "working_day":
        yield f"工作日按第 {calendar.version} 版日历计算，法定节假日不计，调休上班日计入。"
    if provisional:
        yield "期限跨入放假安排尚未公布的年度，该年度仅按周末推算，日期为暂定。"
    if rule.unit != "hour":
        yield f"逐日：{day_sum(civil_date(start), civil_date(at), calendar, rule.unit == 'working_day')}。"
    yield f"到期时间：{_civil_text(at)}。"


def _civil_text(moment: datetime) -> str:
    local = moment.astimezone(CIVIL)
    return f"{local.year}年{local.month}月{local.day}日{local:%H:%M:%S}（北京时间）"


def read_deadlines(text: str, file: str = "deadlines.yaml") -> DeadlineRules:
    """Rules from YAML text; RuleFileError with every mistake when it cannot be used."""
    faults = Faults(file)
    top = read_table(text, faults)
    tables = top.tables("rules")
    rules = [read_rule(table) for table in tables]
    top.end()
    refuse_repeats(rules, tables)
    if not faults.found:  # a mistyped rule would show a second time, as a gap
        _refuse_gaps(rules, top)
    faults.check()
    return DeadlineRules(tuple(rules))


@cache
def shipped_deadlines() -> DeadlineRules:
    """The rules that come with the product."""
    return read_deadlines(packaged("deadlines.yaml"))


def read_rule(table: Table) -> Rule:
    """One rule of a file; its mistakes are noted in the table."""
    in_force, note = table.table("in_force"), table.table("note")
    rule = Rule(
        id=table.text("id"),
        clock=table.choice("clock", CLOCKS),
        grade=table.choice("grade", (*GRADES, "any")),
        industry=table.choice("industry", (*INDUSTRIES, ANY)),
        region=table.text("region"),
        amount=table.number("amount", 1, 1000),
        unit=table.choice("unit", get_args(Unit)),
        first=in_force.day_or_none("from") or date.min,
        last=in_force.day_or_none("to") or date.max,
        source=table.text("source"),
        mark=table.choice("mark", MARKS),
        zh=note.text("zh"),
        en=note.text("en"),
    )
    party = table.choice("party", PARTIES)
    if party != rule.party and not table.faulty:
        table.wrong("party", f"the clock {rule.clock} is the {rule.party}'s")
    refuse_region(table, rule.region)
    if rule.last < rule.first:
        in_force.wrong("to", f"{rule.last} is before {rule.first}")
    for part in (table, in_force, note):
        part.end()
    return rule


def refuse_region(table: Table, region: str) -> None:
    """What is neither `any` nor a division's code; that there is none was told when it was read."""
    if region and region != ANY and not is_region(region):
        table.wrong("region", f"{region!r} is neither `any` nor a code of 2, 4, 6, 9 or 12 digits")


def is_region(code: str) -> bool:
    return code.isascii() and code.isdigit() and len(code) in _REGION_DIGITS


def refuse_repeats(rules: Sequence[Rule], tables: Sequence[Table]) -> None:
    """An id used twice, and two rules of the same reach on one day: nobody could say which one applies."""
    sound = [pair for pair in zip(rules, tables, strict=True) if not pair[1].faulty]
    for (earlier, _), (rule, table) in combinations(sound, 2):
        if rule.id == earlier.id:
            table.wrong("id", f"{rule.id!r} is used twice")
        together = rule.first <= earlier.last and earlier.first <= rule.last
        if together and reach(rule) == reach(earlier):
            table.wrong("in_force", f"overlaps {earlier.id!r}, which is for the same cases")


def reach(rule: Rule) -> tuple[str, str, str, str]:
    """The cases that a rule is for, whenever that is."""
    return (rule.clock, rule.grade, rule.industry, rule.region)


def _refuse_gaps(rules: Sequence[Rule], top: Table) -> None:
    for clock in CLOCKS:
        for grade in GRADES:
            everywhere = [
                rule
                for rule in rules
                if rule.clock == clock
                and rule.grade in (grade, ANY)
                and rule.industry == rule.region == ANY
                and rule.last >= REGISTER_BEGINS
            ]
            gap = _first_gap(everywhere)
            if gap:
                top.wrong("rules", f"no rule for clock {clock}, grade {grade} on {gap}")


def _first_gap(rules: Sequence[Rule]) -> date | None:
    """The first day since the register began on which none of the rules is in force."""
    day = REGISTER_BEGINS
    for rule in sorted(rules, key=lambda rule: rule.first):
        if rule.first > day:
            return day
        if rule.last == date.max:
            return None
        day = max(day, rule.last + timedelta(days=1))
    return day
