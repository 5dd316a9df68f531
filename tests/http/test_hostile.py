"""The examples, each with one value replaced by a hostile one: never a 5xx, and all stays readable."""

import copy
import random
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inspect_api.http.routes import ROUTES
from tests.http.serving import MSGPACK, Person
from tests.http.test_openapi import EXAMPLES

HOSTILE: list[Any] = [
    None, True, "", "x" * 5000, "\x00", "a\u202eb", "\u2028", "😀" * 300, "' OR 1=1 --", "%_\\", "../../etc",
    -1, 0, 2**31, 2**53 + 1, 2**63, 2**64, 10**40, 1e308, -0.0, 5e-324, 0.1,
    [], {}, [[]] * 300, {"a": {"b": None}}, [None], "9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00",
    "2026-02-30T00:00:00Z", "2026-11-20T08:00:00", "2026-11-20T24:00:00Z", "2026-11-20T08:00:60Z",
    "1969-12-31T23:59:59Z", "2199-12-31T23:59:59.999999Z", "2026-11-20T08:00:00.123456789+08:00",
    "00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff", "0" * 64,
]  # fmt: skip
_TRIED_AT_EACH_PLACE = 4


def places(value: object, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield from places(inner, (*path, key))


def replaced(value: Any, path: tuple[Any, ...], by: object) -> Any:
    if not path:
        return by
    changed = copy.copy(value)
    changed[path[0]] = replaced(value[path[0]], path[1:], by)
    return changed


def fresh(body: Any, person: Person) -> Any:
    """The example as this person would send it now: with ids of its own."""
    body = copy.deepcopy(body)
    if "device_id" in body:
        body["device_id"] = str(person.device_id)
    for op in body.get("ops", []):
        op["op_id"] = str(uuid4())
        if "depends_on" in op:
            op["depends_on"] = [body["ops"][0]["op_id"]]
        if op["kind"] == "inspection.submit":
            op["entity_id"] = str(uuid4())
    if "op_id" in body:
        body["op_id"] = str(uuid4())
    return body


@pytest.mark.parametrize("name", sorted(EXAMPLES.keys() - {"login", "refresh"}))
def test_one_hostile_value(served, name):
    row = next(row for row in ROUTES if name in row.examples)
    person = served.person("officer1" if name == "confirm" else "inspector1")
    pushed = served.person("inspector1")
    hazard = EXAMPLES["push"]["ops"][1]["entity_id"]
    first = {**EXAMPLES["push"], "device_id": str(pushed.device_id)}
    assert pushed.post("/sync/push", first).json()["outcomes"][0]["code"] == "applied"
    path = row.path.format(id=hazard, op_id=hazard, code="hazmat.aq3067-2026", version="1")
    dice = random.Random(name)
    for place in list(places(EXAMPLES[name])):
        for by in dice.sample(HOSTILE, _TRIED_AT_EACH_PLACE):
            body = replaced(fresh(EXAMPLES[name], person), place, by)
            packed = dice.random() < 0.3 and not has_big_number(by)
            content = (msgspec.msgpack if packed else msgspec.json).encode(body)
            headers = {"Content-Type": MSGPACK} if packed else {}
            answer = person.post(path, content, headers=headers)
            assert answer.status_code < 500, (place, by, answer.text)
            if name == "push" and answer.status_code == 200:
                for outcome in answer.json()["outcomes"]:
                    assert outcome["code"] in (
                        "applied",
                        "quarantined",
                        "conflict",
                        "held",
                        "retry",
                        "duplicate",
                    )
                    problem = outcome.get("problem", {})
                    assert problem.get("code") != "internal", (place, by, outcome)
    assert person.get("/hazards?limit=200").status_code == 200
    assert person.get("/inspections?limit=200").status_code == 200
    assert person.post("/sync/pull", {"protocol": 1, "device_id": str(person.device_id)}).status_code == 200


def has_big_number(value: object) -> bool:
    return isinstance(value, int) and not -(2**63) <= value < 2**64


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    body=st.one_of(
        st.binary(max_size=300),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
            lambda inner: (
                st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
            ),
            max_leaves=12,
        ).map(msgspec.json.encode),
    ),
    compression=st.sampled_from(["", "gzip", "zstd"]),
    content_type=st.sampled_from(["application/json", MSGPACK]),
)
def test_any_bytes_at_all(shared, body, compression, content_type):
    person = shared.person("inspector1")
    headers = {"Content-Type": content_type, **({"Content-Encoding": compression} if compression else {})}
    for row in ROUTES:
        if row.body is not None and row.path != "/auth/login":
            path = row.path.format(id=uuid4(), op_id=uuid4(), code="hazmat.aq3067-2026", version="1")
            answer = person.post(path, body, headers=headers)
            assert 400 <= answer.status_code < 500 or answer.status_code == 200, answer.text
            assert answer.headers["content-type"] in ("application/problem+json", "application/json")
