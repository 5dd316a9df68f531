"""What was captured while in scope counts, whenever it arrives; what came later is kept for a supervisor."""

from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from inspect_api.actions import change_scope
from inspect_api.actions.move_site import move_site
from inspect_api.actions.quarantine import QuarantineFilter, decide, list_quarantine
from inspect_api.domain.chain import first_broken
from inspect_api.jobs.loop import run_due
from inspect_api.store import grants, hazard_events
from inspect_api.store.hazards import HAZARD
from inspect_api.store.operations import OPERATION
from tests.scope.county import County, Phone, codes

REVOKED = "quarantined scope_revoked"
UNKNOWN = "held unknown_entity"


@pytest.fixture
def here(county: County) -> str:
    """The grid of 张巡查, in the first township."""
    county.join("张巡查", "inspector", grids=[county.grid(1)])
    return county.grid(1)


def queue_of(county: County, name: str) -> list[str]:
    """The operations that wait for a decision of somebody, by their ids."""

    def look(work: Any) -> list[str]:
        work.caller = county.caller(work, county.people[name], None)
        return [item.op_id for item in list_quarantine(work, QuarantineFilter(), 200, None).items]

    return county.app.read(look)


def release(county: County, name: str, op: dict[str, Any]) -> str:
    def act(work: Any) -> str:
        work.caller = county.caller(work, county.people[name], None)
        return decide(work, UUID(op["op_id"]), "release", "属实").code

    return county.app.write(act)


def now_at(county: County, op: dict[str, Any]) -> tuple[str, str | None]:
    """What has become of an operation, and in whose queue it is."""
    with county.app.db.read() as tx:
        query = sa.select(OPERATION.c.code, OPERATION.c.region_code)
        row = tx.execute(query.where(OPERATION.c.filed_id == UUID(op["op_id"]))).one()
    return row.code, row.region_code


def told_by_pull(phone: Phone, op: dict[str, Any]) -> str:
    phone.pull()
    return str(phone.store["outcome", op["op_id"]]["code"])


def test_captured_before_the_grid_was_taken_applied_with_a_flag(county, here):
    phone, site = county.phone("张巡查"), county.build(here)
    ops = [phone.inspect(site), phone.report(site_id=site), phone.report(grid_code=here)]
    ops.append(phone.capture("visit.record", uuid4(), {"site_id": str(site), "result": "closed"}))
    position = {"lat": 44.0, "lon": 89.0, "datum": "wgs84"}
    shop = {"name": "小卖部", "industry": "other", "grid_code": here, "position": position}
    ops.append(phone.capture("site.register", uuid4(), shop))
    county.later(minutes=5)
    county.change(change_scope.take_grid, "张巡查", here)
    county.later(minutes=5)
    outcomes = phone.push(*ops)
    assert codes(outcomes) == ["applied"] * 5
    assert all("scope_moved" in outcome["flags"] for outcome in outcomes)
    assert phone.fresh() == {}
    again = phone.push(*ops)
    assert [outcome["first"]["flags"] for outcome in again] == [outcome["flags"] for outcome in outcomes]


def test_row_8_captured_after_the_grid_was_taken_kept_and_applied_when_it_is_given_again(county, here):
    phone, site = county.phone("张巡查"), county.build(here)
    county.later(minutes=5)
    county.change(change_scope.take_grid, "张巡查", here)
    county.later(minutes=5)
    ops = [phone.report(site_id=site) for _ in range(10)]
    outcomes = phone.push(*ops)
    assert codes(outcomes) == [REVOKED] * 10
    assert all(outcome["durable"] for outcome in outcomes)
    assert set(queue_of(county, "regulator1")) == {op["op_id"] for op in ops}
    assert set(queue_of(county, "张巡查")) == {op["op_id"] for op in ops}
    assert queue_of(county, "regulator2") == []
    phone.pull()
    assert phone.ids("outcome") == {op["op_id"] for op in ops}

    county.later(minutes=5)
    county.change(change_scope.give_grid, "张巡查", here)
    assert {told_by_pull(phone, op) for op in ops} == {"applied"}
    assert len(phone.ids("hazard")) == 10
    assert phone.store["outcome", ops[0]["op_id"]]["flags"] == []
    assert queue_of(county, "regulator1") == []
    assert codes(o["first"] for o in phone.push(*ops)) == ["applied"] * 10


def test_a_supervisor_releases_what_came_after(county, here):
    phone, site = county.phone("张巡查"), county.build(here)
    county.later(minutes=5)
    county.change(change_scope.take_grid, "张巡查", here)
    op = phone.report(site_id=site)
    assert codes(phone.push(op)) == [REVOKED]
    assert release(county, "regulator1", op) == "applied"
    assert now_at(county, op) == ("applied", None)
    assert told_by_pull(phone, op) == "applied"


def test_a_chain_is_released_link_by_link(county, here):
    phone, site = county.phone("张巡查"), county.build(here)
    county.later(minutes=5)
    county.change(change_scope.take_grid, "张巡查", here)
    parent, child = phone.report(site_id=site), phone.report(site_id=site)
    child["depends_on"] = [parent["op_id"]]
    assert codes(phone.push(child)) == ["held dependency_missing"]
    assert codes(phone.push(parent)) == [REVOKED]
    assert release(county, "regulator1", parent) == "applied"
    assert now_at(county, child) == ("quarantined", county.village(1))
    assert release(county, "regulator1", child) == "applied"


def test_a_site_that_moved_away(county, here):
    there = county.grid(2)
    phone, site = county.phone("张巡查"), county.build(here)
    inspected = phone.inspect(site)
    hazard = phone.push(inspected)[0]
    assert hazard["code"] == "applied"
    phone.pull()
    hazard_id = phone.ids("hazard").pop()
    note = {"text": "已通知负责人", "photos": []}
    before = [phone.capture("hazard.note", hazard_id, note), phone.inspect(site)]
    wrong = phone.capture("hazard.accept", hazard_id, {"comment": "整改完成"})
    county.later(minutes=5)
    assert county.change(move_site, site, there) == 1
    county.later(minutes=5)
    after = [phone.capture("hazard.note", hazard_id, note), phone.report(site_id=site)]
    outcomes = phone.push(*before, wrong, *after)
    assert codes(outcomes) == ["applied", "applied", "conflict forbidden", REVOKED, REVOKED]
    assert [o["flags"] for o in outcomes[:2]] == [
        ["scope_moved"],
        ["scope_moved", "incomplete", "possible_duplicate"],
    ]
    assert outcomes[2]["permitted_commands"] == []
    assert set(queue_of(county, "regulator2")) == {op["op_id"] for op in after}
    assert queue_of(county, "regulator1") == []
    assert release(county, "regulator2", after[0]) == "applied"

    with county.app.db.read() as tx:
        entries = hazard_events.of_hazard(tx, UUID(hazard_id))
        rows = tx.execute(sa.select(HAZARD).where(HAZARD.c.site_id == site)).all()
    kinds = [entry.kind for entry in entries]
    assert kinds == ["hazard.opened", "hazard.moved", "hazard.note", "hazard.conflict", "hazard.note"]
    assert first_broken(entries) is None
    assert {row.grid_code for row in rows} == {there}


def test_kept_in_the_queue_of_where_the_thing_is_now(county, here):
    phone, site = county.phone("张巡查"), county.build(here)
    county.later(minutes=5)
    county.change(change_scope.take_grid, "张巡查", here)
    op = phone.report(site_id=site)
    assert codes(phone.push(op)) == [REVOKED]
    assert now_at(county, op) == ("quarantined", county.village(1))
    county.change(move_site, site, county.grid(2))
    assert now_at(county, op) == ("quarantined", county.village(2))
    assert queue_of(county, "regulator1") == []
    assert queue_of(county, "regulator2") == [op["op_id"]]


def test_what_he_has_never_seen_is_held_like_what_does_not_exist(county, here):
    phone, hidden = county.phone("张巡查"), county.build(county.grid(2))
    county.join("李巡查", "inspector", grids=[county.grid(2)])
    other = county.phone("李巡查")
    other.push(other.inspect(hidden))
    other.pull()
    note = {"text": "看一看", "photos": []}
    there = [
        phone.report(site_id=hidden),
        phone.inspect(hidden),
        phone.capture("hazard.note", other.ids("hazard").pop(), note),
    ]
    nowhere = [
        phone.report(site_id=uuid4()),
        phone.inspect(uuid4()),
        phone.capture("hazard.note", uuid4(), note),
    ]
    outcomes = phone.push(*there, *nowhere)
    for outcome in outcomes:
        for own in ("op_id", "digest"):
            del outcome[own]
    assert outcomes[:3] == outcomes[3:]
    assert codes(outcomes) == [UNKNOWN] * 6
    assert {now_at(county, op) for op in (*there, *nowhere)} == {("held", county.village(1))}
    county.later(days=15)
    run_due(county.app)
    # his own supervisor decides, and learns no more of it than he does
    assert {now_at(county, op) for op in (*there, *nowhere)} == {("quarantined", county.village(1))}


def test_never_while_both_were_different_times(county, here):
    """He had the grid, and the site lay in it, but not at once."""
    phone, there = county.phone("张巡查"), county.grid(2)
    site = county.build(there)
    county.change(change_scope.take_grid, "张巡查", here)
    county.later(minutes=5)
    county.change(move_site, site, here)
    county.later(minutes=5)
    county.change(move_site, site, there)
    assert codes(phone.push(phone.report(site_id=site))) == [UNKNOWN]


def test_held_until_the_grid_is_given(county, here):
    phone, there = county.phone("张巡查"), county.grid(2)
    site = county.build(there)
    ops = [phone.report(site_id=site), phone.report(grid_code=there)]
    assert codes(phone.push(*ops)) == [UNKNOWN] * 2
    county.later(minutes=5)
    county.change(change_scope.give_grid, "张巡查", there)
    assert [told_by_pull(phone, op) for op in ops] == ["applied", "applied"]


def test_held_until_the_site_comes_into_the_grid(county, here):
    phone, site = county.phone("张巡查"), county.build(county.grid(2))
    op = phone.report(site_id=site)
    assert codes(phone.push(op)) == [UNKNOWN]
    county.change(move_site, site, here)
    assert told_by_pull(phone, op) == "applied"


def test_the_worker_finds_it_within_a_minute_or_two(county, here):
    """Whatever gave the grid, and had no time to look at what waits."""
    phone, there = county.phone("张巡查"), county.grid(2)
    op = phone.report(site_id=county.build(there))
    assert codes(phone.push(op)) == [UNKNOWN]
    with county.app.db.write() as tx:
        grants.give_grid(tx, county.people["张巡查"], there, county.clock.now())
    run_due(county.app)
    assert now_at(county, op)[0] == "held"
    county.later(minutes=1, seconds=1)
    run_due(county.app)
    assert told_by_pull(phone, op) == "applied"


def test_held_again_is_no_news_for_the_phone(county, here):
    phone = county.phone("张巡查")
    op = phone.report(site_id=uuid4())
    phone.push(op)
    assert told_by_pull(phone, op) == "held"
    for _ in range(3):
        county.later(minutes=2)
        run_due(county.app)
    assert phone.pull().changes == []


def test_a_report_without_a_place_belongs_to_the_grid_that_he_had_when_he_saw_it(county, here):
    phone, there = county.phone("张巡查"), county.grid(2)
    op = phone.report()
    op["body"]["position"] = {"lat": 44.0, "lon": 89.0, "datum": "wgs84"}
    county.later(minutes=5)
    county.change(change_scope.take_grid, "张巡查", here)
    county.change(change_scope.give_grid, "张巡查", there)
    county.later(minutes=5)
    now = phone.report()
    now["body"]["position"] = op["body"]["position"]
    assert [outcome["flags"] for outcome in phone.push(op, now)] == [["scope_moved"], []]
    with county.app.db.read() as tx:
        grids = {
            entity: tx.execute(sa.select(HAZARD.c.grid_code).where(HAZARD.c.id == UUID(entity))).scalar_one()
            for entity in (op["entity_id"], now["entity_id"])
        }
    assert grids == {op["entity_id"]: here, now["entity_id"]: there}


def test_who_has_no_place_any_more_is_looked_after_where_he_was(county, here):
    phone = county.phone("张巡查")
    county.change(change_scope.take_grid, "张巡查", here)
    broken = phone.report(site_id=uuid4()) | {"kind": "hazard.vanish"}
    assert codes(phone.push(broken)) == ["quarantined unknown_kind"]
    assert queue_of(county, "regulator1") == [broken["op_id"]]


def test_a_region_taken_and_an_exclusion(county, here):
    officer = county.join("赵执法", "officer", regions=[county.code])
    phone, site = county.phone("赵执法"), county.build(county.grid(2))
    before = phone.inspect(site)
    county.later(minutes=5)
    county.change(change_scope.give_region, officer, county.town(2), excluded=True)
    county.later(minutes=5)
    outcomes = phone.push(before, phone.inspect(site))
    assert codes(outcomes) == ["applied", REVOKED]
    assert "scope_moved" in outcomes[0]["flags"]
    county.later(minutes=5)
    county.change(change_scope.take_region, officer, county.town(2))
    assert queue_of(county, "regulator2") == []


def test_row_9_a_role_that_may_not_write_is_kept_all_the_same(county, here):
    site = county.build(here)
    county.join("审计", "auditor", regions=[county.code])
    county.join("密钥员", "security_admin")
    for name, wanted in (("审计", "quarantined forbidden"), ("密钥员", "quarantined forbidden")):
        phone = county.phone(name)
        outcomes = phone.push(phone.inspect(site), phone.report(site_id=site))
        assert codes(outcomes) == [wanted] * 2
        assert all(outcome["durable"] for outcome in outcomes)


def test_a_command_given_online_on_what_has_moved_away_is_not_found(county, here, served):
    phone, site = county.phone("张巡查"), county.build(here)
    phone.push(phone.inspect(site))
    phone.pull()
    hazard = phone.ids("hazard").pop()
    login = served.log_in(county.username("张巡查"))
    county.later(seconds=5)
    county.change(move_site, site, county.grid(2))
    county.later(seconds=5)
    command = {"kind": "hazard.note", "body": {"text": "x", "photos": []}}
    answers = [
        served.client.post(
            f"/api/v1/hazards/{hazard_id}/commands", json=command,
            headers={"Authorization": f"Bearer {login.json()['access_token']}"},
        )
        for hazard_id in (hazard, uuid4())
    ]  # fmt: skip
    assert [answer.status_code for answer in answers] == [404, 404]
    first, second = ({**answer.json(), "request_id": ""} for answer in answers)
    assert first == second
