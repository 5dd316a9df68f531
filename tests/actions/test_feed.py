"""What a pull returned plus every later pull from its cursor is what a fresh phone is given."""

import random
import threading
from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inspect_api.actions.pull_changes import pull_changes
from inspect_api.errors import Code, Refusal
from inspect_api.store import feed
from inspect_api.store.feed import FEED, STREAM, FeedChange
from inspect_api.store.schema import insert_new
from sync.cursor import encode_cursor
from sync.envelope import Pull
from tests.actions.bench import GENERAL, MAJOR, Bench, Op, found_at, sha
from tests.actions.conftest import START
from tests.actions.replica import Replica

WATCHERS = ("inspector1", "inspector2", "inspector3", "officer1", "county", "enterprise1", "enterprise2")
ROUNDS = (("inspector1", "罐区"), ("inspector2", "矿井"), ("officer1", "装卸站"))
PUSHERS, PUSHES = 16, 12


# ---- any interleaving, one at a time


class Work:
    """Somebody does something, drawn by a die; whatever comes of it."""

    def __init__(self, bench: Bench, die: random.Random) -> None:
        self._bench, self._die = bench, die
        self._hazards: list[UUID] = []
        self._photos = 0

    def step(self) -> None:
        self._die.choice(
            [self._inspect, self._inspect, self._report, self._command, self._command, self._time, self._read]
        )()

    def _inspect(self) -> None:
        who, site = self._die.choice(
            [("inspector1", "罐区"), ("inspector2", "矿井"), ("officer1", "装卸站"), ("enterprise1", "罐区")]
        )
        item = self._die.choice([GENERAL[0], GENERAL[1], MAJOR[0]])
        self._photos += 1
        photo = f"照片{self._photos}"
        if self._die.random() < 0.5:
            self._bench.upload(who, photo)
        op = self._bench.inspect(
            fails={item: {"photos": [sha(photo)]}}, site=site, signed=self._die.random() < 0.5
        )
        self._bench.push(who, op)
        self._hazards.append(found_at(op, item))
        if self._die.random() < 0.5:
            self._bench.upload(who, photo)

    def _report(self) -> None:
        op = self._bench.report(position={"lat": 44.0, "lon": 89.2, "datum": "gcj02"})
        self._bench.push(self._die.choice(["inspector1", "inspector2"]), op)
        self._hazards.append(UUID(op["entity_id"]))

    def _command(self) -> None:
        if not self._hazards:
            return
        hazard = self._die.choice(self._hazards)
        who, op = self._die.choice(self._commands(hazard))
        self._bench.push(who, op)

    def _commands(self, hazard: UUID) -> list[tuple[str, Op]]:
        bench = self._bench
        return [
            ("officer1", bench.command("confirm", hazard, grade="general")),
            ("county", bench.command("dismiss", hazard, reason="不属于隐患")),
            ("enterprise1", bench.rectify(hazard, photos=[sha("后")])),
            ("officer1", bench.command("verify", hazard, passed=True, comment="合格")),
            ("officer1", bench.command("note", hazard, text="看过")),
            ("county", bench.command("reopen", hazard, reason="再次出现")),
        ]

    def _time(self) -> None:
        self._bench.wait(days=self._die.choice([1, 8]))
        self._bench.escalate()

    def _read(self) -> None:
        self._bench.pull(self._die.choice(["enterprise1", "county"]), deliver=True)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32), limits=st.lists(st.integers(1, 9), min_size=14, max_size=14))
def test_from_any_cursor_one_comes_to_the_present(on_sqlite: Bench, seed: int, limits: list[int]) -> None:
    """Phones that stopped pulling at every moment, each going on from there in small pages."""
    on_sqlite.reset(START)
    die = random.Random(seed)
    work = Work(on_sqlite, die)
    phones = [Replica(on_sqlite, who) for who in die.sample(WATCHERS, 4)]
    left: list[Replica] = []
    for phone in phones:
        phone.pull()
    for limit in limits:
        work.step()
        for phone in die.sample(phones, 2):
            phone.pull(limit)
        left.append(die.choice(phones).copy())
    fresh = {phone.who: phone.fresh() for phone in phones}
    for phone, limit in zip([*phones, *left], [*limits, *limits], strict=False):
        phone.pull(limit)
        assert phone.difference(fresh[phone.who]) == {}, phone.who


def test_nothing_comes_twice_unless_it_changed(bench: Bench) -> None:
    bench.do("inspector1", bench.inspect(GENERAL[0]))
    changes, cursor = bench.pull("county", limit=1)
    assert len({(change.entity, change.id) for change in changes}) == len(changes)
    again, cursor = bench.pull("county", cursor)
    assert again == []
    op = bench.inspect(GENERAL[1])
    bench.do("inspector1", op)
    news, _ = bench.pull("county", cursor)
    assert {(change.entity, change.id) for change in news} == {
        ("inspection", op["entity_id"]),
        ("hazard", str(found_at(op, GENERAL[1]))),
    }


def test_a_first_pull_gives_the_present_and_no_history(bench: Bench) -> None:
    op = bench.inspect(GENERAL[0])
    bench.do("inspector1", op)
    for n in range(5):
        bench.give("officer1", "note", found_at(op, GENERAL[0]), text=f"第{n}次")
        bench.give("county", "transfer", found_at(op, GENERAL[0]), to=f"第{n}科", reason="职责所在")
    changes, _ = bench.pull("county")
    hazards = [change for change in changes if change.entity == "hazard"]
    assert [(change.rev, change.kind) for change in hazards] == [(6, "put")]


def test_streams_say_which_were_added_and_removed(bench: Bench) -> None:
    caller = bench.caller("inspector1")
    assert caller.device_id is not None
    old = encode_cursor(bench.app.epoch, caller.id, {"reference": 1, "grid:652327101001001": 3})
    pull = Pull(protocol=1, device_id=caller.device_id, cursor=old)
    answer = bench.app.read(lambda work: pull_changes(work, pull, bench.app.here), caller).answer
    assert answer.streams.removed == ["grid:652327101001001"]
    assert "grid:652327100001001" in answer.streams.added
    assert "reference" not in answer.streams.added


@pytest.mark.parametrize("wrong", ["nichts", "", "x" * 100])
def test_a_foreign_cursor_is_refused(bench: Bench, wrong: str) -> None:
    _, others = bench.pull("county")
    for cursor in (wrong, others, others[:-1]):
        with pytest.raises(Refusal) as refused:
            bench.pull("inspector1", cursor)
        assert refused.value.code is Code.CURSOR_INVALID


def test_a_cursor_of_another_epoch_says_so(bench: Bench) -> None:
    old = encode_cursor("vor der Wiederherstellung", bench.caller("county").id, {"reference": 1})
    with pytest.raises(Refusal) as refused:
        bench.pull("county", old)
    assert refused.value.code is Code.EPOCH_CHANGED


def test_more_streams_than_one_query_reads(on_sqlite: Bench) -> None:
    bench = on_sqlite
    grids = [f"652327100001{n:03}" for n in range(100, 240)]
    for start in range(0, len(grids), 70):
        ops = [bench.report(grid_code=grid) for grid in grids[start : start + 70]]
        assert {answer.code for answer in bench.push("officer1", *ops)} == {"applied"}
    bench.dress("大网格员", "inspector1", grids=frozenset(grids))
    for limit in (13, 64, 65, 500):
        phone = Replica(bench, "大网格员")
        phone.pull(limit)
        assert sum(entity == "hazard" for entity, _ in phone.holds) == len(grids)


@pytest.mark.parametrize("gaps", [1, 7, 900])
def test_a_page_of_many_streams_is_what_reading_them_one_by_one_gives(bench: Bench, gaps: int) -> None:
    """Most numbers of a stream have gone to later changes, or none."""
    die = random.Random(gaps)
    with bench.app.db.engine.connect() as tx:
        names = [f"grid:试{n:03}" for n in range(60)]
        tx.execute(sa.insert(STREAM), [{"name": name, "head": 0} for name in names])
        ids = dict(tx.execute(sa.select(STREAM.c.name, STREAM.c.id).where(STREAM.c.name.in_(names))).all())
        rows = []
        for name in names:
            numbers = sorted(die.sample(range(1, 40 * gaps), die.choice([0, 1, 3, 38])))
            rows += [(name, number, UUID(int=die.getrandbits(128))) for number in numbers]
            head = max(numbers, default=0) + die.choice([0, gaps])
            tx.execute(sa.update(STREAM).where(STREAM.c.name == name).values(head=head))
        entry = {"entity": "hazard", "rev": 1, "kind": "put"}
        tx.execute(
            sa.insert(FEED),
            [entry | {"stream_id": ids[name], "seq": n, "entity_id": thing} for name, n, thing in rows],
        )
        for most in (1, 2, 5, 37, 38, 100, 5000):
            positions = {name: die.choice([0, 0, 1, 20 * gaps]) for name in die.sample(names, 50)}
            found = feed.read(tx, feed.stands(tx, positions), positions, most)
            wanted = [row for row in rows if row[0] in positions and row[1] > positions[row[0]]]
            assert [(e.stream, e.seq, e.entity_id) for e in found] == wanted[:most]
        tx.rollback()


def test_a_scope_of_too_many_streams_is_for_queries(on_sqlite: Bench) -> None:
    on_sqlite.dress("省级", "inspector1", grids=frozenset(f"652327{n:09}" for n in range(510)))
    with pytest.raises(Refusal) as refused:
        on_sqlite.pull("省级")
    assert refused.value.code is Code.SCOPE_TOO_WIDE


# ---- many at once


Append = Callable[[sa.Connection, Iterable[FeedChange]], None]
_number_last: Append = feed.append


def _hold(tx: sa.Connection) -> None:
    """A transaction that is slow to commit, once its changes have their numbers."""
    tx.execute(sa.text("SELECT pg_sleep(random() * 0.004)"))


def _numbered_last(tx: sa.Connection, changes: Iterable[FeedChange]) -> None:
    _number_last(tx, changes)
    _hold(tx)


def _numbered_early(tx: sa.Connection, changes: Iterable[FeedChange]) -> None:
    """As with a sequence: numbers are taken in another transaction, and not held until the commit."""
    latest = {(stream, c.entity, c.entity_id): c for c in changes for stream in c.streams}
    names = sorted({stream for stream, _, _ in latest})
    with tx.engine.begin() as other:
        insert_new(other, STREAM, [{"name": name, "head": 0} for name in names])
        wanted = {name: sum(1 for stream, _, _ in latest if stream == name) for name in names}
        heads, ids = {}, {}
        for name in names:
            taken = sa.update(STREAM).where(STREAM.c.name == name).values(head=STREAM.c.head + wanted[name])
            ids[name], head = other.execute(taken.returning(STREAM.c.id, STREAM.c.head)).one()
            heads[name] = head - wanted[name]
    _hold(tx)
    for (stream, entity, entity_id), change in latest.items():
        heads[stream] += 1
        at = {"stream_id": ids[stream], "entity": entity, "entity_id": entity_id}
        tx.execute(sa.delete(FEED).where(*(FEED.c[name] == value for name, value in at.items())))
        tx.execute(
            sa.insert(FEED).values(at | {"seq": heads[stream], "rev": change.rev, "kind": change.kind})
        )


def _missed_by_a_tail(bench: Bench) -> dict[Any, Any]:
    """16 phones push at once while others pull without pause: what those others miss in the end."""
    faults: list[BaseException] = []

    def push(number: int) -> None:
        die = random.Random(number)
        try:
            for _ in range(PUSHES):
                who, site = die.choice(
                    [("inspector1", "罐区"), ("inspector2", "矿井"), ("officer1", "装卸站")]
                )
                code = "mine.underground-2022-88" if site == "矿井" else None
                more = {"code": code} if code else {}
                item = [] if code else [die.choice(GENERAL)]
                assert bench.push(who, bench.inspect(*item, site=site, **more))[0].code == "applied"
        except BaseException as fault:
            faults.append(fault)

    tails = [Replica(bench, who) for who in ("county", "inspector1", "inspector3")]
    threads = [threading.Thread(target=push, args=(number,)) for number in range(PUSHERS)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        for tail in tails:
            tail.pull(limit=100)
    assert faults == []
    for tail in tails:
        tail.pull()
    missed: dict[Any, Any] = {}
    for tail in tails:
        missed |= {(tail.who, *key): pair for key, pair in tail.difference(tail.fresh()).items()}
    return missed


def test_sixteen_pushers_and_a_tail_miss_nothing(on_postgres: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed, "append", _numbered_last)
    assert _missed_by_a_tail(on_postgres) == {}
    changes, _ = on_postgres.pull("county")
    assert sum(change.entity == "inspection" for change in changes) == PUSHERS * PUSHES


def test_the_same_finds_the_loss_when_numbers_are_taken_early(
    on_postgres: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Guards the guard: with numbers that are not held until the commit, changes are skipped for ever."""
    monkeypatch.setattr(feed, "append", _numbered_early)
    assert any(_missed_by_a_tail(on_postgres) for _ in range(3))
