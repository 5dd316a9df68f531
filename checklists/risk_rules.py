"""The scales and rules of risk (风险分级), as data: a county may have its own."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from types import MappingProxyType
from typing import Literal

from checklists.authored import Authored, Text
from checklists.checking import Complaint, check_condition
from checklists.conditions import SITE_FACTS, Condition, FactType, compared_with, comparisons
from checklists.document import Document, InvalidData, Path
from checklists.shape import read

Colour = Literal["red", "orange", "yellow", "blue"]

COLOURS: tuple[Colour, ...] = ("red", "orange", "yellow", "blue")
"""Worst first: 重大、较大、一般、低 (安委办〔2016〕11号)."""

HAZARD_FACTS: Mapping[str, FactType] = MappingProxyType(
    dict.fromkeys(
        ("major_open", "major_suspected", "general_open", "general_overdue", "longest_overdue_days"), "number"
    )
)
"""What the rules of a site may ask of its open hazards, beside its site facts."""


_COUNTS_AT_MOST = 1_000_000
"""No site has more of anything that is counted."""


class Band(Authored, frozen=True):
    """One grade of a scale: values from `at_least`, or over `above`; the last band takes all the rest."""

    colour: Colour
    name: Text
    at_least: float | None = None
    above: float | None = None


class LsScale(Authored, frozen=True):
    """Likelihood times severity, each 1 to `highest`."""

    source: str
    highest: int
    bands: tuple[Band, ...]


class LecScale(Authored, frozen=True):
    """Likelihood, exposure and consequence, each one of its values, multiplied."""

    source: str
    likelihood: tuple[float, ...]
    exposure: tuple[float, ...]
    consequence: tuple[float, ...]
    bands: tuple[Band, ...]


class Situation(Authored, frozen=True):
    """Something that makes a plant red at once."""

    code: str
    text: Text


class DiagnosisScale(Authored, frozen=True):
    """A hazmat plant's diagnosis out of 100: the more the better."""

    source: str
    situations: tuple[Situation, ...]
    bands: tuple[Band, ...]


class SiteRule(Authored, frozen=True):
    """A site is at least this bad when the condition over its facts and its open hazards is true."""

    code: str
    colour: Colour
    text: Text
    when: Condition


class RegionRule(Authored, frozen=True):
    """A region has this colour when `count` of its sites, and this `share` of them, have the colour `of` or a
    worse one."""

    code: str
    colour: Colour
    text: Text
    of: Colour
    count: int = 1
    share: float = 0


class RiskRules(Authored, frozen=True):
    """Everything that turns facts into colours. Rules of a region are tried in order."""

    ls: LsScale
    lec: LecScale
    diagnosis: DiagnosisScale
    site: tuple[SiteRule, ...]
    region: tuple[RegionRule, ...]


def load_risk_rules(text: str, file: str) -> RiskRules:
    """Raises InvalidData with every mistake."""
    document = Document(text, file)
    rules = read(document, RiskRules)
    mistakes = [document.mistake(path, detail) for path, detail in _check(rules)]
    if mistakes:
        raise InvalidData(mistakes)
    return rules


def tops(rules: Sequence[SiteRule]) -> dict[str, int]:
    """Of each of HAZARD_FACTS the number from which on all numbers are the same to the rules."""
    found = dict.fromkeys(HAZARD_FACTS, 0)
    for rule in rules:
        for leaf in comparisons(rule.when):
            if leaf.site in found:
                numbers = [value for value in compared_with(leaf) if isinstance(value, int | float)]
                above = [int(min(max(value, -1), _COUNTS_AT_MOST)) + 1 for value in numbers]
                found[leaf.site] = max([found[leaf.site], *above])
    return found


def _check(rules: RiskRules) -> Iterator[Complaint]:
    for field, bands in (
        ("ls", rules.ls.bands),
        ("lec", rules.lec.bands),
        ("diagnosis", rules.diagnosis.bands),
    ):
        yield from _check_bands(bands, (field, "bands"))
    yield from _check_twice([one.code for one in rules.diagnosis.situations], ("diagnosis", "situations"))
    yield from _check_twice([one.code for one in rules.site], ("site",))
    for at, rule in enumerate(rules.site):
        yield from check_condition(rule.when, {}, ("site", at, "when"), {**SITE_FACTS, **HAZARD_FACTS})
    yield from _check_twice([one.code for one in rules.region], ("region",))
    for at, region in enumerate(rules.region):
        if region.count < 1:
            yield ("region", at, "count"), "is at least 1"
        if not 0 <= region.share <= 1:
            yield ("region", at, "share"), "is between 0 and 1"
    for at, (before, after) in enumerate(pairwise(rules.region), 1):
        if COLOURS.index(after.colour) < COLOURS.index(before.colour):
            yield ("region", at, "colour"), "is worse than that of the rule before: it would never be reached"


def _check_bands(bands: Sequence[Band], path: Path) -> Iterator[Complaint]:
    """Bounds go down, the last band has none, and the colours only get worse or only better."""
    bounds = [_bound(band) for band in bands]
    for at, band in enumerate(bands):
        if band.at_least is not None and band.above is not None:
            yield (*path, at), "has one bound, at_least or above"
        elif (bounds[at] is None) is not (at == len(bands) - 1):
            yield (*path, at), "the last band has no bound, every other has one"
    for at, (upper, lower) in enumerate(pairwise(bounds), 1):
        if upper is not None and lower is not None and lower >= upper:
            yield (*path, at), "is not below the band before it"
    order = [COLOURS.index(band.colour) for band in bands]
    if order not in (sorted(order), sorted(order, reverse=True)):
        yield path, "the colours go up and down"
    if not bands:
        yield path, "a scale has at least one band"


def _bound(band: Band) -> float | None:
    return band.above if band.at_least is None else band.at_least


def _check_twice(codes: Sequence[str], path: Path) -> Iterator[Complaint]:
    for at, code in enumerate(codes):
        if code in codes[:at]:
            yield (*path, at, "code"), f"{code} is there twice"
