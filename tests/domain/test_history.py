"""A history holds every effect, and personal values only as commitments."""

import hashlib
from datetime import timedelta
from typing import Any

import msgspec

from inspect_api.domain.clocks import HazardFile
from inspect_api.domain.history import EventBody, Snapshot, event_bytes, plain_hazard, rebuild
from tests.domain.hazard_cases import START, act, file_in, in_days, person


def test_the_first_entry_holds_everything() -> None:
    file = file_in("rectifying")
    body = Snapshot(None).changes(file)
    assert body.set == msgspec.to_builtins(file.hazard)
    assert [clock["kind"] for clock in body.clocks] == ["rectification"]


def test_an_entry_holds_what_changed_and_nothing_else() -> None:
    file = file_in("rectifying")
    seen = Snapshot(file)
    act(file, "order_suspension", person("regulator"))
    assert seen.changes(file) == EventBody(set={"suspended": True})


def test_a_field_that_is_emptied_is_a_change() -> None:
    file = file_in("closed", rectified_by=person("enterprise").id)
    seen = Snapshot(file)
    act(file, "reopen", person("regulator"))
    assert seen.changes(file).set["rectified_by"] is None


def test_a_note_changes_nothing() -> None:
    file = file_in("rectifying")
    seen = Snapshot(file)
    act(file, "note", person("expert"))
    assert event_bytes(seen.changes(file)) == b"{}"


def test_clocks_stand_whole_in_the_entry_that_touched_them() -> None:
    file = file_in("rectifying")
    seen = Snapshot(file)
    act(file, "submit_rectification", person("enterprise"))
    changed = {clock["kind"]: clock for clock in seen.changes(file).clocks}
    assert set(changed) == {"rectification", "reinspection"}
    assert changed["rectification"] == msgspec.to_builtins(file.clocks[0])


def entries(file: HazardFile, *moves: tuple[str, str], **body: object) -> list[bytes]:
    """The bytes of the entries of a hazard's first moves; `body` is for the one that asks for more time."""
    made = [event_bytes(Snapshot(None).changes(file))]
    for days, (name, role) in enumerate(moves, 1):
        seen = Snapshot(file)
        asked = body if name == "request_extension" else {}
        act(file, name, person(role), after=timedelta(days=days), **asked)
        made.append(event_bytes(seen.changes(file)))
    return made


def test_the_row_can_be_made_again_from_its_history() -> None:
    file = file_in("plan_due", grade="major")
    raws = entries(
        file,
        ("submit_plan", "enterprise"),
        ("decide_plan", "regulator"),
        ("request_extension", "enterprise"),
        ("decide_extension", "regulator"),
        ("submit_rectification", "enterprise"),
        ("verify", "officer"),
        ("close", "regulator"),
        due_at=in_days(90),
    )
    fields, clocks = rebuild(raws)
    assert fields == plain_hazard(file.hazard)
    assert fields["status"] == "closed"
    assert clocks == {(c.kind, c.cycle): msgspec.to_builtins(c) for c in file.clocks}


def test_any_past_moment_can_be_made_again() -> None:
    file = file_in("rectifying")
    raws = entries(file, ("submit_rectification", "enterprise"), ("verify", "officer"))
    assert [rebuild(raws[:n])[0]["status"] for n in (1, 2, 3)] == ["rectifying", "verifying", "closed"]


def test_a_name_is_committed_to_and_not_told() -> None:
    file = file_in("plan_due", grade="major")
    act(file, "submit_plan", person("enterprise"), responsible_person="赵强")
    raw = event_bytes(Snapshot(None).changes(file))
    plan: dict[str, Any] = msgspec.json.decode(raw)["set"]["plan"]
    assert "赵强" not in raw.decode()
    assert "salz" not in raw.decode()
    assert "responsible_person" not in plan
    assert plan["responsible_person_sha256"] == hashlib.sha256("salz\n赵强".encode()).hexdigest()
    assert plan["organisation"] == "设备部"


def test_a_name_that_changes_is_an_effect() -> None:
    """The commitment follows the value, though neither is told."""
    file = file_in("plan_review", grade="major")
    assert file.hazard.plan is not None
    seen = Snapshot(file)
    file.hazard.plan = file.hazard.plan | {"responsible_person": "钱伟"}
    assert "plan" in seen.changes(file).set


def test_equal_effects_are_equal_bytes() -> None:
    one = EventBody(set={"a": 1, "b": {"d": 2, "c": 3}}, why={"x": START})
    other = EventBody(set={"b": {"c": 3, "d": 2}, "a": 1}, why={"x": START})
    assert event_bytes(one) == event_bytes(other)
