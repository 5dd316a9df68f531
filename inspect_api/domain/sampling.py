"""Which of the hazards that an enterprise found, rectified and accepted itself inspectors look at.

The share is data (`rules/sampling.yaml`). The draw is made from the hazard's id and the server's moment of
the acceptance: nobody can know it before, and anybody can work it out afterwards from the history.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from itertools import combinations
from uuid import UUID

from inspect_api.domain.deadline import ANY, MARKS, Mark, refuse_region
from inspect_api.domain.rulefiles import Faults, Table, packaged, read_table

_PARTS = 10_000


@dataclass(frozen=True, slots=True)
class SampleRule:
    """A share in per cent, for a region, on the days from `first` to `last`."""

    id: str
    region: str
    share: int
    first: date
    last: date
    source: str
    mark: Mark
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class SampleRules:
    """The rules of one file, no two of them for one region on one day."""

    rules: tuple[SampleRule, ...]

    def share(self, region: str, on: date) -> int:
        """Per cent; 0 where no rule is in force."""
        fitting = [
            rule
            for rule in self.rules
            if rule.first <= on <= rule.last and (rule.region == ANY or region.startswith(rule.region))
        ]
        return max(fitting, key=_width).share if fitting else 0


def is_drawn(hazard_id: UUID, accepted_at: datetime, share: int) -> bool:
    """Whether the acceptance of this hazard at this moment falls into the share."""
    text = f"{hazard_id}\n{accepted_at.astimezone(UTC).isoformat()}"
    place = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") % _PARTS
    return place < share * _PARTS // 100


def read_sampling(text: str, file: str = "sampling.yaml") -> SampleRules:
    """Rules from YAML text; RuleFileError with every mistake when they cannot be used."""
    faults = Faults(file)
    top = read_table(text, faults)
    tables = top.tables("rules")
    rules = [_read(table) for table in tables]
    top.end()
    for table, fault in _repeats(rules, tables):
        table.wrong("in_force", fault)
    faults.check()
    return SampleRules(tuple(rules))


@cache
def shipped_sampling() -> SampleRules:
    """The rules that come with the product."""
    return read_sampling(packaged("sampling.yaml"))


def _read(table: Table) -> SampleRule:
    in_force, note = table.table("in_force"), table.table("note")
    rule = SampleRule(
        id=table.text("id"),
        region=table.text("region"),
        share=table.number("share", 0, 100),
        first=in_force.day_or_none("from") or date.min,
        last=in_force.day_or_none("to") or date.max,
        source=table.text("source"),
        mark=table.choice("mark", MARKS),
        zh=note.text("zh"),
        en=note.text("en"),
    )
    refuse_region(table, rule.region)
    if rule.last < rule.first:
        in_force.wrong("to", f"{rule.last} is before {rule.first}")
    for part in (table, in_force, note):
        part.end()
    return rule


def _repeats(rules: list[SampleRule], tables: list[Table]) -> Iterator[tuple[Table, str]]:
    sound = [pair for pair in zip(rules, tables, strict=True) if not pair[1].faulty]
    for (earlier, _), (rule, table) in combinations(sound, 2):
        if rule.region == earlier.region and rule.first <= earlier.last and earlier.first <= rule.last:
            yield table, f"overlaps {earlier.id!r}, which is for the same region"


def _width(rule: SampleRule) -> int:
    return 0 if rule.region == ANY else len(rule.region)
