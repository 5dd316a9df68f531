"""What an inspection opens: by whom, how grave, how many, served or not, and what an amendment changes."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from inspect_api.store.hazards import HAZARD
from inspect_api.store.inspections import INSPECTION
from inspect_api.store.notices import NOTICE
from inspect_api.store.photos import PHOTO
from tests.actions.bench import GENERAL, MAJOR, Bench, Op, claim, code_of, found_at, sha
from tests.actions.county import account_id
from tests.records import checklist

LIMBED = next(item for item in checklist().items() if item.limbs)


def officers(*names: str) -> list[dict[str, str]]:
    return [{"user_id": str(account_id(name)), "certificate_no": f"新B-{name}"} for name in names]


# ---- who found it, and how grave it is


@pytest.mark.parametrize(
    ("who", "with_", "status", "order", "suspected"),
    [
        ("inspector1", [], "reported", "urged", True),
        ("inspector1", ["officer1", "officer2"], "reported", "urged", True),
        ("expert1", [], "reported", "urged", True),
        ("enterprise1", [], "reported", "self", True),
        ("officer1", ["officer1", "officer2"], "plan_due", "ordered", False),
        ("officer1", ["officer1"], "plan_due", "urged", False),
        ("officer1", ["officer1", "inspector1"], "plan_due", "urged", False),
        ("county", ["officer1", "officer2"], "plan_due", "ordered", False),
    ],
)
def test_a_major_hazard(
    bench: Bench, who: str, with_: list[str], status: str, order: str, suspected: bool
) -> None:
    """Whoever found it: the county is alerted at once."""
    op = bench.inspect(MAJOR[0], officers=officers(*with_))
    bench.do(who, op)
    hazard = bench.hazard(found_at(op, MAJOR[0]))
    assert (hazard.grade, hazard.status, hazard.order_kind, hazard.suspected_major) == (
        "major", status, order, suspected,
    )  # fmt: skip
    assert hazard.criterion is not None
    alerted = {row.receiver_id for row in bench.rows(NOTICE, NOTICE.c.kind == "alert")}
    assert alerted == {account_id("county"), account_id("county2")}


@pytest.mark.parametrize(
    ("who", "with_", "order"),
    [
        ("inspector1", [], "urged"),
        ("officer1", ["officer1", "officer2"], "ordered"),
        ("officer1", ["officer2", "officer2"], "urged"),
        ("officer1", [], "urged"),
        ("enterprise1", ["officer1", "officer2"], "self"),
    ],
)
def test_a_general_hazard(bench: Bench, who: str, with_: list[str], order: str) -> None:
    op = bench.inspect(GENERAL[0], officers=officers(*with_))
    bench.do(who, op)
    hazard = bench.hazard(found_at(op, GENERAL[0]))
    assert (hazard.grade, hazard.status, hazard.order_kind) == ("general", "rectifying", order)
    assert bench.count(NOTICE) == 0


def test_a_stranger_is_no_officer(bench: Bench) -> None:
    """Two different known users are needed."""
    unknown = {"user_id": str(UUID(int=7)), "certificate_no": "新B-0"}
    op = bench.inspect(GENERAL[0], officers=[*officers("officer1"), unknown])
    bench.do("officer1", op)
    assert bench.hazard(found_at(op, GENERAL[0])).order_kind == "urged"


@pytest.mark.parametrize(("limbs", "grade"), [(0, None), (1, "general"), (len(LIMBED.limbs or ()), "major")])
def test_limbs_joined_by_and(bench: Bench, limbs: int, grade: str | None) -> None:
    op = bench.inspect()
    held = [limb.code for limb in LIMBED.limbs or ()][:limbs]
    op["body"]["answers"].append({"item": LIMBED.code, "value": held, "note": "实测"})
    bench.do("officer1", op)
    hazard = found_at(op, LIMBED.code)
    assert bench.exists(hazard) is (grade is not None)
    if grade is not None:
        assert bench.hazard(hazard).grade == grade


def test_several_findings_at_one_item_are_several_hazards(bench: Bench) -> None:
    findings = [{"n": 1, "note": "1号罐"}, {"n": 2, "note": "2号罐", "photos": [sha("二")]}]
    op = bench.inspect(fails={GENERAL[0]: {"photos": [sha("全景")], "findings": findings}})
    answer = bench.do("inspector1", op)
    first, second = found_at(op, GENERAL[0]), found_at(op, GENERAL[0], 2)
    assert [bench.hazard(hazard).description for hazard in (first, second)] == ["1号罐", "2号罐"]
    assert "possible_duplicate" not in answer.flags
    # a finding without photos of its own shares those of the item
    assert [row.sha256 for row in bench.rows(PHOTO, PHOTO.c.hazard_id == first)] == [sha("全景")]
    assert [row.sha256 for row in bench.rows(PHOTO, PHOTO.c.hazard_id == second)] == [sha("二")]
    assert answer.missing_blobs == sorted([sha("全景"), sha("二")])


def test_the_phone_can_act_at_once_on_what_it_has_just_found(bench: Bench) -> None:
    op = bench.inspect(GENERAL[0])
    note = bench.command("note", found_at(op, GENERAL[0]), text="当场告知")
    assert [answer.code for answer in bench.push("inspector1", op, note)] == ["applied", "applied"]


def test_the_same_found_again_at_another_visit_is_a_possible_duplicate(bench: Bench) -> None:
    bench.do("inspector1", bench.inspect(GENERAL[0]))
    assert "possible_duplicate" in bench.do("officer1", bench.inspect(GENERAL[0])).flags
    assert "possible_duplicate" not in bench.do("officer1", bench.inspect(GENERAL[1])).flags
    assert "possible_duplicate" not in bench.do("officer1", bench.inspect(GENERAL[0], site="装卸站")).flags
    assert bench.count(HAZARD) == 4


def test_an_inspection_is_filed_once(bench: Bench) -> None:
    op = bench.inspect(GENERAL[0])
    other = bench.inspect(GENERAL[1]) | {"entity_id": op["entity_id"]}
    first, second = bench.push("inspector1", op, other)
    assert (first.code, second.code, code_of(second)) == ("applied", "quarantined", "invalid_body")
    assert bench.push("inspector1", bench.inspect() | {"entity_id": op["entity_id"]})[0].code == "quarantined"
    assert bench.count(INSPECTION) == 1


# ---- fixed on the spot


def fixed(bench: Bench, *photos: str, item: str = GENERAL[0], **more: Any) -> Op:
    said = {"fixed_on_site": {"note": "当场更换", "photos": [sha(name) for name in photos]}}
    return bench.inspect(fails={item: said}, **more)


def test_fixed_with_the_photo_there_already(bench: Bench) -> None:
    bench.upload("inspector1", "换后")
    op = fixed(bench, "换后")
    assert bench.do("inspector1", op).missing_blobs == []
    hazard = found_at(op, GENERAL[0])
    assert (bench.hazard(hazard).status, bench.kinds(hazard)) == ("closed", ["opened"])
    assert bench.hazard(hazard).due_at is None


def test_fixed_with_the_photo_still_to_come(bench: Bench) -> None:
    op = fixed(bench, "换后", "铭牌")
    bench.do("inspector1", op)
    hazard = found_at(op, GENERAL[0])
    assert (bench.hazard(hazard).status, set(bench.clocks(hazard))) == ("verifying", {"reinspection"})
    bench.upload("inspector1", "换后")
    assert bench.hazard(hazard).status == "verifying"
    bench.upload("inspector1", "铭牌")
    assert bench.hazard(hazard).status == "closed"
    assert bench.kinds(hazard) == ["opened", "fixed_on_site"]


def test_fixed_and_nobody_took_a_photo(bench: Bench) -> None:
    op = fixed(bench)
    bench.do("inspector1", op)
    assert bench.hazard(found_at(op, GENERAL[0])).status == "verifying"


def test_a_major_hazard_is_not_closed_on_the_spot(bench: Bench) -> None:
    bench.upload("officer1", "换后")
    op = fixed(bench, "换后", item=MAJOR[0])
    bench.do("officer1", op)
    assert bench.hazard(found_at(op, MAJOR[0])).status == "plan_due"


def test_the_photo_that_comes_after_a_re_inspection_changes_nothing(bench: Bench) -> None:
    op = fixed(bench, "换后")
    bench.do("inspector1", op)
    hazard = found_at(op, GENERAL[0])
    bench.give("officer1", "verify", hazard, passed=False, comment="仍有泄漏")
    bench.upload("inspector1", "换后")
    assert bench.hazard(hazard).status == "rectifying"


def test_what_an_enterprise_fixed_itself_is_accepted_by_another_person(bench: Bench) -> None:
    op = fixed(bench, "换后")
    bench.do("enterprise1", op)
    hazard = found_at(op, GENERAL[0])
    assert set(bench.clocks(hazard)) == {"rectification"}
    assert bench.push("enterprise1", bench.command("accept", hazard, comment="合格"))[0].code == "conflict"
    bench.give("enterprise1b", "accept", hazard, comment="合格")
    assert bench.hazard(hazard).status == "closed"


# ---- served or not


ATTENDEES: dict[str, tuple[list[dict[str, Any]], bool]] = {
    "a signature": ([{"role": "principal", "name": "王建国", "signature": sha("签名")}], True),
    "a refusal before a witness": (
        [{"role": "safety_manager", "name": "李梅", "refused": {"reason": "不同意", "witness": "赵强"}}],
        True,
    ),
    "a refusal that nobody saw": (
        [{"role": "principal", "name": "王建国", "refused": {"reason": "不同意"}}],
        False,
    ),
    "a refusal without a reason": (
        [{"role": "principal", "name": "王建国", "refused": {"reason": " \u200b", "witness": "赵强"}}],
        False,
    ),
    "an operator's signature": ([{"role": "operator", "name": "钱伟", "signature": sha("签名")}], False),
    "nobody": ([], False),
}


@pytest.mark.parametrize("how", ATTENDEES)
def test_the_enterprises_time_runs_from_its_service(bench: Bench, how: str) -> None:
    attendees, served = ATTENDEES[how]
    op = bench.inspect(GENERAL[0], attendees=attendees)
    finished = bench.now()
    bench.wait(days=2)
    bench.do("officer1", op)
    hazard = found_at(op, GENERAL[0])
    clocks = bench.clocks(hazard)
    if served:
        assert (bench.hazard(hazard).served_at, set(clocks)) == (finished, {"rectification"})
        assert clocks["rectification"].started_at == finished
        assert bench.count(NOTICE) == 0
    else:
        assert (bench.hazard(hazard).served_at, set(clocks)) == (None, {"service"})
        told = {row.receiver_id for row in bench.rows(NOTICE, NOTICE.c.kind == "service")}
        assert told == {account_id("enterprise1"), account_id("enterprise1b")}


def test_the_first_delivered_notice_is_the_service(bench: Bench) -> None:
    op = bench.inspect(GENERAL[0], signed=False)
    bench.do("officer1", op)
    hazard = found_at(op, GENERAL[0])
    bench.wait(days=1)
    bench.pull("enterprise1b")  # looked up, but handed over to nobody
    assert bench.hazard(hazard).served_at is None
    bench.pull("enterprise1b", deliver=True)
    assert bench.hazard(hazard).served_at == bench.now()
    assert set(bench.clocks(hazard)) == {"rectification"}
    assert bench.kinds(hazard) == ["opened", "served"]
    served = bench.hazard(hazard).served_at
    bench.wait(days=1)
    bench.pull("enterprise1", deliver=True)
    assert bench.hazard(hazard).served_at == served
    assert bench.kinds(hazard) == ["opened", "served"]
    assert {row.delivered_at is None for row in bench.rows(NOTICE)} == {False}


def test_what_the_enterprise_found_itself_it_knows(bench: Bench) -> None:
    op = bench.inspect(GENERAL[0], signed=False)
    bench.do("enterprise1", op)
    assert bench.hazard(found_at(op, GENERAL[0])).served_at == bench.now()
    assert bench.count(NOTICE) == 0


# ---- the record itself


def test_photos_are_listed_once_with_what_they_claim(bench: Bench) -> None:
    item = GENERAL[0]
    op = bench.inspect(
        fails={item: {"photos": [sha("泄漏点")]}},
        photos=[claim("泄漏点", bench.now()), claim("大门", bench.now())],
        attendees=[{"role": "principal", "name": "王建国", "signature": sha("签名")}],
    )
    answer = bench.do("inspector1", op)
    assert answer.missing_blobs == sorted(map(sha, ["泄漏点", "大门", "签名"]))
    assert "blob_missing" in answer.flags
    rows = {row.sha256: row for row in bench.rows(PHOTO)}
    assert len(rows) == bench.count(PHOTO) == 3
    assert (rows[sha("泄漏点")].hazard_id, rows[sha("泄漏点")].size) == (found_at(op, item), 5)
    assert (rows[sha("大门")].hazard_id, rows[sha("签名")].purpose) == (None, "inspection")


@pytest.mark.parametrize(
    ("item", "days", "grade", "criterion"),
    [
        ("AQ3067-5.1.1", 0, "major", "HZ26-5.1.1"),
        ("AQ3067-5.1.1", 60, "major", "HZ17-01"),
        ("AQ3067-5.1.2", 0, "major", "HZ26-5.1.2"),
        ("AQ3067-5.1.2", 60, "general", None),
    ],
)
def test_a_finding_is_graded_by_the_criteria_of_its_day(
    bench: Bench, item: str, days: int, grade: str, criterion: str | None
) -> None:
    """AQ 3067-2026 is in force since 2026-09-30; the record came later."""
    op = bench.inspect(item)
    day = bench.now() - timedelta(days=days)
    op["body"] |= {"started_at": day.isoformat(), "finished_at": day.isoformat()}
    bench.do("officer1", op)
    hazard = bench.hazard(found_at(op, item))
    assert (hazard.grade, hazard.criterion, hazard.reported_at) == (grade, criterion, day)


def test_no_slip_of_a_finger_makes_a_hazard_overdue(bench: Bench) -> None:
    """An end of 1971, or of last year, on a phone whose clock is right: the capture counts (P6)."""
    for year in (1971, bench.now().year - 1):
        wrong = bench.now().replace(year=year).isoformat()
        op = bench.inspect(GENERAL[0])
        op["body"] |= {"started_at": wrong, "finished_at": wrong}
        answer = bench.push("inspector1", op)[0]
        assert (answer.code, "clock_skew" in answer.flags) == ("applied", True)
        hazard = bench.hazard(found_at(op, GENERAL[0]))
        assert hazard.due_at is not None
        assert hazard.due_at > bench.now()


def test_an_automatic_reminder_makes_no_command_stale(bench: Bench) -> None:
    op = bench.inspect(GENERAL[0])
    bench.do("inspector1", op)
    hazard = found_at(op, GENERAL[0])
    bench.wait(days=13)
    assert bench.escalate() > 0
    seen = bench.rectify(hazard, photos=[sha("换")]) | {"base_rev": 1}
    assert bench.hazard(hazard).rev > 1
    assert bench.push("enterprise1", seen)[0].code == "applied"
    late = bench.command("dismiss", hazard, {"base_rev": 1}, reason="已过时")
    assert code_of(bench.push("county", late)[0]) == "stale_rev"
