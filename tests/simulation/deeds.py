"""Bodies of commands as people would fill them in, right most of the time."""

from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random

from sync.bodies import Grade, PhotoClaim
from sync.commands import (
    Command,
    Comment,
    Confirm,
    DecideEvidence,
    DecideExtension,
    DecidePlan,
    Dismiss,
    ListSupervision,
    Note,
    OnlyReason,
    OrderSuspension,
    ReportToWorkers,
    RequestExtension,
    RequestResumption,
    SubmitPlan,
    SubmitRectification,
    Transfer,
    Verify,
)

_CRITERION = "HZ26-5.1.1"

Camera = Callable[[], PhotoClaim]
"""Takes a photo and keeps it on the phone."""


class Deeds:
    """Fills in the body of a command for somebody whose phone shows the time `now`."""

    def __init__(self, chance: Random, now: datetime, camera: Camera) -> None:
        self._chance, self._now, self._camera = chance, now, camera

    def of(self, kind: str) -> Command:
        """The body of a command."""
        return _BODIES[kind](self)

    def photos(self, most: int = 2) -> list[str | PhotoClaim]:
        """Some photos, with what the phone knows of them or by name only."""
        wanted = self._chance.choice((0, 0, 0, 1, most))
        taken = [self._camera() for _ in range(wanted)]
        return [photo if self._chance.random() < 0.5 else photo.sha256 for photo in taken]

    def _in_days(self, fewest: int, most: int) -> datetime:
        return self._now + timedelta(days=self._chance.randint(fewest, most))

    def _often(self) -> bool:
        return self._chance.random() < 0.75

    def _confirm(self) -> Command:
        grades: tuple[Grade, ...] = ("general", "general", "major")
        due_at = self._in_days(1, 20) if self._chance.random() < 0.3 else None
        return Confirm(
            grade=self._chance.choice(grades),
            criterion=_CRITERION if self._often() else None,
            due_at=due_at,
        )

    def _plan(self) -> Command:
        return SubmitPlan(
            goals="消除重大隐患",
            measures="停用并更换",
            funds_cny=12_000.0,
            organisation="安全科",
            responsible_person="王建国",
            due_at=self._in_days(3, 30),
            contingency_plan="紧急切断" if self._often() else "",
        )

    def _extension(self) -> Command:
        return RequestExtension(due_at=self._in_days(10, 40), reason="配件未到", interim_measures="专人看守")

    def _decide_extension(self) -> Command:
        return DecideExtension(approved=self._often(), reason="情况属实")

    def _rectification(self) -> Command:
        photos: list[str | PhotoClaim] = self.photos() if self._chance.random() < 0.3 else [self._camera()]
        return SubmitRectification(description="已更换阀门", completed_at=self._now, photos=photos)

    def _workers(self) -> Command:
        return ReportToWorkers(held_on=self._now.date(), form="职工大会", proof=[self._camera().sha256])

    def _verify(self) -> Command:
        return Verify(passed=self._often(), comment="现场复查", photos=self.photos(1))


_BODIES: dict[str, Callable[[Deeds], Command]] = {
    "hazard.confirm": Deeds._confirm,
    "hazard.dismiss": lambda _: Dismiss(reason="不属于隐患"),
    "hazard.submit_plan": Deeds._plan,
    "hazard.decide_plan": lambda deeds: DecidePlan(approved=deeds._often(), reason="审查意见"),
    "hazard.request_extension": Deeds._extension,
    "hazard.decide_extension": Deeds._decide_extension,
    "hazard.submit_rectification": Deeds._rectification,
    "hazard.accept": lambda _: Comment(comment="自查自改已完成"),
    "hazard.verify": Deeds._verify,
    "hazard.close": lambda _: Comment(comment="同意销号"),
    "hazard.reopen": lambda _: OnlyReason(reason="复发"),
    "hazard.order_suspension": lambda _: OrderSuspension(scope="储罐区", reason="现场危险"),
    "hazard.request_resumption": lambda deeds: RequestResumption(
        evaluation="评估合格", photos=deeds.photos(1)
    ),
    "hazard.decide_resumption": lambda deeds: DecidePlan(approved=deeds._often()),
    "hazard.report_to_workers": Deeds._workers,
    "hazard.list_supervision": lambda deeds: ListSupervision(level="county", due_at=deeds._in_days(5, 30)),
    "hazard.delist": lambda _: OnlyReason(reason="已整改"),
    "hazard.transfer": lambda _: Transfer(to="应急管理局", reason="移送处理"),
    "hazard.decide_evidence": lambda deeds: DecideEvidence(in_time=deeds._often(), reason="核实属实"),
    "hazard.note": lambda deeds: Note(text="补充说明", photos=deeds.photos(1)),
}
KINDS = tuple(_BODIES)
