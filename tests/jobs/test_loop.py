"""What is due gets done: once, whatever fails beside it, however long the outage."""

import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa
import structlog

from inspect_api.actions.app import App, open_app
from inspect_api.clock import MovableClock
from inspect_api.jobs import loop
from inspect_api.jobs.loop import run_due, run_jobs, work_until
from inspect_api.media.blobs import BlobStoreDown
from inspect_api.settings import Settings
from inspect_api.store import jobs
from inspect_api.store.jobs import JOB
from tests.http.serving import START


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    with structlog.testing.capture_logs():
        yield


@pytest.fixture
def app(empty_installation: Settings) -> Iterator[App]:
    """Opened on an empty database, at a clock that stands still."""
    opened = open_app(empty_installation, MovableClock(START))
    yield opened
    opened.close()


def add(app: App, name: str, *keys: str) -> None:
    now = app.clock.now()
    rows: list[dict[str, object]] = [{"id": uuid4(), "name": name, "key": key, "run_at": now} for key in keys]
    app.write(lambda work: jobs.add(work.tx, rows))


def left(app: App) -> dict[str, sa.Row[tuple[object, ...]]]:
    return {row.key: row for row in app.read(lambda work: work.tx.execute(sa.select(JOB)).all())}


def advance(app: App, by: timedelta) -> None:
    assert isinstance(app.clock, MovableClock)
    app.clock.advance(by)


def test_a_job_is_done_once_and_one_that_fails_stops_no_other(app, monkeypatch):
    done: list[str] = []

    def do(_app: App, key: str) -> None:
        if key == "坏":
            raise ValueError("坏")
        done.append(key)

    monkeypatch.setitem(loop.JOBS, "do", do)
    add(app, "do", "一", "坏", "二", "三", "四", "五")
    assert run_due(app) == 6
    assert sorted(done) == sorted(["一", "二", "三", "四", "五"])
    assert set(left(app)) == {"坏"}
    assert left(app)["坏"].last_error == "ValueError: 坏"
    assert run_due(app) == 0


def test_what_fails_is_tried_again_later_and_in_the_end_given_up_visibly(app, monkeypatch):
    monkeypatch.setitem(loop.JOBS, "do", lambda _app, _key: 1 / 0)
    add(app, "do", "x")
    tried = 0
    for _ in range(40):
        tried += run_jobs(app)
        advance(app, timedelta(minutes=11))
    assert tried == 10
    row = left(app)["x"]
    assert (row.run_at, row.attempts) == (None, 10)
    assert "ZeroDivisionError" in row.last_error


def test_an_outage_of_the_store_outlasts_nothing(app, monkeypatch):
    is_down = True

    def do(_app: App, _key: str) -> None:
        if is_down:
            raise BlobStoreDown("no route")

    monkeypatch.setitem(loop.JOBS, "do", do)
    add(app, "do", "x")
    for _ in range(100):
        run_jobs(app)
        advance(app, timedelta(hours=1))
    assert left(app)["x"].run_at is not None
    is_down = False
    run_jobs(app)
    assert left(app) == {}


def test_a_worker_that_dies_leaves_its_job_to_another_after_five_minutes(app, monkeypatch):
    def die(_app: App, _key: str) -> None:
        raise SystemExit

    monkeypatch.setitem(loop.JOBS, "do", die)
    add(app, "do", "x")
    with pytest.raises(SystemExit):
        run_jobs(app)
    done: list[str] = []
    monkeypatch.setitem(loop.JOBS, "do", lambda _app, key: done.append(key))
    assert run_jobs(app) == 0
    advance(app, timedelta(minutes=5))
    assert run_jobs(app) == 1
    assert done == ["x"]


def test_a_job_that_kills_its_workers_is_given_up_visibly(app, monkeypatch):
    def die(_app: App, _key: str) -> None:
        raise SystemExit

    monkeypatch.setitem(loop.JOBS, "do", die)
    add(app, "do", "x")
    deaths = 0
    for _ in range(30):
        try:
            run_jobs(app)
        except SystemExit:
            deaths += 1
        advance(app, timedelta(minutes=6))
    assert deaths == 10
    assert left(app)["x"].run_at is None
    assert "given up" in left(app)["x"].last_error


def test_two_workers_share_the_jobs(app, monkeypatch):
    done: list[str] = []
    monkeypatch.setitem(loop.JOBS, "do", lambda _app, key: done.append(key))
    keys = [str(n) for n in range(60)]
    add(app, "do", *keys)
    workers = [threading.Thread(target=run_jobs, args=(app,)) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(done) == sorted(keys)
    assert left(app) == {}


def test_a_job_that_hangs_keeps_no_deadline_from_being_noticed(app, monkeypatch):
    hanging, escalated, stop = threading.Event(), threading.Event(), threading.Event()
    monkeypatch.setitem(loop.JOBS, "do", lambda _app, _key: hanging.wait(20))

    def escalate(_app: App) -> int:
        escalated.set()
        return 0

    monkeypatch.setitem(loop.DUTIES, "escalate", escalate)
    add(app, "do", "x")
    worker = threading.Thread(target=work_until, args=(stop, app, 0.01))
    worker.start()
    try:
        for _ in range(3):
            assert escalated.wait(10)
            escalated.clear()
    finally:
        hanging.set()
        stop.set()
        worker.join(20)
    assert not worker.is_alive()


def test_the_loop_outlives_every_fault(app, monkeypatch):
    runs: list[float] = []

    def fail(_app: App) -> int:
        runs.append(time.monotonic())
        raise MemoryError

    monkeypatch.setitem(loop.DUTIES, "escalate", fail)
    stop = threading.Event()
    worker = threading.Thread(target=work_until, args=(stop, app, 0.01))
    worker.start()
    while len(runs) < 3:
        time.sleep(0.01)
    stop.set()
    worker.join(20)
    assert not worker.is_alive()
