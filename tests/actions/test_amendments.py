"""A correction is a new inspection: what it finds again, adds, withdraws, and whose it may be."""

from typing import Any
from uuid import UUID

import pytest

from inspect_api.store.hazards import HAZARD
from inspect_api.store.inspections import INSPECTION
from inspect_api.store.photos import PHOTO
from tests.actions.bench import GENERAL, Bench, Op, code_of, found_at, sha


def amend(bench: Bench, before: Op, *items: str, **more: Any) -> Op:
    return bench.inspect(*items, amends=before["entity_id"], **more)


def test_an_amendment_opens_no_second_hazard(bench: Bench) -> None:
    op = bench.inspect(GENERAL[0])
    bench.do("inspector1", op)
    again = amend(bench, op, GENERAL[0], GENERAL[1])
    bench.do("inspector1", again)
    assert bench.count(HAZARD) == 2
    # ids come from the first inspection of the chain
    assert bench.exists(found_at(op, GENERAL[1]))
    third = amend(bench, again, GENERAL[0], GENERAL[1], GENERAL[2])
    bench.do("inspector1", third)
    assert bench.exists(found_at(op, GENERAL[2]))
    assert bench.count(HAZARD) == 3
    assert {row.root for row in bench.rows(INSPECTION)} == {UUID(op["entity_id"])}


def test_a_signature_at_the_second_visit_serves_what_the_first_could_not(bench: Bench) -> None:
    """The way to an enterprise that has no account, and so gets no notice."""
    op = bench.inspect(GENERAL[0], signed=False)
    bench.do("inspector1", op)
    hazard = found_at(op, GENERAL[0])
    bench.wait(days=2)
    visited_at = bench.now()
    second = amend(bench, op, GENERAL[0], signed=False)
    bench.do("inspector1", second)
    assert (bench.hazard(hazard).served_at, set(bench.clocks(hazard))) == (None, {"service"})
    third = amend(bench, second, GENERAL[0], GENERAL[1])
    bench.wait(days=30)  # without a network
    bench.do("inspector1", third)
    rectification = bench.clocks(hazard)["rectification"]
    assert bench.hazard(hazard).served_at == visited_at
    assert (rectification.started_at, rectification.known_at) == (visited_at, bench.now())
    assert bench.kinds(hazard) == ["opened", "served"]
    bench.do("inspector1", amend(bench, third, GENERAL[0], GENERAL[1]))
    assert bench.hazard(hazard).served_at == visited_at


def test_a_finding_that_is_withdrawn_is_proposed_for_dismissal(bench: Bench) -> None:
    op = bench.inspect(GENERAL[0], GENERAL[1])
    bench.do("inspector1", op)
    hazard = found_at(op, GENERAL[0])
    bench.do("inspector1", amend(bench, op, GENERAL[1]))
    state = bench.hazard(hazard)
    assert (state.status, state.withdrawn) == ("rectifying", True)
    assert bench.kinds(hazard) == ["opened", "withdrawal_proposed"]
    assert bench.kinds(found_at(op, GENERAL[1])) == ["opened"]
    bench.give("county", "dismiss", hazard, reason="检查员撤回")
    assert bench.hazard(hazard).status == "dismissed"


def test_found_again_it_is_proposed_no_longer(bench: Bench) -> None:
    op = bench.inspect(GENERAL[0])
    bench.do("inspector1", op)
    hazard = found_at(op, GENERAL[0])
    bench.do("inspector1", second := amend(bench, op))
    bench.do("inspector1", amend(bench, second, GENERAL[0]))
    assert not bench.hazard(hazard).withdrawn
    assert bench.kinds(hazard) == ["opened", "withdrawal_proposed", "found_again"]


def test_a_chain_in_one_batch(bench: Bench) -> None:
    op = bench.inspect(GENERAL[0])
    second = amend(bench, op, GENERAL[0], GENERAL[1])
    third = amend(bench, second, GENERAL[1])
    assert {answer.code for answer in bench.push("inspector1", third, second, op)} == {"applied"}
    assert bench.hazard(found_at(op, GENERAL[0])).withdrawn
    assert not bench.hazard(found_at(op, GENERAL[1])).withdrawn


def test_an_amendment_does_not_touch_what_is_done(bench: Bench) -> None:
    op = bench.inspect(GENERAL[0])
    bench.do("officer1", op)
    hazard = found_at(op, GENERAL[0])
    bench.do("enterprise1", bench.rectify(hazard, photos=[sha("后")]))
    bench.give("officer2", "verify", hazard, passed=True, comment="合格")
    bench.do("officer1", amend(bench, op))
    assert (bench.hazard(hazard).status, bench.hazard(hazard).withdrawn) == ("closed", False)


def test_photos_of_an_amendment_are_awaited_too(bench: Bench) -> None:
    op = bench.inspect(GENERAL[0])
    bench.do("inspector1", op)
    again = amend(
        bench, op, fails={GENERAL[0]: {"findings": [{"n": 1, "note": "补拍", "photos": [sha("补")]}]}}
    )
    assert bench.do("inspector1", again).missing_blobs == [sha("补")]
    bench.upload("inspector1", "补")
    (photo,) = bench.rows(PHOTO)
    assert (photo.inspection_id, photo.is_present) == (UUID(again["entity_id"]), True)


@pytest.mark.parametrize(("first", "second"), [("officer1", "enterprise1"), ("enterprise1", "officer1")])
def test_one_side_does_not_amend_what_the_other_found(bench: Bench, first: str, second: str) -> None:
    """Else an enterprise could open as its own what officers are about to find, and accept it itself."""
    op = bench.inspect(GENERAL[0])
    bench.do(first, op)
    answer = bench.push(second, amend(bench, op, GENERAL[1]))[0]
    assert (answer.code, code_of(answer)) == ("quarantined", "forbidden")
    assert not bench.hazard(found_at(op, GENERAL[0])).withdrawn
    colleague = {"officer1": "officer2", "enterprise1": "enterprise1b"}[first]
    assert bench.push(colleague, amend(bench, op, GENERAL[0]))[0].code == "applied"


def test_an_amendment_is_of_the_same_site(bench: Bench) -> None:
    op = bench.inspect(GENERAL[0])
    bench.do("inspector1", op)
    answer = bench.push("inspector1", amend(bench, op, GENERAL[0], site="装卸站"))[0]
    assert (answer.code, code_of(answer)) == ("quarantined", "invalid_body")
