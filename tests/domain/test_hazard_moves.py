"""The table of moves against `lifecycle_model.py`: every cell, allowed or not."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import product
from typing import Any

import pytest

from inspect_api.domain.hazard import HazardState
from inspect_api.domain.moves import MOVES, judge, permitted_commands
from inspect_api.errors import Code, Refusal
from tests.domain.hazard_cases import (
    NAMES,
    ROLES,
    START,
    STATUSES,
    act,
    file_in,
    hazard,
    person,
    plain,
)
from tests.domain.lifecycle_model import CONFIRMED, LIFECYCLE, OPEN, may

NOW = START + timedelta(days=3)
QUESTION = {"clock": "rectification", "cycle": 1}
AHEAD, PAST = NOW, NOW - timedelta(seconds=1)


def states() -> Iterator[HazardState]:
    """Every combination of what a rule could look at."""
    grades, orders = ("general", "major"), ("self", "urged", "ordered")
    dates = ((None, False), (AHEAD, False), (AHEAD, True), (PAST, False), (PAST, True))
    papers = ((False, False), (True, False), (True, True))  # suspended, resumption asked for
    for status, grade, order, (rectify_by, extension), (suspended, asked), listed in product(
        STATUSES, grades, orders, dates, papers, (None, "county")
    ):
        yield hazard(
            status=status,
            grade=grade,
            order_kind=order,
            rectify_by=rectify_by,
            extension_pending=extension,
            suspended=suspended,
            resumption_pending=asked,
            listed_level=listed,
            late_evidence=QUESTION if listed else None,  # the two know nothing of each other
        )


def test_the_restated_table_names_every_command() -> None:
    assert set(LIFECYCLE) == set(NAMES)


def test_every_cell() -> None:
    """Status, command, role, every condition, and whether the person rectified or verified before."""
    wrong = []
    for state in states():
        for role in ROLES:
            who = person(role)
            for past in ("nobody", "rectified_by", "verified_by"):
                state.rectified_by = who.id if past == "rectified_by" else person("enterprise", 9).id
                state.verified_by = who.id if past == "verified_by" else person("officer", 9).id
                expected = [name for name in NAMES if may(state, name, role, who.id, NOW)]
                verdicts = {name: judge(state, f"hazard.{name}", role, who.id, NOW) for name in NAMES}
                allowed = [name for name, verdict in verdicts.items() if verdict.move is not None]
                permitted = permitted_commands(state, who, NOW)
                shown = [name.removeprefix("hazard.") for name in permitted]
                if not expected == allowed == sorted(shown, key=NAMES.index):
                    wrong.append((state.status, state.grade, state.order_kind, role, past, expected, allowed))
    assert wrong == []


def test_permitted_commands_name_each_once() -> None:
    for state in states():
        for role in ROLES:
            shown = permitted_commands(state, person(role), NOW)
            assert len(shown) == len(set(shown))


AFTER: list[tuple[str, str, str, dict[str, Any], dict[str, Any], str]] = [
    # command, role, from, body, hazard, to
    ("confirm", "regulator", "reported", {"grade": "general"}, {}, "rectifying"),
    ("confirm", "officer", "reported", {"grade": "major"}, {}, "plan_due"),
    ("dismiss", "officer", "reported", {}, {}, "dismissed"),
    *(("dismiss", "regulator", status, {}, {}, "dismissed") for status in OPEN.split()),
    ("submit_plan", "enterprise", "plan_due", {}, {"grade": "major"}, "plan_review"),
    ("decide_plan", "regulator", "plan_review", {"approved": True}, {"grade": "major"}, "rectifying"),
    ("decide_plan", "regulator", "plan_review", {"approved": False}, {"grade": "major"}, "plan_due"),
    ("request_extension", "enterprise", "rectifying", {}, {}, "rectifying"),
    ("decide_extension", "regulator", "rectifying", {"approved": True}, {"extension": True}, "rectifying"),
    ("decide_extension", "regulator", "rectifying", {"approved": False}, {"extension": True}, "rectifying"),
    ("submit_rectification", "enterprise", "rectifying", {}, {}, "verifying"),
    ("accept", "enterprise", "verifying", {}, {"order_kind": "self"}, "closed"),
    ("verify", "officer", "verifying", {"passed": True}, {}, "closed"),
    ("verify", "inspector", "verifying", {"passed": True}, {}, "closed"),
    ("verify", "officer", "verifying", {"passed": True}, {"order_kind": "self"}, "closed"),
    ("verify", "officer", "verifying", {"passed": True}, {"grade": "major"}, "review"),
    ("verify", "officer", "verifying", {"passed": False}, {"grade": "major"}, "rectifying"),
    ("verify", "inspector", "verifying", {"passed": False}, {}, "rectifying"),
    ("close", "regulator", "review", {}, {"grade": "major"}, "closed"),
    ("reopen", "regulator", "closed", {}, {}, "rectifying"),
    ("reopen", "regulator", "dismissed", {}, {}, "reported"),
    *(("order_suspension", "officer", status, {}, {}, status) for status in OPEN.split()),
    *(("request_resumption", "enterprise", status, {}, {"suspended": True}, status) for status in STATUSES),
    *(("decide_resumption", "regulator", status, {}, {"resumption": True}, status) for status in STATUSES),
    *(("list_supervision", "regulator", one, {}, {"grade": "major"}, one) for one in CONFIRMED.split()),
    *(("delist", "regulator", status, {}, {"listed": True}, status) for status in OPEN.split()),
    *(("transfer", "regulator", status, {}, {}, status) for status in OPEN.split()),
    *(("report_to_workers", "enterprise", status, {}, {"grade": "major"}, status) for status in OPEN.split()),
    *(("decide_evidence", "regulator", at, {}, {"late_evidence": QUESTION}, at) for at in STATUSES),
    *(("note", "expert", status, {}, {}, status) for status in STATUSES),
]


@pytest.mark.parametrize(("name", "role", "status", "body", "before", "to"), AFTER)
def test_where_a_move_leads(
    name: str, role: str, status: str, body: dict[str, Any], before: dict[str, Any], to: str
) -> None:
    file = file_in(status, **before)
    act(file, name, person(role, 5), **body)
    assert file.hazard.status == to


def test_every_way_of_the_table_was_gone() -> None:
    """And no other: each arrow of the table is one of the above, and leads there."""
    gone = {(name, role, status, to) for name, role, status, _, _, to in AFTER if status != to}
    told = {
        (move.command.removeprefix("hazard."), status, to)
        for move in MOVES
        for status in move.statuses
        for to in move.to.values()
    }
    assert told == {(name, status, to) for name, _, status, to in gone}


def situations() -> Iterator[dict[str, Any]]:
    """Hazards as `file_in` makes them, with their real clocks."""
    for status, grade, order, papers in product(
        STATUSES, ("general", "major"), ("self", "urged", "ordered"), range(4)
    ):
        yield {
            "status": status,
            "grade": grade,
            "order_kind": order,
            "extension": status == "rectifying" and papers % 2 == 1,
            "resumption": papers >= 2,
            "listed": status in CONFIRMED.split() and grade == "major" and papers >= 2,
            "rectified_by": person("enterprise").id,
            "verified_by": person("officer").id,
        }


REFUSED = (Code.CONFLICT, Code.FORBIDDEN, Code.SEPARATION_OF_DUTIES)


def test_what_the_table_refuses_changes_nothing() -> None:
    for situation in situations():
        file = file_in(**situation)
        before = plain(file)
        for name, role in product(NAMES, ROLES):
            if not may(file.hazard, name, role, person(role).id, START):
                with pytest.raises(Refusal) as refused:
                    act(file, name, person(role))
                assert refused.value.code in REFUSED
        assert plain(file) == before


def test_what_the_table_allows_is_done() -> None:
    for situation in situations():
        state = file_in(**situation).hazard
        for name, role in product(NAMES, ROLES):
            if may(state, name, role, person(role).id, START):
                act(file_in(**situation), name, person(role))


@pytest.mark.parametrize(
    ("role", "number", "code"),
    [
        ("auditor", 1, Code.FORBIDDEN),
        ("inspector", 1, Code.CONFLICT),
        ("officer", 7, Code.SEPARATION_OF_DUTIES),
    ],
)
def test_why_a_command_is_refused(role: str, number: int, code: Code) -> None:
    """By the role, by the state, or by the person."""
    file = file_in("verifying", order_kind="ordered", rectified_by=person("officer", 7).id)
    with pytest.raises(Refusal) as refused:
        act(file, "verify", person(role, number))
    assert refused.value.code is code


def test_a_hazard_waits_for_somebody_unless_it_is_done() -> None:
    """No open status is a dead end: some role may move it on."""
    for situation in situations():
        file = file_in(**situation)
        moves = {
            name
            for name, role in product(NAMES, ROLES)
            if may(file.hazard, name, role, person(role, 8).id, START)
        }
        assert moves - {"note"}, situation
        assert file.hazard.is_open == (file.hazard.status in OPEN.split())
