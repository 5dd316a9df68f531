"""Whatever was done, wherever the workers were: the summary is the list counted, words find what has them."""

from collections.abc import Callable
from datetime import datetime
from random import Random

import pytest

from inspect_api.actions.index_hazards import index_hazards, seal_segment
from inspect_api.actions.list_hazards import list_hazards
from inspect_api.actions.move_site import move_site
from inspect_api.actions.summarise_overdue import level_below, scope_root, summarise_overdue
from inspect_api.actions.work import Work
from inspect_api.domain.access import Caller
from inspect_api.domain.hazard import OPEN
from inspect_api.domain.search import fold, searched_text
from inspect_api.jobs.loop import index_words
from inspect_api.store import search_index, tallies
from inspect_api.store.hazard_queries import HazardFilter
from inspect_api.store.hazards import HAZARD
from sync.entities import Hazard
from tests.actions.bench import GENERAL, Bench
from tests.actions.county import HERE, THERE, site_id
from tests.actions.story import Story
from tests.queries.summing import KEYS, counted, sums_of

WHO = (
    "county",
    "city",
    "officer1",
    "officer9",
    "inspector1",
    "inspector2",
    "enterprise1",
    "expert1",
    "admin",
)
REGIONS = (None, "65", "652327", "652327100", "65232710", "652327101001", "652328")


class Counting:
    """A story beside which workers index and count now and then, and regulators ask."""

    def __init__(self, bench: Bench, seed: int) -> None:
        self.bench, self.die, self.story = bench, Random(seed), Story(bench, seed)

    def work(self) -> None:
        app, most = self.bench.app, self.die.choice([1, 2, 500])
        doings: list[Callable[[Work], int]] = [
            lambda work: tallies.recount(work.tx, work.now, most),
            lambda work: index_hazards(work, most),
            seal_segment,
        ]
        for doing in doings:
            if self.die.random() < 0.4:
                app.write(doing)

    def walk(self, who: Caller, wanted: HazardFilter, as_of: datetime | None) -> list[Hazard]:
        """The whole list, while nothing changes."""
        found: list[Hazard] = []
        cursor, limit = None, self.die.choice([1, 7, 200])
        while True:
            page = self.bench.app.read(
                lambda work, cursor=cursor: list_hazards(work, wanted, "due_at", limit, cursor, as_of),  # type: ignore[misc]
                who,
            )
            found, cursor = found + page.items, page.cursor
            if cursor is None:
                return found

    def check_sums(self, as_of: datetime | None) -> None:
        who, region = self.bench.caller(self.die.choice(WHO)), self.die.choice(REGIONS)
        hazards = self.walk(who, HazardFilter(region=region), as_of)
        digits = level_below(scope_root(who) if region is None else region)
        by_region: Callable[[Hazard], object] = lambda hazard: hazard.region.code[:digits]  # noqa: E731
        for by, key in (KEYS | {"region": by_region}).items():
            summary = self.bench.app.read(lambda work, by=by: summarise_overdue(work, region, by, as_of), who)  # type: ignore[misc]
            groups: dict[object, list[Hazard]] = {}
            for hazard in hazards:
                if hazard.status in OPEN or hazard.overdue:
                    groups.setdefault(key(hazard), []).append(hazard)
            told = {group.key: sums_of(group) for group in summary.items}
            assert told == {value: counted(members) for value, members in groups.items()}, (
                who.role,
                region,
                by,
            )
            assert sums_of(summary.total) == counted(hazards)

    def check_words(self, as_of: datetime | None) -> None:
        who, region = self.bench.caller(self.die.choice(WHO)), self.die.choice(REGIONS)
        hazards = self.walk(who, HazardFilter(region=region), as_of)
        described = {row.id: row.description for row in self.bench.rows(HAZARD)}
        texts = {hazard.id: text_of(hazard, described[hazard.id]) for hazard in hazards}
        everything = sorted(set(texts.values())) or ["无"]
        word = self._word(self.die.choice(everything))
        found = self.walk(who, HazardFilter(region=region, q=word), as_of)
        wanted = [
            hazard.id for hazard in hazards if all(one in texts[hazard.id] for one in fold(word).split())
        ]
        assert [hazard.id for hazard in found] == wanted, (who.role, region, word)

    def _word(self, text: str) -> str:
        words = [word for word in text.split() if len(word) >= 2] or ["没有"]
        word = self.die.choice(words)
        begin = self.die.randrange(len(word) - 1)
        return word[begin : begin + self.die.choice([2, 2, 3, 6])]


def text_of(hazard: Hazard, description: str) -> str:
    site, owner = hazard.site, hazard.enterprise
    names = (site.name if site else None, owner.name if owner else None)
    return searched_text((hazard.number, hazard.title, description, *names))


@pytest.mark.soak
@pytest.mark.parametrize("seed", [2, 3])
def test_of_a_county_at_work(bench: Bench, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    monkeypatch.setattr(search_index, "SEGMENT", 8)
    counting = Counting(bench, seed)
    moments = [bench.now()]
    for _ in counting.story.steps(150):
        counting.work()
        for as_of in (None, bench.now(), counting.die.choice(moments)):
            counting.check_sums(as_of)
            counting.check_words(as_of)
        moments.append(bench.now())
        bench.wait(seconds=1)


def test_words_find_what_lay_in_a_region_then(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search_index, "SEGMENT", 8)
    bench.do("inspector1", bench.inspect(*GENERAL[:8], site="装卸站"))
    then = bench.now()
    for grid in (THERE, HERE):
        bench.wait(hours=1)
        bench.app.write(lambda work, grid=grid: move_site(work, site_id("装卸站"), grid))  # type: ignore[misc]
        index_words(bench.app)
        for region, at, there in (
            (HERE[:9], then, True),
            (THERE[:9], then, False),
            (HERE[:9], None, grid == HERE),
            (THERE[:9], None, grid == THERE),
        ):
            wanted = HazardFilter(region=region, q="装卸站")
            ask = lambda work, wanted=wanted, at=at: list_hazards(work, wanted, "due_at", 9, None, at)  # noqa: E731
            assert len(bench.app.read(ask, bench.caller("county")).items) == 8 * there, (region, at)
