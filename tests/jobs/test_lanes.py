"""A channel that hangs holds up nothing but itself."""

import dataclasses
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from benchmarks.notices import add_notices
from inspect_api.actions.app import open_app
from inspect_api.clock import MovableClock
from inspect_api.jobs.loop import work_until
from inspect_api.settings import Settings
from inspect_api.store.deliveries import ATTEMPT
from tests.actions.bench import GENERAL, Bench
from tests.actions.county import account_id, make_county
from tests.notices.receivers import HttpReceiver, silent_port
from tests.notices.samples import channels, hook

pytestmark = pytest.mark.long

START = datetime(2026, 11, 9, 2, 0, tzinfo=UTC)  # a Monday, ten in the morning in the county


@pytest.fixture
def bench(empty_installation: Settings) -> Iterator[Bench]:
    clock = MovableClock(START)
    app = open_app(empty_installation, clock)
    app.write(make_county)
    yield Bench(app, clock)
    app.close()


def test_what_hangs_in_one_channel_delays_no_other_and_no_step(bench: Bench) -> None:
    """500 notices to a gateway that never answers; those of another and a step do not wait."""
    op = bench.inspect(GENERAL[0])
    bench.push("officer1", op)
    http, stop = HttpReceiver(), threading.Event()
    with silent_port() as port:
        slow = hook(
            f"http://127.0.0.1:{port}", "private_networks: [127.0.0.0/8], users: [county], timeout: 30"
        )
        fast = hook(http.url, "private_networks: [127.0.0.0/8], users: [enterprise1]").replace(
            "hook", "fast", 1
        )
        app = dataclasses.replace(bench.app, channels=channels(slow, fast))
        add_notices(app, account_id("county"), 500)
        add_notices(app, account_id("enterprise1"), 50)
        worker = threading.Thread(target=work_until, args=(stop, app, 0.05))
        worker.start()
        try:
            _wait(lambda: len({got.headers["webhook-id"] for got in http.got}) == 50)
            bench.wait(days=11)
            _wait(lambda: len({got.headers["webhook-id"] for got in http.got}) == 51)
            with app.db.read() as tx:
                mine = ATTEMPT.c.channel == "hook"
                under_way = tx.execute(sa.select(ATTEMPT.c.outcome).where(mine)).scalars().all()
            assert under_way
            assert set(under_way) <= {None, "unknown"}
        finally:
            stop.set()
            worker.join(20)
    http.close()


def _wait(until: object, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not until():  # type: ignore[operator]
        assert time.monotonic() < deadline, "it took too long"
        time.sleep(0.02)
