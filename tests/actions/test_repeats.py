"""The same operation again, and the same id for another one."""

from typing import Any
from uuid import UUID

import msgspec

from inspect_api.store.hazards import HAZARD
from inspect_api.store.inspections import INSPECTION
from inspect_api.store.operations import OPERATION
from sync.envelope import Outcome
from sync.identity import digest
from tests.actions.bench import GENERAL, Bench, Op, code_of, found_at, sha, turned
from tests.actions.county import site_id


def opened(bench: Bench, who: str = "inspector1", **more: Any) -> UUID:
    """A general hazard, found and served."""
    op = bench.inspect(GENERAL[0], **more)
    bench.do(who, op)
    return found_at(op, GENERAL[0])


# ---- duplicate


def again(bench: Bench, op: Op, **options: Any) -> Outcome:
    """The same operation a second time, in another way: nothing changes, the first outcome is told."""
    first = bench.push("inspector1", op)[0]
    before = (bench.count(OPERATION), bench.count(HAZARD), bench.count(INSPECTION))
    answer = bench.push("inspector1", op, **options)[0]
    assert before == (bench.count(OPERATION), bench.count(HAZARD), bench.count(INSPECTION))
    assert answer.code == "duplicate"
    assert isinstance(answer.first, Outcome)
    assert (answer.first.code, answer.first.rev, answer.first.digest) == (first.code, first.rev, first.digest)
    return answer


def test_a_repeated_operation_is_a_duplicate(bench: Bench) -> None:
    again(bench, bench.inspect(GENERAL[0]))


def test_in_another_encoding_too(bench: Bench) -> None:
    op = bench.inspect(GENERAL[0], GENERAL[1])
    answer = again(bench, op, encoding="msgpack")
    assert answer.digest == digest(msgspec.msgpack.encode(op))


def test_with_its_keys_in_another_order_too(bench: Bench) -> None:
    op = bench.inspect(GENERAL[0])
    bench.push("inspector1", op)
    answer = bench.push("inspector1", turned(op))[0]
    assert (answer.code, bench.count(OPERATION)) == ("duplicate", 1)


def test_a_batch_may_be_replayed_in_any_part_and_order_a_year_later(bench: Bench) -> None:
    hazard = opened(bench)
    photo = sha("整改后")
    ops = [
        bench.rectify(hazard, photos=[photo]),
        bench.command("note", hazard, text="请尽快复查"),
        bench.report(site_id=str(site_id("罐区"))),
    ]
    first = bench.push("enterprise1", *ops)
    assert [outcome.code for outcome in first] == ["applied"] * 3
    rows = bench.rows(HAZARD)
    bench.wait(days=365)
    for batch in (ops, ops[::-1], ops[1:], [turned(op) for op in ops]):
        codes = {outcome.op_id: outcome.code for outcome in bench.push("enterprise1", *batch)}
        assert set(codes.values()) == {"duplicate"}
    assert bench.rows(HAZARD) == rows


def test_a_duplicate_names_the_photos_that_are_missing_by_now(bench: Bench) -> None:
    item = GENERAL[0]
    op = bench.inspect(fails={item: {"photos": [sha("一"), sha("二")]}})
    assert bench.push("inspector1", op)[0].missing_blobs == sorted([sha("一"), sha("二")])
    bench.upload("inspector1", "一")
    answer = bench.push("inspector1", op)[0]
    assert answer.missing_blobs == [sha("二")]
    assert isinstance(answer.first, Outcome)
    assert answer.first.missing_blobs == [sha("二")]


def test_a_repeated_conflict_is_a_duplicate_of_it(bench: Bench) -> None:
    op = bench.command("verify", opened(bench), passed=True, comment="已整改")
    assert bench.push("officer1", op)[0].code == "conflict"
    answer = bench.push("officer1", op)[0]
    assert isinstance(answer.first, Outcome)
    assert (answer.code, answer.first.code, answer.status) == ("duplicate", "conflict", "rectifying")


# ---- the same id with another content


def test_an_id_used_again_with_another_content(bench: Bench) -> None:
    op = bench.inspect(GENERAL[0])
    bench.do("inspector1", op)
    other = bench.inspect(GENERAL[1]) | {"op_id": op["op_id"]}
    answer = bench.push("inspector1", other)[0]
    assert (answer.code, code_of(answer), answer.op_id) == ("quarantined", "op_id_reused", op["op_id"])
    assert bench.count(INSPECTION) == 1
    assert bench.push("inspector1", op)[0].code == "duplicate"
    assert bench.push("inspector1", other)[0].code == "duplicate"
    assert bench.count(OPERATION) == 2


def test_an_id_of_another_account_tells_nothing_of_it(bench: Bench) -> None:
    """Neither for other content nor for the very same bytes."""
    op = bench.inspect(GENERAL[0])
    bench.do("inspector1", op)
    for stranger in ("inspector2", "enterprise2"):
        answer = bench.push(stranger, op)[0]
        assert (answer.code, code_of(answer)) == ("quarantined", "op_id_reused")
        assert (answer.first, answer.rev, answer.status) == (msgspec.UNSET,) * 3
    assert bench.push("inspector1", op)[0].code == "duplicate"


def test_on_a_shared_phone_the_first_outcome_is_told(bench: Bench) -> None:
    op = bench.inspect(GENERAL[0])
    bench.do("inspector1", op, phone="公用")
    assert bench.push("inspector3", op, phone="公用")[0].code == "duplicate"
    assert bench.push("inspector3", op)[0].code == "quarantined"


def test_two_logins_without_a_phone_share_none(bench: Bench) -> None:
    op = bench.inspect(GENERAL[0])
    bench.do("inspector1", op, phone=None)
    assert bench.push("inspector1", op, phone=None)[0].code == "duplicate"
    assert bench.push("inspector3", op, phone=None)[0].code == "quarantined"
