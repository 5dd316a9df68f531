"""Batches: one outcome for each operation, whatever stands beside it; all or nothing for each."""

from collections.abc import Iterator, MutableMapping
from contextlib import closing, contextmanager
from itertools import pairwise, permutations
from typing import Any
from uuid import uuid4

import msgspec
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inspect_api.errors import Code, Refusal
from inspect_api.store.hazards import HAZARD
from inspect_api.store.inspections import INSPECTION
from inspect_api.store.notices import NOTICE
from inspect_api.store.operations import OPERATION
from inspect_api.store.photos import PHOTO
from sync.envelope import Outcome
from tests.actions.bench import GENERAL, Bench, Op, code_of, found_at, sha, turned
from tests.actions.county import site_id

POISON = "毒"


def codes(outcomes: list[Outcome]) -> list[str]:
    return [outcome.code for outcome in outcomes]


@contextmanager
def hostile_database(bench: Bench, sqlstate: str = "23514") -> Iterator[None]:
    """The database refuses a hazard whose description is the poison, for a reason of the given class."""
    with bench.app.db.write() as tx:
        if bench.app.db.is_sqlite:
            tx.exec_driver_sql(
                f"CREATE TRIGGER poison BEFORE INSERT ON hazard WHEN NEW.description = '{POISON}'"
                " BEGIN SELECT RAISE(ABORT, 'refused'); END"
            )
        else:
            tx.exec_driver_sql(
                "CREATE FUNCTION poison() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                f" IF NEW.description = '{POISON}' THEN"
                f" RAISE EXCEPTION 'refused' USING ERRCODE = '{sqlstate}'; END IF; RETURN NEW; END $$"
            )
            tx.exec_driver_sql(
                "CREATE TRIGGER poison BEFORE INSERT ON hazard FOR EACH ROW EXECUTE FUNCTION poison()"
            )
    try:
        yield
    finally:
        with bench.app.db.write() as tx:
            tx.exec_driver_sql("DROP TRIGGER poison" + ("" if bench.app.db.is_sqlite else " ON hazard"))
            if not bench.app.db.is_sqlite:
                tx.exec_driver_sql("DROP FUNCTION poison")


# ---- one bad among many


def ninety_nine(bench: Bench) -> list[Op]:
    return [bench.inspect(GENERAL[n % 5], site="罐区") for n in range(99)]


def test_one_that_cannot_be_read_among_a_hundred(bench: Bench) -> None:
    ops: list[Any] = ninety_nine(bench)
    ops.insert(50, msgspec.Raw(b'{"op_id":"%s","kind":{"\xff":1}}' % str(uuid4()).encode()))
    outcomes = bench.push("inspector1", *ops)
    assert [index for index, code in enumerate(codes(outcomes)) if code != "applied"] == [50]
    assert outcomes[50].code == "quarantined"
    assert (bench.count(INSPECTION), bench.count(OPERATION)) == (99, 100)


def test_one_with_answers_that_do_not_fit_among_a_hundred(bench: Bench) -> None:
    ops = ninety_nine(bench)
    bad = bench.inspect()
    bad["body"]["answers"] = [{"item": GENERAL[0], "value": "vielleicht"}]
    outcomes = bench.push("inspector1", *ops[:50], bad, *ops[50:])
    assert [index for index, code in enumerate(codes(outcomes)) if code != "applied"] == [50]
    assert code_of(outcomes[50]) == "invalid_answers"


def test_one_that_the_database_refuses_among_a_hundred(
    bench: Bench, logged: list[MutableMapping[str, Any]]
) -> None:
    """Halved behind savepoints until it is found, the others come through, and their order holds."""
    ops = ninety_nine(bench)
    bad = bench.inspect(fails={GENERAL[0]: {"note": POISON, "photos": [sha("毒")]}})
    follower = bench.command(
        "note", found_at(ops[98], GENERAL[98 % 5]), {"depends_on": [ops[98]["op_id"]]}, text="好"
    )
    with hostile_database(bench):
        outcomes = bench.push("inspector1", follower, *ops[:50], bad, *ops[50:])
        assert [outcome.op_id for outcome in outcomes if outcome.code != "applied"] == [bad["op_id"]]
        assert (outcomes[51].code, code_of(outcomes[51])) == ("quarantined", "invalid_body")
        assert POISON not in str(outcomes[51])
    told = [entry["event"] for entry in logged]
    assert (set(told[:-1]), told[-1]) == ({"batch_falls_back"}, "operation_kept_unjudged")
    assert len(told) <= 9, "101 operations are halved seven times"
    assert (bench.count(INSPECTION), bench.count(OPERATION)) == (99, 101)
    assert not bench.exists(found_at(bad, GENERAL[0]))
    assert bench.count(PHOTO) == 0
    (kept,) = bench.rows(OPERATION, OPERATION.c.code == "quarantined")
    assert kept.raw == msgspec.json.encode(bad)
    changes, _ = bench.pull("inspector1")
    assert len([change for change in changes if change.entity == "inspection"]) == 99
    assert codes(bench.push("inspector1", follower, *ops, bad)) == ["duplicate"] * 101


@pytest.mark.parametrize(
    ("sqlstate", "code"),
    [("53100", Code.STORAGE_FULL), ("40P01", Code.BUSY), ("57P01", Code.BUSY)],
    ids=["disk full", "deadlock", "shutdown"],
)
def test_a_fault_of_the_moment_quarantines_nothing(on_postgres: Bench, sqlstate: str, code: Code) -> None:
    """The phone keeps the batch and comes again."""
    bench = on_postgres
    ops = [bench.inspect(GENERAL[1]), bench.inspect(fails={GENERAL[0]: {"note": POISON}})]
    with hostile_database(bench, sqlstate):
        with pytest.raises(Refusal) as refused:
            bench.push("inspector1", *ops)
        assert refused.value.code is code
        assert bench.count(OPERATION) == 0
    assert codes(bench.push("inspector1", *ops)) == ["applied", "applied"]


def test_a_full_disk_quarantines_nothing(on_sqlite: Bench) -> None:
    bench = on_sqlite
    ops = [bench.inspect(GENERAL[0]) for _ in range(40)]
    with closing(bench.app.db.engine.raw_connection()) as connection:
        cursor = connection.cursor()
        cursor.execute("VACUUM")
        (pages,) = cursor.execute("PRAGMA page_count").fetchone()
        cursor.execute(f"PRAGMA max_page_count = {pages + 2}")
    try:
        with pytest.raises(Refusal) as refused:
            bench.push("inspector1", *ops)
        assert refused.value.code is Code.STORAGE_FULL
        assert bench.count(OPERATION) == 0
    finally:
        with closing(bench.app.db.engine.raw_connection()) as connection:
            connection.cursor().execute("PRAGMA max_page_count = 1073741823")
    assert codes(bench.push("inspector1", *ops)) == ["applied"] * 40


def test_every_kind_of_failure_in_one_batch(bench: Bench) -> None:
    good = bench.inspect(GENERAL[0])
    hazard = found_at(good, GENERAL[0])
    ops: list[Any] = [
        good,
        7,
        bench.inspect() | {"kind": "nichts"},
        bench.command("verify", hazard, passed=True, comment="尚未整改"),
        bench.command("note", uuid4(), text="何处"),
        bench.inspect() | {"user_id": str(uuid4())},
        bench.inspect() | {"ballast": "x" * 300_000},
        good,
        bench.command("note", hazard, text="看过"),
    ]
    assert codes(bench.push("inspector1", *ops)) == [
        "applied", "quarantined", "quarantined", "conflict", "held", "quarantined", "too_large",
        "duplicate", "applied",
    ]  # fmt: skip
    assert bench.count(OPERATION) == 7


# ---- the same operation more than once in a batch


def test_the_same_operation_twice(bench: Bench) -> None:
    op = bench.inspect(GENERAL[0])
    first, second = bench.push("inspector1", op, op)
    assert (first.code, second.code) == ("applied", "duplicate")
    assert isinstance(second.first, Outcome)
    assert (second.first.code, second.rev) == ("applied", 1)
    assert bench.count(INSPECTION) == 1


def test_the_same_with_its_keys_in_another_order(bench: Bench) -> None:
    op = bench.inspect(GENERAL[0])
    answers = bench.push("inspector1", turned(op), op)
    assert codes(answers) == ["applied", "duplicate"]
    assert answers[0].digest != answers[1].digest


def test_the_same_id_with_another_content_in_one_batch(bench: Bench) -> None:
    """However often, and in whatever order with the first."""
    op = bench.inspect(GENERAL[0])
    other = bench.inspect(GENERAL[1]) | {"op_id": op["op_id"]}
    answers = bench.push("inspector1", op, other, other, op, turned(other))
    assert codes(answers) == ["applied", "quarantined", "duplicate", "duplicate", "quarantined"]
    assert code_of(answers[1]) == code_of(answers[4]) == "op_id_reused"
    assert bench.count(INSPECTION) == 1
    assert codes(bench.push("inspector1", other, op)) == ["duplicate", "duplicate"]


def test_what_depends_on_an_id_means_its_first_use(bench: Bench) -> None:
    op = bench.inspect(GENERAL[0], seq=30)
    other = bench.inspect(GENERAL[1], seq=10) | {"op_id": op["op_id"]}
    note = bench.command(
        "note", found_at(op, GENERAL[0]), {"seq": 20, "depends_on": [op["op_id"]]}, text="随后"
    )
    assert codes(bench.push("inspector1", op, other, note)) == ["applied", "quarantined", "applied"]


def test_one_too_large_twice(bench: Bench) -> None:
    op = bench.inspect() | {"ballast": "x" * 300_000}
    answers = bench.push("inspector1", op, op)
    assert [(answer.code, answer.durable) for answer in answers] == [("too_large", False)] * 2


# ---- order and dependencies


def test_a_whole_story_in_any_order(on_sqlite: Bench) -> None:
    """Found, rectified, verified: by number, whatever the order of sending."""
    bench = on_sqlite
    for order in permutations(range(4)):
        inspection = bench.inspect(GENERAL[0])
        hazard = found_at(inspection, GENERAL[0])
        ops = [
            inspection,
            bench.command("note", hazard, text="已通知"),
            bench.command("note", hazard, text="已到场"),
            bench.command("note", hazard, text="已复查"),
        ]
        for op, parent in zip(ops[1:], ops, strict=False):
            op["depends_on"] = [parent["op_id"]]
            op["seq"] = 1  # only the dependencies tell
        assert set(codes(bench.push("inspector1", *(ops[i] for i in order)))) == {"applied"}
        told = [msgspec.json.decode(row.raw)["body"]["text"] for row in _notes(bench, hazard)]
        assert told == ["已通知", "已到场", "已复查"]


def _notes(bench: Bench, hazard: object) -> list[Any]:
    by_id = {row.filed_id: row for row in bench.rows(OPERATION, OPERATION.c.kind == "hazard.note")}
    return [by_id[event.op_id] for event in bench.events(hazard) if event.kind == "hazard.note"]  # type: ignore[arg-type]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.permutations(range(5)), cuts=st.lists(st.integers(1, 4), max_size=2))
def test_in_any_order_and_any_batches_it_ends_the_same(
    on_sqlite: Bench, order: list[int], cuts: list[int]
) -> None:
    """What came too early is sent again, until nothing is to be retried."""
    bench = on_sqlite
    inspection = bench.inspect(GENERAL[0])
    hazard = found_at(inspection, GENERAL[0])
    extra = {"depends_on": [inspection["op_id"]]}
    steps: list[tuple[str, Op]] = [
        ("inspector1", inspection),
        ("enterprise1", bench.rectify(hazard, photos=[sha("换")]) | extra),
        ("officer1", bench.command("verify", hazard, passed=False, comment="未整改到位")),
        ("enterprise1", bench.rectify(hazard, photos=[sha("再换")])),
        ("officer1", bench.command("verify", hazard, passed=True, comment="合格")),
    ]
    for before, (_, op) in pairwise(steps):
        op["depends_on"] = [before[1]["op_id"]]
    for index in order:
        who, op = steps[index]
        assert bench.push(who, op)[0].code in ("applied", "held")
    state = bench.hazard(hazard)
    assert (state.status, state.repeats) == ("closed", 1)


def test_what_depends_on_a_conflict_is_one_and_is_kept(bench: Bench) -> None:
    inspection = bench.inspect(GENERAL[0])
    bench.do("inspector1", inspection)
    hazard = found_at(inspection, GENERAL[0])
    verify = bench.command("verify", hazard, passed=True, comment="合格")
    follow = bench.command(
        "note", hazard, {"depends_on": [verify["op_id"]]}, text="见照片", photos=[sha("现场")]
    )
    last = bench.command("note", hazard, {"depends_on": [follow["op_id"]]}, text="完")
    outcomes = bench.push("inspector1", last, follow, verify)
    assert codes(outcomes) == ["conflict"] * 3
    assert (outcomes[1].status, outcomes[1].missing_blobs) == ("rectifying", [sha("现场")])
    assert isinstance(outcomes[0].permitted_commands, list)
    assert bench.kinds(hazard) == ["opened", "conflict", "conflict", "conflict"]


def test_what_depends_on_something_quarantined_waits(bench: Bench) -> None:
    bad = bench.inspect() | {"kind": "nichts"}
    note = bench.inspect(GENERAL[0]) | {"depends_on": [bad["op_id"]]}
    assert codes(bench.push("inspector1", note, bad)) == ["held", "quarantined"]
    assert codes(bench.push("inspector1", note)) == ["duplicate"]


def test_a_circle_of_dependencies_stops_nobody_else(bench: Bench) -> None:
    one, two, good = bench.inspect(GENERAL[0]), bench.inspect(GENERAL[1]), bench.inspect(GENERAL[2])
    one["depends_on"], two["depends_on"] = [two["op_id"]], [one["op_id"]]
    assert codes(bench.push("inspector1", one, two, good)) == ["quarantined", "quarantined", "applied"]
    assert bench.count(INSPECTION) == 1


def test_an_applied_operation_of_an_earlier_batch_is_there(bench: Bench) -> None:
    op = bench.inspect(GENERAL[0])
    bench.do("inspector1", op)
    note = bench.command("note", found_at(op, GENERAL[0]), {"depends_on": [op["op_id"]]}, text="补充")
    assert codes(bench.push("inspector1", op, note)) == ["duplicate", "applied"]


def test_a_batch_costs_statements_by_kind_not_by_operation(on_sqlite: Bench) -> None:
    bench = on_sqlite
    counted: list[str] = []

    def count(_c: Any, _u: Any, statement: str, *_: Any) -> None:
        counted.append(statement)

    engine = bench.app.db.engine
    sa.event.listen(engine, "before_cursor_execute", count)
    try:
        made = []
        for size in (2, 40):
            counted.clear()
            outcomes = bench.push("inspector1", *[bench.inspect(GENERAL[0]) for _ in range(size)])
            assert codes(outcomes) == ["applied"] * size
            made.append(len(counted))
    finally:
        sa.event.remove(engine, "before_cursor_execute", count)
    assert made[1] <= made[0] + 3, made
    assert bench.count(NOTICE) == bench.count(HAZARD, HAZARD.c.grade == "major") == 0
    assert bench.count(INSPECTION, INSPECTION.c.site_id == site_id("罐区")) == 42
