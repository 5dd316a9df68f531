"""Sites nobody had listed, visits, reports in passing; and that nobody reaches beyond his scope."""

from typing import Any
from uuid import UUID, uuid4, uuid5

import pytest

from inspect_api.store.enterprises import ENTERPRISE
from inspect_api.store.hazards import HAZARD
from inspect_api.store.inspections import VISIT
from inspect_api.store.notices import NOTICE
from inspect_api.store.operations import OPERATION
from inspect_api.store.sites import SITE
from tests.actions.bench import GENERAL, Bench, Op, claim, code_of, found_at, sha
from tests.actions.county import HERE, SITES, THERE, account_id, enterprise_id, site_id

CREDIT = "91652327MA77A1B2C3"
GCJ = {"lat": 44.0, "lon": 89.18, "datum": "gcj02"}


def new_site(bench: Bench, grid: str = HERE, **enterprise: Any) -> Op:
    body: dict[str, Any] = {"name": "老王液化气店", "industry": "fire", "grid_code": grid, "position": GCJ}
    return bench.op("site.register", uuid4(), body | ({"enterprise": enterprise} if enterprise else {}))


def test_a_site_is_registered_and_inspected_in_one_batch(bench: Bench) -> None:
    site = new_site(bench, name="老王燃气", credit_code=CREDIT, contact="0994-0000000")
    visit = bench.inspect(GENERAL[0])
    visit["body"]["site_id"] = site["entity_id"]
    assert [answer.code for answer in bench.push("inspector1", site, visit)] == ["applied", "applied"]
    (row,) = bench.rows(SITE, SITE.c.id == UUID(site["entity_id"]))
    (owner,) = bench.rows(ENTERPRISE, ENTERPRISE.c.credit_code == CREDIT)
    assert (row.region_code, row.enterprise_id, owner.region_code) == (HERE[:12], owner.id, HERE[:12])
    assert GCJ.items() <= row.position.items()
    assert (abs(row.lat - 44.0), abs(row.lon - 89.18)) < (0.01, 0.01)
    assert (row.lat, row.lon) != (44.0, 89.18)
    assert bench.hazard(found_at(visit, GENERAL[0])).enterprise_id == owner.id
    entities = {change.entity for change in bench.pull("inspector1")[0]}
    assert {"site", "enterprise", "inspection", "hazard"} <= entities


def test_a_known_credit_code_joins_that_enterprise(bench: Bench) -> None:
    first, second, third = (new_site(bench, name=f"{n}店", credit_code=CREDIT) for n in "甲乙丙")
    assert [answer.code for answer in bench.push("inspector1", first, second)] == ["applied", "applied"]
    bench.do("inspector1", third)
    assert bench.count(ENTERPRISE, ENTERPRISE.c.credit_code == CREDIT) == 1
    owners = {row.enterprise_id for row in bench.rows(SITE, SITE.c.name == "老王液化气店")}
    assert len(owners) == 1


@pytest.mark.parametrize(
    ("who", "grid", "code"),
    [
        ("inspector1", THERE, "held"),
        ("inspector1", "652328100001001", "held"),
        ("officer9", HERE, "held"),
        ("inspector1", "110000000000000", "held"),
        ("enterprise1", HERE, "quarantined"),
        ("officer1", THERE, "applied"),
    ],
)
def test_a_site_lies_in_the_scope_of_who_registers_it(bench: Bench, who: str, grid: str, code: str) -> None:
    answer = bench.push(who, new_site(bench, grid, name="外来户", credit_code=CREDIT))[0]
    assert answer.code == code
    applied = int(code == "applied")
    assert bench.count(SITE) == len(SITES) + applied
    assert bench.count(ENTERPRISE, ENTERPRISE.c.credit_code == CREDIT) == applied


def test_a_site_is_filed_once(bench: Bench) -> None:
    site = new_site(bench)
    bench.do("inspector1", site)
    other = new_site(bench) | {"entity_id": site["entity_id"]}
    assert bench.push("inspector1", other)[0].code == "quarantined"


def test_the_same_on_both_databases_where_a_grid_code_is_long(bench: Bench) -> None:
    answer = bench.push("officer1", bench.report(grid_code=HERE + "0" * 10))[0]
    assert (answer.code, code_of(answer)) == ("quarantined", "invalid_body")


# ---- visits


def test_a_visit_at_which_nobody_could_be_inspected(bench: Bench) -> None:
    body = {
        "site_id": str(site_id("罐区")), "result": "closed", "note": "大门紧锁",
        "photos": [claim("大门", bench.now())],
    }  # fmt: skip
    op = bench.op("visit.record", uuid4(), body)
    assert bench.do("inspector1", op).missing_blobs == [sha("大门")]
    (row,) = bench.rows(VISIT)
    assert (row.result, row.note, row.visited_at) == ("closed", "大门紧锁", bench.now())
    again = bench.op("visit.record", op["entity_id"], body)
    assert bench.push("inspector1", again)[0].code == "quarantined"
    assert bench.push("inspector2", bench.op("visit.record", uuid4(), body))[0].code == "held"


# ---- reports in passing


REPORTS: dict[str, tuple[str, dict[str, Any]]] = {
    "at a site": ("inspector1", {"site_id": str(site_id("罐区"))}),
    "in a grid": ("inspector3", {"grid_code": THERE}),
    "where the only grid of the inspector is": ("inspector1", {"position": GCJ}),
    "by an expert": ("expert1", {"position": GCJ, "grid_code": HERE}),
    "by an officer": ("officer1", {"grid_code": THERE, "position": GCJ}),
    "by the enterprise": ("enterprise1", {"site_id": str(site_id("罐区"))}),
}


@pytest.mark.parametrize("where", REPORTS)
def test_a_report_waits_for_confirmation(bench: Bench, where: str) -> None:
    who, place = REPORTS[where]
    op = bench.report(**place, suggested_grade="major", photos=[claim("气瓶", bench.now())])
    answer = bench.do(who, op)
    assert (answer.status, answer.rev, answer.missing_blobs) == ("reported", 1, [sha("气瓶")])
    state = bench.hazard(UUID(op["entity_id"]))
    assert (state.suspected_major, state.grade, state.found_role) == (True, "general", bench.caller(who).role)
    assert state.order_kind == ("self" if who == "enterprise1" else "urged")
    assert (state.served_at is not None) is (who == "enterprise1")
    assert set(bench.clocks(state.id)) == {"confirmation"}
    alerted = {row.receiver_id for row in bench.rows(NOTICE)}
    assert alerted == {account_id("county"), account_id("county2")}


def test_a_confirmed_report_is_served_by_notice(bench: Bench) -> None:
    op = bench.report(site_id=str(site_id("罐区")))
    bench.do("inspector1", op)
    hazard = UUID(op["entity_id"])
    bench.give("county", "confirm", hazard, grade="general")
    assert (bench.hazard(hazard).status, set(bench.clocks(hazard))) == ("rectifying", {"service"})
    bench.pull("enterprise1", deliver=True)
    assert set(bench.clocks(hazard)) == {"rectification"}


@pytest.mark.parametrize(
    ("who", "place"),
    [
        ("inspector2", {"site_id": str(site_id("罐区"))}),
        ("officer9", {"grid_code": HERE}),
        ("enterprise2", {"site_id": str(site_id("罐区"))}),
        ("enterprise1", {"grid_code": HERE}),
        ("inspector1", {"site_id": str(site_id("油库"))}),
        ("inspector1", {"site_id": str(uuid4())}),
    ],
)
def test_nobody_reports_beyond_his_scope(bench: Bench, who: str, place: dict[str, Any]) -> None:
    """A thing outside of it answers exactly as one that does not exist."""
    answer = bench.push(who, bench.report(**place))[0]
    assert (answer.code, code_of(answer)) == ("held", "unknown_entity")
    assert (bench.count(HAZARD), bench.count(OPERATION)) == (0, 1)


def test_the_id_of_a_finding_cannot_be_taken_in_advance(bench: Bench) -> None:
    op = bench.inspect()
    bench.do("officer1", op)
    planned = str(uuid5(UUID(op["entity_id"]), GENERAL[0]))
    taken = bench.report(site_id=str(site_id("罐区"))) | {"entity_id": planned}
    assert bench.push("enterprise1", taken)[0].code == "quarantined"
    bench.do("officer1", bench.inspect(GENERAL[0], amends=op["entity_id"]))
    assert bench.hazard(UUID(planned)).found_role == "officer"


# ---- what a stranger sees


def test_a_stranger_pulls_nothing_of_it(bench: Bench) -> None:
    op = bench.inspect(GENERAL[0], signed=False)
    bench.do("inspector1", op)
    bench.upload("inspector1", "一")
    bench.give("inspector1", "note", found_at(op, GENERAL[0]), text="补充", photos=[sha("一")])
    mine = {"inspection", "hazard", "photo"}
    for friend in (
        "inspector1",
        "inspector3",
        "expert1",
        "officer1",
        "county",
        "city",
        "enterprise1",
        "auditor",
    ):
        assert mine <= {change.entity for change in bench.pull(friend)[0]}, friend
    for stranger in ("inspector2", "inspector9", "officer9", "enterprise2"):
        changes, _ = bench.pull(stranger)
        assert not mine & {change.entity for change in changes}, stranger
        said = b"".join(str(change).encode() for change in changes)
        assert str(found_at(op, GENERAL[0])).encode() not in said
        assert str(enterprise_id("天山化工")).encode() not in said


def test_a_notice_is_its_receivers_alone(bench: Bench) -> None:
    bench.do("officer1", bench.inspect(GENERAL[0], signed=False))
    for who in ("officer1", "county", "inspector1", "enterprise2", "auditor"):
        assert not [change for change in bench.pull(who)[0] if change.entity == "notice"], who
    assert [change for change in bench.pull("enterprise1")[0] if change.entity == "notice"]


@pytest.mark.parametrize("stranger", ["inspector2", "officer9", "enterprise2", "inspector9"])
def test_a_stranger_commands_nothing(bench: Bench, stranger: str) -> None:
    op = bench.inspect(GENERAL[0])
    bench.do("inspector1", op)
    real = bench.push(stranger, bench.command("note", found_at(op, GENERAL[0]), text="越权"))[0]
    none = bench.push(stranger, bench.command("note", uuid4(), text="越权"))[0]
    assert (real.code, real.problem, real.flags) == (none.code, none.problem, none.flags)
    assert real.code == "held"
    assert bench.kinds(found_at(op, GENERAL[0])) == ["opened"]
