"""Tasks: given to whom they may be given, on the right phones with all they need, done by an inspection."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest
import sqlalchemy as sa

from inspect_api.actions import change_scope
from inspect_api.actions.entities import hazards_by_ids, inspections_by_ids, sites_by_ids
from inspect_api.actions.forget_leaves import forget_leaves
from inspect_api.actions.give_tasks import give_tasks, withdraw_task
from inspect_api.actions.list_tasks import list_tasks
from inspect_api.actions.move_site import move_site
from inspect_api.actions.read_operations import read_command
from inspect_api.actions.receive_push import online
from inspect_api.actions.show_hazard import show_hazard
from inspect_api.errors import Refusal
from inspect_api.store.feed import FEED
from inspect_api.store.task_queries import TaskFilter
from sync.envelope import Operation
from sync.identity import hazard_id
from sync.task import NewTask, Task
from tests.records import plain_items
from tests.scope.county import County


def acted(county: County, who: str, act: Any, *args: Any) -> Any:
    """An action by somebody, in a transaction of its own, with the scope that he has then."""

    def within(work: Any) -> Any:
        work.caller = county.caller(work, county.people[who], None)
        return act(work, *args)

    return county.app.write(within)


def wish(county: County, site: UUID, assignee: str, **more: Any) -> NewTask:
    told = {
        "id": uuid4(), "title": "冬季防火专项检查", "site_id": site, "assignee_id": county.people[assignee],
        "due_at": county.clock.now() + timedelta(days=3), "checklist_code": "hazmat.aq3067-2026",
        "note": "重点看罐区防冻",
    }  # fmt: skip
    return NewTask(**told | more)


def given(county: County, site: UUID, assignee: str, **more: Any) -> Task:
    (task,) = acted(county, "regulator1", give_tasks, [wish(county, site, assignee, **more)])
    assert isinstance(task, Task)
    return task


def refused(county: County, who: str, *tasks: NewTask) -> list[tuple[str, str]]:
    """(pointer, code) of everything that is wrong."""
    with pytest.raises(Refusal) as refusal:
        acted(county, who, give_tasks, list(tasks))
    return [(fault.pointer, fault.code) for fault in refusal.value.faults]


def listed(county: County, who: str, limit: int = 200, **wanted: Any) -> list[Task]:
    """All pages."""
    found: list[Task] = []
    cursor: str | None = None
    while True:
        page = acted(county, who, list_tasks, TaskFilter(**wanted), limit, cursor)
        found, cursor = found + page.items, page.cursor
        if cursor is None:
            return found


def commanded(county: County, who: str, op: dict[str, Any]) -> str:
    """What a command that is given online comes to: the code of its outcome or of its refusal."""
    raw = msgspec.json.encode(op)

    def command(work: Any) -> Any:
        decoded = msgspec.json.decode(raw, type=Operation)
        return online(work, read_command(raw, "json", decoded, work.now), uuid4())

    try:
        return str(acted(county, who, command).code)
    except Refusal as refusal:
        return refusal.code.wire


@pytest.fixture
def here(county: County) -> tuple[County, UUID]:
    """A site with two inspectors in its grid, an expert who has no grid, and the firm's own person."""
    grid = county.grid(1)
    for name in ("张巡查", "李巡查"):
        county.join(name, "inspector", grids=[grid])
    county.join("王专家", "expert")
    county.join("厂长", "enterprise", firm=True)
    return county, county.build(grid)


def test_given_pulled_and_done_by_the_first_inspection(here):
    county, site = here
    phone, other = county.phone("张巡查"), county.phone("李巡查")
    phone.pull()
    task = given(county, site, "张巡查")
    assert (task.status, task.given_by.name, task.assignee.name) == ("open", "用户regulator1", "用户张巡查")
    phone.pull()
    held = phone.store["task", str(task.id)]
    assert held["site"] == phone.store["site", str(site)]
    assert (held["checklist_code"], held["note"]) == ("hazmat.aq3067-2026", "重点看罐区防冻")
    other.pull()
    assert not other.ids("task")

    amended = phone.inspect(site, task_id=str(task.id))
    more = {"task_id": str(task.id), "amends": amended["entity_id"]}
    ops = [amended, phone.inspect(site, **more), phone.inspect(site, task_id=str(task.id))]
    outcomes = phone.push(*ops)
    assert [outcome["code"] for outcome in outcomes] == ["applied"] * 3
    assert ["task_done" in outcome["flags"] for outcome in outcomes] == [False, False, True]
    assert [outcome["code"] for outcome in phone.push(*ops)] == ["duplicate"] * 3
    phone.pull()
    assert phone.store == phone.fresh()
    done = phone.store["task", str(task.id)]
    assert (done["status"], done["done"]["inspection_id"]) == ("done", amended["entity_id"])
    assert {data.get("task_id") for key, data in phone.store.items() if key[0] == "inspection"} == {
        str(task.id)
    }
    with pytest.raises(Refusal) as refusal:
        acted(county, "regulator1", withdraw_task, task.id, "改期")
    assert refusal.value.code.wire == "conflict"


def test_nothing_about_a_task_ever_loses_an_inspection(here):
    county, site = here
    elsewhere = county.build(county.grid(1), "液化气站")
    phone = county.phone("张巡查")
    own, others, away = (given(county, site, who) for who in ("张巡查", "李巡查", "张巡查"))
    withdrawn = acted(county, "regulator1", withdraw_task, away.id, "企业停产")
    assert acted(county, "regulator1", withdraw_task, away.id, "企业停产") == withdrawn
    assert (withdrawn.withdrawn.by.name, withdrawn.withdrawn.reason) == ("用户regulator1", "企业停产")
    named = [(site, uuid4()), (site, others.id), (elsewhere, own.id), (site, away.id)]
    ops = [phone.inspect(where, task_id=str(task)) for where, task in named]
    outcomes = phone.push(*ops)
    assert [outcome["code"] for outcome in outcomes] == ["applied"] * 4
    told = [[flag for flag in outcome["flags"] if flag.startswith("task")] for outcome in outcomes]
    assert told == [["task_unknown"], ["task_unknown"], ["task_other_site"], ["task_withdrawn"]]
    again = [op["body"] | {"amends": op["entity_id"]} for op in ops]
    outcomes = phone.push(*(phone.capture("inspection.submit", uuid4(), body) for body in again))
    assert not [flag for outcome in outcomes for flag in outcome["flags"] if flag.startswith("task")]
    assert [task.status for task in listed(county, "regulator1", site_id=site)].count("open") == 2


def test_a_push_looks_tasks_up_once_and_only_when_one_is_named(here):
    county, site = here
    phone = county.phone("张巡查")
    tasks = [given(county, site, "张巡查") for _ in range(3)]
    sent: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        sent.append(statement)

    for ops, most in (
        ([phone.inspect(site) for _ in range(3)], 0),
        ([phone.inspect(site, task_id=str(task.id)) for task in tasks], 2),
    ):
        sa.event.listen(sa.Engine, "before_cursor_execute", note)
        phone.push(*ops)
        sa.event.remove(sa.Engine, "before_cursor_execute", note)
        assert len([one for one in sent if "FROM task" in one or "UPDATE task" in one]) == most
        sent.clear()
    assert {task.status for task in listed(county, "张巡查")} == {"done"}


def test_with_its_grid_it_comes_and_goes_and_comes_back(here):
    county, site = here
    phone, task = county.phone("张巡查"), given(county, site, "张巡查")
    key, other = ("task", str(task.id)), county.phone("李巡查")

    def pulled() -> Any:
        phone.pull()
        assert phone.store == phone.fresh()
        assert key[1] not in {change["id"] for change in other.pull().changes}  # whether it goes or comes
        assert [str(one.id) for one in listed(county, "张巡查")] == [key[1]] * (key in phone.store)
        return phone.store.get(key)

    assert pulled()
    county.change(change_scope.take_grid, "张巡查", county.grid(1))
    assert pulled() is None
    county.change(change_scope.give_grid, "张巡查", county.grid(1))
    assert pulled()
    county.change(move_site, site, county.grid(1, 2))
    assert pulled() is None
    county.change(change_scope.give_grid, "张巡查", county.grid(1, 2))
    assert pulled()["site"]["grid_code"] == county.grid(1, 2)
    county.change(move_site, site, county.grid(1))
    assert pulled()["site"]["grid_code"] == county.grid(1)
    county.change(change_scope.take_grid, "李巡查", county.grid(1))
    assert pulled()
    assert [one.site.grid_code for one in listed(county, "regulator1")] == [county.grid(1)]

    away = county.phone("张巡查", uuid4())
    away.pull()
    county.change(move_site, site, county.grid(2))
    county.later(days=365)
    while county.app.write(lambda work: forget_leaves(work, timedelta(days=180), 200)):
        pass
    with county.app.db.read() as tx:  # marks of a task are forgotten as those of its site are
        marks = sa.select(FEED.c.seq).where(FEED.c.entity_id == task.id, FEED.c.kind == "leave")
        assert tx.execute(marks).all() == []
    assert away.ids("task") == {key[1]}
    away.pull()
    assert away.store == away.fresh()
    assert pulled() is None


def test_an_expert_is_sent_where_he_has_no_grid(here):
    """What a phone cannot open it cannot work on (docs/known-failures.md, row 13)."""
    county, site = here
    phone = county.phone("王专家")
    phone.pull()
    assert not phone.ids("site")
    task = given(county, site, "王专家")
    phone.pull()
    held = phone.store["task", str(task.id)]
    assert (held["site"]["id"], held["site"]["name"]) == (str(site), "加油站")
    county.change(move_site, site, county.grid(1, 2))
    phone.pull()
    assert phone.store["task", str(task.id)]["site"]["grid_code"] == county.grid(1, 2)

    op = phone.inspect(site, task_id=str(task.id))
    photo = {"sha256": "a" * 64, "size": 9, "content_type": "image/jpeg"}
    op["body"] |= {"photos": [{**photo, "taken_at": county.clock.now().isoformat()}]}
    op["body"]["answers"][0] |= {"photos": [photo["sha256"]]}
    (outcome,) = phone.push(op)
    assert (outcome["code"], set(outcome["flags"]) - {"incomplete", "blob_missing"}) == ("applied", set())
    phone.pull()
    assert phone.store == phone.fresh()
    inspection = UUID(op["entity_id"])
    hazard = hazard_id(inspection, plain_items("general")[0].code)
    note = phone.capture("hazard.note", hazard, {"text": "建议三日内更换"})
    (noted,) = phone.push(note)
    assert noted["code"] == "applied"
    assert "hazard.note" in noted["permitted_commands"]
    seen = [(sites_by_ids, site), (inspections_by_ids, inspection), (hazards_by_ids, hazard)]
    for load, entity_id in seen:
        assert entity_id in acted(county, "王专家", load, [entity_id])

    assert [one.sha256 for one in acted(county, "王专家", show_hazard, hazard, None).photos] == ["a" * 64]

    far = county.build(county.grid(1), "油库")
    recalled = given(county, far, "王专家")
    acted(county, "regulator1", withdraw_task, recalled.id, "派错了人")
    assert not acted(county, "王专家", sites_by_ids, [far])
    far_op = phone.inspect(far, task_id=str(recalled.id))
    (outcome,) = phone.push(far_op)
    assert outcome["code"] == "applied"
    assert {"scope_moved", "task_withdrawn"} <= set(outcome["flags"])
    found_there = hazard_id(UUID(far_op["entity_id"]), plain_items("general")[0].code)
    noted_online = phone.capture("hazard.note", found_there, {"text": "在线"})
    assert commanded(county, "王专家", noted_online) == "not_found"

    before = county.build(county.grid(1), "先去后派")
    early = phone.inspect(before)
    assert [one["code"] for one in phone.push(early)] == ["held"]
    given(county, before, "王专家")
    assert acted(county, "王专家", inspections_by_ids, [UUID(early["entity_id"])])  # applied at once


def test_what_may_be_given_to_whom(here):
    county, site = here
    foreign = county.build(county.grid(2), "别处")
    sound = wish(county, site, "张巡查")
    wrong = [
        sound,
        wish(county, uuid4(), "张巡查"),
        wish(county, foreign, "张巡查"),
        wish(county, site, "厂长"),
        wish(county, site, "张巡查", assignee_id=uuid4()),
        wish(county, site, "张巡查", checklist_code="没有这张表"),
    ]
    assert refused(county, "regulator1", *wrong) == [
        ("/tasks/1/site_id", "unknown_entity"),
        ("/tasks/2/site_id", "unknown_entity"),
        ("/tasks/3/assignee_id", "invalid_body"),
        ("/tasks/4/assignee_id", "invalid_body"),
        ("/tasks/5/checklist_code", "unknown_checklist"),
    ]
    assert listed(county, "regulator1") == []  # all or none
    assert refused(county, "regulator1", sound, sound) == [("/tasks", "invalid_body")]
    county.change(change_scope.disable_account, "李巡查")
    assert refused(county, "regulator1", wish(county, site, "李巡查"))

    first = acted(county, "regulator1", give_tasks, [sound])
    county.change(change_scope.take_grid, "张巡查", county.grid(1))
    assert acted(county, "regulator1", give_tasks, [sound]) == first  # sent again
    other = msgspec.structs.replace(sound, title="别的")
    assert refused(county, "regulator1", other) == [("/tasks/0/id", "op_id_reused")]
    county.join("县里", "regulator", regions=[county.code])
    assert refused(county, "县里", sound) == [("/tasks/0/id", "op_id_reused")]
    with pytest.raises(Refusal) as refusal:
        acted(county, "regulator2", withdraw_task, sound.id, "不归我管")
    assert refusal.value.code.wire == "not_found"


def test_who_sees_which_tasks_filtered_and_in_pages(here):
    county, site = here
    start = county.clock.now()
    tasks = [
        wish(county, site, who, due_at=start + timedelta(days=day))
        for day, who in enumerate(["张巡查", "李巡查", "王专家", "张巡查", "张巡查"])
    ]
    acted(county, "regulator1", give_tasks, tasks)
    ids = [task.id for task in tasks]
    phone = county.phone("张巡查")
    phone.push(phone.inspect(site, task_id=str(ids[0])))
    acted(county, "regulator1", withdraw_task, ids[3], "重复派发")
    county.later(days=1, hours=1)

    def found(who: str = "regulator1", **wanted: Any) -> list[int]:
        return [ids.index(task.id) for task in listed(county, who, **wanted)]

    for limit in (1, 2, 200):
        assert found(limit=limit) == [0, 1, 2, 3, 4]
    assert found("张巡查") == [0, 3, 4]
    assert found("王专家") == [2]
    assert found("厂长") == found("regulator2") == []
    assert found(overdue=True) == [1]
    assert found(overdue=False) == [0, 2, 3, 4]
    assert found(status=["done", "withdrawn"]) == [0, 3]
    assert found(assignee_id=county.people["王专家"]) == [2]
    assert found(region=county.town(1)) == [0, 1, 2, 3, 4]
    assert found(region=county.town(2)) == found(site_id=uuid4()) == []
    assert found(due_after=tasks[1].due_at, due_before=tasks[4].due_at) == [2, 3]
    assert [task.overdue for task in listed(county, "regulator1")] == [False, True, False, False, False]
