"""The register at a past moment, and what keeping the past costs. `python -m benchmarks.past [hazards]`"""

import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from random import Random

import sqlalchemy as sa

from benchmarks.measuring import compare, machine, report
from inspect_api.actions.list_hazards import list_hazards
from inspect_api.actions.report_hazards import report_hazards
from inspect_api.actions.summarise_overdue import summarise_overdue
from inspect_api.domain.period import read_period
from inspect_api.store import past_hazards
from inspect_api.store.database import Database
from inspect_api.store.hazard_queries import HazardFilter
from inspect_api.store.hazards import HAZARD
from inspect_api.store.migrating import migrate
from inspect_api.store.past_hazards import HAZARD_PAST
from tests.postgres import PostgresServer
from tests.queries.world import NOW, PROVINCE, World, make_world, work

STATES = 4
"""How many times each hazard has changed."""

AGO = (timedelta(minutes=10), timedelta(days=10), timedelta(days=120))


def main(hazards: int = 100_000) -> None:
    print(machine(), f"{hazards} hazards, each changed {STATES} times")
    world = make_world(seed=7, hazards=hazards)
    for name, database in _databases():
        _fill(database, world)
        _measure(name, database)
        database.close()


@contextmanager
def _postgres() -> Iterator[str]:
    server = PostgresServer()
    server.start()
    try:
        yield server.url
    finally:
        server.remove()


def _databases() -> Iterator[tuple[str, Database]]:
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'register.db'}"
        migrate(url)
        yield "SQLite", Database(url, pool=2)
    with _postgres() as url:
        migrate(url)
        yield "PostgreSQL", Database(url, pool=2)


def _fill(database: Database, world: World) -> None:
    die = Random(7)
    names = [column.name for column in HAZARD_PAST.c]
    rows = []
    for line in world.hazards:
        until = line.updated_at = NOW - timedelta(hours=die.randint(0, 24 * 100))
        for n in range(STATES, 0, -1):
            since = until - timedelta(hours=die.randint(1, 24 * 30))
            state = dict.fromkeys(names) | _defaults() | {
                name: getattr(line, name) for name in names if hasattr(line, name)
            }  # fmt: skip
            open_now = {"status": "rectifying", "is_open": True}
            rows.append(state | open_now | {"events": n, "rev": n, "updated_at": since, "until": until})
            until = since
    with database.write() as tx:
        world.write(tx)
        for start in range(0, len(rows), 20_000):
            tx.execute(sa.insert(HAZARD_PAST), rows[start : start + 20_000])
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as tx:
        tx.exec_driver_sql("ANALYZE")


def _defaults() -> dict[str, object]:
    flags = ("on_site_pending", "withdrawn", "extension_pending", "suspended", "resumption_pending")
    counts = {"cycle": 1, "repeats": 0, "evidence_pending": 0, "acted_rev": 1}
    return dict.fromkeys((*flags, "due_provisional"), False) | counts | {"extensions": []}


def _measure(name: str, database: Database) -> None:
    late, quarter = HazardFilter(overdue=True), read_period("2026Q3")
    with database.read() as tx:
        here = work(tx, PROVINCE)
        asked: dict[str, Callable[[], object]] = {
            "list, live": lambda: list_hazards(here, late, "due_at", 50, None, None),
            "summary, live": lambda: summarise_overdue(here, None, "region", None),
        }
        for ago in AGO:
            then = NOW - ago
            asked[f"list, {ago} ago"] = lambda then=then: list_hazards(  # type: ignore[misc]
                here, late, "due_at", 50, None, then
            )
            asked[f"summary, {ago} ago"] = lambda then=then: summarise_overdue(  # type: ignore[misc]
                here, None, "region", then
            )
        asked["statistics of a quarter"] = lambda: report_hazards(here, quarter, "65", NOW)
        for what, taken in compare(asked, rounds=5, times=1).items():
            report(f"past, {what}, {name}", {"ms": taken * 1000})
    _measure_writing(name, database)


def _measure_writing(name: str, database: Database) -> None:
    """A hundred hazards changed in one transaction, with and without keeping what they were."""
    with database.read() as tx:
        ids = list(tx.execute(sa.select(HAZARD.c.id).limit(100)).scalars())
    later = iter(range(1, 10_000))

    def change(keeping: bool) -> None:
        now = NOW + timedelta(seconds=next(later))
        with database.write() as tx:
            if keeping:
                past_hazards.keep(tx, ids, now)
            tx.execute(sa.update(HAZARD).where(HAZARD.c.id.in_(ids)).values(updated_at=now))

    taken = compare({"without": lambda: change(False), "with": lambda: change(True)}, rounds=15, times=5)
    cost = (taken["with"] - taken["without"]) / len(ids)
    report(f"past, {name}", {"a change keeps its past us": cost * 1e6})


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
