"""When what a photo says of itself is far enough from what its record says to be shown to a person.

The limits are data (`rules/photos.yaml`), a county may have its own, and they refuse nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from inspect_api.domain.deadline import ANY, MARKS, Mark, refuse_region
from inspect_api.domain.rulefiles import Faults, Table, packaged, read_table

_FAR_M = 999_999
_LONG_S = 999_999


@dataclass(frozen=True, slots=True)
class PhotoRule:
    """Limits for a region; the file says what each of them means."""

    id: str
    region: str
    metres: int
    seconds: int
    datum_metres: int
    older_seconds: int
    alike_bits: int
    source: str
    mark: Mark
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class PhotoRules:
    """The rules of one file: one for any region, and none or one for each of some regions."""

    rules: tuple[PhotoRule, ...]

    def of(self, region: str) -> PhotoRule:
        """The rule of the narrowest region that this one lies in."""
        fitting = [rule for rule in self.rules if rule.region == ANY or region.startswith(rule.region)]
        return max(fitting, key=_width)


def read_photo_rules(text: str, file: str = "photos.yaml") -> PhotoRules:
    """Rules from YAML text; RuleFileError with every mistake when they cannot be used."""
    faults = Faults(file)
    top = read_table(text, faults)
    tables = top.tables("rules")
    rules = [_read(table) for table in tables]
    top.end()
    for table, region in _repeats(rules, tables):
        table.wrong("region", f"{region!r} has a rule already")
    if tables and not any(rule.region == ANY for rule in rules):
        top.wrong("rules", f"none of them is for region {ANY!r}, which every photo falls back to")
    faults.check()
    return PhotoRules(tuple(rules))


@cache
def shipped_photo_rules() -> PhotoRules:
    """The rules that come with the product."""
    return read_photo_rules(packaged("photos.yaml"))


def _read(table: Table) -> PhotoRule:
    note = table.table("note")
    rule = PhotoRule(
        id=table.text("id"),
        region=table.text("region"),
        metres=table.number("metres", 1, _FAR_M),
        seconds=table.number("seconds", 1, _LONG_S),
        datum_metres=table.number("datum_metres", 1, 500),
        older_seconds=table.number("older_seconds", 0, _LONG_S),
        alike_bits=table.number("alike_bits", 0, 10),
        source=table.text("source"),
        mark=table.choice("mark", MARKS),
        zh=note.text("zh"),
        en=note.text("en"),
    )
    refuse_region(table, rule.region)
    table.end()
    note.end()
    return rule


def _repeats(rules: list[PhotoRule], tables: list[Table]) -> Iterator[tuple[Table, str]]:
    seen: set[str] = set()
    for rule, table in zip(rules, tables, strict=True):
        if rule.region in seen and not table.faulty:
            yield table, rule.region
        seen.add(rule.region)


def _width(rule: PhotoRule) -> int:
    return 0 if rule.region == ANY else len(rule.region)
