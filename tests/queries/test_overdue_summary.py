"""The summary is the list, counted."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from inspect_api.actions.summarise_overdue import OverdueSummary, level_below, scope_root, summarise_overdue
from inspect_api.domain.access import Caller
from inspect_api.domain.hazard import OPEN
from inspect_api.errors import Code, Refusal
from inspect_api.store import tallies
from inspect_api.store.database import Database
from inspect_api.store.hazard_queries import HazardFilter
from inspect_api.store.overdue_queries import By
from inspect_api.store.schema import add_rows
from inspect_api.store.tallies import UNTALLIED
from sync.entities import Hazard
from tests.queries.summing import KEYS, counted, sums_of
from tests.queries.test_hazard_list import callers, walk
from tests.queries.world import COUNTY, NOW, PLACES, PROVINCE, World, caller, work

REGIONS = [None, "65", "652", "6523", "652327", "652327100", "652327100001", "11"]


def ask(
    db: Database,
    who: Caller,
    region: str | None = None,
    by: By = "region",
    now: datetime = NOW,
    as_of: datetime | None = None,
) -> OverdueSummary:
    with db.read() as tx:
        return summarise_overdue(work(tx, who, now), region, by, as_of)


@given(
    who=callers,
    region=st.sampled_from(REGIONS),
    by=st.sampled_from(["region", *KEYS]),
    ahead=st.sampled_from([timedelta(0), timedelta(days=-3), timedelta(seconds=1)]),
    townships=st.sampled_from([0, 3, 100]),
)
@settings(max_examples=45, deadline=None)
def test_summary_equals_list(
    db: Database, world: World, who: Caller, region: str | None, by: By, ahead: timedelta, townships: int
) -> None:
    """Whether none, some or all townships were counted ahead, lately or before something fell due."""
    with db.write() as tx:
        tallies.note(tx, PLACES)
        tallies.recount(tx, NOW + ahead, townships)
    summary = ask(db, who, region, by)
    hazards = walk(db, who, HazardFilter(region=region), "due_at", 200)
    digits = level_below(scope_root(who) if region is None else region)
    by_region: Callable[[Hazard], object] = lambda hazard: hazard.region.code[:digits]  # noqa: E731
    key = KEYS.get(by, by_region)
    groups: dict[object, list[Hazard]] = {}
    for hazard in hazards:
        if hazard.status in OPEN or hazard.overdue:
            groups.setdefault(key(hazard), []).append(hazard)
    assert {group.key: sums_of(group) for group in summary.items} == {
        value: counted(members) for value, members in groups.items()
    }
    assert sums_of(summary.total) == counted(hazards)
    assert summary.total.overdue == len(walk(db, who, HazardFilter(region=region, overdue=True)))


@pytest.mark.parametrize(
    ("who", "region", "keys"),
    [
        (PROVINCE, None, {"6523", "6590"}),
        (PROVINCE, "6523", {"652327", "652328"}),
        (COUNTY, None, {"652327", "652327100", "652327101"}),
        (COUNTY, "65", {"6523"}),
        (caller(regions=("652327", "652328")), None, {"652327", "652328"}),
        (COUNTY, "652327500", set()),
    ],
)
def test_regions_are_grouped_by_the_level_below(
    db: Database, world: World, who: Caller, region: str | None, keys: set[str]
) -> None:
    assert {group.key for group in ask(db, who, region).items} == keys


def test_groups_have_names(db: Database, world: World) -> None:
    assert {g.key: g.name for g in ask(db, PROVINCE).items}["6523"] == "昌吉回族自治州"
    assert {g.name for g in ask(db, PROVINCE, by="grade").items} == {"一般隐患", "重大事故隐患"}
    assert {g.key: g.name for g in ask(db, PROVINCE, by="step").items}["2"] == "督办"
    owners = {str(row["id"]): row["name"] for row in world.enterprises} | {None: "无责任企业"}
    for group in ask(db, PROVINCE, by="enterprise").items:
        assert group.name == owners[group.key]


def test_the_moment_of_a_list_serves_the_summary_too(db: Database, world: World) -> None:
    later = NOW + timedelta(days=400)
    assert ask(db, PROVINCE, now=later, as_of=NOW) == ask(db, PROVINCE)
    with pytest.raises(Refusal) as refused:
        ask(db, PROVINCE, as_of=NOW + timedelta(minutes=2))
    assert refused.value.code is Code.MALFORMED_QUERY


def test_a_worker_that_was_away_for_long_takes_all_notes_away(db: Database, world: World) -> None:
    """More of them than PostgreSQL takes parameters for a statement."""
    with db.write() as tx:
        add_rows(tx, UNTALLIED, [{"township": PLACES[0][:9]}] * 66_000)
        tallies.note(tx, PLACES)
        assert tallies.recount(tx, NOW, 100) == len({code[:9] for code in PLACES})
        assert tx.execute(sa.select(sa.func.count()).select_from(UNTALLIED)).scalar_one() == 0


def test_more_townships_than_are_found_one_by_one_are_counted_in_one_pass(db: Database, world: World) -> None:
    with db.write() as tx:
        tallies.note(tx, (*PLACES, *(f"11{n:07}" for n in range(2001))))
        assert tallies.recount(tx, NOW, 5000) > 2001
    assert ask(db, PROVINCE) == ask(db, PROVINCE, as_of=NOW)
