"""The filter of every query says exactly what `Caller.sees` says."""

from types import SimpleNamespace
from uuid import UUID

import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from inspect_api.domain.access import READERS, Caller
from inspect_api.store.database import Database
from inspect_api.store.enterprises import INDUSTRIES
from inspect_api.store.hazards import HAZARD
from inspect_api.store.scope import visible
from inspect_api.store.sites import SITE
from tests.queries.world import GRIDS, REGIONS, World, caller, make_world

PREFIXES = [*REGIONS, "6", "65232", "6523271", "659", "99", "652327100001001", ""]
OWNERS = [row["id"] for row in make_world().enterprises]

callers = st.builds(
    caller,
    st.sampled_from([*sorted(READERS), "security_admin"]),
    regions=st.lists(st.sampled_from(PREFIXES), max_size=3).map(tuple),
    excluded=st.lists(st.sampled_from(PREFIXES), max_size=2).map(tuple),
    grids=st.lists(st.sampled_from([*filter(None, GRIDS), "652327100001003"]), max_size=3).map(tuple),
    industries=st.lists(st.sampled_from(INDUSTRIES), max_size=3).map(tuple),
    enterprise_id=st.sampled_from([*OWNERS, UUID(int=5), None]),
)


@given(who=callers)
@settings(max_examples=60, deadline=None)
def test_sql_sees_what_the_caller_sees(db: Database, world: World, who: Caller) -> None:
    with db.read() as tx:
        hazards = set(tx.execute(sa.select(HAZARD.c.id).where(visible(HAZARD, who))).scalars())
        sites = set(tx.execute(sa.select(SITE.c.id).where(visible(SITE, who))).scalars())
    assert hazards == {line.id for line in world.seen_by(who)}
    assert sites == {row["id"] for row in world.sites if who.sees(SimpleNamespace(**row))}


def test_a_security_administrator_sees_no_records(db: Database, world: World) -> None:
    who = caller("security_admin", regions=("65",), enterprise_id=OWNERS[0], grids=("G-7",))
    with db.read() as tx:
        assert tx.execute(sa.select(HAZARD.c.id).where(visible(HAZARD, who))).all() == []


def test_the_township_of_the_corps_is_not_the_countys(db: Database, world: World) -> None:
    who = caller("officer", regions=("652327",), excluded=("652327500",))
    with db.read() as tx:
        codes = set(tx.execute(sa.select(HAZARD.c.region_code).where(visible(HAZARD, who))).scalars())
    assert "652327500" not in codes
    assert {"652327100", "652327101"} <= codes


def test_many_regions_of_one_level_are_seen_as_each_of_them_is(db: Database, world: World) -> None:
    who = caller("regulator", regions=("65", "652327", "659001", *(f"11{n:04}" for n in range(9))))
    counties = who._replace(regions=who.regions[1:])
    for seer in (who, counties):
        with db.read() as tx:
            hazards = set(tx.execute(sa.select(HAZARD.c.id).where(visible(HAZARD, seer))).scalars())
        assert hazards == {line.id for line in world.seen_by(seer)} != set()
