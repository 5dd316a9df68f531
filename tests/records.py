"""Operations as phones write them, for tests that push them by hand."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from checklists import catalog
from checklists.model import Checklist, Item, PassFail

HAZMAT = "hazmat.aq3067-2026"


def clock(moment: datetime) -> dict[str, Any]:
    """A device's clocks at a moment, all of them right."""
    return {"wall": moment.isoformat(), "mono_ms": int(moment.timestamp() * 1000), "boot_id": "boot-1"}


def checklist(code: str = HAZMAT, version: str = "1") -> Checklist:
    entry = catalog.get(code, version)
    assert entry is not None
    return entry.checklist


def plain_items(grade: str, code: str = HAZMAT) -> list[Item]:
    """Items answered by pass or fail whose failing opens a hazard of this grade, whatever the site."""
    return [
        item
        for item in checklist(code).items()
        if isinstance(item.answer, PassFail)
        and not item.limbs
        and item.applies_when is None
        and item.on_fail is not None
        and item.on_fail.grade == grade
    ]


def inspection(
    site_id: object,
    *,
    at: datetime | None = None,
    fails: dict[str, dict[str, Any]] | None = None,
    seq: int = 1,
    passes: int = 28,
    code: str = HAZMAT,
    signed: bool = True,
    **more: Any,
) -> dict[str, Any]:
    """`inspection.submit`: failing items (code -> more fields of the answer) and some that pass."""
    moment = at or datetime.now(UTC)
    failing = fails or {}
    answers = [
        {"item": item, "value": "fail", "note": "现场检查发现", **extra} for item, extra in failing.items()
    ]
    others = [item.code for item in plain_items("major", code) if item.code not in failing][:passes]
    answers += [{"item": item, "value": "pass"} for item in others]
    attendees = [{"role": "principal", "name": "王建国", "refused": {"reason": "不同意", "witness": "李梅"}}]
    return {
        "op_id": str(uuid4()),
        "seq": seq,
        "kind": "inspection.submit",
        "entity_id": str(uuid4()),
        "at": clock(moment),
        "body": {
            "site_id": str(site_id),
            "checklist": {"code": code, "version": "1"},
            "started_at": moment.isoformat(),
            "finished_at": moment.isoformat(),
            "answers": answers,
            "attendees": attendees if signed else [],
            "photos": [],
            **more,
        },
    }


def push(ops: list[dict[str, Any]], device_id: str, at: datetime | None = None) -> dict[str, Any]:
    """The body of POST /sync/push."""
    return {
        "protocol": 1,
        "device_id": device_id,
        "batch_id": str(uuid4()),
        "sent": clock(at or datetime.now(UTC)),
        "ops": ops,
    }
