"""The table of moves against `lifecycle.md`, restated here by hand: every cell, allowed or not.

One reading is stricter than the document's words: an inspector re-inspects what is urged and general; a
major hazard found by a single officer, urged for want of a second one, is re-inspected by officers.
"""

from collections.abc import Callable, Iterator
from itertools import product
from typing import Any, NamedTuple
from uuid import UUID

import pytest

from inspect_api.domain.hazard import HazardState, judge, permitted_commands
from inspect_api.errors import Code, Refusal
from tests.domain.hazard_cases import (
    NAMES,
    ROLES,
    STATUSES,
    act,
    file_in,
    hazard,
    person,
    plain,
)

OPEN = "reported plan_due plan_review rectifying verifying review"
ANY = f"{OPEN} closed dismissed"
QUESTION = {"clock": "rectification", "cycle": 1}
SEEING = "inspector officer regulator enterprise expert admin"


class Rule(NamedTuple):
    """Who may, from where, if what; and who of the hazard's past may not."""

    roles: str
    statuses: str
    holds: Callable[[HazardState], bool] = lambda _: True
    not_who: str = ""


LIFECYCLE: dict[str, list[Rule]] = {
    "confirm": [Rule("regulator officer", "reported")],
    "dismiss": [
        Rule("regulator officer", "reported"),
        Rule("regulator", OPEN, lambda h: h.grade == "general"),
    ],
    "submit_plan": [Rule("enterprise", "plan_due")],
    "decide_plan": [Rule("regulator", "plan_review")],
    "request_extension": [Rule("enterprise", "rectifying", lambda h: not h.extension_pending)],
    "decide_extension": [Rule("regulator", "rectifying", lambda h: h.extension_pending)],
    "submit_rectification": [Rule("enterprise", "rectifying")],
    "accept": [
        Rule(
            "enterprise",
            "verifying",
            lambda h: h.order_kind == "self" and h.grade == "general",
            "rectified_by",
        )
    ],
    "verify": [
        Rule("officer", "verifying", not_who="rectified_by"),
        Rule(
            "inspector",
            "verifying",
            lambda h: h.order_kind == "urged" and h.grade == "general",
            "rectified_by",
        ),
    ],
    "close": [Rule("regulator", "review", not_who="rectified_by verified_by")],
    "reopen": [Rule("regulator", "closed dismissed")],
    "order_suspension": [Rule("officer regulator", OPEN, lambda h: not h.suspended)],
    "request_resumption": [Rule("enterprise", ANY, lambda h: h.suspended and not h.resumption_pending)],
    "decide_resumption": [Rule("regulator", ANY, lambda h: h.resumption_pending)],
    "list_supervision": [Rule("regulator", OPEN, lambda h: h.grade == "major" and h.listed_level is None)],
    "delist": [Rule("regulator", OPEN, lambda h: h.listed_level is not None)],
    "transfer": [Rule("regulator", OPEN)],
    "report_to_workers": [Rule("enterprise", OPEN, lambda h: h.grade == "major")],
    "decide_evidence": [Rule("regulator", ANY, lambda h: h.late_evidence is not None)],
    "note": [Rule(SEEING, ANY)],
}


def may(hazard_: HazardState, name: str, role: str, who: UUID) -> bool:
    return any(
        role in rule.roles.split()
        and hazard_.status in rule.statuses.split()
        and rule.holds(hazard_)
        and who not in {getattr(hazard_, past) for past in rule.not_who.split()}
        for rule in LIFECYCLE[name]
    )


def states() -> Iterator[HazardState]:
    """Every combination of what a rule could look at."""
    grades, orders = ("general", "major"), ("self", "urged", "ordered")
    papers = ((False, False), (True, False), (True, True))  # suspended, resumption asked for
    for status, grade, order, extension, (suspended, asked), listed in product(
        STATUSES, grades, orders, (False, True), papers, (None, "county")
    ):
        yield hazard(
            status=status,
            grade=grade,
            order_kind=order,
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
        state.served_at = state.reported_at  # an extension is asked by one who was told
        for role in ROLES:
            who = person(role)
            for past in ("nobody", "rectified_by", "verified_by"):
                state.rectified_by = who.id if past == "rectified_by" else person("enterprise", 9).id
                state.verified_by = who.id if past == "verified_by" else person("officer", 9).id
                expected = [name for name in NAMES if may(state, name, role, who.id)]
                allowed = [name for name in NAMES if judge(state, f"hazard.{name}", role, who.id).allowed]
                permitted = permitted_commands(state, who, state.reported_at)
                shown = [name.removeprefix("hazard.") for name in permitted]
                if not expected == allowed == sorted(shown, key=NAMES.index):
                    wrong.append((state.status, state.grade, state.order_kind, role, past, expected, allowed))
    assert wrong == []


def test_permitted_commands_name_each_once() -> None:
    for state in states():
        for role in ROLES:
            shown = permitted_commands(state, person(role), state.reported_at)
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
    *(("list_supervision", "regulator", status, {}, {"grade": "major"}, status) for status in OPEN.split()),
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
            "listed": status in OPEN.split() and grade == "major" and papers >= 2,
            "rectified_by": person("enterprise").id,
            "verified_by": person("officer").id,
        }


def test_what_the_table_refuses_changes_nothing() -> None:
    for situation in situations():
        file = file_in(**situation)
        before = plain(file)
        for name, role in product(NAMES, ROLES):
            if not may(file.hazard, name, role, person(role).id):
                with pytest.raises(Refusal) as refused:
                    act(file, name, person(role))
                assert refused.value.code in (Code.CONFLICT, Code.FORBIDDEN, Code.SEPARATION_OF_DUTIES)
        assert plain(file) == before


def test_what_the_table_allows_is_done() -> None:
    for situation in situations():
        state = file_in(**situation).hazard
        for name, role in product(NAMES, ROLES):
            if may(state, name, role, person(role).id):
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
            name for name, role in product(NAMES, ROLES) if may(file.hazard, name, role, person(role, 8).id)
        }
        assert moves - {"note"}, situation
        assert file.hazard.is_open == (file.hazard.status in OPEN.split())
