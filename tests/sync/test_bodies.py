"""Bodies of operations out of JSON and MessagePack, and what is refused in them."""

from copy import deepcopy
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec
import pytest

from sync.bodies import SubmitInspection
from sync.commands import COMMANDS, FACTS, KINDS
from sync.envelope import Clock, Operation, Push
from tests.sync.samples import BODIES, MOMENT, PHOTO, SHA, SITE

ENCODINGS = ["json", "msgpack"]


def through(encoding: str, value: object, kind: Any) -> Any:
    """Written by a phone in one of the two encodings, read by us; ids and times are strings in both."""
    if encoding == "json":
        return msgspec.json.decode(msgspec.json.encode(value), type=kind)
    return msgspec.msgpack.decode(msgspec.msgpack.encode(value), type=kind)


def changed(kind: str, path: str, value: object) -> dict[str, Any]:
    """A whole body in which one place holds something else."""
    body = deepcopy(BODIES[kind])
    *above, last = [int(token) if token.isdigit() else token for token in path.split("/")]
    place: Any = body
    for token in above:
        place = place[token]
    place[last] = value
    return body


def test_there_is_a_body_for_every_kind_of_the_contract() -> None:
    assert set(BODIES) == set(KINDS) == set(FACTS) | set(COMMANDS)


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("kind", BODIES)
def test_every_kind_reads_alike_in_both_encodings(kind: str, encoding: str) -> None:
    read = through(encoding, BODIES[kind], KINDS[kind])
    assert read == through("json", BODIES[kind], KINDS[kind])
    # nothing was dropped: written again it says the same
    again = msgspec.json.decode(msgspec.json.encode(read))
    assert _without_empty(again) == _without_empty(msgspec.to_builtins(BODIES[kind]))


def _without_empty(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _without_empty(v) for k, v in value.items() if v not in (None, [], {})}
    return [_without_empty(item) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_ids_and_times_are_what_they_are(encoding: str) -> None:
    read = through(encoding, BODIES["inspection.submit"], SubmitInspection)
    assert read.site_id == UUID(SITE)
    assert read.finished_at == datetime(2026, 11, 21, 2, tzinfo=UTC)
    assert read.answers[1].value == ["a", "b"]
    assert read.answers[2].value == 19.5
    assert read.answers[3].value == 3


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_fields_that_we_do_not_know_are_passed_over(encoding: str) -> None:
    """A later phone may say more (J4)."""
    for kind, body in BODIES.items():
        through(encoding, body | {"later": {"nested": [1]}}, KINDS[kind])


@pytest.mark.parametrize("kind", [kind for kind in BODIES if kind != "hazard.submit_plan"])
def test_a_body_without_its_fields_is_refused(kind: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        through("json", {}, KINDS[kind])


def test_a_plan_without_elements_is_read_so_that_it_can_be_refused_by_name() -> None:
    assert through("json", {}, KINDS["hazard.submit_plan"]).goals is None


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize(
    ("kind", "path", "value"),
    [
        ("inspection.submit", "site_id", "kein Ort"),
        ("inspection.submit", "finished_at", "2026-11-21T10:00:00"),
        ("inspection.submit", "finished_at", "9999-12-31T23:59:59Z"),
        ("inspection.submit", "started_at", "0001-01-01T00:00:00+14:00"),
        ("inspection.submit", "answers/0/value", None),
        ("inspection.submit", "answers/0/value", True),
        ("inspection.submit", "answers/0/value", 1e300),
        ("inspection.submit", "answers/0/value", 10**18),
        ("inspection.submit", "answers/1/value", [1]),
        ("inspection.submit", "answers/4/findings/0/n", 0),
        ("inspection.submit", "answers/4/findings/0/n", 1.5),
        ("inspection.submit", "answers/4/photos", [SHA.upper()]),
        ("inspection.submit", "answers/4/photos", [SHA[:-1]]),
        ("inspection.submit", "answers/4/photos", [SHA + "\n"]),
        ("inspection.submit", "answers/3/deduct", -1),
        ("inspection.submit", "position/lat", 90.0000001),
        ("inspection.submit", "position/lon", -180.5),
        ("inspection.submit", "position/datum", "wgs-84"),
        ("inspection.submit", "photos/0/taken_at", "1969-12-31T23:59:59Z"),
        ("inspection.submit", "photos/0/size", 0),
        ("inspection.submit", "attendees/0/role", "boss"),
        ("inspection.submit", "attendees/0/name", "王\u202e建国"),
        ("hazard.report", "description", ""),
        ("hazard.report", "grid_code", "6" * 25),
        ("hazard.report", "suggested_grade", "huge"),
        ("site.register", "grid_code", ""),
        ("site.register", "enterprise/credit_code", "91652327MA77XXXX0A\n"),
        ("site.register", "enterprise/credit_code", "91652327MA77XXXX0"),
        ("site.register", "enterprise/credit_code", "９１652327MA77XXXX0A"),
        ("hazard.confirm", "due_at", "2200-01-01T00:00:00Z"),
        ("hazard.submit_plan", "funds_cny", -1),
        ("hazard.submit_plan", "funds_cny", "12"),
        ("hazard.verify", "passed", 1),
        ("hazard.verify", "photos", [PHOTO | {"sha256": "x"}]),
        ("hazard.report_to_workers", "held_on", "2026-02-30"),
        ("hazard.list_supervision", "level", "world"),
        ("hazard.note", "text", ""),
    ],
)
def test_a_field_that_is_not_what_it_should_be(kind: str, path: str, value: object, encoding: str) -> None:
    with pytest.raises((msgspec.ValidationError, OverflowError)):
        through(encoding, changed(kind, path, value), KINDS[kind])


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_numbers_that_are_none_are_refused_in_messagepack(value: float) -> None:
    for path in ("position/lat", "answers/2/value"):
        with pytest.raises(msgspec.ValidationError):
            through("msgpack", changed("inspection.submit", path, value), SubmitInspection)


def test_evidence_of_a_command_is_a_name_or_a_whole_claim() -> None:
    read = through("json", BODIES["hazard.submit_rectification"], KINDS["hazard.submit_rectification"])
    name, claim = read.photos
    assert (name, claim.sha256, claim.size) == (SHA, SHA, 204800)


@pytest.mark.parametrize("wall", ["", "昨天", "x" * 100_000, "\x00", "9999-99-99"])
def test_a_wall_clock_is_kept_whatever_it_says(wall: str) -> None:
    clock = {"wall": wall, "mono_ms": -5, "boot_id": ""}
    assert through("msgpack", clock, Clock) == Clock(wall=wall, mono_ms=-5, boot_id="")


def test_an_operation_keeps_its_body_as_it_came() -> None:
    raw = b'{"protocol":1,"device_id":"%s","batch_id":"%s","sent":%s,"ops":[ {"op_id" : 1} ,5, "x"]}' % (
        SITE.encode(),
        SITE.encode(),
        b'{"wall":"","mono_ms":0,"boot_id":""}',
    )
    assert [bytes(op) for op in msgspec.json.decode(raw, type=Push).ops] == [b'{"op_id" : 1}', b"5", b'"x"']


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_an_operation_of_each_encoding(encoding: str) -> None:
    op = {
        "op_id": SITE,
        "seq": 0,
        "kind": "hazard.note",
        "entity_id": SITE,
        "at": {"wall": MOMENT, "mono_ms": 2**53, "boot_id": "b"},
        "body": {"text": "好"},
        "depends_on": [SITE],
        "base_rev": 3,
    }
    read = through(encoding, op, Operation)
    assert (read.op_id, read.depends_on, read.base_rev) == (UUID(SITE), [UUID(SITE)], 3)
    decoder = msgspec.json.decode if encoding == "json" else msgspec.msgpack.decode
    assert decoder(read.body) == {"text": "好"}
