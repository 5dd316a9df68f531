"""The four colours of a region: of what lies below it, and of the sites in a village or a grid."""

from collections import Counter
from datetime import date, datetime, time, timedelta
from uuid import UUID

import msgspec
from msgspec import UNSET, Struct, UnsetType

from checklists.risk import HazardCounts, SiteRisk, region_risk, risk_by_counts
from checklists.risk_rules import COLOURS, Colour, RiskRules, tops
from inspect_api.actions.summarise_overdue import level_below
from inspect_api.actions.work import Work
from inspect_api.domain.access import REGION_ROLES, Caller
from inspect_api.domain.calendar import civil_date, civil_moment
from inspect_api.domain.deadline import overdue_days
from inspect_api.errors import Code, Refusal
from inspect_api.store import regions, risk_queries
from inspect_api.store.risk_queries import COUNTS, Grid, Judged, Village
from inspect_api.store.schema import AnyRow
from sync.entities import RegionRef
from sync.text import is_bad

VILLAGE = 12
_GRID_SIZE = 24
_MOST_SITES = 1000

_FIRST_DAY = date(1970, 1, 1)
"""Nothing has been late for longer."""

Tally = Counter[Colour | None]


class ColourCounts(Struct, frozen=True, kw_only=True):
    """How many sites have each colour; `unknown`: nothing is known against them, and nobody assessed them."""

    red: int
    orange: int
    yellow: int
    blue: int
    unknown: int


class Coloured(Struct, frozen=True, kw_only=True):
    """A region below. What lies in none of them stands under the code of the region that was asked for."""

    code: str
    name: str
    colour: Colour | None
    counts: ColourCounts


class ColouredSite(Struct, frozen=True, kw_only=True):
    """`rules` are the codes of those that give it its colour."""

    id: UUID
    name: str
    colour: Colour | None
    rules: list[str]


class ShownRisk(Struct, frozen=True, kw_only=True):
    """`rule` is the code of the rule that gives the colour; null where none holds.

    `partial`: the caller sees a part of the region, and all this is of that part. `sites`, the worst first
    and 1,000 at most, are there for a village and for a grid; a grid has the name of its region.
    """

    region: RegionRef
    as_of: datetime
    partial: bool
    colour: Colour | None
    counts: ColourCounts
    rule: str | None
    items: list[Coloured]
    sites: list[ColouredSite] | UnsetType = UNSET


def show_risk(work: Work, code: str) -> ShownRisk:
    """Of the sites and open hazards in the caller's scope. Raises Refusal(NOT_FOUND) outside of it."""
    if len(code) > _GRID_SIZE or is_bad(code):
        raise Refusal(Code.NOT_FOUND)
    name = regions.names(work.tx, [code]).get(code)
    if name is not None and work.who.role in REGION_ROLES and not work.who.covers(code):
        raise Refusal(Code.NOT_FOUND)
    if name is None:
        return _of_sites(work, RegionRef(code, _name_around(work, code)), Grid(code))
    if len(code) == VILLAGE:
        return _of_sites(work, RegionRef(code, name), Village(code))
    return _of_regions(work, RegionRef(code, name))


def _of_regions(work: Work, region: RegionRef) -> ShownRisk:
    """By the divisions of the next level: every one that the caller has, else those where he sees a site."""
    judge, digits = _Judge(work), level_below(region.code)
    tallies: dict[str, Tally] = {}
    rows = risk_queries.groups_below(work.tx, work.who, region.code, digits, judge.asks)
    for row in rows:
        tallies.setdefault(row.key, Counter())[judge.site(row).colour] += row.sites
    if work.who.role not in REGION_ROLES:
        _require_known(work.who, region.code, is_seen=bool(rows))
    names = regions.at_level(work.tx, region.code, digits)
    for below in names:
        if work.who.role in REGION_ROLES and work.who.covers(below):
            tallies.setdefault(below, Counter())
    items = [
        _coloured(code, names.get(code, region.name), tallies[code], judge.rules) for code in sorted(tallies)
    ]
    return _shown(work, region, sum(tallies.values(), Counter()), judge.rules, items)


def _of_sites(work: Work, region: RegionRef, place: Village | Grid) -> ShownRisk:
    judge = _Judge(work)
    rows = risk_queries.sites_at(work.tx, work.who, place, judge.asks)
    if work.who.role not in REGION_ROLES or isinstance(place, Grid):
        _require_known(work.who, region.code, is_seen=bool(rows))
    sites = [_coloured_site(row, judge.site(row)) for row in rows]
    sites.sort(key=lambda site: (_badness(site.colour), site.id))
    tally: Tally = Counter(site.colour for site in sites)
    return _shown(work, region, tally, judge.rules, [], sites[:_MOST_SITES])


def _require_known(who: Caller, code: str, *, is_seen: bool) -> None:
    """A place is there for who sees a site in it, or has a grid in it."""
    has_grid = who.role in ("inspector", "expert") and any(grid.startswith(code) for grid in who.grids)
    if not is_seen and not has_grid:
        raise Refusal(Code.NOT_FOUND)


def _name_around(work: Work, grid: str) -> str:
    """Of the smallest division that a grid's code begins with."""
    cuts = regions.around(grid)
    names = regions.names(work.tx, cuts)
    return next((names[cut] for cut in cuts if cut in names), "")


class _Judge:
    """Colours sites by the rules, at the moment of the work; what is alike is judged once."""

    def __init__(self, work: Work) -> None:
        self.rules = work.rules.risk
        today, highest = civil_date(work.now), tops(self.rules.site)
        longest = min(highest["longest_overdue_days"], (today - _FIRST_DAY).days)
        self.asks = Judged(
            work.now,
            civil_moment(today, time.min),
            highest,
            civil_moment(today - timedelta(days=longest), time.min),
        )
        self._now = work.now
        self._judged: dict[object, SiteRisk] = {}

    def site(self, row: AnyRow) -> SiteRisk:
        longest = 0 if row.late_since is None else overdue_days(row.late_since, self._now)
        counts = HazardCounts(**{name: getattr(row, name) for name in COUNTS}, longest_overdue_days=longest)
        alike = (row.industry, row.risk, row.facts, counts)
        if alike not in self._judged:
            facts = {**msgspec.json.decode(row.facts), "industry": row.industry, "risk": row.risk}
            self._judged[alike] = risk_by_counts(facts, counts, self.rules.site)
        return self._judged[alike]


def _shown(
    work: Work,
    region: RegionRef,
    tally: Tally,
    rules: RiskRules,
    items: list[Coloured],
    sites: list[ColouredSite] | UnsetType = UNSET,
) -> ShownRisk:
    risk = region_risk(tally.elements(), rules.region)
    return ShownRisk(
        region=region,
        as_of=work.now,
        partial=sees_a_part(work.who, region.code),
        colour=risk.colour,
        counts=_counts(tally),
        rule=risk.rule,
        items=items,
        sites=sites,
    )


def _coloured(code: str, name: str, tally: Tally, rules: RiskRules) -> Coloured:
    colour = region_risk(tally.elements(), rules.region).colour
    return Coloured(code=code, name=name, colour=colour, counts=_counts(tally))


def _coloured_site(row: AnyRow, risk: SiteRisk) -> ColouredSite:
    return ColouredSite(id=row.id, name=row.name, colour=risk.colour, rules=risk.rules)


def _counts(tally: Tally) -> ColourCounts:
    return ColourCounts(**{colour: tally[colour] for colour in COLOURS}, unknown=tally[None])


def _badness(colour: Colour | None) -> int:
    return len(COLOURS) if colour is None else COLOURS.index(colour)


def sees_a_part(who: Caller, code: str) -> bool:
    """Only who has a region with all that lies in it sees the whole of it."""
    if who.role not in REGION_ROLES or who.industries:
        return True
    return not who.covers(code) or any(region.startswith(code) for region in who.excluded)
