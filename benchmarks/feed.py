"""The query of the feed among many rows. `python -m benchmarks feed`, `FEED_ROWS=10000000` for a province

Streams of 1,000 changes each on PostgreSQL; of one stream, and of eight, the 500 changes that are wanted. The
limit is the plainest statement that gives as many rows along the same index, of one stream, with no rules.
"""

import os
import random
import tempfile
import time
from collections.abc import Callable

import psycopg

from benchmarks.measuring import machine, report
from inspect_api.actions.app import App, open_app
from inspect_api.settings import load_settings
from inspect_api.store import feed
from inspect_api.store.migrating import migrate
from tests.postgres import PostgresServer, create_database, libpq

ROWS = int(os.environ.get("FEED_ROWS", "1000000"))
LENGTH, PAGE, ASKED = 1000, 500, 500
GOALS_MS = {1: 3, 8: 10}


def main() -> None:
    print(machine())
    server = PostgresServer()
    server.start()
    try:
        url = create_database(server.url)
        with tempfile.TemporaryDirectory() as folder:
            settings = load_settings({"DATABASE_URL": url, "DATA_DIR": folder})
            migrate(settings.sqlalchemy_url)
            fill(url)
            app = open_app(settings)
            _measure(app, url)
            app.close()
    finally:
        server.remove()


def fill(url: str) -> None:
    """Streams, and in each the changes of as many entities, written in the order of time."""
    with psycopg.connect(libpq(url)) as connection:
        connection.execute("SET session_replication_role = replica")  # no keys of others are looked up
        connection.execute(
            "INSERT INTO stream (name, head, floor) "
            "SELECT 'grid:' || n, %s, 0 FROM generate_series(1, %s) AS n",
            (LENGTH, ROWS // LENGTH),
        )
        connection.execute(
            "INSERT INTO feed (stream_id, entity, entity_id, seq, rev, kind) "
            "SELECT s.id, 'hazard', gen_random_uuid(), n, 1, 'put' "
            "FROM generate_series(1, %s) AS n CROSS JOIN stream AS s WHERE s.name LIKE 'grid:%%'",
            (LENGTH,),
        )
    with psycopg.connect(libpq(url), autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE feed, stream")


def _measure(app: App, url: str) -> None:
    chance = random.Random(652327)
    with psycopg.connect(libpq(url)) as plain, app.db.read() as tx:

        def limit() -> int:
            query = "SELECT * FROM feed WHERE stream_id = %s AND seq > %s ORDER BY seq LIMIT %s"
            at = chance.choice(known).id, LENGTH - PAGE, PAGE
            return len(plain.execute(query, at).fetchall())

        def ask(streams: int) -> int:
            chosen = {f"grid:{n}": 0 for n in chance.sample(range(1, ROWS // LENGTH + 1), streams)}
            stands = {name: stand for name in chosen if (stand := by_name.get(name))}
            after = dict.fromkeys(chosen, LENGTH - PAGE // streams)
            return len(feed.read(tx, stands, after, PAGE))

        by_name = feed.stands(tx, [f"grid:{n}" for n in range(1, ROWS // LENGTH + 1)])
        known = list(by_name.values())
        for streams, goal in GOALS_MS.items():
            runs: dict[str, Callable[[], int]] = {"limit": limit, "feed": lambda n=streams: ask(n)}  # type: ignore[misc]
            taken: dict[str, list[float]] = {name: [] for name in runs}
            for _ in range(ASKED):
                for name, run in runs.items():
                    begun = time.perf_counter()
                    rows = run()
                    taken[name].append((time.perf_counter() - begun) * 1000)
                    if not PAGE - streams < rows <= PAGE:
                        raise RuntimeError(f"{rows} rows of {streams} streams")
            found = {name: sorted(each) for name, each in taken.items()}
            report(
                f"feed query, {streams} of {ROWS // LENGTH} streams, {ROWS} rows, {PAGE} wanted",
                {
                    "p50 ms": found["feed"][ASKED // 2],
                    "p99 ms": found["feed"][ASKED * 99 // 100],
                    "goal p99 ms": goal,
                    "limit p50 ms": found["limit"][ASKED // 2],
                    "ratio to the limit": found["feed"][ASKED // 2] / found["limit"][ASKED // 2],
                },
            )


if __name__ == "__main__":
    main()
