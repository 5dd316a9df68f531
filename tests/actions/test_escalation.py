"""Every step is taken exactly once and in order, by however many workers, and however late they come."""

import dataclasses
import threading
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest
import sqlalchemy as sa

from inspect_api.actions import escalate_overdue
from inspect_api.domain.calendar import CIVIL
from inspect_api.domain.county_rules import add_ladders
from inspect_api.domain.deadline import ClockKind, Grade, Party
from inspect_api.domain.escalation import shipped_ladders
from inspect_api.domain.hazard import HazardState
from inspect_api.jobs.loop import escalate
from inspect_api.store.clocks import CLOCK
from inspect_api.store.hazards import HAZARD
from inspect_api.store.notices import NOTICE
from tests.actions.bench import GENERAL, MAJOR, Bench, found_at, sha
from tests.actions.county import account_id


def ladder(grade: Grade, party: Party, clock: ClockKind) -> list[int]:
    return [step.n for step in shipped_ladders().of(grade, party, clock).steps]


def steps(bench: Bench, hazard: UUID) -> list[tuple[str, int]]:
    """Clock and number of each step in the history."""
    told = [msgspec.json.decode(e.event)["why"] for e in bench.events(hazard) if e.kind == "hazard.escalated"]
    return [(why["clock"], why["step"]) for why in told]


def overdue(bench: Bench, count: int = 1, who: str = "officer1") -> list[UUID]:
    """General hazards that were served today."""
    ops = [bench.inspect(GENERAL[n % 8]) for n in range(count)]
    assert {answer.code for answer in bench.push(who, *ops)} == {"applied"}
    return [found_at(op, GENERAL[n % 8]) for n, op in enumerate(ops)]


def test_a_step_is_taken_when_its_moment_has_come(bench: Bench) -> None:
    """Due on Tuesday the 24th; the reminder is three working days before, at nine."""
    (hazard,) = overdue(bench)
    assert bench.hazard(hazard).due_at == datetime(2026, 11, 24, 23, 59, 59, tzinfo=CIVIL)
    bench.clock.set(datetime(2026, 11, 19, 8, 59, 59, tzinfo=CIVIL))
    assert bench.escalate() == 0
    bench.wait(seconds=1)
    assert bench.escalate() == 1
    assert bench.escalate() == 0
    assert steps(bench, hazard) == [("rectification", 1)]
    assert (bench.hazard(hazard).step, bench.hazard(hazard).step_since) == (1, bench.now())
    receivers = {row.receiver_id for row in bench.rows(NOTICE, NOTICE.c.kind == "step")}
    assert {account_id("enterprise1"), account_id("enterprise1b")} <= receivers
    (notice, *_) = bench.rows(NOTICE, NOTICE.c.receiver_id == account_id("enterprise1"))
    assert (notice.step, notice.channel, notice.created_at) == (1, "in_app", bench.now())


def test_after_an_outage_all_missed_steps_are_taken_in_order(bench: Bench) -> None:
    (hazard,) = overdue(bench)
    bench.wait(days=90)
    wanted = ladder("general", "enterprise", "rectification")
    assert bench.escalate() == len(wanted)
    assert steps(bench, hazard) == [("rectification", n) for n in wanted]
    assert bench.hazard(hazard).step == wanted[-1]
    assert bench.clocks(hazard)["rectification"].next_step_at is None
    assert bench.escalate() == 0
    causes = [(row.cause, row.receiver_id) for row in bench.rows(NOTICE)]
    assert len(causes) == len(set(causes))


def test_in_small_slices_nothing_is_left(bench: Bench) -> None:
    hazards = overdue(bench, 7)
    bench.wait(days=90)
    wanted = ladder("general", "enterprise", "rectification")
    taken = 0
    while done := bench.escalate(most=2):
        taken += done
    assert taken == 7 * len(wanted)
    assert all([n for _, n in steps(bench, hazard)] == wanted for hazard in hazards)


def test_who_has_done_his_part_is_left_alone(bench: Bench) -> None:
    (hazard,) = overdue(bench)
    bench.do("enterprise1", bench.rectify(hazard, photos=[sha("后")]))
    bench.wait(days=90)
    bench.escalate()
    told = steps(bench, hazard)
    assert {clock for clock, _ in told} == {"reinspection"}
    receivers = {row.receiver_id for row in bench.rows(NOTICE, NOTICE.c.kind == "step")}
    assert not receivers & {account_id("enterprise1"), account_id("enterprise1b")}


def test_a_closed_hazard_is_left_alone(bench: Bench) -> None:
    (hazard,) = overdue(bench)
    bench.do("enterprise1", bench.rectify(hazard, photos=[sha("后")]))
    bench.give("officer1", "verify", hazard, passed=True, comment="合格")
    bench.wait(days=400)
    assert bench.escalate() == 0


def test_each_cycle_climbs_anew(bench: Bench) -> None:
    (hazard,) = overdue(bench)
    bench.wait(days=16)
    assert bench.escalate() == 2
    bench.do("enterprise1", bench.rectify(hazard, photos=[sha("后")]))
    bench.give("officer1", "verify", hazard, passed=False, comment="未到位")
    assert bench.hazard(hazard).step == 0
    bench.wait(days=16)
    assert bench.escalate() == 2
    assert [n for _, n in steps(bench, hazard)] == [1, 2, 1, 2]


def test_an_extension_moves_the_steps_that_are_left(bench: Bench) -> None:
    (hazard,) = overdue(bench)
    bench.wait(days=11)
    assert bench.escalate() == 1
    longer = {"due_at": "2026-12-30T18:00:00+08:00", "reason": "备件未到", "interim_measures": "看守"}
    bench.give("enterprise1", "request_extension", hazard, **longer)
    bench.give("county", "decide_extension", hazard, approved=True, reason="同意")
    bench.wait(days=30)
    assert bench.escalate() == 0
    bench.wait(days=40)
    bench.escalate()
    told = [n for clock, n in steps(bench, hazard) if clock == "rectification"]
    assert told == ladder("general", "enterprise", "rectification")


def test_the_clock_of_the_server_set_back_repeats_nothing(bench: Bench) -> None:
    (hazard,) = overdue(bench)
    bench.wait(days=16)
    assert bench.escalate() == 2
    bench.wait(days=-10)
    assert bench.escalate() == 0
    bench.wait(days=10)
    assert bench.escalate() == 0
    assert steps(bench, hazard) == [("rectification", 1), ("rectification", 2)]


def test_a_suspected_major_hazard_that_nobody_confirms(bench: Bench) -> None:
    op = bench.inspect(MAJOR[0])
    bench.do("inspector1", op)
    bench.wait(days=30)
    bench.escalate()
    wanted = ladder("major", "regulator", "confirmation")
    assert steps(bench, found_at(op, MAJOR[0])) == [("confirmation", n) for n in wanted]
    upwards = {row.receiver_id for row in bench.rows(NOTICE, NOTICE.c.kind == "step")}
    assert account_id("city") in upwards


@pytest.mark.parametrize("database", ["postgres_bench", "sqlite_bench"])
def test_four_workers_take_each_step_once(request: pytest.FixtureRequest, database: str) -> None:
    bench: Bench = request.getfixturevalue("on_" + database.removesuffix("_bench"))
    hazards = overdue(bench, 24)
    wanted = ladder("general", "enterprise", "rectification")
    for days in (11, 5, 3, 80):
        bench.wait(days=days)
        taken = _at_once(bench, workers=4)
        while more := bench.escalate():  # what another worker held was left to the next round
            taken += more
    for hazard in hazards:
        assert steps(bench, hazard) == [("rectification", n) for n in wanted]
    assert bench.count(HAZARD, HAZARD.c.step == wanted[-1]) == len(hazards)
    told = [(row.cause, row.receiver_id) for row in bench.rows(NOTICE)]
    assert len(told) == len(set(told))


def _at_once(bench: Bench, workers: int) -> int:
    together = threading.Barrier(workers)
    taken: list[int] = []

    def work() -> None:
        together.wait()
        while done := bench.escalate(most=5):
            taken.append(done)

    threads = [threading.Thread(target=work) for _ in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(taken)


def test_a_step_costs_what_is_due_not_what_is_open(on_sqlite: Bench) -> None:
    """A sweep with nothing due reads one index entry, however many hazards are open."""
    bench = on_sqlite
    overdue(bench, 30)
    seen: list[str] = []

    def note(_c: object, _u: object, statement: str, *_: object) -> None:
        seen.append(statement)

    sa.event.listen(bench.app.db.engine, "before_cursor_execute", note)
    try:
        assert bench.escalate() == 0
    finally:
        sa.event.remove(bench.app.db.engine, "before_cursor_execute", note)
    queries = [statement for statement in seen if statement.startswith("SELECT")]
    assert len(queries) == 1
    with bench.app.db.read() as tx:
        plan = tx.execute(
            sa.text("EXPLAIN QUERY PLAN " + queries[0].replace("?", "1")),
        ).all()
    assert "ix_clock_next_step" in str(plan)


def test_a_step_for_an_office_that_nobody_holds_goes_to_the_county(on_sqlite: Bench) -> None:
    bench = on_sqlite
    own = """
ladders:
- grade: general
  party: enterprise
  mark: local policy
  source: 县局规定
  steps:
  - {n: 2, when: 1, to: [{role: officer, level: province}], answer_within: 3, zh: 督办, en: urging}
"""
    ladders = add_ladders(shipped_ladders(), own, "ladders.yaml")
    app = dataclasses.replace(bench.app, rules=bench.app.rules._replace(ladders=ladders))
    there = Bench(app, bench.clock)  # where the province has no officer
    there.do("officer1", there.inspect(GENERAL[0]))
    there.wait(days=20)
    assert there.escalate() == 1
    told = {row.receiver_id for row in bench.rows(NOTICE, NOTICE.c.kind == "step")}
    assert told == {account_id("county"), account_id("county2")}


def test_a_step_that_the_calendar_moved_away_is_met_once(bench: Bench) -> None:
    """Its moment was written under another calendar: it is put right and takes no place in later sweeps."""
    (hazard,) = overdue(bench)
    (moved,) = bench.rows(CLOCK, CLOCK.c.kind == "rectification")
    with bench.app.db.write() as tx:
        early = sa.update(CLOCK).where(CLOCK.c.id == moved.id)
        tx.execute(early.values(next_step_at=bench.now() - timedelta(days=1)))
    assert bench.escalate() == 1
    assert bench.escalate() == 0
    assert steps(bench, hazard) == []
    assert bench.clocks(hazard)["rectification"].next_step_at == moved.next_step_at
    assert bench.kinds(hazard)[-1] == "rescheduled"


def test_a_hazard_that_cannot_be_escalated_keeps_no_other_waiting(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    hazards = overdue(bench, 7)
    bench.wait(days=90)
    whole = escalate_overdue.step_notice

    def break_one(hazard: HazardState, *rest: Any) -> Any:
        if hazard.id == hazards[3]:
            raise LookupError("bad data")
        return whole(hazard, *rest)

    monkeypatch.setattr(escalate_overdue, "step_notice", break_one)
    wanted = ladder("general", "enterprise", "rectification")
    assert escalate(bench.app) == 6 * len(wanted) + 1  # one was looked at, and set aside
    assert [bool(steps(bench, hazard)) for hazard in hazards] == [n != 3 for n in range(7)]
    monkeypatch.undo()
    assert escalate(bench.app) == len(wanted)
    assert escalate(bench.app) == 0
