"""One body of every kind of operation, whole and valid, as a phone sends it."""

from typing import Any

SHA = "ab" * 32
MOMENT = "2026-11-21T10:00:00+08:00"
SITE = "0197c0f2-6f3e-7c11-8a54-6d0c8f6e2b11"
POSITION = {"lat": 44.0, "lon": 89.18, "accuracy_m": 8.5, "datum": "gcj02"}
PHOTO = {
    "sha256": SHA,
    "size": 204800,
    "content_type": "image/jpeg",
    "taken_at": MOMENT,
    "position": POSITION,
    "caption": "罐区东侧",
}

BODIES: dict[str, dict[str, Any]] = {
    "inspection.submit": {
        "site_id": SITE,
        "task_id": SITE,
        "checklist": {"code": "hazmat.aq3067-2026", "version": "1"},
        "started_at": MOMENT,
        "finished_at": MOMENT,
        "position": POSITION,
        "officers": [{"user_id": SITE, "certificate_no": "新B-0017"}],
        "answers": [
            {"item": "A-01", "value": "pass"},
            {"item": "A-02", "value": ["a", "b"], "note": "两项均存在"},
            {"item": "A-03", "value": 19.5},
            {"item": "A-04", "value": 3, "deduct": 2.5},
            {
                "item": "A-05",
                "value": "fail",
                "photos": [SHA],
                "findings": [{"n": 1, "note": "1号罐", "photos": [SHA], "position": POSITION}],
                "fixed_on_site": {"note": "已更换", "photos": [SHA]},
            },
        ],
        "attendees": [
            {"role": "principal", "name": "王建国", "signature": SHA},
            {"role": "safety_manager", "name": "李梅", "refused": {"reason": "不同意", "witness": "赵强"}},
        ],
        "photos": [PHOTO],
        "amends": SITE,
    },
    "hazard.report": {
        "site_id": SITE,
        "position": POSITION,
        "grid_code": "652327100001001",
        "description": "路边液化气瓶",
        "category": "燃气",
        "suggested_grade": "major",
        "photos": [PHOTO],
    },
    "site.register": {
        "name": "三台镇加油站",
        "industry": "hazmat",
        "grid_code": "652327100001001",
        "position": POSITION,
        "enterprise": {"name": "三台石油", "credit_code": "91652327MA77XXXX0A", "contact": "0994-0000000"},
    },
    "visit.record": {"site_id": SITE, "result": "refused", "note": "大门紧锁", "photos": [PHOTO]},
    "hazard.confirm": {"grade": "major", "criterion": "HZ26-5.1.1", "due_at": MOMENT},
    "hazard.dismiss": {"reason": "重复上报", "duplicate_of": SITE},
    "hazard.submit_plan": {
        "goals": "消除泄漏",
        "measures": "更换法兰",
        "funds_cny": 120000.5,
        "organisation": "设备部",
        "responsible_person": "赵强",
        "due_at": MOMENT,
        "contingency_plan": "停车检修",
    },
    "hazard.decide_plan": {"approved": False, "reason": "资金未落实"},
    "hazard.request_extension": {"due_at": MOMENT, "reason": "备件未到", "interim_measures": "专人看守"},
    "hazard.decide_extension": {"approved": True, "due_at": MOMENT, "reason": "同意"},
    "hazard.submit_rectification": {
        "description": "已更换",
        "completed_at": MOMENT,
        "photos": [SHA, PHOTO],
        "cost_cny": 1,
    },
    "hazard.accept": {"comment": "合格"},
    "hazard.verify": {"passed": True, "comment": "已整改", "photos": [SHA], "position": POSITION},
    "hazard.close": {"comment": "同意销号"},
    "hazard.reopen": {"reason": "再次出现"},
    "hazard.order_suspension": {"scope": "2号装置", "reason": "泄漏"},
    "hazard.request_resumption": {"evaluation": "已评估", "photos": []},
    "hazard.decide_resumption": {"approved": True},
    "hazard.report_to_workers": {"held_on": "2026-11-20", "form": "职工代表大会", "proof": [SHA]},
    "hazard.list_supervision": {"level": "county", "due_at": MOMENT},
    "hazard.delist": {"reason": "已整改"},
    "hazard.transfer": {"to": "消防救援大队", "reason": "职责所在"},
    "hazard.decide_evidence": {"in_time": True, "reason": "照片显示当日已完成"},
    "hazard.note": {"text": "已电话联系", "photos": [PHOTO]},
}
