"""Ten thousand notices to a failing channel delay nothing else. `python -m benchmarks notices`

One process works, by the real clock, on SQLite and on PostgreSQL. The channel hangs, or refuses at once;
meanwhile a step falls due every second, and its notice goes out by another channel. Told is how long after
its moment each step was taken and each notice was received.
"""

import dataclasses
import tempfile
import threading
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from time import perf_counter, sleep
from uuid import UUID

import sqlalchemy as sa

from benchmarks.escalation import make_due, multiply
from benchmarks.measuring import machine, report
from inspect_api.actions.app import App, open_app
from inspect_api.clock import MovableClock, SystemClock, new_id
from inspect_api.jobs.loop import work_until
from inspect_api.settings import Settings
from inspect_api.store import deliveries, notices
from inspect_api.store.hazards import HAZARD
from inspect_api.store.migrating import migrate
from inspect_api.store.notices import NOTICE
from tests.actions.bench import GENERAL, Bench
from tests.actions.county import account_id, make_county
from tests.launching import free_port
from tests.notices.receivers import HttpReceiver, silent_port
from tests.notices.samples import channels, hook
from tests.postgres import PostgresServer, create_database, drop_database

FAILING = 10_000
SECONDS = 20
GOAL_S = 60
_OWN = "private_networks: [127.0.0.0/8], users: [{}]"


def main() -> None:
    print(machine())
    with ExitStack() as stack:
        server = PostgresServer()
        stack.callback(server.remove)
        server.start()
        for how in ("hangs", "refuses"):
            _measure("SQLite", "", how)
            url = create_database(server.url)
            _measure("PostgreSQL", url, how)
            drop_database(url)


def add_notices(app: App, receiver: UUID, count: int) -> None:
    """Notices about some hazard, which are to leave the product."""

    def write(tx: sa.Connection) -> None:
        now = app.clock.now()
        hazard = tx.execute(sa.select(HAZARD.c.id).limit(1)).scalar_one()
        rows: list[dict[str, object]] = [
            {
                "id": new_id(), "number": f"652327-J-{n:05d}-{receiver.hex[:6]}", "kind": "alert",
                "cause": f"measured:{n}", "hazard_id": hazard, "receiver_id": receiver, "channel": "in_app",
                "title": "测试", "text": "测试通知", "created_at": now,
            }
            for n in range(count)
        ]  # fmt: skip
        deliveries.add(tx, (notice for notice, _ in notices.add(tx, rows)), now)

    app.db.run(write)


def _measure(name: str, url: str, how: str) -> None:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        http = HttpReceiver()
        stack.callback(http.close)
        port = stack.enter_context(silent_port()) if how == "hangs" else free_port()
        settings = Settings(database_url=url, data_dir=folder)
        migrate(settings.sqlalchemy_url)
        clock = SystemClock()
        made = open_app(settings, MovableClock(clock.now()))
        stack.callback(made.close)
        made.write(make_county)
        bench = Bench(made, MovableClock(clock.now()))
        bench.push("officer1", bench.inspect(GENERAL[0]))
        hazards = multiply(made, 1000)
        failing = hook(f"http://127.0.0.1:{port}", _OWN.format("county"))
        other = hook(http.url, _OWN.format("enterprise1")).replace("hook", "other", 1)
        app = dataclasses.replace(made, clock=clock, channels=channels(failing, other))
        add_notices(app, account_id("county"), FAILING)
        stop = threading.Event()
        worker = threading.Thread(target=work_until, args=(stop, app))
        worker.start()
        due: dict[UUID, datetime] = {}
        for hazard in hazards[:SECONDS]:
            due[hazard] = clock.now()
            make_due(app, [hazard])
            sleep(1)
        ended = perf_counter() + GOAL_S
        while len(_received(app)) < SECONDS and perf_counter() < ended:
            sleep(0.2)
        received = _received(app)
        looked_at = _looked_at(app)
        stop.set()
        worker.join()
        steps = max((received[each][0] - due[each]).total_seconds() for each in received)
        handed = max((received[each][1] - due[each]).total_seconds() for each in received)
        report(
            f"notices of {SECONDS} steps beside {FAILING} failing, {name}, channel {how}",
            {
                "received": len(received),
                "step taken within s": steps,
                "notice received within s": handed,
                "goal s": GOAL_S,
                "failing looked at meanwhile": looked_at,
            },
        )


def _received(app: App) -> dict[UUID, tuple[datetime, datetime]]:
    """Hazard -> when its step was taken, and when its notice was taken on by the other channel."""
    attempt = deliveries.ATTEMPT
    query = (
        sa.select(NOTICE.c.hazard_id, NOTICE.c.created_at, attempt.c.ended_at)
        .join(attempt, attempt.c.notice_id == NOTICE.c.id)
        .where(NOTICE.c.kind == "step", attempt.c.channel == "other", attempt.c.outcome == "handed_over")
    )
    with app.db.read() as tx:
        return {row.hazard_id: (row.created_at, row.ended_at) for row in tx.execute(query)}


def _looked_at(app: App) -> int:
    query = sa.select(sa.func.count(sa.distinct(deliveries.ATTEMPT.c.notice_id)))
    with app.db.read() as tx:
        return tx.execute(query.where(deliveries.ATTEMPT.c.channel == "hook")).scalar_one()


if __name__ == "__main__":
    main()
