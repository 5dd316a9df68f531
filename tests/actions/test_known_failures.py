"""What went wrong in the systems before this one, where no other test looks (docs/known-failures.md)."""

import random

import msgspec
import sqlalchemy as sa

from inspect_api.store.hazards import HAZARD
from inspect_api.store.photos import BLOB
from tests.actions.bench import GENERAL, MAJOR, Bench, found_at, sha
from tests.actions.conftest import START
from tests.actions.replica import Replica
from tests.actions.test_feed import WATCHERS, Work
from tests.postgres import create_database, drop_database


def test_a_strange_transaction_that_stays_open_hides_nothing(on_postgres: Bench, postgres_url: str) -> None:
    """Whoever waits for the oldest transaction of the cluster shows nothing while it writes."""
    bench = on_postgres
    url = create_database(postgres_url)
    stranger = sa.create_engine(url)
    try:
        with stranger.connect() as elsewhere, bench.app.db.engine.connect() as here:
            elsewhere.execute(sa.text("CREATE TABLE slow (id int)"))
            here.execute(sa.text("CREATE TABLE slow (id int)"))
            op = bench.inspect(GENERAL[0])
            bench.do("inspector1", op)
            changes, _ = bench.pull("county")
            assert ("inspection", op["entity_id"]) in {(c.entity, c.id) for c in changes}
            elsewhere.rollback()
            here.rollback()
    finally:
        stranger.dispose()
        drop_database(url)


def test_of_five_photos_two_are_lost_and_one_was_never_named(bench: Bench) -> None:
    """The answer names what is missing; what nobody has named is kept, for its record may be on its way."""
    names = [f"第{n}张" for n in range(5)]
    bench.upload("inspector1", *names[:3], "没有人提到的")
    op = bench.inspect(fails={GENERAL[0]: {"photos": [sha(name) for name in names]}})
    answer = bench.do("inspector1", op)
    assert answer.missing_blobs == sorted(sha(name) for name in names[3:])
    assert bench.count(BLOB) == 4
    (again,) = bench.push("inspector1", op)
    assert sorted(again.missing_blobs) == sorted(sha(name) for name in names[3:])
    bench.upload("inspector1", *names[3:])
    (complete,) = bench.push("inspector1", op)
    assert (complete.code, complete.missing_blobs) == ("duplicate", [])
    (hazard,) = bench.rows(HAZARD, HAZARD.c.id == found_at(op, GENERAL[0]))
    assert hazard.evidence_pending == 0


def test_what_was_pushed_is_seen_once_though_its_answer_was_lost(bench: Bench) -> None:
    """Neither gone (it is shown by the next pull) nor twice (sent again it changes nothing)."""
    phone = Replica(bench, "inspector1")
    phone.pull()
    op = bench.inspect(GENERAL[0], MAJOR[0])
    bench.push("inspector1", op)  # whose answer never arrives
    phone.pull()
    mine = {("inspection", op["entity_id"]), ("hazard", str(found_at(op, GENERAL[0])))}
    assert mine <= phone.holds.keys()
    assert [outcome.code for outcome in bench.push("inspector1", op)] == ["duplicate"]
    assert bench.pull("inspector1", phone.cursor)[0] == []


def test_whatever_a_phone_holds_it_holds_with_all_that_it_points_at(on_sqlite: Bench) -> None:
    """A task that cannot be worked on because its object is not on the phone: found at no role, ever."""
    looked_at = 0
    for seed in range(6):
        on_sqlite.reset(START)
        work = Work(on_sqlite, random.Random(seed))
        for _ in range(14):
            work.step()
        for who in WATCHERS:
            phone = Replica(on_sqlite, who)
            phone.pull()
            pointed = _pointed_at(phone)
            assert [link for link in pointed if link[1:] not in phone.holds] == [], (seed, who)
            looked_at += len(pointed)
    assert looked_at > 100


def _pointed_at(phone: Replica) -> list[tuple[str, str, str]]:
    """(what points, entity, id) for everything that the entities of a phone name by its id."""
    found = []
    for (entity, _), data in phone.holds.items():
        if entity not in ("hazard", "inspection", "notice", "photo"):
            continue
        shown = msgspec.to_builtins(data)
        named = {noun: shown[noun]["id"] for noun in ("site", "enterprise") if shown.get(noun)}
        named |= {noun: shown[f"{noun}_id"] for noun in ("site", "hazard") if shown.get(f"{noun}_id")}
        found += [(entity, noun, key) for noun, key in named.items()]
    return found
