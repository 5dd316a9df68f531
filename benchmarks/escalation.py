"""A sweep costs what is due, not what is open. `python -m benchmarks escalation`

1,000 due steps among 10,000 open hazards and among 1,000,000, on SQLite and on PostgreSQL, in turns. Needs
some 6 GB of temporary space and ten minutes, nearly all of it for making the hazards.
"""

import random
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median
from time import perf_counter
from uuid import UUID, uuid4

import sqlalchemy as sa

from benchmarks.measuring import machine, report
from inspect_api.actions.app import App, open_app
from inspect_api.clock import MovableClock
from inspect_api.domain.calendar import CIVIL
from inspect_api.jobs.loop import escalate
from inspect_api.settings import Settings
from inspect_api.store.clocks import CLOCK
from inspect_api.store.hazards import HAZARD
from inspect_api.store.migrating import migrate
from tests.actions.bench import GENERAL, Bench
from tests.actions.county import make_county
from tests.postgres import PostgresServer, create_database, drop_database

FEW, MANY, DUE = 10_000, 1_000_000, 1_000
ROUNDS = 7
RATIO_GOAL = 1.2
START = datetime(2026, 11, 9, 10, tzinfo=CIVIL)
FAR = START + timedelta(days=60)
_CHUNK = 50_000

_KEYS = sa.Table(
    "made", sa.MetaData(),
    sa.Column("id", sa.Uuid), sa.Column("clock_id", sa.Uuid), sa.Column("at", sa.DateTime),
    prefixes=["TEMPORARY"],
)  # fmt: skip


def main() -> None:
    print(machine())
    _compare("SQLite", lambda stack: Settings(data_dir=_folder(stack)))
    server = PostgresServer()
    try:
        server.start()
        _compare("PostgreSQL", lambda stack: _on_postgres(stack, server.url))
    finally:
        server.remove()


def _compare(name: str, place: Callable[[ExitStack], Settings]) -> None:
    with ExitStack() as stack:
        worlds = {size: stack.enter_context(_world(place(stack), size)) for size in (FEW, MANY)}
        taken: dict[int, list[float]] = {size: [] for size in worlds}
        chance = random.Random(652327)
        for n in range(ROUNDS + 1):
            for size, (app, ids) in worlds.items():
                make_due(app, chance.sample(ids[n :: ROUNDS + 1], DUE))
                begin = perf_counter()
                steps = escalate(app)
                if n:  # the first round warms what later ones find warm
                    taken[size].append(perf_counter() - begin)
                if steps != DUE:
                    raise RuntimeError(f"{steps} steps were taken, {DUE} were due")
        few, many = (median(taken[size]) for size in worlds)
        report(
            f"escalation sweep over {DUE} due, {name}",
            {
                f"of {FEW} open ms": few * 1000,
                f"of {MANY} open ms": many * 1000,
                "ratio": many / few,
                "goal": RATIO_GOAL,
            },
        )


@contextmanager
def _world(settings: Settings, size: int) -> Iterator[tuple[App, list[UUID]]]:
    """An installation with so many open hazards of which none is due."""
    migrate(settings.sqlalchemy_url)
    clock = MovableClock(START)
    app = open_app(settings, clock)
    app.write(make_county)
    bench = Bench(app, clock)
    bench.push("officer1", bench.inspect(GENERAL[0]))
    ids = multiply(app, size)
    yield app, ids
    app.close()


def multiply(app: App, size: int) -> list[UUID]:
    """Copies of the one hazard and its clock, by statements: the feed and the histories are not copied."""
    chance = random.Random(size)
    ids = sorted(UUID(int=chance.getrandbits(128), version=4) for _ in range(size))
    with app.db.write() as tx:
        _KEYS.create(tx)
        for begin in range(0, size, _CHUNK):
            rows = [
                {"id": each, "clock_id": uuid4(), "at": FAR + timedelta(seconds=chance.randrange(10**6))}
                for each in ids[begin : begin + _CHUNK]
            ]
            tx.execute(sa.insert(_KEYS), rows)
        template = tx.execute(sa.select(HAZARD.c.id)).scalar_one()
        clock = tx.execute(sa.select(CLOCK.c.id).where(CLOCK.c.is_running)).scalar_one()
        _copy(tx, HAZARD, template, {"id": _KEYS.c.id, "due_at": _KEYS.c.at})
        _copy(
            tx,
            CLOCK,
            clock,
            {
                "id": _KEYS.c.clock_id,
                "hazard_id": _KEYS.c.id,
                "due_at": _KEYS.c.at,
                "next_step_at": _KEYS.c.at,
            },
        )
        _KEYS.drop(tx)
    with app.db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")
    return ids


def _copy(tx: sa.Connection, into: sa.Table, row: UUID, new: dict[str, sa.ColumnElement[object]]) -> None:
    columns = [new.get(column.name, column).label(column.name) for column in into.c]
    copies = sa.select(*columns).select_from(into.join(_KEYS, sa.true())).where(into.c.id == row)
    tx.execute(sa.insert(into).from_select([c.name for c in into.c], copies))


def make_due(app: App, ids: list[UUID]) -> None:
    """The reminder of these is due: their time runs out in two days."""
    due = app.clock.now() + timedelta(days=2)
    with app.db.write() as tx:
        mine = CLOCK.c.hazard_id == sa.bindparam("b_id")
        tx.execute(
            sa.update(CLOCK).where(mine).values(due_at=due, next_step_at=app.clock.now()),
            [{"b_id": each} for each in ids],
        )


def _folder(stack: ExitStack) -> Path:
    return Path(stack.enter_context(tempfile.TemporaryDirectory()))


def _on_postgres(stack: ExitStack, server: str) -> Settings:
    url = create_database(server)
    stack.callback(drop_database, url)
    return Settings(database_url=url, data_dir=_folder(stack))


if __name__ == "__main__":
    main()
