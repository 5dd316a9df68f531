"""Hazards in every state, persons of every role and a body for every command, for tests of the rules."""

from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

import msgspec

from inspect_api.domain.access import Caller
from inspect_api.domain.calendar import Calendar, noticed_years, seed_days
from inspect_api.domain.clocks import HazardFile, Rulebook
from inspect_api.domain.commands import apply_command
from inspect_api.domain.deadline import shipped_deadlines
from inspect_api.domain.effects import Deed
from inspect_api.domain.escalation import shipped_ladders
from inspect_api.domain.hazard import HazardState
from inspect_api.domain.sampling import shipped_sampling
from inspect_api.domain.stages import enter
from sync.commands import COMMANDS

START = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
ENTERPRISE = UUID(int=0xE)
PHOTO = "ab" * 32
STATUSES = (
    "reported", "plan_due", "plan_review", "rectifying", "verifying", "review", "closed", "dismissed",
)  # fmt: skip
ROLES = (
    "inspector", "officer", "regulator", "enterprise", "expert", "admin", "security_admin", "auditor",
    "service",
)  # fmt: skip


@cache
def book() -> Rulebook:
    years = range(2025, 2028)
    days = {day.date: day.is_workday for day in seed_days(years)}
    calendar = Calendar("1", days, noticed_years(years))
    return Rulebook(shipped_deadlines(), shipped_ladders(), calendar, shipped_sampling())


def person(role: str, number: int = 1) -> Caller:
    """The n-th person of a role; everybody sees everything here."""
    return Caller(
        id=UUID(int=(ROLES.index(role) + 1) * 100 + number),
        name=f"{role}{number}",
        role=role,  # type: ignore[arg-type]
        session_id=UUID(int=0),
        device_id=None,
        enterprise_id=ENTERPRISE if role == "enterprise" else None,
        regions=("65",),
        excluded=(),
        grids=frozenset({"652327100001001"}),
        industries=frozenset(),
    )


def hazard(**changes: Any) -> HazardState:
    """A general hazard that an inspector urged, just reported."""
    fields: dict[str, Any] = {
        "id": UUID(int=0xA),
        "number": "652327-260302-AAAAAA",
        "title": "可燃气体报警器未投用",
        "description": "罐区东侧两台报警器无显示",
        "grade": "general",
        "suspected_major": False,
        "order_kind": "urged",
        "status": "reported",
        "industry": "hazmat",
        "site_id": UUID(int=0x5),
        "enterprise_id": ENTERPRISE,
        "region_code": "652327100001",
        "grid_code": "652327100001001",
        "position": None,
        "source_kind": "inspection",
        "inspection_id": UUID(int=0x1),
        "checklist": "hazmat.aq3067-2026@1",
        "item": "AQ3067-5.1.1",
        "n": 1,
        "criterion": "HZ26-5.1.1",
        "category": "报警",
        "found_by": person("inspector").id,
        "found_role": "inspector",
        "reported_at": START,
        "served_at": START,
    }
    return HazardState(**(fields | changes))


def file_in(
    status: str,
    *,
    extension: bool = False,
    resumption: bool = False,
    listed: bool = False,
    **changes: Any,
) -> HazardFile:
    """A hazard that has come to a status, with the clocks and papers that belong to it."""
    file = HazardFile(hazard(**changes))
    enter(file, status, START, book())
    if status in ("plan_review", "review"):
        file.hazard.plan = msgspec.to_builtins(command("submit_plan")) | {"approved": None}
    if extension:
        asked = msgspec.to_builtins(command("request_extension"))
        file.hazard.extensions = [asked | {"requested_at": msgspec.to_builtins(START), "approved": None}]
        file.hazard.extension_pending = True
        file.start("extension_decision", START, book())
    if resumption:
        file.hazard.suspended = file.hazard.resumption_pending = True
        file.start("resumption_decision", START, book())
    if listed:
        file.hazard.listed_level, file.hazard.listed_since = "county", START
        file.hazard.listed_due_at = START + timedelta(days=30)
        file.start("listing", START, book(), file.hazard.listed_due_at, "hazard.list_supervision")
    file.settle()
    return file


def in_days(days: float) -> str:
    return str(msgspec.to_builtins(START + timedelta(days=days)))


_BODIES: dict[str, dict[str, Any]] = {
    "confirm": {"grade": "general"},
    "dismiss": {"reason": "现场核实不属于隐患"},
    "submit_plan": {
        "goals": "消除泄漏", "measures": "更换报警器", "funds_cny": 20000, "organisation": "设备部",
        "responsible_person": "赵强", "due_at": in_days(60), "contingency_plan": "停用罐区",
    },
    "decide_plan": {"approved": True},
    "request_extension": {"due_at": in_days(50), "reason": "备件未到", "interim_measures": "专人看守"},
    "decide_extension": {"approved": True, "reason": "情况属实"},
    "submit_rectification": {"description": "已更换", "completed_at": in_days(1), "photos": [PHOTO]},
    "accept": {"comment": "合格"},
    "verify": {"passed": True, "comment": "已整改"},
    "close": {"comment": "同意销号"},
    "reopen": {"reason": "再次出现"},
    "order_suspension": {"scope": "2号罐", "reason": "泄漏"},
    "request_resumption": {"evaluation": "已评估"},
    "decide_resumption": {"approved": True},
    "report_to_workers": {"held_on": "2026-03-02", "form": "职工代表大会", "proof": [PHOTO]},
    "list_supervision": {"level": "county", "due_at": in_days(40)},
    "delist": {"reason": "已整改"},
    "transfer": {"to": "消防救援大队", "reason": "职责所在"},
    "decide_evidence": {"in_time": True, "reason": "照片显示当日已完成"},
    "note": {"text": "已电话联系"},
}  # fmt: skip
NAMES = tuple(_BODIES)
"""Every command, without the prefix `hazard.`."""


def command(name: str, **changes: Any) -> Any:
    """The decoded body of a command, with some fields changed."""
    return msgspec.convert(_BODIES[name] | changes, COMMANDS[f"hazard.{name}"])


def act(
    file: HazardFile, name: str, actor: Caller, *, after: timedelta = timedelta(hours=1), **changes: Any
) -> None:
    """Give a command. Raises Refusal."""
    deed = Deed(f"hazard.{name}", command(name, **changes), actor, START + after, book(), "salz")
    apply_command(file, deed)


def plain(file: HazardFile) -> Any:
    """Everything that a rule could have changed, to compare before and after."""
    return msgspec.to_builtins([file.hazard, file.clocks])


def running(file: HazardFile) -> set[str]:
    return {clock.kind for clock in file.clocks if clock.is_running}
