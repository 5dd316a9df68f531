"""Whatever a phone's clocks say: nothing is kept out, and the dates come out right."""

import pytest

from inspect_api.store.inspections import INSPECTION
from tests.actions.bench import GENERAL, Bench, found_at
from tests.records import clock


@pytest.mark.parametrize(
    "wall", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "坏钟", "\x00", "2036-11-09T10:00:00Z"]
)
@pytest.mark.parametrize("boot", ["boot-1", "boot-2"])
def test_no_clock_keeps_an_operation_out(bench: Bench, wall: str, boot: str) -> None:
    op = bench.inspect(GENERAL[0])
    captured = bench.now()
    op["at"] = clock(captured) | {"wall": wall}
    bench.wait(hours=2)
    sent = clock(bench.now()) | {"boot_id": boot}
    answer = bench.push("inspector1", op, sent=sent)[0]
    assert (answer.code, "clock_skew" in answer.flags) == ("applied", True)
    hazard = bench.hazard(found_at(op, GENERAL[0]))
    assert captured <= hazard.reported_at <= bench.now()
    assert hazard.due_at is not None
    assert (hazard.due_at - bench.now()).days in (14, 15)


@pytest.mark.parametrize("years", [-10, 10])
def test_a_phone_ten_years_off_gives_the_right_dates(bench: Bench, years: int) -> None:
    right = bench.now()
    op = bench.inspect(GENERAL[0])
    wrong = right.replace(year=right.year + years)
    op["at"] = clock(right) | {"wall": wrong.isoformat()}
    op["body"] |= {"started_at": wrong.isoformat(), "finished_at": wrong.isoformat()}
    sent = clock(right) | {"wall": wrong.isoformat()}
    answer = bench.push("inspector1", op, sent=sent)[0]
    assert (answer.code, "clock_skew" in answer.flags) == ("applied", True)
    (row,) = bench.rows(INSPECTION)
    assert (row.started_at, row.finished_at) == (right, right)
    assert bench.hazard(found_at(op, GENERAL[0])).served_at == right
