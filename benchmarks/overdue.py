"""What is overdue, of a nation: list and summary for big, small and rare places, and what they cost a push.

`python -m benchmarks.overdue [hazards] [DATABASE_URL]`; without a URL in a PostgreSQL of its own. The floor
of a list is to read as many hazards by their ids.
"""

import sys
from collections.abc import Callable
from functools import partial
from itertools import count
from time import perf_counter
from uuid import uuid4

import sqlalchemy as sa

from benchmarks.measuring import compare, machine, report
from benchmarks.nation import NOW, RARE, filled
from inspect_api.actions.list_hazards import list_hazards
from inspect_api.actions.summarise_overdue import summarise_overdue
from inspect_api.domain.access import Caller
from inspect_api.store import hazard_queries, search_index, tallies
from inspect_api.store.database import Database
from inspect_api.store.hazard_queries import HazardFilter
from inspect_api.store.hazards import BUILT_BESIDE, HAZARD
from tests.queries.world import caller, work

ROUNDS = 300
LATE = HazardFilter(overdue=True)
_BATCH = 200


def main(hazards: int = 100_000, url: str = "") -> None:
    print(machine(), f"{hazards} hazards")
    with filled(url, hazards) as database:
        places = _places(database)
        _require_equal(database, places)
        _measure_lists(database, places, hazards)
        _measure_summaries(database, places, hazards)
        _measure_writing(database, hazards)


def _places(database: Database) -> dict[str, Caller]:
    """The biggest province, its biggest county, a middling province, and the rare one."""
    with database.read() as tx:
        sizes = tx.execute(
            sa.text(
                "SELECT substr(township, 1, 2) AS code, sum(open) AS size FROM hazard_tally"
                " GROUP BY code ORDER BY size DESC"
            )
        ).all()
        county = tx.execute(
            sa.text(
                "SELECT substr(township, 1, 6) AS code FROM hazard_tally GROUP BY code"
                " ORDER BY sum(open) DESC LIMIT 1"
            )
        ).scalar_one()
    report("overdue, open hazards of provinces", {row.code: int(row.size) for row in sizes})
    codes = {"nation": "", "big province": sizes[0].code, "province": sizes[8].code, "county": county}
    codes["rare province"] = RARE
    return {name: caller(regions=(code,)) for name, code in codes.items()}


def _require_equal(database: Database, places: dict[str, Caller]) -> None:
    """The summary is the number of rows in the list."""
    with database.read() as tx:
        for who in (places["rare province"], places["county"]):
            total = summarise_overdue(work(tx, who, NOW), None, "region", None).total.overdue
            listed, cursor = 0, None
            while listed == 0 or cursor is not None:
                page = list_hazards(work(tx, who, NOW), LATE, "due_at", 200, cursor, None)
                listed, cursor = listed + len(page.items), page.cursor
                if not page.items:
                    break
            if listed != total:
                raise AssertionError(f"{who.regions}: {listed} listed, {total} counted")


def _measure_lists(database: Database, places: dict[str, Caller], hazards: int) -> None:
    with database.read() as tx:
        ids = list(tx.execute(sa.select(HAZARD.c.id).limit(50)).scalars())
        everyone = places["nation"]
        floor = _spread(lambda: hazard_queries.by_ids(tx, ids, everyone))["p50_ms"]
        for name, who in places.items():
            times = _spread(partial(hazard_queries.page, tx, LATE, who, NOW, "due_at", None, 50))
            figures = {"what": "list", "place": name, "hazards": hazards}
            report("overdue", {**figures, **times, "x_by_ids": times["p50_ms"] / floor})


def _measure_summaries(database: Database, places: dict[str, Caller], hazards: int) -> None:
    with database.read() as tx:
        for name, who in places.items():
            counted = _spread(partial(summarise_overdue, work(tx, who, NOW), None, "region", None), 60)
            begin = perf_counter()
            summarise_overdue(work(tx, who, NOW), None, "region", NOW)
            rows = (perf_counter() - begin) * 1000
            figures = {"what": "summary", "place": name, "hazards": hazards, "counting_the_rows_ms": rows}
            report("overdue", {**figures, **counted})


def _spread(run: Callable[[], object], rounds: int = ROUNDS) -> dict[str, float]:
    times = []
    for _ in range(rounds):
        begin = perf_counter()
        run()
        times.append((perf_counter() - begin) * 1000)
    times.sort()
    return {"p50_ms": times[rounds // 2], "p99_ms": times[int(rounds * 0.99)]}


def _measure_writing(database: Database, hazards: int) -> None:
    """New hazards in one transaction, which is rolled back: with and without indexes, notes."""
    with database.read() as tx:
        rows = [
            dict(row._mapping)
            for row in tx.execute(sa.select(HAZARD).where(HAZARD.c.due_at.is_not(None)).limit(_BATCH))
        ]
    number = count()

    def write(*, noted: bool, indexed: bool) -> None:
        fresh = [row | {"id": uuid4(), "number": f"9-{next(number)}"} for row in rows]
        with database.engine.connect() as tx:
            if not indexed:
                for index in BUILT_BESIDE:
                    tx.execute(sa.text(f'DROP INDEX "{index.name}"'))
            begin = perf_counter()
            tx.execute(sa.insert(HAZARD), fresh)
            if noted:
                search_index.note(tx, [row["id"] for row in fresh])
                tallies.note(tx, [row["region_code"] for row in fresh[:1]])
            taken.append(perf_counter() - begin)
            tx.rollback()

    taken: list[float] = []
    runs = {
        "bare": lambda: write(noted=False, indexed=False),
        "indexed": lambda: write(noted=False, indexed=True),
        "noted": lambda: write(noted=True, indexed=True),
    }
    compare(runs, rounds=15, times=1)
    each = {name: sorted(taken[n::3])[7] / _BATCH * 1e6 for n, name in enumerate(runs)}
    report("overdue", {"what": "writing, us a hazard", "hazards": hazards, **each})


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]), *sys.argv[2:])
