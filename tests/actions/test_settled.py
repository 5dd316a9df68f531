"""What is answered for a moment stays the answer for it, whatever was being written when it was asked."""

import os
import threading
from collections import Counter
from collections.abc import Container
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
import sqlalchemy as sa

from inspect_api.actions.export_hazards import export_page
from inspect_api.actions.list_hazards import list_hazards
from inspect_api.actions.summarise_overdue import summarise_overdue
from inspect_api.actions.work import Work
from inspect_api.clock import SystemClock
from inspect_api.errors import Code, Refusal
from inspect_api.store import past_hazards, settling
from inspect_api.store.database import Database
from inspect_api.store.hazard_queries import HazardFilter
from tests.actions.bench import GENERAL, Bench, claim, found_at
from tests.queries.summing import sums_of

PHONES = (("inspector1", "甲"), ("inspector1", "乙"))
Told = dict[str, tuple[str, int]]


class TickingClock:
    """A microsecond passes whenever it is looked at, so that no two moments are the same."""

    def __init__(self, start: datetime) -> None:
        self._now, self._lock = start, threading.Lock()

    def now(self) -> datetime:
        with self._lock:
            self._now += timedelta(microseconds=1)
            return self._now


class ShiftedClock(SystemClock):
    """A node's clock that is so many seconds ahead."""

    def __init__(self, seconds: int) -> None:
        self._ahead = timedelta(seconds=seconds)

    def now(self) -> datetime:
        return super().now() + self._ahead


@pytest.fixture
def ticking(bench: Bench) -> Bench:
    """The same installation by a clock that goes on."""
    other = Bench(replace(bench.app, clock=TickingClock(bench.now())), bench.clock)
    for who, phone in (("county", ""), ("enterprise1", ""), *PHONES):
        other.caller(who, phone)
    return other


def summed(bench: Bench, as_of: datetime | None = None) -> tuple[datetime, tuple[object, ...]]:
    answer = bench.app.read_settled(
        lambda work: summarise_overdue(work, None, "grade", as_of), bench.caller("county")
    )
    return answer.as_of, sums_of(answer.total)


def listed(bench: Bench, as_of: datetime | None = None, limit: int = 7) -> tuple[datetime, Told]:
    """Each hazard's status and revision in the whole list, which is walked page by page."""
    found: Told = {}
    cursor = None
    while True:
        page = bench.app.read_settled(
            lambda work, cursor=cursor: list_hazards(work, HazardFilter(), "due_at", limit, cursor, as_of),  # type: ignore[misc]
            bench.caller("county"),
        )
        found |= {str(hazard.id): (hazard.status, hazard.rev) for hazard in page.items}
        cursor = page.cursor
        if cursor is None:
            return page.as_of, found


def exported(bench: Bench, as_of: datetime) -> Told:
    """The same out of all pages of an export."""
    found: Told = {}
    after = None
    while True:
        page = bench.app.read_settled(
            lambda work, after=after: export_page(work, HazardFilter(), "due_at", as_of, after),  # type: ignore[misc]
            bench.caller("county"),
        )
        found |= {str(row.hazard.id): (row.hazard.status, row.hazard.rev) for row in page.rows}
        after = page.end
        if after is None:
            return found


def test_a_reader_waits_for_what_is_being_written(ticking: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """The writer has its moment and has not ended: the answer has its change, or an earlier moment."""
    written, go_on = threading.Event(), threading.Event()
    keep = past_hazards.keep

    def keep_and_wait(*given: object) -> None:
        keep(*given)  # type: ignore[arg-type]
        written.set()
        assert go_on.wait(60)

    monkeypatch.setattr(past_hazards, "keep", keep_and_wait)
    with ThreadPoolExecutor(3) as threads:
        push = threads.submit(ticking.do, "inspector1", ticking.inspect(*GENERAL[:3]))
        assert written.wait(60)
        asking = [threads.submit(ask, ticking) for ask in (summed, listed)]
        release = threading.Timer(0.3, go_on.set)  # one that does not wait has answered by then
        release.start()
        push.result()
        answers = [one.result() for one in asking]
    for (moment, told), ask in zip(answers, (summed, listed), strict=True):
        assert ask(ticking, moment) == (moment, told)
    assert len(listed(ticking)[1]) == 3


def test_a_writer_that_hangs_is_told_of(ticking: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settling, "PATIENCE_S", 0.05)
    with ticking.app.db.write() as tx:
        ticking.app.db.settle(tx, ticking.app.clock)
        with pytest.raises(Refusal) as refused:
            summed(ticking)
        assert refused.value.code is Code.BUSY
    assert summed(ticking)[1][0] == 0


def test_what_was_undone_and_done_again_holds_readers_off(
    ticking: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A savepoint that is rolled back takes its locks with it."""
    monkeypatch.setattr(settling, "PATIENCE_S", 0.05)

    def twice(work: Work) -> tuple[datetime, datetime]:
        mark, savepoint = work.mark(), work.tx.begin_nested()
        first = work.holds_from()
        savepoint.rollback()
        work.forget_since(mark)
        second = work.holds_from()
        assert second == work.holds_from()
        with pytest.raises(Refusal):
            summed(ticking)
        return first, second

    first, second = ticking.app.write(twice)
    assert first < second


def test_a_reader_that_waits_for_many_keeps_none_of_them_from_writing_again(postgres_database: str) -> None:
    """Or writers wait for readers that wait for other writers, which is a circle sooner or later."""
    db = Database(postgres_database, pool=4)
    with db.engine.connect() as one, db.engine.connect() as other, ThreadPoolExecutor(1) as threads:
        writers = {tx.execute(sa.text("SELECT pg_backend_pid()")).scalar_one(): tx for tx in (one, other)}
        for tx in writers.values():
            db.settle(tx, SystemClock())
        reading = threads.submit(look_settled, db)
        first = waited_for(db, writers)
        writers[first].commit()
        (second,) = writers.keys() - {first}
        assert waited_for(db, {second}) == second
        writers[first].execute(sa.text("SET LOCAL lock_timeout = '1s'"))
        db.settle(writers[first], SystemClock())
        for tx in writers.values():
            tx.commit()
        reading.result()
    db.close()


def look_settled(db: Database) -> None:
    with db.read_settled(SystemClock()) as (tx, _):
        tx.execute(sa.text("SELECT 1"))


def waited_for(db: Database, writers: Container[int]) -> int:
    """Which of the writers a reader waits for, as soon as one does."""
    waiting = sa.text("SELECT CAST(objid AS int) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
    while True:
        with db.read() as tx:
            writer: int | None = tx.execute(waiting).scalar()
        if writer is not None and writer in writers:
            return writer


def test_nodes_whose_clocks_differ_agree(on_postgres: Bench) -> None:
    """Moments are by PostgreSQL's clock: what a node writes after another has answered is in none for it."""
    clocks = (ShiftedClock(seconds) for seconds in (4, 0, -4))
    nodes = [Bench(replace(on_postgres.app, clock=clock), on_postgres.clock) for clock in clocks]
    for node in nodes[1:]:
        moment, total = summed(nodes[0])
        told = listed(nodes[0], moment)[1]
        node.caller("inspector1")
        node.do("inspector1", node.inspect(*GENERAL[:2]))
        for other in nodes:
            assert summed(other, moment) == (moment, total)
            assert listed(other, moment)[1] == told
            assert len(listed(other)[1]) == len(told) + 2


def test_who_may_use_the_database_may_use_its_lock(tmp_path: Path) -> None:
    """Also where a command of another person was the first to write."""
    file = tmp_path / "inspect.db"
    file.touch()
    file.chmod(0o660)
    if os.geteuid() == 0:
        os.chown(file, 65534, 65534)
    db = Database(f"sqlite:///{file}")
    with db.write() as tx:
        db.settle(tx, SystemClock())
    db.close()
    rights, lock = file.stat(), Path(f"{file}-settling").stat()
    assert (lock.st_mode, lock.st_uid, lock.st_gid) == (rights.st_mode, rights.st_uid, rights.st_gid)


def test_lists_sums_and_exports_agree_while_many_write(ticking: Bench) -> None:
    """At each moment that is answered for, again later, and page by page."""
    assert compare_beside_writers(ticking, rounds=3) == Counter()


@pytest.mark.soak
def test_for_long(ticking: Bench) -> None:
    assert compare_beside_writers(ticking, rounds=12) == Counter()


def compare_beside_writers(bench: Bench, rounds: int) -> Counter[str]:
    """What disagreed, by what was compared; the writers go on until the last round is over."""
    wrong: Counter[str] = Counter()
    moments: list[tuple[datetime, Told]] = []
    over = threading.Event()
    with ThreadPoolExecutor(2) as threads:
        writing = [threads.submit(write, bench, phone, over) for _, phone in PHONES]
        try:
            for _ in range(rounds):
                moment, total = summed(bench)
                again, told = listed(bench, moment)
                assert again == moment
                open_now = sum(
                    status not in ("closed", "dismissed", "transferred") for status, _ in told.values()
                )
                wrong["summary and list"] += open_now != total[0]
                wrong["list and export"] += exported(bench, moment) != told
                moments.append(listed(bench))
        finally:
            over.set()
        for one in writing:
            one.result()
    for moment, told in moments:
        wrong["pages and later"] += listed(bench, moment, limit=200)[1] != told
    return +wrong


def write(bench: Bench, phone: str, over: threading.Event) -> None:
    """An inspector finds hazards, and the enterprise says of some of them that they are fixed."""
    for n in count():
        inspection = bench.inspect(*GENERAL[:4])
        bench.do("inspector1", inspection, phone=phone)
        hazard, photo = found_at(inspection, GENERAL[n % 4]), claim("已更换", bench.now())
        bench.do("enterprise1", bench.rectify(hazard, photos=[photo]))
        if over.is_set():
            return
