"""An account is disabled, a phone revoked: refused at once, and what was captured can still be handed in."""

import hashlib
from typing import Any
from uuid import UUID, uuid4

import httpx
import msgspec
import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from inspect_api.actions import change_scope
from inspect_api.cli import main
from inspect_api.settings import Settings
from inspect_api.store.hazards import HAZARD
from inspect_api.store.operations import OPERATION
from tests.http.serving import Served, serve
from tests.media.pictures import picture, saved
from tests.scope.county import County, Phone, codes


class Online:
    """Somebody who is logged in on his phone, over HTTP."""

    def __init__(self, served: Served, county: County, name: str) -> None:
        self.served, self.county = served, county
        self.phone: Phone = county.phone(name)
        answer = served.log_in(county.username(name), self.phone.device_id)
        assert answer.status_code == 200, answer.text
        self.tokens = answer.json()

    def call(self, method: str, path: str, body: Any = None, client: Any = None) -> httpx.Response:
        headers = {
            "Authorization": f"Bearer {self.tokens['access_token']}",
            "Content-Type": "application/json",
        }
        content = b"" if body is None else msgspec.json.encode(body)
        found: httpx.Response = (client or self.served.client).request(
            method, f"/api/v1{path}", headers=headers, content=content
        )
        return found

    def batch(self, *ops: dict[str, Any]) -> dict[str, Any]:
        return self.phone.batch(*ops)

    def push(self, *ops: dict[str, Any]) -> httpx.Response:
        return self.call("POST", "/sync/push", self.batch(*ops))

    def put(self, photo: bytes) -> int:
        headers = {"Authorization": f"Bearer {self.tokens['access_token']}"}
        address = f"/api/v1/blobs/{name_of(photo)}"
        return self.served.client.put(address, content=photo, headers=headers).status_code

    def deposit(self, *ops: dict[str, Any]) -> httpx.Response:
        return self.call("POST", "/sync/deposit", self.batch(*ops))


def name_of(photo: bytes) -> str:
    return hashlib.sha256(photo).hexdigest()


@pytest.fixture
def site(county: County) -> UUID:
    county.join("张巡查", "inspector", grids=[county.grid(1)])
    return county.build(county.grid(1))


def now_at(county: County, op: dict[str, Any]) -> tuple[str, str | None]:
    with county.app.db.read() as tx:
        query = sa.select(OPERATION.c.code, OPERATION.c.region_code)
        row = tx.execute(query.where(OPERATION.c.filed_id == UUID(op["op_id"]))).one()
    return row.code, row.region_code


def test_a_disabled_account_hands_in_what_it_captured(served, county, site):
    person, supervisor = Online(served, county, "张巡查"), Online(served, county, "regulator1")
    sent = person.phone.report(site_id=site)
    assert codes(person.push(sent).json()["outcomes"]) == ["applied"]
    ops = [person.phone.report(site_id=site) for _ in range(5)]
    assert county.change(change_scope.disable_account, "张巡查")
    assert not county.change(change_scope.disable_account, "张巡查")
    county.later(seconds=3)
    for answer in (
        person.push(*ops),
        person.call("GET", "/me"),
        person.call("POST", "/sync/pull", {"protocol": 1, "device_id": person.phone.device_id}),
        served.client.post("/api/v1/auth/refresh", json={"refresh_token": person.tokens["refresh_token"]}),
        served.log_in(county.username("张巡查"), person.phone.device_id),
    ):
        assert answer.status_code == 401

    county.later(days=1)
    answer = person.deposit(sent, *ops)
    assert answer.status_code == 200
    outcomes = answer.json()["outcomes"]
    assert codes(outcomes) == ["duplicate", *["quarantined deposited"] * 5]
    assert outcomes[0]["first"]["code"] == "applied"
    again = person.deposit(*ops).json()["outcomes"]
    assert codes(again) == ["duplicate"] * 5
    assert codes(outcome["first"] for outcome in again) == ["quarantined deposited"] * 5
    assert {now_at(county, op) for op in ops} == {("quarantined", county.village(1))}

    supervisor = Online(served, county, "regulator1")
    listed = supervisor.call("GET", "/quarantine").json()["items"]
    assert {item["op_id"] for item in listed} == {op["op_id"] for op in ops}
    decision = {"action": "release", "reason": "属实"}
    answer = supervisor.call("POST", f"/quarantine/{ops[0]['op_id']}", decision)
    assert (answer.status_code, answer.json()["code"]) == (200, "applied")
    with county.app.db.read() as tx:
        finder = sa.select(HAZARD.c.found_by).where(HAZARD.c.id == UUID(ops[0]["entity_id"]))
        assert tx.execute(finder).scalar_one() == county.people["张巡查"]


def test_for_thirty_days(served, county, site):
    person = Online(served, county, "张巡查")
    county.change(change_scope.disable_account, "张巡查")
    county.later(days=29, hours=23)
    assert person.deposit(person.phone.report(site_id=site)).status_code == 200
    county.later(hours=2)
    assert person.deposit(person.phone.report(site_id=site)).status_code == 401


def test_a_phone_that_was_away_when_its_account_ended_hands_in_all_the_same(served, county, site):
    """Weeks without network: its token ran out long ago, and cannot be renewed any more."""
    person = Online(served, county, "张巡查")
    county.later(days=45)
    op = person.phone.report(site_id=site)
    county.change(change_scope.disable_account, "张巡查")
    county.later(days=1)
    assert person.push(op).status_code == 401
    assert codes(person.deposit(op).json()["outcomes"]) == ["quarantined deposited"]
    county.later(days=30)
    assert person.deposit(op).status_code == 401


def test_the_photos_of_what_is_deposited_and_no_others(served, county, site):
    person = Online(served, county, "张巡查")
    named, released, other = (saved(picture((8, 8 + n)), "PNG") for n in range(3))
    ops = []
    for photo in (named, released):
        op = person.phone.report(site_id=site)
        ops.append(op | {"body": op["body"] | {"photos": [name_of(photo)]}})
    county.change(change_scope.disable_account, "张巡查")
    county.later(seconds=3)
    assert {person.put(photo) for photo in (named, released, other)} == {401}
    assert codes(person.deposit(*ops).json()["outcomes"]) == ["quarantined deposited"] * 2
    assert [person.put(photo) for photo in (named, named, other)] == [201, 200, 401]
    supervisor = Online(served, county, "regulator1")
    missing = []
    for op in ops:
        decision = {"action": "release", "reason": "属实"}
        missing.append(
            supervisor.call("POST", f"/quarantine/{op['op_id']}", decision).json()["missing_blobs"]
        )
    assert missing == [[], [name_of(released)]]
    assert [person.put(photo) for photo in (released, other)] == [201, 401]
    assert supervisor.call("GET", f"/photos/{name_of(released)}").content == released
    county.later(days=31)
    assert person.put(named) == 401


def test_a_deposit_without_a_login_or_with_anybodys_token_is_refused(served, county, site):
    person = Online(served, county, "张巡查")
    person.tokens = {"access_token": "x" * 43}
    assert person.deposit(person.phone.report(site_id=site)).status_code == 401


def test_enabled_again_it_logs_in_anew_and_pushes_what_is_left(served, county, site):
    person = Online(served, county, "张巡查")
    op, late = person.phone.report(site_id=site), person.phone.report(site_id=site)
    county.change(change_scope.disable_account, "张巡查")
    assert codes(person.deposit(op).json()["outcomes"]) == ["quarantined deposited"]
    assert county.change(change_scope.enable_account, "张巡查")
    assert not county.change(change_scope.enable_account, "张巡查")
    county.later(seconds=3)
    assert person.push(late).status_code == 401  # the old token stays dead
    person = Online(served, county, "张巡查")
    outcomes = person.push(op, late).json()["outcomes"]
    assert codes(outcomes) == ["duplicate", "applied"]
    assert codes([outcomes[0]["first"]]) == ["quarantined deposited"]  # a supervisor decides


def test_what_a_disabled_author_has_waiting_is_judged_as_captured(county, site):
    phone = county.phone("张巡查")
    parent, child = phone.report(site_id=site), phone.report(site_id=site)
    child["depends_on"] = [parent["op_id"]]
    county.join("李巡查", "inspector", grids=[county.grid(1)])
    assert codes(phone.push(child)) == ["held dependency_missing"]
    county.later(minutes=5)
    county.change(change_scope.disable_account, "张巡查")
    county.change(change_scope.take_grid, "张巡查", county.grid(1))
    county.later(minutes=5)
    assert codes(county.phone("李巡查").push(parent)) == ["applied"]
    assert now_at(county, child)[0] == "applied"


def test_an_order_counts_the_officers_who_were_in_office_then(county, site):
    for name in ("赵执法", "钱执法"):
        county.join(name, "officer", regions=[county.code])
    phone = county.phone("赵执法")
    named = [{"user_id": str(county.people[n]), "certificate_no": "新A-1"} for n in ("赵执法", "钱执法")]
    before = phone.inspect(site, officers=named)
    county.later(minutes=5)
    county.change(change_scope.disable_account, "钱执法")
    county.later(minutes=5)
    after = phone.inspect(site, officers=named)
    assert codes(phone.push(before, after)) == ["applied", "applied"]
    with county.app.db.read() as tx:
        query = sa.select(HAZARD.c.inspection_id, HAZARD.c.order_kind).where(HAZARD.c.site_id == site)
        orders = {str(row.inspection_id): row.order_kind for row in tx.execute(query)}
    assert orders == {before["entity_id"]: "ordered", after["entity_id"]: "urged"}


def test_a_revoked_phone(served, county, site):
    person = Online(served, county, "张巡查")
    op = person.phone.report(site_id=site)
    device_id = person.phone.device_id
    assert county.change(change_scope.revoke_device, device_id)
    assert not county.change(change_scope.revoke_device, device_id)
    county.later(seconds=3)
    assert person.push(op).status_code == 401
    assert served.log_in(county.username("张巡查"), device_id).status_code == 401
    assert codes(person.deposit(op).json()["outcomes"]) == ["quarantined deposited"]
    county.later(days=31)
    assert person.deposit(op).status_code == 401
    assert served.log_in(county.username("张巡查"), uuid4()).status_code == 200  # the person may work on


def test_on_every_node_within_five_seconds(served, county, site, scope_settings):
    """Two servers on one database; each has believed the token a moment ago."""
    person = Online(served, county, "张巡查")
    with serve(scope_settings, served.clock) as second:
        for client in (served.client, second.client):
            assert person.call("GET", "/me", client=client).status_code == 200
        county.change(change_scope.disable_account, "张巡查")
        county.later(seconds=5)
        for client in (served.client, second.client):
            assert person.call("GET", "/me", client=client).status_code == 401


def test_pull_knows_the_scope_of_this_very_moment(served, county, site):
    """No tick of the clock lies between the taking and the pull: who asks is not believed for seconds."""
    person = Online(served, county, "张巡查")
    wanted = {"protocol": 1, "device_id": person.phone.device_id}
    before = person.call("POST", "/sync/pull", wanted).json()
    county.change(change_scope.take_grid, "张巡查", county.grid(1))
    after = person.call("POST", "/sync/pull", {**wanted, "cursor": before["cursor"]}).json()
    assert after["streams"] == {"added": [], "removed": [f"grid:{county.grid(1)}"]}
    assert {change["kind"] for change in after["changes"]} == {"leave"}


def run_command(settings: Settings, *line: str) -> tuple[int, str]:
    env = {"DATA_DIR": str(settings.data_dir), "DATABASE_URL": settings.database_url}
    done = CliRunner().invoke(main, line, env=env)
    return done.exit_code, done.output.strip()


def test_the_commands_of_whoever_runs_it(served, county, site, scope_settings):
    user, grid = county.username("张巡查"), county.grid(2)
    person = Online(served, county, "张巡查")
    run = lambda *line: run_command(scope_settings, *line)  # noqa: E731
    assert run("account", "give-grid", "--new", user, grid) == (0, "done")
    assert run("account", "give-grid", user, grid) == (0, "it was so already")
    assert run("account", "give-grid", user, f"{grid}O")[0] == 2
    assert run("account", "give-grid", "--new", user, f"{grid}O") == (0, "done")
    assert run("account", "take-grid", user, f"{grid}O") == (0, "done")
    assert run("site", "move", str(site), grid) == (0, "done, with 0 hazards")
    county.later(seconds=3)
    assert person.call("GET", "/me").json()["grids"] == [county.grid(1), grid]
    assert run("account", "take-grid", user, grid) == (0, "done")
    assert run("account", "disable", user) == (0, "done")
    assert run("account", "enable", user) == (0, "done")
    assert run("device", "revoke", str(person.phone.device_id)) == (0, "done")
    assert run("account", "give-region", user, county.code) == (
        2, "inspect-api: The scope of the role inspector is not made of these",
    )  # fmt: skip
    assert run("account", "disable", "nobody") == (2, "inspect-api: There is no account nobody")
    assert run("site", "move", str(uuid4()), grid) == (2, "inspect-api: No such site")
    assert run("site", "move", str(site), "G-7") == (2, "inspect-api: The grid lies in no known region")
