"""One inspection through the register: what each person reads of it, and why, on both databases."""

import base64
import hashlib
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest

from inspect_api.actions.escalate_overdue import escalate_overdue
from inspect_api.demo.county import Site, load_county
from inspect_api.domain.chain import START as CHAIN_START
from inspect_api.domain.chain import entry_hash
from sync.identity import hazard_id
from tests import records
from tests.http.serving import MSGPACK, START, Person, Served

COUNTY = load_county()
GENERAL = records.plain_items("general")
MAJOR = records.plain_items("major")[0].code
PICTURE = hashlib.sha256("整改照片".encode()).hexdigest()


def place() -> tuple[Site, str, str]:
    """A hazmat site with the names of its inspector and of a person of its enterprise."""
    for site in COUNTY.sites:
        seeing = [a for a in COUNTY.accounts if site.enterprise and COUNTY.sees(a, site)]
        roles = {a.role: a.username for a in seeing}
        if site.industry == "hazmat" and {"inspector", "enterprise"} <= roles.keys():
            return site, roles["inspector"], roles["enterprise"]
    raise LookupError("no such site in the demo county")


SITE, INSPECTOR, OWNER = place()


class Story:
    """An inspection with a major finding, pushed and served on the spot."""

    def __init__(self, served: Served, *, signed: bool = True) -> None:
        self.served = served
        self.op = records.inspection(
            SITE.id, at=START - timedelta(hours=1), signed=signed,
            fails={MAJOR: {"note": "储罐区可燃气体报警器未投用", "photos": [PICTURE]}},
        )  # fmt: skip
        answer = self.who(INSPECTOR).push(self.op)
        assert answer.json()["outcomes"][0]["code"] == "applied", answer.text
        self.inspection = self.op["entity_id"]
        self.hazard = str(hazard_id(UUID(self.inspection), MAJOR, 1))

    def who(self, username: str) -> Person:
        return self.served.person(username)

    def at(self, moment: datetime) -> None:
        """Later, with everybody logged in again and the worker having run."""
        self.served.clock.set(moment)
        self.served.people.clear()
        self.served.app.write(lambda work: escalate_overdue(work, 100))

    def do(self, username: str, kind: str, **body: Any) -> None:
        answer = self.who(username).post(f"/hazards/{self.hazard}/commands", {"kind": kind, "body": body})
        assert answer.status_code == 200, answer.text

    def read(self, username: str, path: str = "") -> Any:
        answer = self.who(username).get(f"/hazards/{self.hazard}{path}")
        assert answer.status_code == 200, answer.text
        return answer.json()


def test_everybody_concerned_reads_the_same_hazard(served: Served) -> None:
    story = Story(served)
    own = ("permitted_commands",)
    seen = {name: story.read(name) for name in (INSPECTOR, OWNER, "county", "city", "officer1")}
    without = [{k: v for k, v in hazard.items() if k not in own} for hazard in seen.values()]
    assert all(hazard == without[0] for hazard in without)
    assert seen["county"]["permitted_commands"][:2] == ["hazard.confirm", "hazard.dismiss"]
    assert seen[OWNER]["permitted_commands"] == ["hazard.report_to_workers", "hazard.note"]
    hazard = seen["county"]
    assert (hazard["status"], hazard["suspected_major"], hazard["order"]) == ("reported", True, "urged")
    assert hazard["site"] == {"id": str(SITE.id), "name": SITE.name}
    assert hazard["evidence_pending"] == 1
    assert hazard["source"]["found_by"]["role"] == "inspector"
    assert hazard["source"]["item"] == MAJOR
    assert hazard["findings"] == [
        {
            "inspection_id": story.inspection, "item": MAJOR, "n": 1,
            "note": "储罐区可燃气体报警器未投用", "photos": [PICTURE],
        }
    ]  # fmt: skip
    assert [(photo["sha256"], photo["stored"]) for photo in hazard["photos"]] == [(PICTURE, False)]
    assert [(clock["kind"], clock["party"]) for clock in hazard["clocks"]] == [("confirmation", "regulator")]


def test_a_strange_hazard_is_as_unknown_as_none(served: Served) -> None:
    story = Story(served)
    strangers = [a.username for a in COUNTY.accounts if a.grids and not COUNTY.sees(a, SITE)]
    strangers += [
        a.username for a in COUNTY.accounts if a.role == "enterprise" and a.enterprise != SITE.enterprise
    ]
    for name in (strangers[0], strangers[-1]):
        for path in ("", "/history", "/explain"):
            found = story.who(name).get(f"/hazards/{story.hazard}{path}")
            nothing = story.who(name).get(f"/hazards/{uuid4()}{path}")
            assert (found.status_code, nothing.status_code) == (404, 404)
            assert without_id(found.json()) == without_id(nothing.json())
            assert story.hazard not in found.text
        assert story.hazard not in {one["id"] for one in story.who(name).get("/hazards").json()["items"]}
        assert story.who(name).get(f"/inspections/{story.inspection}").status_code == 404
        assert story.who(name).get(f"/sites/{SITE.id}").status_code == 404


def without_id(problem: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in problem.items() if name != "request_id"}


def test_history_verifies_from_what_is_answered(served: Served) -> None:
    story = Story(served)
    story.do("county", "hazard.confirm", grade="major", criterion="AQ3067-2026/4.1")
    note = msgspec.msgpack.encode(
        {"kind": "hazard.note", "body": {"text": "已安排停用", "more": b"\x00\xff"}}
    )
    address = f"/hazards/{story.hazard}/commands"
    assert story.who(OWNER).post(address, note, headers={"Content-Type": MSGPACK}).status_code == 200
    story.at(START + timedelta(days=30))
    items = story.read("county", "/history")["items"]
    kinds = [item["kind"] for item in items]
    assert kinds[:3] == ["hazard.opened", "hazard.confirm", "hazard.note"]
    assert set(kinds[3:]) == {"hazard.escalated"}
    assert [item["n"] for item in items] == list(range(1, len(items) + 1))
    assert items[2]["body"] == {"text": "已安排停用", "photos": []}
    assert items[2]["actor"]["role"] == "enterprise"
    assert (items[0]["body"], items[3]["body"], items[3]["actor"]) == (None, None, None)
    previous = CHAIN_START
    for item in items:
        actor = item["actor"]["id"] if item["actor"] else "system"
        computed = entry_hash(
            UUID(story.hazard), item["n"], previous, item["kind"],
            bytes.fromhex(item["op_hash"]) if item["op_hash"] else None,
            base64.b64decode(item["event_base64"]), datetime.fromisoformat(item["at"]), actor,
        )  # fmt: skip
        assert (item["prev_hash"], item["hash"]) == (previous.hex(), computed.hex())
        previous = computed


def test_explain_says_which_rule_which_steps_and_what_comes_next(served: Served) -> None:
    story = Story(served)
    fresh = story.read("county", "/explain")
    (clock,) = fresh["clocks"]
    assert (clock["kind"], clock["running"], clock["steps"]) == ("confirmation", True, [])
    assert clock["source"]
    assert clock["mark"] in {"confirmed", "high", "medium", "local policy"}
    assert clock["explanation"][0].startswith("起算时间")
    assert datetime.fromisoformat(clock["next"]["at"]) > START
    assert fresh["shown"][0] == "状态：待核定。"
    story.at(START + timedelta(days=30))
    late = story.read("county", "/explain")
    (clock,) = late["clocks"]
    numbers = [step["step"] for step in clock["steps"]]
    assert numbers == sorted(set(numbers))
    assert len(numbers) >= 2
    assert all(step["notices"] for step in clock["steps"])
    hazard = story.read("county")
    assert hazard["escalation"]["step"] == numbers[-1]
    assert hazard["escalation"]["name"] == clock["steps"][-1]["name"]
    assert (
        (late["overdue"], late["overdue_by"])
        == (True, "regulator")
        == (hazard["overdue"], hazard["overdue_by"])
    )
    assert any(f"已超期 {hazard['overdue_days']} 日" in sentence for sentence in late["shown"])


def test_the_enterprise_is_served_by_reading_its_notice(served: Served) -> None:
    story = Story(served, signed=False)
    story.do("county", "hazard.confirm", grade="general")
    assert story.read("county")["served_at"] is None
    (service,) = [n for n in notices_of(story, OWNER) if n["kind"] == "service"]
    assert service["delivered_at"] is not None
    hazard = story.read("county")
    assert hazard["served_at"] == service["delivered_at"]
    running = {clock["kind"]: clock["running"] for clock in hazard["clocks"]}
    assert running["rectification"] is True
    assert running["service"] is False
    again = [n for n in notices_of(story, OWNER) if n["kind"] == "service"]
    assert again == [service]


def notices_of(story: Story, username: str, query: str = "") -> list[dict[str, Any]]:
    answer = story.who(username).get(f"/notices?limit=200{query}")
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


def test_a_notice_is_answered_once(served: Served) -> None:
    story = Story(served)
    notice = notices_of(story, "county")[0]
    address = f"/notices/{notice['id']}/answer"
    assert story.who("county").post(address, {"text": " \u200b"}).status_code == 422
    first = story.who("county").post(address, {"text": "已安排核定"})
    assert first.status_code == 200
    assert first.json()["answer"] == {"text": "已安排核定", "at": first.json()["answer"]["at"]}
    assert first.json()["rev"] == notice["rev"] + 1
    again = story.who("county").post(address, {"text": "已安排核定"})
    assert (again.status_code, again.json()) == (200, first.json())
    other = story.who("county").post(address, {"text": "改日"})
    assert (other.status_code, other.json()["code"]) == (409, "conflict")
    assert story.who("officer1").post(address, {"text": "代答"}).status_code == 404
    assert story.who("county").post(f"/notices/{uuid4()}/answer", {"text": "无"}).status_code == 404
    assert notice["id"] not in {n["id"] for n in notices_of(story, "county", "&unanswered=true")}
    assert [n["id"] for n in notices_of(story, "county", "&unanswered=false")] == [notice["id"]]
    pulled = story.who("county").post(
        "/sync/pull", {"protocol": 1, "device_id": str(story.who("county").device_id), "limit": 1000}
    )
    (change,) = [c for c in pulled.json()["changes"] if c["id"] == notice["id"]]
    assert change["data"] == first.json()


def test_what_an_amendment_notes_stands_beside_the_first_finding(served: Served) -> None:
    story = Story(served)
    more = records.inspection(
        SITE.id, at=START, seq=2, amends=story.inspection, fails={MAJOR: {"note": "更正：两台未投用"}}
    )
    assert story.who(INSPECTOR).push(more).json()["outcomes"][0]["code"] == "applied"
    hazard = story.read("county")
    assert [finding["note"] for finding in hazard["findings"]] == [
        "储罐区可燃气体报警器未投用",
        "更正：两台未投用",
    ]
    withdrawn = records.inspection(SITE.id, at=START, seq=3, amends=more["entity_id"], passes=5)
    assert story.who(INSPECTOR).push(withdrawn).json()["outcomes"][0]["code"] == "applied"
    assert len(story.read("county")["findings"]) == 2
    assert any("不再认定" in sentence for sentence in story.read("county", "/explain")["shown"])


def test_an_inspection_reads_back_as_submitted(served: Served) -> None:
    story = Story(served)
    found = story.who("county").get(f"/inspections/{story.inspection}").json()
    assert found["answers"][0]["note"] == "储罐区可燃气体报警器未投用"
    assert found["site"] == {"id": str(SITE.id), "name": SITE.name}
    assert found["inspector"]["name"] == COUNTY.account(INSPECTOR).name
    assert found["hazards"] == [story.hazard]
    assert found["missing_blobs"] == [PICTURE]
    assert "blob_missing" in found["flags"]
    (listed,) = story.who("county").get(f"/inspections?site_id={SITE.id}").json()["items"]
    assert listed == found


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("since={start}", 0), ("until={start}", 1), ("region=652327", 1), ("region=652328", 0),
        ("inspector_id={inspector}", 1), ("inspector_id={nobody}", 0),
    ],
)  # fmt: skip
def test_inspections_are_filtered(sqlite_served: Served, query: str, found: int) -> None:
    story = Story(sqlite_served)
    text = query.format(
        start=START.strftime("%Y-%m-%dT%H:%M:%SZ"), inspector=COUNTY.account(INSPECTOR).id, nobody=uuid4()
    )
    assert len(story.who("county").get(f"/inspections?{text}").json()["items"]) == found


def test_pull_and_queries_show_one_entity_alike(served: Served) -> None:
    story = Story(served)
    person = story.who(OWNER)
    pulled = person.post("/sync/pull", {"protocol": 1, "device_id": str(person.device_id), "limit": 1000})
    data = {(c["entity"], c["id"]): c["data"] for c in pulled.json()["changes"] if c["kind"] == "put"}
    asked = {"site": "/sites", "enterprise": "/enterprises", "inspection": "/inspections"}
    assert {entity for entity, _ in data} >= {*asked, "hazard"}
    for (entity, entity_id), shown in data.items():
        if entity in asked:
            assert person.get(f"{asked[entity]}/{entity_id}").json() == shown
    listed = {one["id"]: one for one in person.get("/hazards").json()["items"]}
    assert {key: one for (entity, key), one in data.items() if entity == "hazard"} == listed
