"""A checklist published at a terminal reaches every phone; a draft reaches those that are to try it."""

from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from inspect_api.actions.publish_checklist import Brought, prepare, publish
from inspect_api.demo.county import load_county
from inspect_api.domain.calendar import civil_date
from inspect_api.errors import Code, Refusal
from inspect_api.jobs.loop import run_due
from inspect_api.settings import Settings
from inspect_api.store import checklist_versions
from tests.http.publishing import CODE, FIRST, Expert, Phone, second
from tests.http.serving import START, Person, Served

FIRST_DAY = civil_date(START) + timedelta(days=10)
NAME, OLD = f"{CODE}@2", f"{CODE}@1"
ADDRESS = f"/checklists/{CODE}/2"


@pytest.fixture
def expert(settings: Settings, tmp_path: Path) -> Expert:
    return Expert(settings, tmp_path)


def on_the_day(served: Served, day: date) -> None:
    """A moment after midnight in the county, with everybody logged in anew and the worker having run."""
    served.clock.set(datetime(day.year, day.month, day.day, 1, tzinfo=UTC) - timedelta(hours=8, minutes=59))
    served.people.clear()
    run_due(served.app)


def inspected(person: Person, version: str, *answers: dict[str, Any], seq: int = 1) -> dict[str, Any]:
    """The outcome of an inspection of one of the person's sites with a version of the list."""
    grids = set(person.get("/me").json()["grids"])
    site = next(one for one in load_county().sites if one.grid_code in grids)
    now = person.served.clock.now().isoformat()
    body = {
        "site_id": str(site.id), "checklist": {"code": CODE, "version": version},
        "started_at": now, "finished_at": now, "answers": list(answers),
    }  # fmt: skip
    answer = person.push(person.operation("inspection.submit", uuid4(), body, seq=seq))
    assert answer.status_code == 200, answer.text
    outcome: dict[str, Any] = answer.json()["outcomes"][0]
    return outcome


def test_a_version_reaches_phones_and_retires_the_one_before_it(served: Served, expert: Expert) -> None:
    phone = Phone(served.person("inspector1"))
    assert phone.lists[OLD]["status"] == "live"
    assert "effective_to" not in phone.lists[OLD]
    done = expert.publish(second(), "--from", str(FIRST_DAY), "--by", "张工")
    assert (done.exit_code, done.output) == (0, f"{NAME} is live from {FIRST_DAY}\n")

    assert phone.pull() == {NAME: "draft", OLD: "live"}
    assert phone.lists[NAME]["effective_from"] == str(FIRST_DAY)
    assert phone.lists[OLD]["effective_to"] == str(FIRST_DAY - timedelta(days=1))
    assert phone.lists[NAME]["sections"][-1]["items"][-1]["code"] == "GP-NEW"
    assert phone.pull() == {}

    on_the_day(served, FIRST_DAY - timedelta(days=1))
    assert Phone(served.person("inspector1")).lists[OLD]["status"] == "live"
    on_the_day(served, FIRST_DAY)
    later = served.person("inspector1")
    phone.person = Person(served, later.tokens, later.device_id)
    assert phone.pull() == {NAME: "live", OLD: "retired"}
    run_due(served.app)
    assert phone.pull() == {}
    assert phone.lists == Phone(served.person("inspector2")).lists


def test_an_inspection_is_judged_by_the_version_that_was_used(served: Served, expert: Expert) -> None:
    expert.publish(second(), "--from", str(FIRST_DAY))
    person = served.person("inspector1")
    failing = {"item": "GP-NEW", "value": "fail"}
    early = inspected(person, "2", failing, seq=1)
    assert (early["code"], set(early["flags"])) == ("applied", {"incomplete", "draft"})
    assert set(inspected(person, "1", seq=2)["flags"]) == {"incomplete"}
    on_the_day(served, FIRST_DAY)
    person = served.person("inspector1")
    assert set(inspected(person, "2", failing, seq=3)["flags"]) >= {"incomplete"}
    assert "draft" not in inspected(person, "2", failing, seq=4)["flags"]
    retired = inspected(person, "1", seq=5)
    assert (retired["code"], set(retired["flags"])) == ("applied", {"incomplete", "checklist_retired"})
    hazards = person.get("/hazards?sort=-reported_at&limit=1").json()["items"]
    assert hazards[0]["title"] == "灭火器超过检修期"


def test_entity_tags_change_with_what_is_published(served: Served, expert: Expert) -> None:
    person = served.person("inspector1")
    listed, old = person.get("/checklists"), person.get(f"/checklists/{CODE}/1")
    for path, answer in (("/checklists", listed), (f"/checklists/{CODE}/1", old)):
        again = person.get(path, headers={"If-None-Match": answer.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
    assert person.get(ADDRESS).status_code == 404

    expert.publish(second(), "--from", str(FIRST_DAY))
    changed = person.get("/checklists", headers={"If-None-Match": listed.headers["etag"]})
    assert changed.status_code == 200
    shown = {f"{one['code']}@{one['version']}": one for one in changed.json()["items"]}
    assert (shown[NAME]["status"], shown[NAME]["effective_from"]) == ("draft", str(FIRST_DAY))
    assert shown[OLD]["effective_to"] == str(FIRST_DAY - timedelta(days=1))
    old_again = person.get(f"/checklists/{CODE}/1", headers={"If-None-Match": old.headers["etag"]})
    assert old_again.status_code == 200
    assert old_again.json()["effective_to"] == str(FIRST_DAY - timedelta(days=1))
    new = person.get(ADDRESS)
    assert new.json()["status"] == "draft"
    answers = {"answers": [{"item": "GP-NEW", "value": "fail"}]}
    assert person.post(f"{ADDRESS}/evaluate", answers).json()["findings"][0]["item"] == "GP-NEW"

    on_the_day(served, FIRST_DAY)
    for path, tag in ((ADDRESS, new.headers["etag"]), ("/checklists", changed.headers["etag"])):
        after = served.person("inspector1").get(path, headers={"If-None-Match": tag})
        assert (after.status_code, after.headers["etag"] != tag) == (200, True)


def test_a_draft_is_tried_by_its_devices_and_by_nobody_else(served: Served, expert: Expert) -> None:
    tester, other = Phone(served.person("inspector1")), Phone(served.person("inspector2"))
    device = str(tester.person.device_id)
    done = expert.publish(second(), "--devices", device)
    assert (done.exit_code, done.output) == (0, f"{NAME} is a draft on 1 devices\n")
    assert (tester.pull(), other.pull()) == ({NAME: "draft"}, {})
    assert "effective_from" not in tester.lists[NAME]
    assert tester.person.get(ADDRESS).status_code == 200
    assert other.person.get(ADDRESS).status_code == 404
    versions = [
        {one["version"] for one in phone.person.get("/checklists").json()["items"] if one["code"] == CODE}
        for phone in (tester, other)
    ]
    assert versions == [{"1", "2"}, {"1"}]
    tried = inspected(tester.person, "2", {"item": "GP-NEW", "value": "fail"})
    assert (tried["code"], set(tried["flags"])) == ("applied", {"incomplete", "draft"})
    kept = inspected(other.person, "2")
    assert (kept["code"], kept["problem"]["code"]) == ("quarantined", "unknown_checklist")

    changed = second().replace("灭火器超过检修期", "灭火器逾期未检修")
    both = f"{device}, {other.person.device_id}"
    shared = expert.publish(changed, "--devices", both)
    assert (
        shared.output
        == f"{NAME} is a draft on 2 devices; inspections that waited for it and are applied: 1\n"
    )
    assert (tester.pull(), other.pull()) == ({NAME: "draft"}, {NAME: "draft"})
    assert tester.lists[NAME]["sections"][-1]["items"][-1]["on_fail"]["title"] == "灭火器逾期未检修"
    assert expert.publish(changed, "--devices", device).exit_code == 0
    assert (tester.pull(), other.pull()) == ({NAME: "draft"}, {NAME: "leave"})
    assert other.person.get(ADDRESS).status_code == 404

    assert expert.publish(changed, "--from", str(FIRST_DAY)).exit_code == 0
    tester.pull()
    other.pull()
    assert tester.lists == other.lists
    assert other.lists[NAME]["effective_from"] == str(FIRST_DAY)
    for phone in (tester, other):
        assert Phone(phone.person).lists == phone.lists


def test_what_waited_for_a_version_is_judged_when_it_comes(served: Served, expert: Expert) -> None:
    person = served.person("inspector1")
    phone = Phone(person)
    waiting = inspected(person, "2", {"item": "GP-NEW", "value": "fail"})
    strange = inspected(person, "2", {"item": "GP-GONE", "value": "fail"}, seq=2)
    assert {waiting["problem"]["code"], strange["problem"]["code"]} == {"unknown_checklist"}
    served.clock.advance(timedelta(minutes=2))
    run_due(served.app)
    done = expert.publish(second(), "--from", str(civil_date(START)))
    assert done.output.endswith("; inspections that waited for it and are applied: 1\n")
    phone.pull()
    applied, refused = phone.outcomes[waiting["op_id"]], phone.outcomes[strange["op_id"]]
    assert (applied["code"], "incomplete" in applied["flags"]) == ("applied", True)
    assert (refused["code"], refused["problem"]["code"]) == ("quarantined", "invalid_answers")
    assert person.get("/hazards?sort=-reported_at&limit=1").json()["items"][0]["title"] == "灭火器超过检修期"


def test_a_release_brings_what_was_waited_for(served: Served) -> None:
    """Nobody publishes: the version is there after a start, and the worker sees to it."""
    person = served.person("inspector1")
    phone = Phone(person)
    waiting = inspected(person, "2", {"item": "GP-NEW", "value": "fail"})
    assert waiting["code"] == "quarantined"
    run_due(served.app)
    served.app.write(lambda work: checklist_versions.put(work.tx, stored("2", second())))
    run_due(served.app)
    assert phone.pull() == {OLD: "live", NAME: "draft"}
    assert phone.outcomes[waiting["op_id"]]["code"] == "applied"


def test_the_same_again_changes_nothing(served: Served, expert: Expert) -> None:
    phone = Phone(served.person("inspector1"))
    device = str(phone.person.device_id)
    for options, how in (
        (("--devices", device), "a draft on 1 devices"),
        (("--from", str(FIRST_DAY)), f"live from {FIRST_DAY}"),
    ):
        assert expert.publish(second(), *options).output == f"{NAME} is {how}\n"
        phone.pull()
        again = expert.publish(second(), *options)
        assert (again.exit_code, again.output) == (0, f"{NAME} is {how}, as it was\n")
        assert phone.pull() == {}
    built_in = expert.publish(FIRST)
    assert built_in.output == f"{OLD} is live from 2026-01-01, as it was\n"
    assert phone.pull() == {}


DATED = second().replace("industry: other", "industry: other\neffective_from: 2027-01-01")
REFUSED: dict[str, tuple[str | bytes, tuple[str, ...], str]] = {
    "no first day": (second(), (), "effective_from: is missing, and no day is given"),
    "two first days": (DATED, ("--from", "2027-01-02"), "effective_from: is 2027-01-01, and 2027-01-02"),
    "the first day of another": (second(), ("--from", "2026-01-01"), "overlaps version 1"),
    "a built-in version": (FIRST + "note2: x\n", (), "unknown key"),
    "another of a built-in": (FIRST.replace("网格员小微", "网格员的小微"), (), "a change is a new version"),
    "a dangling criterion": (
        second().replace("{grade: general, title: 灭", "{grade: major, criterion: HZ26-9, title: 灭"),
        ("--from", "2027-01-01"),
        "GP-NEW: sections.",
    ),
    "broken YAML": (second().replace("sections:", "sections: ["), ("--from", "2027-01-01"), "list.yaml:"),
    "a code twice": (
        second().replace("code: GP-NEW", "code: GP-0-2"), ("--from", "2027-01-01"), "GP-0-2 is there twice",
    ),
    "an unreachable item": (
        second().replace("code: GP-NEW", "code: GP-NEW\n        applies_when: {op: all, of: []}"),
        ("--from", "2027-01-01"),
        "applies_when.of: is empty",
    ),
    "NUL": (second().replace("en: Extinguishers are", 'en: "\\0"'), ("--from", "2027-01-01"), "list.yaml:"),
    "no UTF-8": (second().encode("gb18030"), ("--from", "2027-01-01"), "is not UTF-8"),
    "an unknown device": (second(), ("--devices", str(uuid4())), "no device has the id"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED)
def test_what_is_refused_is_named_and_nothing_is_published(
    sqlite_served: Served, tmp_path: Path, case: tuple[str | bytes, tuple[str, ...], str]
) -> None:
    text, options, words = case
    phone = Phone(sqlite_served.person("inspector1"))
    refused = Expert(sqlite_served.settings, tmp_path).publish(text, *options)
    assert refused.exit_code == 1, refused.output
    assert words in refused.stdout
    assert "nothing was changed" in refused.stderr
    assert phone.pull() == {}
    assert sqlite_served.app.read(lambda work: checklist_versions.every(work.tx)) == []


def test_a_published_version_is_never_changed(sqlite_served: Served, tmp_path: Path) -> None:
    expert, phone = Expert(sqlite_served.settings, tmp_path), Phone(sqlite_served.person("inspector1"))
    assert expert.publish(second(), "--from", str(FIRST_DAY)).exit_code == 0
    phone.pull()
    device = str(phone.person.device_id)
    for text, options in (
        (second() + "# a remark\n", ("--from", str(FIRST_DAY))),
        (second(), ("--from", str(FIRST_DAY + timedelta(days=1)))),
        (second(), ("--devices", device)),
    ):
        refused = expert.publish(text, *options)
        assert refused.exit_code == 1
        assert f"live from {FIRST_DAY}: a change is a new version" in refused.output
    overlapping = expert.publish(second("3"), "--from", str(FIRST_DAY))
    assert (overlapping.exit_code, "overlaps version 2" in overlapping.output) == (1, True)
    assert phone.pull() == {}
    criteria = expert.publish("key: X\n", "--from", str(FIRST_DAY), name="criteria.x@1.yaml")
    assert "come with a release" in criteria.output


@pytest.mark.parametrize("options", [("--from", "tomorrow"), ("--from", "1066-10-14"), ("--devices", "x")])
def test_a_wrong_option_is_named(sqlite_served: Served, tmp_path: Path, options: tuple[str, str]) -> None:
    refused = Expert(sqlite_served.settings, tmp_path).publish(second(), *options)
    assert (refused.exit_code, options[0] in refused.output) == (2, True)


def test_two_who_publish_at_once_follow_each_other(served: Served) -> None:
    def brought(version: str) -> Brought:
        return Brought("list.yaml", second(version).encode(), "张工", FIRST_DAY, None)

    first, other = (served.app.read(lambda work, v=v: prepare(work, brought(v))) for v in ("2", "3"))
    served.app.write(lambda work: publish(work, first))
    with pytest.raises(Refusal) as late:
        served.app.write(lambda work: publish(work, other))
    assert late.value.code is Code.BUSY
    assert [row.version for row in served.app.read(lambda work: checklist_versions.every(work.tx))] == ["2"]


def stored(version: str, content: str) -> dict[str, object]:
    return {
        "code": CODE, "version": version, "content": content.encode(),
        "digest": sha256(content.encode()).digest(),
        "state": "published", "live_from": FIRST_DAY, "devices": [], "published_by": "张工",
        "published_at": START,
    }  # fmt: skip


def test_a_stored_version_that_is_no_longer_right_stops_nothing_else(served: Served, expert: Expert) -> None:
    served.app.write(lambda work: checklist_versions.put(work.tx, stored("2", "code: [")))
    phone = Phone(served.person("inspector1"))
    assert (OLD in phone.lists, NAME in phone.lists) == (True, False)
    assert inspected(phone.person, "2")["problem"]["code"] == "unknown_checklist"
    assert inspected(phone.person, "1", seq=2)["code"] == "applied"
    assert expert.publish(second("3"), "--from", str(FIRST_DAY)).exit_code == 0
    assert set(phone.pull()) == {OLD, f"{CODE}@3"}


def test_what_phones_have_used_stays_when_a_release_brings_the_same_version(served: Served) -> None:
    """As if the built-in library had not had version 1 when it was published here."""
    here = FIRST.replace("网格员小微企业、小场所日常巡查表", "本县巡查表")
    served.app.write(lambda work: checklist_versions.put(work.tx, stored("1", here)))
    shown = served.person("inspector1").get(f"/checklists/{CODE}/1").json()
    assert (shown["title"]["zh"], shown["effective_from"]) == ("本县巡查表", str(FIRST_DAY))
