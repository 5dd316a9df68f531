"""Any past moment can be asked for: the answer is what the live answer was when it was that moment."""

import importlib.util
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import pytest
import sqlalchemy as sa

from inspect_api.actions.list_hazards import HazardList, list_hazards
from inspect_api.actions.show_hazard import show_hazard
from inspect_api.actions.summarise_overdue import OverdueSummary, summarise_overdue
from inspect_api.actions.work import Work
from inspect_api.errors import Code, Refusal
from inspect_api.store.hazard_queries import HazardFilter
from inspect_api.store.hazards import HAZARD
from inspect_api.store.overdue_queries import By
from inspect_api.store.past_hazards import FIXED, HAZARD_PAST
from sync.entities import HazardDetail
from tests.actions.bench import GENERAL, Bench, found_at, sha
from tests.actions.story import Story

BYS: tuple[By, ...] = ("region", "industry", "grade", "enterprise", "step")
ASKED = (
    HazardFilter(), HazardFilter(overdue=True), HazardFilter(region="652327101"),
    HazardFilter(overdue_by="regulator", grade="general"), HazardFilter(status=["closed", "rectifying"]),
)  # fmt: skip


def listed(
    bench: Bench, who: str, wanted: HazardFilter, as_of: datetime | None = None, limit: int = 200
) -> list[bytes]:
    """Every page, as bytes: nothing of an answer is left out of the comparison."""
    items: list[bytes] = []
    cursor = None
    while True:

        def ask(work: Work, cursor: str | None = cursor) -> HazardList:
            return list_hazards(work, wanted, "-due_at", limit, cursor, as_of)

        page = bench.app.read(ask, bench.caller(who))
        items += [msgspec.json.encode(hazard) for hazard in page.items]
        if (cursor := page.cursor) is None:
            return items


def summed(bench: Bench, who: str, by: By, as_of: datetime | None = None) -> OverdueSummary:
    return bench.app.read(lambda work: summarise_overdue(work, None, by, as_of), bench.caller(who))


def shown(bench: Bench, who: str, hazard: UUID, as_of: datetime | None = None) -> HazardDetail:
    found = bench.app.read(lambda work: show_hazard(work, hazard, as_of), bench.caller(who))
    # of the bytes of a photo the present is told
    photos = [msgspec.structs.replace(p, stored=False, size=0, content_type="", rev=1) for p in found.photos]
    return msgspec.structs.replace(found, photos=photos)


def everything(bench: Bench, as_of: datetime | None = None) -> dict[str, Any]:
    """What the register says at one moment, in every way of asking."""
    whole = listed(bench, "county", ASKED[0], as_of)
    ids = [UUID(msgspec.json.decode(one)["id"]) for one in whole]
    return {
        "lists": [listed(bench, "county", wanted, as_of) for wanted in ASKED],
        "paged": listed(bench, "county", ASKED[0], as_of, 7),
        "sums": [summed(bench, "county", by, as_of) for by in BYS],
        "hazards": [shown(bench, "county", hazard, as_of) for hazard in ids[::5]],
    }


def test_the_past_is_what_it_was_when_it_was_the_present(bench: Bench) -> None:
    story = Story(bench, 1)
    seen: dict[datetime, dict[str, Any]] = {}
    for n, _ in enumerate(story.steps(90)):
        if n % 9 == 0:
            bench.wait(minutes=story.die.randint(0, 59))
            seen[bench.now()] = everything(bench)
    for moment, then in seen.items():
        assert everything(bench, moment) == then
    assert len({len(then["lists"][0]) for then in seen.values()}) > 5
    assert sum(sums.total.overdue for then in seen.values() for sums in then["sums"]) > 50


def test_the_migration_makes_the_same_past_from_the_histories(bench: Bench) -> None:
    for _ in Story(bench, 3).steps(60):
        pass
    made, rows = states(bench), [row._asdict() for row in bench.rows(HAZARD_PAST)]
    with bench.app.db.write() as tx:
        tx.execute(sa.delete(HAZARD_PAST))
        migration()._fill(tx, HAZARD_PAST)
    again = states(bench)
    with bench.app.db.write() as tx:
        tx.execute(sa.delete(HAZARD_PAST))
        tx.execute(sa.insert(HAZARD_PAST), rows)
    assert len(made) > 40
    assert again == made


def states(bench: Bench) -> dict[object, dict[str, Any]]:
    """Where two differ in the photos awaited alone, no history tells when one became the other."""
    found: dict[object, dict[str, Any]] = {}
    for row in sorted(bench.rows(HAZARD_PAST), key=lambda row: (row.id, row.until)):
        plain = row._asdict()
        plan, _awaited = plain.pop("plan"), plain.pop("evidence_pending")
        since, until = plain.pop("updated_at"), plain.pop("until")
        key = (row.id, row.events)
        if key in found:
            found[key]["until"] = until
        else:
            found[key] = plain | {"goals": plan and plan["goals"], "since": since, "until": until}
    return found


def migration() -> Any:
    file = Path(__file__).parents[2] / "migrations" / "versions" / "0008_past_hazards.py"
    spec = importlib.util.spec_from_file_location("past_hazards", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_column_of_a_hazard_is_fixed_or_kept() -> None:
    """A column that is added to the register belongs into its past, unless nothing ever changes it."""
    assert {column.name for column in HAZARD.c} - FIXED - {"head"} == set(HAZARD_PAST.c.keys()) - {"until"}


def test_what_was_not_known_yet_was_not_there(bench: Bench) -> None:
    op = bench.inspect(GENERAL[0])
    before = bench.now()
    bench.wait(hours=1)
    bench.do("inspector1", op)
    hazard = found_at(op, GENERAL[0])
    for who, as_of, code in (
        ("county", before, Code.NOT_FOUND),
        ("officer9", bench.now(), Code.NOT_FOUND),
        ("county", datetime.fromisoformat("2199-01-01T00:00:00Z"), Code.MALFORMED_QUERY),
    ):
        with pytest.raises(Refusal) as refused:
            shown(bench, who, hazard, as_of)
        assert refused.value.code is code
    assert listed(bench, "county", HazardFilter(), before) == []


def test_who_sees_a_hazard_now_sees_its_past(bench: Bench) -> None:
    """And nobody else: a grid that was taken shows nothing of what it once held."""
    op = bench.inspect(GENERAL[0])
    bench.do("inspector1", op)
    moment = bench.now()
    bench.wait(days=1)
    bench.do("enterprise1", bench.rectify(found_at(op, GENERAL[0]), photos=[sha("后")]))
    assert len(listed(bench, "inspector1", HazardFilter(), moment)) == 1
    bench.dress("inspector1", "inspector1", grids=frozenset())
    assert listed(bench, "inspector1", HazardFilter(), moment) == []
    bench.dress("inspector1", "inspector1", grids=frozenset({"652327100001001"}))
