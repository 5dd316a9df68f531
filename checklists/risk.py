"""Risk in four colours: LS, LEC, the diagnosis of a hazmat plant, a site, a region. Pure, no clock."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from math import isfinite
from typing import NamedTuple

from msgspec import Struct

from checklists.authored import Text
from checklists.conditions import Fact, holds
from checklists.marks import SLACK
from checklists.model import Grade
from checklists.risk_rules import (
    COLOURS,
    Band,
    Colour,
    DiagnosisScale,
    LecScale,
    LsScale,
    RegionRule,
    SiteRule,
)


class Rated(NamedTuple):
    """A value on a scale, and what it means there."""

    value: float
    colour: Colour
    name: Text


def rate_ls(likelihood: int, severity: int, scale: LsScale) -> Rated:
    """R = L x S. Raises ValueError for what is not 1 … `scale.highest`."""
    for name, value in (("likelihood", likelihood), ("severity", severity)):
        if value not in range(1, scale.highest + 1):
            raise ValueError(f"{name} is a whole number from 1 to {scale.highest}, not {value}")
    return _rated(likelihood * severity, scale.bands)


def rate_lec(likelihood: float, exposure: float, consequence: float, scale: LecScale) -> Rated:
    """D = L x E x C. Raises ValueError for a value that the scale does not have."""
    for name, value, known in (
        ("likelihood", likelihood, scale.likelihood),
        ("exposure", exposure, scale.exposure),
        ("consequence", consequence, scale.consequence),
    ):
        if value not in known:
            raise ValueError(f"{name} is one of {', '.join(f'{one:g}' for one in known)}, not {value}")
    # tenths multiplied are no exact tenths in binary, and the bounds are exact
    return _rated(round(likelihood * exposure * consequence, 6), scale.bands)


def rate_diagnosis(score: float, situations: Collection[str], scale: DiagnosisScale) -> Rated:
    """The diagnosis of a hazmat plant (应急〔2018〕19号); each of the situations makes it red at once.

    `score` is out of 100, additions and deductions included. Raises ValueError for a situation that the scale
    does not have, and for a score that is no finite number.
    """
    unknown = set(situations) - {one.code for one in scale.situations}
    if unknown:
        raise ValueError(f"no situation has the code {', '.join(sorted(unknown))}")
    if not isfinite(score):
        raise ValueError("the score is a finite number")
    rated = _rated(score, scale.bands)
    red = next((band for band in scale.bands if band.colour == "red"), None)
    return rated._replace(colour=red.colour, name=red.name) if situations and red is not None else rated


class OpenHazard(NamedTuple):
    """A hazard that is neither closed nor dismissed.

    `suspected_major` as in the wire: major by whoever found it, not yet confirmed. `overdue_days` are those
    of the enterprise's clock: 0 while it is in time, or while it is the regulator who is late.
    """

    grade: Grade
    suspected_major: bool = False
    overdue_days: int = 0


class HazardCounts(NamedTuple):
    """The open hazards of a site as its rules ask for them (`risk_rules.HAZARD_FACTS`)."""

    major_open: int = 0
    major_suspected: int = 0
    general_open: int = 0
    general_overdue: int = 0
    longest_overdue_days: int = 0


class SiteRisk(Struct, frozen=True, kw_only=True):
    """`colour` is None where no rule holds: nothing is known against the site, and nobody has assessed it.
    `rules` are the codes of those that give the colour."""

    colour: Colour | None
    rules: list[str]


def site_risk(
    facts: Mapping[str, str | float | bool | None],
    hazards: Iterable[OpenHazard],
    rules: Sequence[SiteRule],
) -> SiteRisk:
    """The worst colour of the rules that are true. `facts` are site facts (`conditions.SITE_FACTS`): `risk`
    is the colour by assessment, not an earlier result of this; what is absent makes no rule true."""
    return risk_by_counts(facts, _count(hazards), rules)


def risk_by_counts(
    facts: Mapping[str, str | float | bool | None], counts: HazardCounts, rules: Sequence[SiteRule]
) -> SiteRisk:
    """`site_risk` for who has counted the hazards already."""
    known: dict[str, Fact] = {**facts, **counts._asdict()}
    true = [rule for rule in rules if holds(rule.when, {}, known)]
    if not true:
        return SiteRisk(colour=None, rules=[])
    colour = min((rule.colour for rule in true), key=COLOURS.index)
    return SiteRisk(colour=colour, rules=[rule.code for rule in true if rule.colour == colour])


class RegionRisk(Struct, frozen=True, kw_only=True):
    """How many sites have each colour, how many none; `colour` is None when none has one. `rule` is None
    where no rule holds and the region is blue."""

    colour: Colour | None
    red: int
    orange: int
    yellow: int
    blue: int
    unknown: int
    rule: str | None


def region_risk(sites: Iterable[Colour | None], rules: Sequence[RegionRule]) -> RegionRisk:
    """The first rule that holds; blue when none does. Shares are of the sites that have a colour."""
    counts = Counter(sites)
    known = sum(counts[colour] for colour in COLOURS)
    rule = next((one for one in rules if _reaches(one, counts, known)), None)
    colour: Colour | None = "blue" if known else None
    return RegionRisk(
        colour=colour if rule is None else rule.colour,
        red=counts["red"],
        orange=counts["orange"],
        yellow=counts["yellow"],
        blue=counts["blue"],
        unknown=counts[None],
        rule=None if rule is None else rule.code,
    )


def _rated(value: float, bands: Sequence[Band]) -> Rated:
    band = next(band for band in bands if _within(value, band))
    return Rated(value, band.colour, band.name)


def _within(value: float, band: Band) -> bool:
    if band.above is not None:
        return value > band.above
    return band.at_least is None or value >= band.at_least


def _count(hazards: Iterable[OpenHazard]) -> HazardCounts:
    counts = Counter[str]()
    longest = 0
    for one in hazards:
        if one.grade == "major":
            counts["major_suspected" if one.suspected_major else "major_open"] += 1
        else:
            counts["general_open"] += 1
            counts["general_overdue"] += one.overdue_days > 0
        longest = max(longest, one.overdue_days)
    return HazardCounts(**counts, longest_overdue_days=longest)


def _reaches(rule: RegionRule, counts: Mapping[Colour | None, int], known: int) -> bool:
    bad = sum(counts[colour] for colour in COLOURS[: COLOURS.index(rule.of) + 1])
    return bad >= rule.count and bad >= rule.share * known - SLACK
