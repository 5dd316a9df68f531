"""The colours of a region are those of its sites, one by one, and of nothing outside the caller's scope."""

import contextlib
from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checklists.risk import OpenHazard, SiteRisk, region_risk, site_risk
from inspect_api.actions.show_risk import ColourCounts, ShownRisk, show_risk
from inspect_api.actions.summarise_overdue import level_below
from inspect_api.domain.access import REGION_ROLES, Caller
from inspect_api.domain.deadline import overdue_days
from inspect_api.errors import Code, Refusal
from inspect_api.store.database import Database
from tests.queries.test_hazard_list import callers
from tests.queries.world import COUNTY, GRIDS, NOW, PROVINCE, REGIONS, RULES, Line, World, caller, work

PLACES = [*REGIONS, *(grid for grid in GRIDS if grid is not None), "11", "652327999", "6523271000010", "网格"]


def ask(db: Database, who: Caller, code: str) -> ShownRisk | None:
    with db.read() as tx, contextlib.suppress(_NotFound):
        try:
            return show_risk(work(tx, who), code)
        except Refusal as refusal:
            raise (_NotFound if refusal.code is Code.NOT_FOUND else refusal) from None
    return None


class _NotFound(Exception):
    """Refused as what does not exist."""


def days_late(line: Line) -> int:
    if line.due_at is None or line.due_at >= NOW or line.due_party != "enterprise":
        return 0
    since = line.due_at
    if line.due_kind == "rectification" and line.first_due_at is not None:
        since = min(since, line.first_due_at)
    return overdue_days(since, NOW)


def judged(world: World, who: Caller) -> dict[object, SiteRisk]:
    """Every site that somebody sees, by the rules of `checklists.risk` alone."""
    found = {}
    for site in world.sites:
        if not who.sees(Placed(site)):
            continue
        hazards = [
            OpenHazard("major" if line.suspected_major else line.grade, line.suspected_major, days_late(line))
            for line in world.seen_by(who)
            if line.is_open and line.site_id == site["id"]
        ]
        facts = {**site["facts"], "industry": site["industry"], "risk": site["risk"]}
        found[site["id"]] = site_risk(facts, hazards, RULES.risk.site)
    return found


class Placed:
    def __init__(self, site: dict[str, object]) -> None:
        self.__dict__.update(site)

    region_code: str
    grid_code: str | None
    enterprise_id: None
    industry: str


def counts(colours: Counter[str | None]) -> ColourCounts:
    return ColourCounts(
        red=colours["red"], orange=colours["orange"], yellow=colours["yellow"], blue=colours["blue"],
        unknown=colours[None],
    )  # fmt: skip


@given(who=callers, code=st.sampled_from(PLACES))
@settings(max_examples=120, deadline=None)
def test_a_region_is_its_sites(db: Database, world: World, who: Caller, code: str) -> None:
    known = judged(world, who)
    is_region = code in REGIONS
    inside = {
        site["id"]: site
        for site in world.sites
        if site["id"] in known
        and (site["region_code"].startswith(code) if is_region else site["grid_code"] == code)
    }
    shown = ask(db, who, code)
    if shown is None:
        assert not inside or (who.role in REGION_ROLES and is_region and not who.covers(code))
        return
    colours = Counter(known[site_id].colour for site_id in inside)
    assert shown.counts == counts(colours)
    expected = region_risk(colours.elements(), RULES.risk.region)
    assert (shown.colour, shown.rule) == (expected.colour, expected.rule)
    if is_region and len(code) < 12:
        below: dict[str, Counter[str | None]] = {}
        for site in inside.values():
            below.setdefault(site["region_code"][: level_below(code)], Counter())[
                known[site["id"]].colour
            ] += 1
        assert {one.code: one.counts for one in shown.items if one.counts != counts(Counter())} == {
            key: counts(tally) for key, tally in below.items()
        }
        assert all(one.name == REGIONS[one.code] for one in shown.items)
    else:
        assert shown.items == []
        assert {site.id: (site.colour, site.rules) for site in shown.sites or ()} == {
            site_id: (known[site_id].colour, known[site_id].rules) for site_id in inside
        }


def test_every_division_below_is_listed_also_the_empty_ones(db: Database, world: World) -> None:
    shown = ask(db, COUNTY, "652327")
    assert shown is not None
    assert {one.code for one in shown.items} - {"652327"} == {"652327100", "652327101"}
    assert (shown.region.name, shown.partial) == ("吉木萨尔县", True)  # the farm of the XPCC is not its own
    whole = ask(db, PROVINCE, "65")
    assert whole is not None
    assert ({one.code for one in whole.items}, whole.partial) == ({"6523", "6590"}, False)


@pytest.mark.parametrize(
    ("who", "codes"),
    [
        (COUNTY, ("65", "6523", "652327500", "652328", "659001", "110000", "")),
        (caller("inspector", grids=("652327100001001",)), ("11", "652327100001002", "G-7")),
        (caller("enterprise"), ("65", "652327100001001")),
        (caller("security_admin", regions=("65",)), ("65", "652327")),
    ],
)
def test_what_lies_outside_does_not_exist(
    db: Database, world: World, who: Caller, codes: tuple[str, ...]
) -> None:
    assert [ask(db, who, code) for code in codes] == [None] * len(codes)


def test_a_grid_without_sites_is_there_for_its_inspector(db: Database, world: World) -> None:
    who = caller("inspector", grids=("652327100001999",))
    for code in ("652327100001999", "652327100001", "652327"):
        shown = ask(db, who, code)
        assert shown is not None
        assert (shown.colour, shown.partial, shown.items) == (None, True, [])
    assert ask(db, who, "652327101") is None


@pytest.mark.parametrize("code", ["\x00", "6" * 25, "65\ud800", "65'--", "%"])
def test_a_strange_code_is_no_region(db: Database, world: World, code: str) -> None:
    assert ask(db, PROVINCE, code) is None


def test_the_worst_site_comes_first(db: Database, world: World) -> None:
    order = ["red", "orange", "yellow", "blue", None]
    for grid in ("652327100001001", "G-7"):
        shown = ask(db, PROVINCE, grid)
        assert shown is not None
        assert shown.sites
        places = [order.index(site.colour) for site in shown.sites]
        assert places == sorted(places)


def test_a_hazard_is_late_from_the_day_after(db: Database, world: World) -> None:
    """As a summary counts days: what is due today is not overdue by a day yet."""
    with db.read() as tx:
        at = work(tx, PROVINCE, NOW + timedelta(days=400))
        later = show_risk(at, "65")
    today = ask(db, PROVINCE, "65")
    assert today is not None
    assert later.counts.red + later.counts.orange >= today.counts.red + today.counts.orange
