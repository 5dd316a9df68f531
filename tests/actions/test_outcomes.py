"""Every outcome that a phone may get for an operation, and what is kept of it."""

import base64
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest

from inspect_api.actions.receive_push import check_device, receive_push
from inspect_api.errors import Code, Refusal
from inspect_api.store.hazards import HAZARD
from inspect_api.store.inspections import INSPECTION
from inspect_api.store.operations import OPERATION
from inspect_api.store.photos import PHOTO
from sync.envelope import Outcome, Push
from sync.identity import digest
from sync.limits import LIMITS
from sync.receipt import receipt_holds
from tests.actions.bench import GENERAL, MAJOR, Bench, Op, code_of, found_at, sha
from tests.actions.county import account_id
from tests.records import push


def opened(bench: Bench, who: str = "inspector1", **more: Any) -> UUID:
    """A general hazard, found and served."""
    op = bench.inspect(GENERAL[0], **more)
    bench.do(who, op)
    return found_at(op, GENERAL[0])


# ---- applied


def test_an_inspection_is_applied(bench: Bench) -> None:
    op = bench.inspect(GENERAL[0])
    answer = bench.push("inspector1", op)[0]
    assert (answer.code, answer.durable, answer.rev, answer.op_id) == ("applied", True, 1, op["op_id"])
    assert answer.flags == ["incomplete"]
    hazard = bench.hazard(found_at(op, GENERAL[0]))
    assert (hazard.status, hazard.order_kind, hazard.found_role) == ("rectifying", "urged", "inspector")


def test_a_command_says_where_the_hazard_stands(bench: Bench) -> None:
    hazard = opened(bench)
    answer = bench.give("county", "transfer", hazard, to="消防救援大队", reason="职责所在")
    assert (answer.rev, answer.status) == (2, "rectifying")
    assert isinstance(answer.permitted_commands, list)
    assert "hazard.dismiss" in answer.permitted_commands


def test_the_bytes_are_kept_as_they_came(bench: Bench) -> None:
    op = bench.inspect(GENERAL[0])
    answer = bench.push("inspector1", op)[0]
    (row,) = bench.rows(OPERATION)
    assert row.raw == msgspec.json.encode(op)
    assert answer.digest == digest(row.raw) == row.digest.hex()


def test_the_receipt_covers_every_outcome_in_order(bench: Bench) -> None:
    answer = bench.answer("inspector1", [bench.inspect(GENERAL[0]), 5, bench.inspect()])
    key = bench.app.signer.public_key
    receipt = answer.receipt
    assert receipt_holds(key, receipt.sig, bench.app.origin, receipt.received_at, answer.outcomes)
    assert base64.b64decode(receipt.sig)
    assert receipt.received_at == msgspec.to_builtins(answer.server_time)


def test_an_operation_of_long_ago_is_late(bench: Bench) -> None:
    op = bench.inspect(GENERAL[0])
    captured = bench.now()
    bench.wait(days=3)
    answer = bench.push("inspector1", op)[0]
    assert "late" in answer.flags
    assert bench.hazard(found_at(op, GENERAL[0])).reported_at == captured


# ---- conflict


def test_a_command_out_of_turn_is_a_conflict(bench: Bench) -> None:
    hazard = opened(bench)
    answer = bench.push("officer1", bench.command("verify", hazard, passed=True, comment="已整改"))[0]
    assert (answer.code, answer.durable) == ("conflict", True)
    assert (answer.status, answer.rev) == ("rectifying", 1)
    assert answer.permitted_commands == ["hazard.order_suspension", "hazard.note"]
    assert code_of(answer) == "conflict"
    assert bench.kinds(hazard) == ["opened", "conflict"]


def test_a_command_on_what_has_changed_since_is_a_conflict(bench: Bench) -> None:
    hazard = opened(bench)
    bench.give("county", "transfer", hazard, to="消防救援大队", reason="职责所在")
    op = bench.command("dismiss", hazard, {"base_rev": 1}, reason="不属于隐患")
    answer = bench.push("county", op)[0]
    assert (answer.code, code_of(answer), answer.rev) == ("conflict", "stale_rev", 2)
    assert bench.hazard(hazard).status == "rectifying"
    seen = bench.command("dismiss", hazard, {"base_rev": 2}, reason="不属于隐患")
    assert bench.push("county", seen)[0].code == "applied"


@pytest.mark.parametrize(
    ("who", "kind"),
    [("officer1", "conflict"), ("inspector2", "unknown_entity"), ("expert1", "forbidden")],
)
def test_evidence_of_a_conflict_is_kept_on_the_hazard(bench: Bench, who: str, kind: str) -> None:
    """By the state, or by the role; nothing is kept for one who does not see the hazard."""
    hazard = opened(bench)
    op = bench.command("verify", hazard, passed=True, comment="已整改", photos=[sha("复查")])
    answer = bench.push(who, op)[0]
    assert code_of(answer) == kind
    kept = bench.rows(PHOTO, PHOTO.c.hazard_id == hazard)
    if kind == "unknown_entity":
        assert (answer.code, kept, bench.kinds(hazard)) == ("held", [], ["opened"])
        return
    assert (answer.code, answer.missing_blobs) == ("conflict", [sha("复查")])
    assert [(row.sha256, row.purpose) for row in kept] == [(sha("复查"), "conflict")]
    assert bench.kinds(hazard) == ["opened", "conflict"]


def test_a_conflict_of_persons_is_one_too_and_its_evidence_is_kept(bench: Bench) -> None:
    """Who verified a major hazard does not close it; here the enterprise's person accepts his own work."""
    op = bench.inspect(GENERAL[0])
    bench.do("enterprise1", op)
    hazard = found_at(op, GENERAL[0])
    bench.do("enterprise1", bench.rectify(hazard))
    answer = bench.push("enterprise1", bench.command("accept", hazard, comment="合格"))[0]
    assert (answer.code, code_of(answer), answer.status) == ("conflict", "separation_of_duties", "verifying")
    assert bench.kinds(hazard)[-1] == "conflict"
    bench.give("enterprise1b", "accept", hazard, comment="合格")
    assert bench.hazard(hazard).status == "closed"


def test_one_who_only_looks_on_leaves_no_trace(bench: Bench) -> None:
    hazard = opened(bench)
    answer = bench.push("auditor", bench.command("note", hazard, text="抽查"))[0]
    assert (answer.code, bench.kinds(hazard)) == ("conflict", ["opened"])
    assert answer.permitted_commands == []


# ---- quarantined


def bad_body(bench: Bench, **change: Any) -> Op:
    op = bench.inspect(GENERAL[0])
    op["body"] |= change
    return op


def _amends_itself(bench: Bench) -> Op:
    op = bench.inspect()
    op["body"]["amends"] = op["entity_id"]
    return op


QUARANTINED: dict[str, tuple[str, Any]] = {
    "a field of another type": ("invalid_body", lambda b: bad_body(b, site_id=7)),
    "a body that is no object": ("invalid_body", lambda b: b.inspect() | {"body": "x"}),
    "a date in year 9999": ("invalid_body", lambda b: bad_body(b, finished_at="9999-12-31T00:00:00Z")),
    "no body": ("invalid_body", lambda b: {k: v for k, v in b.inspect().items() if k != "body"}),
    "an op_id that is none": ("invalid_body", lambda b: b.inspect() | {"op_id": "第一"}),
    "a number that is none": ("invalid_body", lambda b: b.inspect() | {"seq": -1}),
    "an unknown kind": ("unknown_kind", lambda b: b.inspect() | {"kind": "hazard.explode"}),
    "a control character": (
        "bad_text",
        lambda b: b.inspect(fails={GENERAL[0]: {"note": "a\x07b"}}),
    ),
    "an unknown checklist": (
        "unknown_checklist",
        lambda b: bad_body(b, checklist={"code": "hazmat.aq3067-2026", "version": "99"}),
    ),
    "an unknown item": ("invalid_answers", lambda b: bad_body(b, answers=[{"item": "X", "value": "pass"}])),
    "an answer twice": (
        "invalid_answers",
        lambda b: bad_body(b, answers=[{"item": GENERAL[0], "value": "pass"}] * 2),
    ),
    "somebody else's": ("other_author", lambda b: b.inspect() | {"user_id": str(account_id("inspector3"))}),
    "amending itself": ("invalid_body", _amends_itself),
    "a report of no place": ("invalid_body", lambda b: b.report(description="无地点", grid_code=None)),
}


@pytest.mark.parametrize("reason", QUARANTINED)
def test_what_cannot_be_applied_is_kept_whole(bench: Bench, reason: str) -> None:
    code, make = QUARANTINED[reason]
    op = make(bench)
    who = "inspector3" if reason == "a report of no place" else "inspector1"  # one with several grids
    answer = bench.push(who, op)[0]
    assert (answer.code, answer.durable, code_of(answer)) == ("quarantined", True, code)
    (row,) = bench.rows(OPERATION)
    assert (row.raw, row.code) == (msgspec.json.encode(op), "quarantined")
    assert bench.count(HAZARD) == bench.count(INSPECTION) == 0
    repeated = bench.push(who, op)[0]
    assert (repeated.code, bench.count(OPERATION)) == ("duplicate", 1)


@pytest.mark.parametrize("who", ["admin", "auditor"])
def test_a_role_that_does_not_inspect(bench: Bench, who: str) -> None:
    answer = bench.push(who, bench.inspect(GENERAL[0]))[0]
    assert (answer.code, code_of(answer)) == ("quarantined", "forbidden")


@pytest.mark.parametrize("raw", [b"7", b'"x"', b"[]", b"{}", b"null", b'{"op_id":null}', b'{"a":"\xff\xfe"}'])
def test_what_is_no_operation_at_all(bench: Bench, raw: bytes) -> None:
    answer = bench.push("inspector1", msgspec.Raw(raw))[0]
    assert (answer.code, code_of(answer)) == ("quarantined", "invalid_body")
    assert answer.digest == digest(raw)
    assert UUID(answer.op_id)
    (row,) = bench.rows(OPERATION)
    assert row.raw == raw
    assert bench.push("inspector1", msgspec.Raw(raw))[0].code == "duplicate"


def test_an_incomplete_plan_says_what_is_missing(bench: Bench) -> None:
    op = bench.inspect(MAJOR[0])
    bench.do("officer1", op)
    answer = bench.push("enterprise1", bench.command("submit_plan", found_at(op, MAJOR[0]), goals="消除"))[0]
    assert (answer.code, code_of(answer)) == ("quarantined", "plan_incomplete")
    assert isinstance(answer.problem, msgspec.Struct)
    pointers = {fault.pointer for fault in answer.problem.errors}
    assert "/body/contingency_plan" in pointers
    assert "/body/goals" not in pointers


def test_the_wrong_place_is_pointed_at(bench: Bench) -> None:
    op = bench.inspect(GENERAL[0])
    op["body"]["answers"][0]["photos"] = ["x"]
    answer = bench.push("inspector1", op)[0]
    assert isinstance(answer.problem, msgspec.Struct)
    assert [fault.pointer for fault in answer.problem.errors] == ["/body/answers/0/photos/0"]


# ---- too large, held


def test_an_operation_over_the_limit_is_not_kept(bench: Bench) -> None:
    long = bench.inspect(GENERAL[0]) | {"note": "长" * (LIMITS.op_bytes // 3)}
    answers = bench.push("inspector1", long, bench.inspect(GENERAL[1]))
    assert [(a.code, a.durable) for a in answers] == [("too_large", False), ("applied", True)]
    assert bench.count(OPERATION) == 1


def test_too_many_operations_are_refused_as_a_whole(bench: Bench) -> None:
    with pytest.raises(Refusal) as refused:
        bench.push("inspector1", *range(LIMITS.ops + 1))
    assert refused.value.code is Code.TOO_LARGE
    assert bench.count(OPERATION) == 0


@pytest.mark.parametrize("version", [0, 2, -1])
def test_an_unknown_protocol_is_refused(bench: Bench, version: int) -> None:
    caller = bench.caller("inspector1")
    body = push([], str(caller.device_id), bench.now()) | {"protocol": version}
    wanted = msgspec.convert(body, Push)
    with pytest.raises(Refusal) as refused:
        bench.app.write(lambda work: receive_push(work, wanted, "json", bench.app.here), caller)
    assert refused.value.code is Code.UNSUPPORTED_PROTOCOL


def test_a_login_serves_its_own_phone_only(bench: Bench) -> None:
    caller = bench.caller("inspector1")
    with pytest.raises(Refusal) as refused:
        bench.app.read(lambda work: check_device(work, uuid4()), caller)
    assert refused.value.code is Code.FORBIDDEN


def first_of(answer: Outcome) -> Outcome:
    """What became of it the first time."""
    assert isinstance(answer.first, Outcome)
    return answer.first


AWAITED: dict[str, tuple[str, Any]] = {
    "an unknown site": ("unknown_entity", lambda b: bad_body(b, site_id=str(uuid4()))),
    "a site of another grid": ("unknown_entity", lambda b: b.inspect(GENERAL[0], site="矿井")),
    "a site of another county": ("unknown_entity", lambda b: b.inspect(GENERAL[0], site="油库")),
    "an unknown hazard": ("unknown_entity", lambda b: b.command("note", uuid4(), text="你好")),
    "amending what is not here": ("unknown_entity", lambda b: bad_body(b, amends=str(uuid4()))),
    "depending on what is not here": (
        "dependency_missing",
        lambda b: b.inspect() | {"depends_on": [str(uuid4())]},
    ),
    "a grid elsewhere": ("unknown_entity", lambda b: b.report(grid_code="652328100001001")),
}


@pytest.mark.parametrize("reason", AWAITED)
def test_what_may_come_right_is_held_and_does_nothing(bench: Bench, reason: str) -> None:
    code, make = AWAITED[reason]
    op = make(bench)
    answer = bench.push("inspector1", op)[0]
    assert (answer.code, answer.durable, code_of(answer)) == ("held", True, code)
    again = bench.push("inspector1", op)[0]
    assert (again.code, first_of(again).code) == ("duplicate", "held")
    assert bench.count(OPERATION) == 1
    assert bench.count(HAZARD) == bench.count(INSPECTION) == 0


def test_once_it_is_here_the_same_operation_is_applied(bench: Bench) -> None:
    op = bench.inspect(GENERAL[0])
    note = bench.command("note", found_at(op, GENERAL[0]), text="稍后补充")
    assert bench.push("inspector1", note)[0].code == "held"
    bench.do("inspector1", op)
    again = bench.push("inspector1", note)[0]
    assert (again.code, first_of(again).code) == ("duplicate", "applied")
