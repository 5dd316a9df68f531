"""Four workers, two of them killed in the middle: every step once, every notice out (P9, C4, C5)."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from benchmarks.escalation import make_due, multiply
from inspect_api.actions.app import App, open_app
from inspect_api.clock import MovableClock, SystemClock
from inspect_api.settings import Settings
from inspect_api.store.deliveries import DELIVERY
from inspect_api.store.hazard_events import HAZARD_EVENT
from inspect_api.store.migrating import migrate
from inspect_api.store.notices import NOTICE
from tests.actions.bench import GENERAL, Bench
from tests.actions.county import account_id, make_county
from tests.live import LiveWorker
from tests.notices.receivers import HttpReceiver
from tests.notices.samples import hook

pytestmark = pytest.mark.long

FEW, MANY = 250, 600
WITHIN_S = 60
PATIENCE_S = 300


def worker_of(settings: Settings) -> LiveWorker:
    return LiveWorker(
        {
            "DATABASE_URL": settings.database_url,
            "DATA_DIR": str(settings.data_dir),
            "CHANNELS_FILE": settings.channels_file,
        }
    )


@pytest.fixture
def http() -> Iterator[HttpReceiver]:
    receiver = HttpReceiver()
    yield receiver
    receiver.close()


@pytest.fixture
def settings(postgres_database: str, tmp_path: Path, http: HttpReceiver) -> Settings:
    file = tmp_path / "channels.yaml"
    file.write_text("channels:\n" + hook(http.url, "private_networks: [127.0.0.0/8], users: [enterprise1]"))
    return Settings(database_url=postgres_database, data_dir=tmp_path, channels_file=str(file))


def test_two_of_four_workers_are_killed(settings: Settings, http: HttpReceiver) -> None:
    survive(settings, http, FEW)


@pytest.mark.soak
def test_nobody_waits_longer_than_a_minute(settings: Settings, http: HttpReceiver) -> None:
    taken = survive(settings, http, MANY)
    print(f"{MANY} hazards, all steps {taken:.1f} s after two of four workers had been killed")  # noqa: T201
    assert taken < WITHIN_S


def survive(settings: Settings, http: HttpReceiver, count: int) -> float:
    """Every step once, every notice out; seconds from the kill to the last step."""
    migrate(settings.sqlalchemy_url)
    clock = MovableClock(SystemClock().now())
    app = open_app(settings, clock)
    app.write(make_county)
    bench = Bench(app, clock)
    bench.push("officer1", bench.inspect(GENERAL[0]))
    hazards = multiply(app, count)
    workers = [worker_of(settings) for _ in range(4)]
    try:
        _wait(lambda: all(worker.process.poll() is None for worker in workers) and _connected(app) >= 5)
        make_due(app, hazards)
        _wait(lambda: _are_sweeping(app))
        for worker in workers[:2]:
            worker.kill()
        at_kill = _steps(app)
        restarted = time.monotonic()
        workers[:2] = [worker_of(settings), worker_of(settings)]
        _wait(lambda: _steps(app) >= count)
        taken = time.monotonic() - restarted
        _wait(lambda: len({got.headers["webhook-id"] for got in http.got}) >= count)
        _wait(lambda: not _waiting(app))
    finally:
        for worker in workers:
            worker.kill()
    assert at_kill < count, "they were killed too late: nothing was left to do"
    with app.db.read() as tx:
        escalated = HAZARD_EVENT.c.kind == "hazard.escalated"
        told = Counter(tx.execute(sa.select(HAZARD_EVENT.c.hazard_id).where(escalated)).scalars())
        notices = Counter(
            tx.execute(
                sa.select(NOTICE.c.hazard_id).where(NOTICE.c.receiver_id == account_id("enterprise1"))
            ).scalars()
        )
    app.close()
    assert set(told) == set(notices) == set(hazards)
    assert set(told.values()) == set(notices.values()) == {1}
    sent = Counter(got.headers["webhook-id"] for got in http.got)
    assert len(sent) == count
    assert sum(sent.values()) <= count + 2 * 4  # what the two were at may have come twice, under one number
    return taken


def _are_sweeping(app: App) -> bool:
    """Whether a worker has locked due hazards, or has done with some."""
    ask = "SELECT count(*) FROM pg_locks WHERE relation = 'hazard'::regclass AND mode = 'RowShareLock'"
    with app.db.read() as tx:
        return bool(tx.execute(sa.text(ask)).scalar_one()) or _steps(app) > 0


def _steps(app: App) -> int:
    escalated = HAZARD_EVENT.c.kind == "hazard.escalated"
    with app.db.read() as tx:
        return tx.execute(sa.select(sa.func.count()).select_from(HAZARD_EVENT).where(escalated)).scalar_one()


def _waiting(app: App) -> int:
    with app.db.read() as tx:
        return len(tx.execute(sa.select(DELIVERY.c.notice_id).where(DELIVERY.c.run_at.is_not(None))).all())


def _connected(app: App) -> int:
    """Connections to this database, this process's own included."""
    ask = "SELECT count(DISTINCT client_port) FROM pg_stat_activity WHERE datname = current_database()"
    with app.db.read() as tx:
        return int(tx.execute(sa.text(ask)).scalar_one())


def _wait(until: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not until():
        assert time.monotonic() < deadline, "it took too long"
        time.sleep(0.02)
