"""Any sequence of giving, taking, moving, capturing, pushing and pulling in pages.

Whenever a phone has pulled all there is, it holds what a new phone of the same person would; and every
operation is judged by what its author saw when he captured it, as a list of all past moments says.
"""

from typing import Any, NamedTuple
from uuid import UUID

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inspect_api.actions import change_scope
from inspect_api.actions.move_site import move_site
from inspect_api.store.hazards import HAZARD
from inspect_api.store.operations import OPERATION
from inspect_api.store.photos import PHOTO
from inspect_api.store.sites import SITE
from tests.http.serving import Served
from tests.scope.county import County, Phone, Pulled

pytestmark = pytest.mark.long

GRIDS = range(4)  # 0 and 1 in one village, 2 in another of the same township, 3 in another township
SITES = range(4)
PEOPLE = ("网格员", "执法员", "村干部", "厂长")

grid = st.sampled_from(GRIDS)
site = st.sampled_from(SITES)
person = st.sampled_from(PEOPLE)
steps = st.one_of(
    st.tuples(st.just("give"), grid),
    st.tuples(st.just("take"), grid),
    st.tuples(st.just("move"), site, grid),
    st.tuples(st.just("happens"), site),
    st.tuples(st.just("capture"), site),
    st.tuples(st.just("push")),
    st.tuples(st.just("exclude"), st.sampled_from(["town", "village"]), st.booleans()),
    st.tuples(st.just("page"), person, st.integers(1, 4)),
    st.tuples(st.just("pull"), person, st.integers(1, 7)),
)


class Moment(NamedTuple):
    """Which grids the inspector had from here on, and where the sites lay."""

    at: Any
    grids: frozenset[str]
    places: tuple[str, ...]


class World:
    """A county, and beside it a list of all its past moments."""

    def __init__(self, served: Served) -> None:
        county = self.county = County.found(served.app, served.clock)
        self.grids = [county.grid(1, 1), county.grid(1, 2), county.grid(1, 1, village=2), county.grid(2)]
        county.join("网格员", "inspector", grids=self.grids[:1])
        county.join("执法员", "officer", regions=[county.code])
        county.join("村干部", "officer", regions=[county.village(1, 2), county.town(2)])
        county.join("厂长", "enterprise", firm=True)
        county.join("本地人", "inspector", grids=self.grids)
        self.phones = {name: county.phone(name) for name in PEOPLE}
        self.local = county.phone("本地人")
        self.told = {name: Pulled() for name in PEOPLE}
        self.places = [self.grids[n] for n in (0, 0, 2, 3)]
        self.sites = [county.build(place, firm=n != 3) for n, place in enumerate(self.places)]
        self.held = {self.grids[0]}
        self.outbox: list[tuple[Any, int, dict[str, Any]]] = []
        self.filed: list[tuple[int, dict[str, Any]]] = []
        self.past: list[Moment] = []
        self.note()

    def note(self) -> None:
        """This is how it is from now on; a minute goes by."""
        self.past.append(Moment(self.county.clock.now(), frozenset(self.held), tuple(self.places)))
        self.county.later(minutes=1)

    def do(self, step: tuple[Any, ...]) -> None:
        getattr(self, step[0])(*step[1:])
        self.note()

    def give(self, n: int) -> None:
        code = self.grids[n]
        assert self.county.change(change_scope.give_grid, "网格员", code) == (code not in self.held)
        self.held.add(code)

    def take(self, n: int) -> None:
        code = self.grids[n]
        assert self.county.change(change_scope.take_grid, "网格员", code) == (code in self.held)
        self.held.discard(code)

    def move(self, n: int, where: int) -> None:
        self.county.change(move_site, self.sites[n], self.grids[where])
        self.places[n] = self.grids[where]

    def exclude(self, what: str, is_out: bool) -> None:
        code = self.county.town(1) if what == "town" else self.county.village(1)
        if is_out:
            self.county.change(change_scope.give_region, "执法员", code, excluded=True)
            self.county.change(change_scope.give_region, "村干部", code)
        else:
            self.county.change(change_scope.take_region, "执法员", code)
            self.county.change(change_scope.take_region, "村干部", code)

    def happens(self, n: int) -> None:
        """An inspection with a finding and its photo, by somebody who sees all."""
        op = self.local.inspect(self.sites[n])
        photo = {"sha256": f"{len(self.past):064x}", "size": 9, "content_type": "image/jpeg"}
        taken = {**photo, "taken_at": self.county.clock.now().isoformat()}
        op["body"] |= {"photos": [taken]}
        op["body"]["answers"][0] |= {"photos": [photo["sha256"]]}
        assert self.local.push(op)[0]["code"] == "applied"

    def capture(self, n: int) -> None:
        phone = self.phones["网格员"]
        op = phone.inspect(self.sites[n]) if len(self.past) % 2 else phone.report(site_id=self.sites[n])
        self.outbox.append((self.county.clock.now(), n, op))

    def push(self) -> None:
        waiting, self.outbox = self.outbox, []
        outcomes = self.phones["网格员"].push(*(op for _, _, op in waiting))
        for (at, n, op), outcome in zip(waiting, outcomes, strict=True):
            reason = outcome["problem"]["code"] if "problem" in outcome else "scope_moved" in outcome["flags"]
            assert (outcome["code"], reason) == self.expected(at, n), (at, n, outcome)
            self.filed.append((n, op))

    def expected(self, at: Any, n: int) -> tuple[str, str | bool]:
        if self.places[n] in self.held:
            return "applied", False
        then = next(moment for moment in reversed(self.past) if moment.at <= at)
        if then.places[n] in then.grids:
            return "applied", True
        if any(moment.places[n] in moment.grids for moment in self.past):
            return "quarantined", "scope_revoked"
        return "held", "unknown_entity"

    def page(self, name: str, limit: int) -> None:
        """Not all of it, perhaps."""
        told = self.phones[name].pull(limit, pages=1)
        self.told[name].added += told.added
        self.told[name].removed += told.removed
        if told.is_whole:
            self.compare(name)

    def pull(self, name: str, limit: int) -> None:
        told = self.phones[name].pull(limit)
        self.told[name].added += told.added
        self.told[name].removed += told.removed
        self.compare(name)

    def compare(self, name: str) -> None:
        phone: Phone = self.phones[name]
        assert phone.store == phone.fresh(limit=50)
        if name == "网格员":
            added, removed = self.told[name].added, self.told[name].removed
            streams = {s for s in added if added.count(s) > removed.count(s)}
            assert {s for s in streams if s.startswith("grid:")} == {f"grid:{code}" for code in self.held}
            assert phone.ids("site") == {
                str(self.sites[n]) for n, place in enumerate(self.places) if place in self.held
            }

    def check(self) -> None:
        """Nothing is lost, nothing waits that need not; a site, its hazards and their photos lie together."""
        for name in PEOPLE:
            self.pull(name, 3)
        codes = self.codes()
        for n, op in self.filed:
            code = codes[UUID(op["op_id"])]
            assert code in ("applied", "quarantined", "held")
            assert code == "applied" or self.places[n] not in self.held
        with self.county.app.db.read() as tx:
            query = sa.select(HAZARD.c.grid_code, SITE.c.grid_code, PHOTO.c.grid_code)
            query = query.join(SITE, SITE.c.id == HAZARD.c.site_id).outerjoin(
                PHOTO, PHOTO.c.hazard_id == HAZARD.c.id
            )
            for hazard, its_site, photo in tx.execute(query.where(SITE.c.id.in_(self.sites))):
                assert hazard == its_site
                assert photo in (None, its_site)

    def codes(self) -> dict[UUID, str]:
        with self.county.app.db.read() as tx:
            query = sa.select(OPERATION.c.filed_id, OPERATION.c.code)
            ids = [UUID(op["op_id"]) for _, op in self.filed]
            return {row[0]: row[1] for row in tx.execute(query.where(OPERATION.c.filed_id.in_(ids)))}


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(story=st.lists(steps, min_size=5, max_size=30))
def test_any_sequence(served: Served, story: list[tuple[Any, ...]]) -> None:
    world = World(served)
    for step in story:
        world.do(step)
    world.check()
