"""A push as bytes: what makes the whole of it malformed, and what only one operation of it."""

import gzip
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest
import zstandard

from inspect_api.actions import pull_changes, receive_push
from inspect_api.demo.county import load_county
from inspect_api.http import hello, problems
from sync.entities import Hazard
from sync.envelope import Outcome
from sync.identity import digest
from sync.limits import Protocol
from sync.receipt import receipt_holds
from tests.http.serving import MSGPACK, Person, Served
from tests.records import inspection, plain_items

DEEP = 100_000


def good(person: Person, seq: int = 1) -> dict[str, Any]:
    grids = set(person.get("/me").json()["grids"])
    site = next(s for s in load_county().sites if s.grid_code in grids and s.industry == "hazmat")
    item = plain_items("general")[0].code
    return inspection(site.id, at=person.served.clock.now(), fails={item: {}}, seq=seq)


def push(person: Person, body: bytes, **headers: str) -> Any:
    return person.post(
        "/sync/push", body, headers={key.replace("_", "-"): value for key, value in headers.items()}
    )


def with_ops(person: Person, *ops: bytes) -> bytes:
    """A batch of operations that are given as bytes."""
    return msgspec.json.encode(person.batch())[:-2] + b",".join(ops) + b"]}"


MALFORMED: dict[str, Any] = {
    "no ops": lambda b: {k: v for k, v in b.items() if k != "ops"},
    "ops is an object": lambda b: {**b, "ops": {}},
    "device is no id": lambda b: {**b, "device_id": "4711"},
    "clock without boot": lambda b: {**b, "sent": {"wall": "x", "mono_ms": 1}},
    "monotonic clock is text": lambda b: {**b, "sent": {**b["sent"], "mono_ms": "1"}},
    "protocol is text": lambda b: {**b, "protocol": "1"},
    "a list": lambda b: [b],
}


@pytest.mark.parametrize("change", MALFORMED.values(), ids=MALFORMED)
def test_a_wrong_envelope_makes_the_whole_push_malformed(shared, change):
    person = shared.person("inspector1")
    for content_type, pack in (("application/json", msgspec.json.encode), (MSGPACK, msgspec.msgpack.encode)):
        answer = push(person, pack(change(person.batch())), Content_Type=content_type)
        assert (answer.status_code, answer.json()["code"]) == (400, "malformed_body"), answer.text


BAD_OPS = {
    "not an object": b"7",
    "null": b"null",
    "empty": b"{}",
    "nested deep": b'{"op_id":"x","body":' + b"[" * 900 + b"]" * 900 + b"}",
    "NUL in text": rb'{"note":"a\u0000b"}',
}


@pytest.mark.parametrize("bad", BAD_OPS.values(), ids=BAD_OPS)
def test_one_unreadable_operation_stops_no_good_one(served, bad):
    person = served.person("inspector1")
    first, second = good(person, 1), good(person, 3)
    body = with_ops(person, msgspec.json.encode(first), bad, msgspec.json.encode(second))
    answer = push(person, body)
    assert answer.status_code == 200, answer.text
    outcomes = answer.json()["outcomes"]
    assert [outcome["code"] for outcome in outcomes] == ["applied", "quarantined", "applied"]
    assert outcomes[1]["digest"] == digest(bad)
    assert outcomes[1]["problem"]["code"]


def test_nesting_that_no_decoder_follows_makes_the_push_malformed(served):
    person = served.person("inspector1")
    deep = b'{"op_id":"x","body":' + b"[" * DEEP + b"]" * DEEP + b"}"
    answer = push(person, with_ops(person, msgspec.json.encode(good(person)), deep))
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed_body")


def test_invalid_utf8_in_one_operation_makes_the_push_malformed(served):
    person = served.person("inspector1")
    answer = push(person, with_ops(person, b'{"note":"\xff\xfe"}'))
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed_body")


def test_more_than_500_operations_is_413(shared):
    person = shared.person("inspector1")
    answer = push(person, with_ops(person, *[b"{}"] * 501))
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    assert answer.json()["limits"]["ops"] == 500


def test_one_operation_over_the_limit_is_its_own_outcome(served):
    person = served.person("inspector1")
    huge = {**good(person, 2), "padding": "x" * 256 * 1024}
    outcomes = push(person, with_ops(person, *map(msgspec.json.encode, (good(person), huge)))).json()[
        "outcomes"
    ]
    assert [(one["code"], one["durable"]) for one in outcomes] == [("applied", True), ("too_large", False)]


def test_the_digest_is_of_the_span_as_it_stood_in_the_decompressed_body(served):
    person = served.person("inspector1")
    spaced = b' {  "op_id" : 7 }'
    body = with_ops(person, spaced)
    for pack, how in ((gzip.compress, "gzip"), (zstandard.ZstdCompressor().compress, "zstd")):
        [outcome] = push(person, pack(body), Content_Encoding=how).json()["outcomes"]
        assert outcome["digest"] == digest(spaced.strip())


def test_the_receipt_holds_with_the_key_from_hello(served: Served):
    person = served.person("inspector1")
    answer = person.push(good(person), {"broken": True}).json()
    hello = served.client.get("/api/v1/hello").json()
    key = next(key for key in hello["keys"] if key["key_id"] == answer["receipt"]["key_id"])
    outcomes = msgspec.convert(answer["outcomes"], list[Outcome])
    arguments = answer["receipt"]["sig"], hello["origin"], answer["receipt"]["received_at"]
    public = msgspec.convert(key["public_key"], bytes)
    assert receipt_holds(public, *arguments, outcomes)
    outcomes[1].code = "applied"
    assert not receipt_holds(public, *arguments, outcomes)


def test_messagepack_and_json_pushes_give_the_same(served: Served):
    person = served.person("inspector1")
    op = good(person)
    packed = msgspec.msgpack.encode(person.batch(op))
    answer = push(person, packed, Content_Type=MSGPACK, Accept=MSGPACK)
    assert answer.headers["content-type"] == MSGPACK
    [applied] = msgspec.msgpack.decode(answer.content)["outcomes"]
    assert applied["code"] == "applied"
    [again] = person.push(op).json()["outcomes"]
    assert (again["code"], again["first"]["code"]) == ("duplicate", "applied")

    pull = {"protocol": 1, "device_id": str(person.device_id)}
    as_json = person.post("/sync/pull", pull).json()
    answer = person.post(
        "/sync/pull", msgspec.msgpack.encode(pull), headers={"Content-Type": MSGPACK, "Accept": MSGPACK}
    )
    as_msgpack = msgspec.msgpack.decode(answer.content)
    assert [c["id"] for c in as_msgpack["changes"]] == [c["id"] for c in as_json["changes"]]
    found = next(c["data"] for c in as_msgpack["changes"] if c["entity"] == "hazard")
    assert msgspec.convert(found, Hazard).status == "reported" or found["status"]
    assert isinstance(found["id"], str)


def test_a_login_of_one_phone_serves_no_other(served):
    person = served.person("inspector1")
    for path in ("/sync/push", "/sync/pull"):
        body = {**person.batch(), "device_id": str(uuid4())}
        assert person.post(path, body).json()["code"] == "forbidden"


def test_a_cursor_outlives_the_login_by_which_it_was_given(served):
    """Other tokens, another session: still only what has changed since."""
    person = served.person("inspector1")
    ask = {"protocol": 1, "device_id": str(person.device_id)}
    cursor = person.post("/sync/pull", ask).json()["cursor"]
    spent = {"refresh_token": person.tokens["refresh_token"]}
    person.tokens = served.client.post("/api/v1/auth/refresh", json=spent).json()
    assert person.post("/sync/pull", ask | {"cursor": cursor}).json()["changes"] == []
    person.post("/auth/logout")
    person.tokens = served.log_in("inspector1", person.device_id).json()
    person.push(good(person))
    changes = person.post("/sync/pull", ask | {"cursor": cursor}).json()["changes"]
    assert {change["entity"] for change in changes} == {"inspection", "hazard"}


@pytest.mark.parametrize("cursor", ["", "x", "AAAA", "=" * 100, "中文", "A" * 32_768])
def test_a_cursor_that_is_none(shared, cursor):
    person = shared.person("inspector1")
    body = {"protocol": 1, "device_id": str(person.device_id), "cursor": cursor}
    answer = person.post("/sync/pull", body)
    assert (answer.status_code, answer.json()["code"]) == (409, "cursor_invalid")


def test_a_pull_of_another_protocol(shared):
    person = shared.person("inspector1")
    body = {"protocol": 99, "device_id": str(person.device_id)}
    answer = person.post("/sync/pull", body)
    assert (answer.status_code, answer.json()["code"]) == (426, "unsupported_protocol")
    assert answer.json()["protocol"] == person.get("/hello").json()["protocol"] == {"min": 1, "max": 1}


def test_an_old_phone_hands_in_for_ever_and_is_told_which_versions_are_served(sqlite_served, monkeypatch):
    for module in (receive_push, pull_changes, hello, problems):
        monkeypatch.setattr(module, "PROTOCOL", Protocol(3, 4))
    person = sqlite_served.person("inspector1")
    served = {"min": 3, "max": 4}
    assert person.get("/hello").json()["protocol"] == served

    def statuses(path: str, **body: Any) -> dict[int, int]:
        answers = {version: person.post(path, body | {"protocol": version}) for version in range(6)}
        refused = [answer.json() for answer in answers.values() if answer.status_code == 426]
        assert [problem["protocol"] for problem in refused] == [served] * len(refused)
        return {version: answer.status_code for version, answer in answers.items()}

    push = person.batch(good(person))
    assert statuses("/sync/push", **push) == {0: 426, 1: 200, 2: 200, 3: 200, 4: 200, 5: 426}
    pull = {"device_id": str(person.device_id), "limit": 1}
    assert statuses("/sync/pull", **pull) == {0: 426, 1: 426, 2: 426, 3: 200, 4: 200, 5: 426}


class TestOnline:
    """The same commands, one at a time."""

    def hazard(self, served: Served) -> str:
        person = served.person("inspector1")
        answer = person.push(good(person)).json()
        assert answer["outcomes"][0]["code"] == "applied"
        return str(served.person("county").get("/hazards").json()["items"][0]["id"])

    def test_applied_conflict_and_sent_again(self, served):
        hazard = self.hazard(served)
        officer = served.person("officer1")
        op_id = str(uuid4())
        confirm = {"op_id": op_id, "kind": "hazard.confirm", "body": {"grade": "general"}}
        first = officer.post(f"/hazards/{hazard}/commands", confirm)
        assert first.status_code in (200, 409)
        again = officer.post(f"/hazards/{hazard}/commands", confirm)
        assert again.status_code == first.status_code
        assert again.json()["code"] == "duplicate"
        assert again.json()["first"]["code"] == first.json()["code"]

    def test_a_command_that_the_status_does_not_allow_is_409_with_the_outcome(self, served):
        hazard = self.hazard(served)
        close = {"kind": "hazard.close", "body": {"comment": "销号"}}
        answer = served.person("county").post(f"/hazards/{hazard}/commands", close)
        assert answer.status_code == 409
        body = answer.json()
        assert body["code"] == "conflict"
        assert body["status"]
        assert body["rev"] >= 1
        assert "hazard.close" not in body["permitted_commands"]

    def test_a_stale_rev_is_409(self, served):
        hazard = self.hazard(served)
        note = {"kind": "hazard.note", "body": {"text": "已约谈"}, "base_rev": 99}
        answer = served.person("county").post(f"/hazards/{hazard}/commands", note)
        assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
        assert answer.json()["problem"]["code"] == "stale_rev"

    def test_a_strangers_hazard_is_404_and_a_role_that_never_may_is_403(self, served):
        hazard = self.hazard(served)
        close = {"kind": "hazard.close", "body": {"comment": "销号"}}
        hidden = served.person("inspector9").post(f"/hazards/{hazard}/commands", close)
        none = served.person("inspector9").post(f"/hazards/{UUID(int=1)}/commands", close)
        assert hidden.status_code == none.status_code == 404
        assert {**hidden.json(), "request_id": ""} == {**none.json(), "request_id": ""}
        own = served.person("inspector1").post(f"/hazards/{hazard}/commands", close)
        assert (own.status_code, own.json()["code"]) == (403, "forbidden")

    def test_a_body_of_another_shape_is_422_with_its_place(self, served):
        hazard = self.hazard(served)
        note = {"kind": "hazard.note", "body": {"text": 7}}
        answer = served.person("county").post(f"/hazards/{hazard}/commands", note)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_body")
        assert answer.json()["errors"][0]["pointer"] == "/body/text"
        due = {"kind": "hazard.confirm", "body": {"grade": "general", "due_at": "9999-12-31T00:00:00Z"}}
        answer = served.person("county").post(f"/hazards/{hazard}/commands", due)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_body")
