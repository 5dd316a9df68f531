"""What happens in the diaries, sentence by sentence, through the doors that phones and offices use."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from inspect_api.actions.import_calendar import import_calendar
from inspect_api.domain.access import Caller
from inspect_api.domain.holiday_notice import read_notice
from tests.actions.bench import GENERAL, MAJOR, Bench, Op, found_at, sha
from tests.actions.county import account_id

NAMES = {
    "天山化工负责人": "enterprise1",
    "天山化工安全员": "enterprise1b",
    "网格员甲": "inspector1",
    "网格员乙": "inspector3",
    "执法员一": "officer1",
    "执法员二": "officer2",
    "县局一": "county",
    "县局二": "county2",
    "市局": "city",
}
PEOPLE = {account_id(account): name for name, account in NAMES.items()}
_SIGNED = [{"role": "principal", "name": "王强", "signature": sha("签名")}]
_NOTICE = Path(__file__).parent.parent / "data" / "holidays_2027_invented.json"
_PLAN = {
    "goals": "消除泄漏", "measures": "更换阀组", "funds_cny": 20000, "organisation": "设备部",
    "responsible_person": "赵强", "due_at": "2027-03-31T23:59:59+08:00", "contingency_plan": "停用储罐",
}  # fmt: skip


@dataclass
class Scene:
    """The county, and the hazard that the diary is about."""

    bench: Bench
    hazard: UUID = field(default_factory=lambda: UUID(int=0))
    outbox: list[Op] = field(default_factory=list)

    def as_(self, name: str) -> Caller:
        return self.bench.caller(NAMES[name])

    def finds(self, name: str, item: str, **more: Any) -> None:
        op = self.bench.inspect(item, attendees=_SIGNED, **more)
        self.bench.do(NAMES[name], op)
        self.hazard = found_at(op, item)

    def gives(self, name: str, command: str, **body: Any) -> None:
        self.bench.give(NAMES[name], command, self.hazard, **body)

    def rectified(self) -> Op:
        return self.bench.rectify(self.hazard, photos=[sha("整改后")])


def _both_officers(scene: Scene) -> None:
    ids = [str(scene.as_(name).id) for name in ("执法员一", "执法员二")]
    officers = [{"user_id": user, "certificate_no": f"新B{n}"} for n, user in enumerate(ids)]
    scene.finds("执法员一", MAJOR[0], officers=officers)


def _announced(scene: Scene) -> None:
    notice = read_notice(_NOTICE.read_text("utf-8"), _NOTICE.name)
    scene.bench.app.write(lambda work: import_calendar(work, notice))


def _signal(scene: Scene) -> None:
    for op in scene.outbox:
        scene.bench.do("enterprise1", op)
    scene.outbox.clear()


SCENES: dict[str, Callable[[Scene], None]] = {
    "执法员一在罐区查出一般隐患，企业负责人当场签收": lambda s: s.finds("执法员一", GENERAL[0]),
    "执法员一、执法员二在罐区查出重大事故隐患，企业负责人当场签收": _both_officers,
    "国务院办公厅公布2027年放假安排，县局录入": _announced,
    "企业报告整改完成，附照片": lambda s: void(s.bench.do("enterprise1", s.rectified())),
    "企业在没有信号的地方报告整改完成，附照片": lambda s: s.outbox.append(s.rectified()),
    "企业的手机有了信号": _signal,
    "企业向职工代表大会报告，附证明": lambda s: s.gives(
        "天山化工负责人",
        "report_to_workers",
        held_on="2027-01-13",
        form="职工代表大会",
        proof=[sha("会议纪要")],
    ),
    "企业报送治理方案，期限2027年3月31日": lambda s: s.gives("天山化工负责人", "submit_plan", **_PLAN),
    "县局一批准治理方案": lambda s: s.gives("县局一", "decide_plan", approved=True, reason="同意"),
    "执法员二复查合格": lambda s: s.gives("执法员二", "verify", passed=True, comment="现场已消除"),
    "县局一审核销号": lambda s: s.gives("县局一", "close", comment="同意销号"),
    "县局一采信迟到的证据": lambda s: s.gives(
        "县局一", "decide_evidence", in_time=True, reason="照片与采购单一致"
    ),
}


def void(_answer: object) -> None:
    """What happened stands in the register."""
