"""The document says what the server does: valid, without drift, and its examples are sent here."""

import json
from typing import Any
from uuid import UUID

import jsonschema
import msgspec
import pytest
from openapi_spec_validator import validate

from inspect_api.demo.county import load_county
from inspect_api.http.openapi import document, problems_page, read_examples
from inspect_api.http.routes import ROUTES
from sync.identity import hazard_id
from tests.http.serving import Served, serve
from tests.live import ROOT

EXAMPLES: dict[str, Any] = read_examples(ROOT / "openapi" / "examples")
COMMITTED: dict[str, Any] = json.loads((ROOT / "openapi" / "openapi.json").read_text("utf-8"))


def test_the_committed_document_is_the_one_that_the_routes_make():
    assert document(EXAMPLES) == COMMITTED, "run `make openapi`"


def test_the_committed_list_of_problems_is_the_table():
    assert problems_page() == (ROOT / "docs" / "problems.md").read_text("utf-8"), "run `make openapi`"


def test_it_is_valid_openapi():
    assert COMMITTED["openapi"].startswith("3.1.")
    validate(COMMITTED)


def test_every_route_is_told_with_its_problems_and_both_encodings():
    for row in ROUTES:
        told = COMMITTED["paths"][row.full_path][row.method.lower()]
        for answer in told["responses"].values():
            kinds = set(answer.get("content", {})) - {"application/problem+json"}
            assert kinds in (set(), {"application/json", "application/vnd.msgpack"}, {row.media_type}), (
                row.path
            )
        if not row.at_root:
            assert {"400", "500", "503"} <= set(told["responses"]), row.path
        if told["security"]:
            assert {"401", "403"} <= set(told["responses"]), row.path
        if row.body:
            assert set(told["requestBody"]["content"]) == {"application/json", "application/vnd.msgpack"}


def test_every_body_has_an_example_and_every_example_a_route():
    assert {name for row in ROUTES for name in row.examples} == set(EXAMPLES)
    for row in ROUTES:
        assert bool(row.examples) == bool(row.body), row.path


def check(schema: dict[str, Any], value: object) -> None:
    jsonschema.Draft202012Validator({**schema, "components": COMMITTED["components"]}).validate(value)


@pytest.mark.parametrize("row", [row for row in ROUTES if row.examples], ids=lambda row: row.path)
def test_the_examples_are_of_their_schemas(row):
    content = COMMITTED["paths"][row.full_path]["post"]["requestBody"]["content"]["application/json"]
    for example in content["examples"].values():
        check(content["schema"], example["value"])
        msgspec.json.decode(msgspec.json.encode(example["value"]), type=row.body)
    if row.path != "/sync/push":  # what is wrong in an operation is the operation's own outcome
        with pytest.raises(jsonschema.ValidationError):
            check(content["schema"], 7)


class Caller:
    """Sends examples, and holds every answer against the document."""

    def __init__(self, served: Served) -> None:
        self.served, self.tokens = served, {}

    def log_in(self, **changes: object) -> dict[str, Any]:
        return self.send("login", "/auth/login", {**EXAMPLES["login"], **changes}, token="")

    def send(self, name: str, path: str, body: object = None, *, token: str, template: str = "") -> Any:
        content = EXAMPLES[name] if body is None else body
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        answer = self.served.client.post(f"/api/v1{path}", json=content, headers=headers)
        assert answer.status_code == 200, answer.text
        return self._checked("post", template or path, answer)

    def get(self, path: str, *, token: str, template: str = "") -> Any:
        headers = {"Authorization": f"Bearer {token}"}
        answer = self.served.client.get(f"/api/v1{path}", headers=headers)
        assert answer.status_code == 200, answer.text
        return self._checked("get", template or path.partition("?")[0], answer)

    def _checked(self, method: str, path: str, answer: Any) -> Any:
        told = COMMITTED["paths"][f"/api/v1{path}"][method]["responses"]["200"]
        check(told["content"]["application/json"]["schema"], answer.json())
        return answer.json()


def test_the_examples_are_sent_and_the_answers_are_of_their_schemas(settings):
    with serve(settings) as served:
        caller = Caller(served)
        phone = caller.log_in()["access_token"]
        pushed = caller.send("push", "/sync/push", token=phone)
        assert [outcome["code"] for outcome in pushed["outcomes"]] == ["applied", "applied"]
        inspection = EXAMPLES["push"]["ops"][0]["entity_id"]
        hazard = str(hazard_id(UUID(inspection), "AQ3067-5.1.4"))
        assert EXAMPLES["push"]["ops"][1]["entity_id"] == hazard

        pulled = caller.send("pull", "/sync/pull", token=phone)
        assert {"site", "hazard", "inspection"} <= {change["entity"] for change in pulled["changes"]}
        asked = caller.send("blobs_status", "/blobs/status", token=phone)
        assert [item["status"] for item in asked["items"]] == ["missing"]

        officer = caller.log_in(username="officer1", device=None)["access_token"]
        commands = {"token": officer, "template": "/hazards/{id}/commands"}
        confirmed = caller.send("confirm", f"/hazards/{hazard}/commands", **commands)
        assert (confirmed["code"], confirmed["status"]) == ("applied", "plan_due")

        evaluate = "/checklists/{code}/{version}/evaluate"
        path = evaluate.format(code="hazmat.aq3067-2026", version="1")
        assert caller.send("evaluate", path, token=officer, template=evaluate)["findings"]

        one = "/hazards/{id}"
        detail = caller.get(f"/hazards/{hazard}", token=officer, template=one)
        assert detail["grade"] == "major"
        caller.get(f"/hazards/{hazard}/history", token=officer, template=f"{one}/history")
        caller.get(f"/hazards/{hazard}/explain", token=officer, template=f"{one}/explain")
        (task,) = caller.send("give_tasks", "/tasks", token=officer)["items"]
        assert caller.get("/tasks?overdue=false", token=phone)["items"] == [task]
        withdraw = {"token": officer, "template": "/tasks/{id}/withdraw"}
        taken = caller.send("withdraw_task", f"/tasks/{task['id']}/withdraw", **withdraw)
        assert caller.get(f"/tasks/{task['id']}", token=phone, template="/tasks/{id}") == taken
        for path in ("/hazards", "/sites", "/inspections", "/checklists", "/overdue/summary?by=grade", "/me"):
            caller.get(path, token=officer)
        caller.get(f"/inspections/{inspection}", token=officer, template="/inspections/{id}")
        for code in ("652327", load_county().sites[0].village):
            caller.get(f"/regions/{code}/risk", token=officer, template="/regions/{code}/risk")
        checklist = "/checklists/{code}/{version}"
        caller.get(
            checklist.format(code="hazmat.aq3067-2026", version="1"), token=officer, template=checklist
        )

        county = caller.log_in(username="county", device=None)["access_token"]
        notices = caller.get("/notices", token=county)["items"]
        assert notices[0]["kind"] == "alert"
        answered = caller.send(
            "answer_notice",
            f"/notices/{notices[0]['id']}/answer",
            token=county,
            template="/notices/{id}/answer",
        )
        assert answered["answer"]["text"] == EXAMPLES["answer_notice"]["text"]

        renewal = caller.log_in()["refresh_token"]
        caller.send("refresh", "/auth/refresh", {"refresh_token": renewal}, token="")
