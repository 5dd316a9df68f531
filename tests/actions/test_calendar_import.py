"""A notice of holidays arrives: the calendar on every phone, and every date that crosses a changed day."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from uuid import UUID

import msgspec
import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from inspect_api.actions.import_calendar import CalendarChange, import_calendar, weigh_calendar
from inspect_api.actions.recompute_dates import is_pending, recompute_dates
from inspect_api.cli import main
from inspect_api.domain.calendar import CIVIL
from inspect_api.domain.holiday_notice import read_notice
from inspect_api.settings import Settings
from inspect_api.store.calendar_days import CALENDAR_DAY, CALENDAR_YEAR
from inspect_api.store.migrating import migrate
from tests.actions.bench import GENERAL, MAJOR, Bench, found_at, sha
from tests.domain.test_holiday_notice import TEXT

SIGNED = [{"role": "principal", "name": "王强", "signature": sha("签名")}]


def civil(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=CIVIL)


@pytest.fixture
def winter(bench: Bench) -> Iterator[Bench]:
    """The end of 2026; the calendar is put back afterwards."""
    _settle(bench)
    bench.clock.set(civil("2026-12-29T10:00:00"))
    kept = bench.rows(CALENDAR_YEAR), bench.rows(CALENDAR_DAY)
    yield bench
    with bench.app.db.write() as tx:
        for table, rows in zip((CALENDAR_YEAR, CALENDAR_DAY), kept, strict=True):
            tx.execute(sa.delete(table))
            tx.execute(sa.insert(table), [dict(row._mapping) for row in rows])


def announce(bench: Bench, text: str = TEXT) -> CalendarChange:
    return bench.app.write(lambda work: import_calendar(work, read_notice(text, "2027.json")))


def _settle(bench: Bench, most: int = 200) -> int:
    total = 0
    while done := bench.app.write(lambda work: recompute_dates(work, most)):
        total += done
    return total


def major(bench: Bench) -> UUID:
    """A major hazard found by two officers and signed for: the plan is owed within 5 working days."""
    officers = [
        {"user_id": str(bench.caller(who).id), "certificate_no": "XJ-1"} for who in ("officer1", "officer2")
    ]
    op = bench.inspect(MAJOR[0], officers=officers, attendees=SIGNED)
    bench.do("officer1", op)
    return found_at(op, MAJOR[0])


def test_a_provisional_date_is_settled_by_the_notice(winter: Bench) -> None:
    bench = winter
    hazard = major(bench)
    _, cursor = bench.pull("enterprise1")
    plan = bench.clocks(hazard)["plan"]
    # by weekends alone: 30, 31 December, 1, 4, 5 January
    assert (plan.due_at, plan.provisional) == (civil("2027-01-05T23:59:59"), True)
    assert bench.hazard(hazard).due_provisional
    change = announce(bench)
    assert (change.version, change.is_new_year, change.crossing) == ("2027.1", True, 1)
    assert _settle(bench) == 1
    plan = bench.clocks(hazard)["plan"]
    # 31 December to 3 January are off: 30 December, 4, 5, 6, 7 January
    assert (plan.due_at, plan.provisional) == (civil("2027-01-07T23:59:59"), False)
    assert plan.next_step_at == civil("2027-01-04T09:00:00")
    state = bench.hazard(hazard)
    assert (state.due_at, state.due_provisional) == (plan.due_at, False)
    assert bench.kinds(hazard)[-1] == "dates_recomputed"
    why = msgspec.json.decode(bench.events(hazard)[-1].event)["why"]
    assert why["calendar"] == plan.calendar_version
    assert {(d["clock"], d["before"][:10], d["after"][:10]) for d in why["dates"]} >= {
        ("plan", "2027-01-05", "2027-01-07")
    }
    assert "原定 2027年1月5日 改为 2027年1月7日" in plan.explanation[-1]
    assert "2027年1月1日不计（元旦）" in "".join(plan.explanation)
    changes, _ = bench.pull("enterprise1", cursor)
    assert {(change.entity, change.rev) for change in changes if change.entity == "calendar"} == {
        ("calendar", 1),
        ("calendar", 2),
    }
    pulled = {change.data.year: change.data for change in changes if change.entity == "calendar"}
    assert (pulled[2027].version, pulled[2027].rev) == ("2027.1", 1)
    assert (pulled[2026].version, pulled[2026].rev) == ("2026.2", 2)  # its last days are moved
    [told] = [change.data for change in changes if change.entity == "hazard"]
    assert (told.due_at, told.due_provisional) == (plan.due_at, False)


def test_no_date_becomes_earlier_that_somebody_was_told(winter: Bench) -> None:
    """A worked Saturday would bring the date forward; the party keeps the day that it was told."""
    bench = winter
    bench.clock.set(civil("2026-12-24T10:00:00"))
    hazard = major(bench)
    assert bench.clocks(hazard)["plan"].due_at == civil("2026-12-31T23:59:59")
    announce(bench, TEXT.replace('"2026-12-31", "isOffDay": true', '"2027-01-04", "isOffDay": true'))
    _settle(bench)
    plan = bench.clocks(hazard)["plan"]
    assert plan.due_at == civil("2026-12-31T23:59:59")
    assert "dates_recomputed" in bench.kinds(hazard)  # its steps are found anew
    announce(bench)
    _settle(bench)
    assert bench.clocks(hazard)["plan"].due_at == civil("2026-12-31T23:59:59")


def test_what_does_not_cross_the_year_is_left_alone(winter: Bench) -> None:
    bench = winter
    bench.clock.set(civil("2026-11-09T10:00:00"))
    op = bench.inspect(GENERAL[0], attendees=SIGNED)
    bench.do("officer1", op)
    before = bench.events(found_at(op, GENERAL[0]))
    assert announce(bench).crossing == 0
    assert _settle(bench) == 0
    assert bench.events(found_at(op, GENERAL[0])) == before


def test_the_same_notice_again_changes_nothing_and_a_mended_one_is_another_edition(winter: Bench) -> None:
    bench = winter
    weighed = bench.app.read(lambda work: weigh_calendar(work, read_notice(TEXT, "x")))
    assert bench.count(CALENDAR_YEAR, CALENDAR_YEAR.c.year == 2027) == 0
    assert announce(bench) == weighed
    assert announce(bench).is_nothing
    mended = announce(bench, TEXT.replace("2027-10-04", "2027-10-05"))
    assert (mended.version, [str(day) for day in mended.moved]) == ("2027.2", ["2027-10-04", "2027-10-05"])
    with bench.app.db.read() as tx:
        official = tx.execute(sa.select(CALENDAR_YEAR).where(CALENDAR_YEAR.c.year == 2026)).one()
    assert official.version == "2026.2"


def test_in_small_slices_and_after_a_kill_every_date_is_computed_once(winter: Bench) -> None:
    bench = winter
    hazards = [major(bench) for _ in range(5)]
    announce(bench)
    assert bench.app.write(lambda work: recompute_dates(work, 2)) == 2
    assert bench.app.read(is_pending)
    assert _settle(bench, 2) == 3
    assert not bench.app.read(is_pending)
    for hazard in hazards:
        assert bench.kinds(hazard).count("dates_recomputed") == 1
        assert bench.hazard(hazard).due_at == civil("2027-01-07T23:59:59")


def test_a_slice_costs_the_same_statements_however_many_hazards_it_holds(winter: Bench) -> None:
    bench, seen = winter, [0]
    hazards = [major(bench)]
    engine = bench.app.db.engine

    def count(*_: object) -> None:
        seen[0] += 1

    costs = []
    for text in (TEXT, TEXT.replace("2027-01-01", "2027-01-04")):
        announce(bench, text)
        seen[0] = 0
        sa.event.listen(engine, "before_cursor_execute", count)
        try:
            assert bench.app.write(lambda work: recompute_dates(work, 200)) == len(hazards)
        finally:
            sa.event.remove(engine, "before_cursor_execute", count)
        costs.append(seen[0])
        _settle(bench)
        hazards += [major(bench) for _ in range(9)]
    assert costs[0] == costs[1]


def test_the_command_tells_what_it_would_do_and_what_is_wrong(tmp_path: Path) -> None:
    env = {"DATA_DIR": str(tmp_path / "var"), "DATABASE_URL": ""}
    migrate(Settings(data_dir=tmp_path / "var").sqlalchemy_url)
    file = tmp_path / "2027.json"

    def run(*more: str) -> tuple[int, str]:
        result = CliRunner().invoke(main, ["import", "calendar", str(file), *more], env=env)
        return result.exit_code, result.output

    file.write_text('{"year": 2027, "papers": [], "days": []}', encoding="utf-8")
    code, told = run()
    assert (code, told.count("2027.json:1: ")) == (2, 2)
    assert "days: must be a list of at least one" in told
    file.write_text(TEXT, encoding="utf-8")
    told_before = run("--dry-run")
    assert told_before[0] == 0
    assert told_before[1].startswith("2027: edition 2027.1; 16 days otherwise than so far: 2026-12-26, ")
    assert told_before[1].endswith("the dates of 0 open hazards would be looked at again by the worker\n")
    assert run()[1] == told_before[1].replace("would be", "are")
    assert run() == (0, "it was so already\n")


def test_the_regulators_dates_follow_too(winter: Bench) -> None:
    """One working day for a confirmation: from 30 December it is the 31st, then 4 January."""
    bench = winter
    bench.clock.set(civil("2026-12-30T10:00:00"))
    op = bench.inspect(MAJOR[0])
    bench.do("inspector1", op)
    hazard = found_at(op, MAJOR[0])
    assert bench.clocks(hazard)["confirmation"].due_at == civil("2026-12-31T23:59:59")
    announce(bench)
    _settle(bench)
    clock = bench.clocks(hazard)["confirmation"]
    assert (clock.due_at, clock.next_step_at) == (civil("2027-01-04T23:59:59"), civil("2027-01-04T09:00:00"))


def test_an_honest_inspection_that_comes_forty_days_late_climbs_from_its_arrival(bench: Bench) -> None:
    """Signed on 9 November, due on the 24th, here on 19 December: urged first, transferred weeks later."""
    op = bench.inspect(GENERAL[0], attendees=SIGNED)
    bench.clock.set(civil("2026-12-19T10:00:00"))
    bench.do("officer1", op)
    hazard = found_at(op, GENERAL[0])
    clock = bench.clocks(hazard)["rectification"]
    assert (clock.due_at, clock.known_at) == (civil("2026-11-24T23:59:59"), bench.now())
    assert bench.escalate() == 0  # nobody is transferred who was never urged
    taken = []
    for day in range(19, 31):
        bench.clock.set(civil(f"2026-12-{day}T09:00:00"))
        bench.escalate()
        taken.append((day, bench.hazard(hazard).step))
    # Monday the 21st is the first working day after its arrival
    assert [(day, step) for day, step in taken if step] == [
        *[(21, 2), (22, 2), (23, 3), (24, 3), (25, 3), (26, 3), (27, 3), (28, 3)],
        *[(29, 4), (30, 4)],
    ]
