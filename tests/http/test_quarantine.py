"""The list of what was kept: readable in both encodings, whatever bytes were handed in."""

import base64
import json
from typing import Any
from uuid import uuid4

import msgspec

from inspect_api.demo.county import load_county
from tests.http.serving import MSGPACK, Person, Served

AS_JSON: dict[bytes, Any] = {
    b'{"op_id":"x","note":"\xe7\x81\xad"}': {"op_id": "x", "note": "灭"},
    b'{"ops":[7]}': {"ops": [7]},
    b'{"half a surrogate":"\\ud800"}': None,
    b"\x00\xff\xfe": None,
    b'{"too large":1e999}': None,
    b'{"too large":%d}' % 2**70: None,
    b'{"cut': None,
    b"[" * 65 + b"]" * 65: None,
    b"[" * 900 + b"]" * 900: None,
    b"[" * 100_000: None,
}
AS_MSGPACK: dict[bytes, Any] = {
    msgspec.msgpack.encode({"note": "灭火器"}): {"note": "灭火器"},
    msgspec.msgpack.encode({"photo": b"\x00\xff"}): {"photo": "AP8="},
    msgspec.msgpack.encode({"ext": msgspec.msgpack.Ext(5, b"x")}): None,
    msgspec.msgpack.encode({b"bytes": 1, 7: 2}): None,
    msgspec.msgpack.encode({"time": msgspec.msgpack.Ext(-1, b"1234")}): None,
    b"\xdd\xff\xff\xff\xff": None,
}


def test_what_cannot_be_read_spoils_the_list_for_nobody(served: Served) -> None:
    """A single operation whose bytes are no JSON must not hide all others from those who decide."""
    person = served.person("inspector1")
    for kinds, content_type in ((AS_JSON, "application/json"), (AS_MSGPACK, MSGPACK)):
        for raw in kinds:
            answer = person.post("/sync/deposit", raw, headers={"Content-Type": content_type})
            assert answer.json()["outcomes"][0]["code"] == "quarantined", answer.text
    wanted = sorted(shown_as(raw, value) for raw, value in (AS_JSON | AS_MSGPACK).items())
    for reader in map(served.person, ("inspector1", "county", "admin")):
        for accept in ("application/json", MSGPACK):
            assert sorted(json.dumps(item["operation"]) for item in listed(reader, accept)) == wanted


def shown_as(raw: bytes, value: Any) -> str:
    return json.dumps(base64.b64encode(raw).decode() if value is None else value)


def listed(person: Person, accept: str) -> list[dict[str, Any]]:
    answer = person.get("/quarantine?limit=200", headers={"Accept": accept})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith(accept)
    decoded = msgspec.msgpack.decode(answer.content) if accept == MSGPACK else json.loads(answer.content)
    items: list[dict[str, Any]] = decoded["items"]
    return items


def test_the_chain_on_what_is_dismissed_is_a_conflict_to_its_end(served: Served) -> None:
    """Its hazard was never opened, and never will be: waiting for it would be waiting for ever."""
    person = served.person("inspector1")
    grids = set(person.get("/me").json()["grids"])
    site = next(site for site in load_county().sites if site.grid_code in grids)
    hazard = uuid4()
    body = {"site_id": str(site.id), "description": "消防通道堵塞", "photos": []}
    ops = [person.operation("hazard.report", hazard, body)]
    for n in range(4):
        note = person.operation("hazard.note", hazard, {"text": f"第{n}次"}, seq=n + 2)
        ops.append(note | {"depends_on": [ops[-1]["op_id"]]})
    person.post("/sync/deposit", ops[0])
    held = person.push(ops[3], ops[2]).json()["outcomes"] + person.push(ops[1]).json()["outcomes"]
    assert [one["code"] for one in held] == ["held"] * 3
    decision = {"action": "dismiss", "reason": "不属实"}
    assert served.person("county").post(f"/quarantine/{ops[0]['op_id']}", decision).status_code == 200
    seen = {one["op_id"]: one for one in person.get("/sync/outcomes").json()["items"]}
    codes = [seen[op["op_id"]]["code"] for op in ops[:4]]
    assert codes == ["quarantined", "conflict", "conflict", "conflict"]
    assert "status" not in seen[ops[1]["op_id"]]
    assert [one["code"] for one in person.push(ops[4]).json()["outcomes"]] == ["conflict"]


def test_large_operations_come_on_more_pages(served: Served) -> None:
    """Nothing is left out, and no page takes more memory than a few of them."""
    person = served.person("inspector2")
    sent = {'{"large":"%s"}' % (str(n) * 100_000) for n in range(10, 35)}
    for text in sent:
        person.post("/sync/deposit", text.encode(), headers={"Content-Type": "application/json"})
    seen: list[str] = []
    cursor, pages = "", 0
    while cursor is not None and pages < 40:
        page = json.loads(person.get(f"/quarantine?limit=200{cursor and '&cursor='}{cursor}").content)
        assert sum(len(json.dumps(item["operation"])) for item in page["items"]) < 5 * 1024**2
        seen += [json.dumps(item["operation"], separators=(",", ":")) for item in page["items"]]
        cursor, pages = page["cursor"], pages + 1
    assert pages > 1
    assert sorted(seen) == sorted(sent)
