"""Arbitrary checklists, drawn from a seed: the same on every machine and in every year."""

import json
import random

from checklists.criteria import Criteria
from checklists.document import InvalidData, Plain
from checklists.loading import load_library
from checklists.wire import PublishedChecklist, publish

Object = dict[str, Plain]

INDUSTRIES = ("hazmat", "mine", "fire", "other")
SITE_VALUES: dict[str, tuple[Plain, ...]] = {
    "industry": INDUSTRIES,
    "risk": ("red", "orange", "yellow", "blue"),
    "major_hazard_level": (0, 1, 2, 3, 4),
    "tank_farm": (True, False),
    "hydrology": ("simple", "medium", "complex"),
    "spontaneous_fire": (True, False),
}
DAYS = ("2023-12-31", "2024-01-01", "2024-06-30", "2024-07-01", "2025-12-31", "2026-01-01", "2026-11-21")
CRITERIA: dict[str, Object] = {
    "criteria.old@1.json": {
        "key": "OLD", "version": "1", "subject": "line", "effective_to": "2024-06-30",
        "effective_from": "2024-01-01", "criteria": ["OLD-1", "OLD-2"],
    },
    "criteria.new@1.json": {
        "key": "NEW", "version": "1", "subject": "line", "effective_to": "2025-12-31",
        "effective_from": "2024-07-01", "criteria": ["NEW-1", "NEW-2*"],
    },
    "criteria.new@2.json": {
        "key": "NEW", "version": "2", "subject": "line", "effective_from": "2026-01-01",
        "criteria": ["NEW-1", "NEW-2*", "NEW-3"],
    },
    "criteria.more@1.json": {
        "key": "MORE", "version": "1", "subject": "line", "effective_from": "2024-01-01",
        "parent": "OLD", "criteria": ["MORE-1"],
    },
}  # fmt: skip


def draw_checklist(seed: str) -> PublishedChecklist:
    """The first arbitrary list of this seed that has no unreachable item or other mistake."""
    chance = random.Random(seed)
    while True:
        try:
            library = load_library(_CRITERIA_FILES | {"drawn@1.json": json.dumps(_Drawn(chance).checklist())})
        except InvalidData:
            continue
        (checklist,) = library.checklists.values()
        return publish(checklist, library.criteria)


def drawn_criteria() -> Criteria:
    """The sets that arbitrary lists are graded by."""
    return load_library(_CRITERIA_FILES).criteria


class _Drawn:
    """One list on its way: what has been drawn before matters to what comes."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.earlier: list[Object] = []

    def checklist(self) -> Object:
        sections: list[Plain] = []
        for name in "ABC"[: self.chance.randint(1, 3)]:
            items: list[Plain] = [self._item(f"{name}-{n:02}") for n in range(1, self.chance.randint(2, 6))]
            section: Object = {"code": name, "title": _text(f"第{name}部分"), "items": items}
            if self.chance.random() < 0.4:
                section["optional"] = True
            sections.append(section)
        drawn: Object = {
            "code": "drawn.list",
            "version": "1",
            "industry": self.chance.choice(INDUSTRIES),
            "title": _text("随机检查表"),
            "effective_from": "2024-01-01",
            "sources": [{"key": "来源", "title": _text("来源")}],
            "sections": sections,
        }
        if self.chance.random() < 0.6:
            drawn["scoring"] = self._weights([str(one["code"]) for one in objects(sections)])
        return drawn

    def _weights(self, sections: list[str]) -> Object:
        scheme: Object = {"type": "weighted", "excellent_from": 85, "pass_from": self.chance.choice([50, 70])}
        if self.chance.random() < 0.5:
            scheme["section_weights"] = [{"code": one, "weight": self._weight()} for one in sections]
        failing = [str(item["code"]) for item in self.earlier if "on_fail" in item]
        if failing and self.chance.random() < 0.7:
            chosen = self.chance.sample(failing, self.chance.randint(1, len(failing)))
            scheme["item_weights"] = [{"code": one, "weight": self._weight()} for one in chosen]
        if self.chance.random() < 0.3:
            scheme["major_fails"] = False
        return scheme

    def _weight(self) -> float:
        return self.chance.choice([0.5, 1, 2, 3, 12.5])

    def _item(self, code: str) -> Object:
        item: Object = {"code": code, "text": _text(f"检查{code}"), "basis": {"source": "来源"}}
        item["answer"] = answer = self._answer_type()
        if answer["type"] == "pass_fail" and self.chance.random() < 0.4:
            item["limbs"] = [
                {"code": one, "text": _text(f"{code}情形{one}")} for one in "abc"[: self.chance.randint(2, 3)]
            ]
        if answer["type"] != "text" and (answer["type"] != "number" or "min" in answer or "max" in answer):
            item["on_fail"] = self._on_fail(code, limbs="limbs" in item)
        if self.chance.random() < 0.5:
            item["requires"] = {
                name: self.chance.choice(["failing", "always"])
                for name in ("photo", "note", "position")
                if self.chance.random() < 0.5
            }
        if "NEW-2" in str(item.get("on_fail")):
            item["requires"] = {"note": "failing"}
        if self.earlier and self.chance.random() < 0.45:
            item["applies_when"] = self._condition(0)
        self.earlier.append(item)
        return item

    def _answer_type(self) -> Object:
        options: list[Plain] = [
            {"code": "x", "text": _text("正常")},
            {"code": "y", "text": _text("异常"), "fails": True},
            {"code": "z", "text": _text("其他"), "fails": self.chance.random() < 0.5},
        ]
        match self.chance.choice(["pass_fail", "pass_fail", "number", "choice", "multi", "text", "deduct"]):
            case "number":
                limits: Object = {}
                if self.chance.random() < 0.7:
                    limits["min"] = self.chance.choice([-2.5, 0, 19.5])
                if self.chance.random() < 0.7:
                    limits["max"] = self.chance.choice([21, 23.5, 100])
                return {"type": "number", "unit": "%", **limits}
            case "choice":
                return {"type": "choice", "options": options}
            case "multi":
                return {"type": "multi", "options": options}
            case "deduct":
                return {"type": "deduct", "full_marks": self.chance.choice([5, 10, 12.5])}
            case other:
                return {"type": other}

    def _on_fail(self, code: str, *, limbs: bool) -> Object:
        on_fail: Object = {"grade": "general", "title": f"{code}不合格", "category": "随机"}
        if self.chance.random() < 0.3:
            on_fail["due_rule"] = "GENERAL-3D"
        if self.chance.random() < 0.3:
            on_fail["measure"] = "立即整改"
        if limbs or self.chance.random() < 0.5:
            on_fail["grade"] = "major"
            on_fail["criterion"] = self.chance.choice(["NEW-1", "NEW-2", "NEW-3", "MORE-1"])
            if self.chance.random() < 0.6:
                on_fail["earlier_criteria"] = self.chance.sample(["OLD-1", "OLD-2", "MORE-1"], 2)
        return on_fail

    def _condition(self, depth: int) -> Object:
        kind = self.chance.choice(["all", "any", "not", "leaf", "leaf", "leaf"])
        if kind == "leaf" or depth > 2:
            return self._site_leaf() if self.chance.random() < 0.35 else self._item_leaf()
        if kind == "not":
            return {"op": "not", "of": self._condition(depth + 1)}
        return {"op": kind, "of": [self._condition(depth + 1) for _ in range(self.chance.randint(1, 3))]}

    def _site_leaf(self) -> Object:
        name = self.chance.choice(list(SITE_VALUES))
        if name == "major_hazard_level" and self.chance.random() < 0.6:
            return {
                "op": self.chance.choice(["less", "greater"]),
                "site": name,
                "than": self.chance.randint(0, 4),
            }
        return self._equality({"site": name}, list(SITE_VALUES[name]))

    def _item_leaf(self) -> Object:
        item = self.chance.choice(self.earlier)
        target: Object = {"item": item["code"]}
        answer = item["answer"]
        kind = answer["type"] if isinstance(answer, dict) else ""
        if kind == "number":
            return {
                "op": self.chance.choice(["less", "greater"]),
                **target,
                "than": self.chance.choice([0, 20, 30]),
            }
        if kind == "text":
            return self._site_leaf()
        if kind in {"choice", "multi"}:
            return self._equality(target, ["x", "y", "z", "na"])
        return self._equality(target, ["a", "b", "na"] if "limbs" in item else ["pass", "fail", "na"])

    def _equality(self, target: Object, values: list[Plain]) -> Object:
        if self.chance.random() < 0.4:
            return {"op": "in", **target, "values": self.chance.sample(values, 2)}
        return {"op": "equals", **target, "value": self.chance.choice(values)}


def _criteria_set(short: Object) -> Object:
    """A set in full: "*" marks a catch-all criterion."""
    ids = [str(one) for one in short["criteria"]] if isinstance(short["criteria"], list) else []
    marks: list[Plain] = [
        {
            "id": one.rstrip("*"),
            "article": "第1条",
            "text": _text(one),
            "confidence": "confirmed",
            "catch_all": one.endswith("*"),
        }
        for one in ids
    ]
    about: Object = {"doc_no": str(short["key"]), "title": _text("判定标准"), "issuer": "应急管理部"}
    return {**about, "status": "in_force", "source": "drawn for the suite", **short, "criteria": marks}


def _text(zh: str) -> Object:
    return {"zh": zh, "en": "drawn"}


def objects(value: Plain) -> list[Object]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


_CRITERIA_FILES = {name: json.dumps(_criteria_set(one)) for name, one in CRITERIA.items()}
