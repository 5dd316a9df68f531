"""A county's year out of a die: everybody does whatever the register permits, and time passes."""

from collections.abc import Iterator
from datetime import timedelta
from random import Random
from typing import Any

from inspect_api.actions.list_hazards import list_hazards
from inspect_api.actions.move_site import move_site
from inspect_api.store.hazard_queries import HazardFilter
from sync.entities import Hazard
from tests.actions.bench import GENERAL, MAJOR, Bench, sha
from tests.actions.county import HERE, THERE, site_id

PEOPLE = (
    "inspector1",
    "officer1",
    "officer2",
    "county",
    "county2",
    "enterprise1",
    "enterprise1b",
    "enterprise2",
)
_PLAN = {
    "goals": "消除泄漏", "measures": "更换法兰", "organisation": "设备部", "contingency_plan": "停车检修",
}  # fmt: skip
_FORWARD = {
    "hazard.confirm", "hazard.submit_plan", "hazard.decide_plan", "hazard.submit_rectification",
    "hazard.accept", "hazard.verify", "hazard.close",
}  # fmt: skip


class Story:
    """Goes on for as many steps as it is asked to; the same die tells the same story."""

    def __init__(self, bench: Bench, seed: int) -> None:
        self.bench, self.die = bench, Random(seed)
        self.photos = 0

    def steps(self, many: int) -> Iterator[None]:
        """One step after the other, each at a later moment."""
        doings = [self._inspect, *[self._act] * 6, self._photo, self._escalate]
        for _ in range(many):
            self.die.choice([*doings, self._move] if self.die.random() < 0.2 else doings)()
            yield
            self.bench.wait(hours=self.die.choice([1, 5, 30, 90, 200]))
        self._put(HERE)

    def seen_by(self, who: str) -> list[Hazard]:
        """The register, whole."""
        ask = lambda work: list_hazards(work, HazardFilter(), "due_at", 200, None, None)  # noqa: E731
        return self.bench.app.read(ask, self.bench.caller(who)).items

    def _inspect(self) -> None:
        who, site = self.die.choice(
            [("inspector1", "罐区"), ("officer1", "矿井"), ("enterprise1", "装卸站"), ("inspector2", "矿井")]
        )
        items = self.die.sample(GENERAL, 2) + self.die.sample(MAJOR, self.die.choice([0, 1]))
        said = {"photos": [self._next_photo()]} if self.die.random() < 0.5 else {}
        self.bench.push(who, self.bench.inspect(site=site, fails=dict.fromkeys(items, said)))

    def _act(self) -> None:
        who = self.die.choice(PEOPLE)
        # their ids are new in every run: by those, the same die would not tell the same story
        hazards = sorted(self.seen_by(who), key=lambda hazard: (hazard.reported_at, hazard.title))
        steps = [(hazard, kind) for hazard in hazards for kind in hazard.permitted_commands]
        forward = [step for step in steps if step[1] in _FORWARD]
        if steps:
            onward = bool(forward) and self.die.random() < 0.8
            hazard, kind = self.die.choice(forward if onward else steps)
            self.bench.push(who, self.bench.op(kind, hazard.id, self._body(kind)))

    def _body(self, kind: str) -> dict[str, Any]:
        later = (self.bench.now() + timedelta(days=self.die.randint(5, 40))).isoformat()
        yes = self.die.random() < 0.7
        grade = self.die.choice(["general", "major"])
        bodies: dict[str, dict[str, Any]] = {
            "confirm": {"grade": grade} | ({"criterion": "判定标准第三条"} if grade == "major" else {}),
            "dismiss": {"reason": "不构成隐患"},
            "submit_plan": _PLAN
            | {"funds_cny": self.die.randint(1, 9) * 1000, "due_at": later, "responsible_person": "赵强"},
            "decide_plan": {"approved": yes},
            "request_extension": {"due_at": later, "reason": "备件未到", "interim_measures": "专人看守"},
            "decide_extension": {"approved": yes, "reason": "情况属实"},
            "submit_rectification": {
                "description": "已更换", "completed_at": self.bench.now().isoformat(),
                "photos": [self._next_photo()],
            },
            "accept": {"comment": "合格"},
            "verify": {"passed": yes, "comment": "已复查"},
            "close": {"comment": "同意销号"},
            "reopen": {"reason": "群众举报"},
            "order_suspension": {"scope": "一号罐", "reason": "险情"},
            "request_resumption": {"evaluation": "已消除"},
            "decide_resumption": {"approved": yes},
            "report_to_workers": {
                "held_on": "2026-11-10", "form": "职工代表大会", "proof": [self._next_photo()],
            },
            "list_supervision": {"level": "county", "due_at": later},
            "delist": {"reason": "已整改"},
            "transfer": {"to": "消防救援大队", "reason": "职责"},
            "decide_evidence": {"in_time": yes, "reason": "照片与采购单一致"},
            "note": {"text": "已电话提醒"},
        }  # fmt: skip
        return bodies[kind.removeprefix("hazard.")]

    def _next_photo(self) -> str:
        self.photos += 1
        return sha(f"照片{self.photos}")

    def _photo(self) -> None:
        if self.photos:
            name = f"照片{self.die.randint(1, self.photos)}"
            self.bench.upload(self.die.choice(PEOPLE), name)

    def _escalate(self) -> None:
        self.bench.escalate()

    def _move(self) -> None:
        self._put(self.die.choice([HERE, THERE]))

    def _put(self, where: str) -> None:
        self.bench.app.write(lambda work: move_site(work, site_id("装卸站"), where))
