"""Arbitrary answers to any checklist of the wire, fitting ones and others, and arbitrary site facts."""

import random
from collections.abc import Sequence

from checklists.document import Plain
from tests.conformance.drawn_lists import SITE_VALUES, Object, objects

NOTES = ("东侧货架", "三号罐区", " 有泄漏 ", "", " ", "\u3000\u00a0", "\ufeff", "\u0085")
DEDUCTIONS = (0, 0.5, 2, 5, 10, 25)
NUMBERS = (-3, 0, 0.0, 19.4, 19.5, 20.9, 21, 23.5, 23.6, 100, 250)
WRONG_VALUES: tuple[Plain, ...] = ("maybe", True, 7, ["x"], ["x", "x"], [1], [])


def draw_answers(chance: random.Random, items: Sequence[Object], share: float = 0.75) -> list[Plain]:
    """A fitting answer to this share of the items, in any order."""
    answers: list[Plain] = [_answer(chance, item) for item in items if chance.random() < share]
    chance.shuffle(answers)
    return answers


def spoil(chance: random.Random, answers: list[Plain]) -> list[Plain]:
    """The same with one or two things that do not fit."""
    spoiled = [dict(one) for one in objects(answers)]
    for _ in range(chance.randint(1, 2)):
        if not spoiled:
            spoiled.append({"item": "GONE-01", "value": "pass"})
        one = chance.choice(spoiled)
        match chance.randrange(5):
            case 0:
                spoiled.append({"item": one["item"], "value": "na"})
            case 1:
                one["value"] = chance.choice(WRONG_VALUES)
            case 2:
                one["deduct"] = chance.choice([-1, 3])
            case 3:
                one["findings"] = [{"n": chance.choice([0, 1, 2]), "note": "东侧"} for _ in range(3)]
            case _:
                one["item"] = "GONE-02"
    return list(spoiled)


def draw_site(chance: random.Random) -> Plain:
    if chance.random() < 0.25:
        return None
    site: Object = {}
    for name, values in SITE_VALUES.items():
        if chance.random() < 0.6:
            site[name] = None if chance.random() < 0.15 else chance.choice(values)
    return site


def _answer(chance: random.Random, item: Object) -> Object:
    value = "na" if chance.random() < 0.12 else _value(chance, item)
    answer: Object = {"item": item["code"], "value": value}
    if chance.random() < 0.5:
        answer["note"] = chance.choice(NOTES)
    if chance.random() < 0.3:
        answer["photos"] = ["a" * 64]
    if value == "fail" and _type(item) == "deduct" and chance.random() < 0.8:
        answer["deduct"] = chance.choice(DEDUCTIONS)
    if _surely_fails(item, value) and chance.random() < 0.4:
        numbers = chance.sample([1, 2, 3, 5], chance.randint(1, 3))
        answer["findings"] = [_finding(chance, n) for n in numbers]
    return answer


def _finding(chance: random.Random, n: int) -> Object:
    finding: Object = {"n": n, "note": chance.choice(NOTES)}
    if chance.random() < 0.5:
        finding["photos"] = ["b" * 64]
    if chance.random() < 0.5:
        finding["position"] = {"lat": 44.19, "lon": 87.98, "datum": "gcj02"}
    return finding


def _surely_fails(item: Object, value: Plain) -> bool:
    """Whether findings fit beside this value: words and limbs are enough."""
    return value == "fail" or ("limbs" in item and isinstance(value, list) and bool(value))


def _value(chance: random.Random, item: Object) -> Plain:
    value: Plain
    if "limbs" in item:
        codes = _codes(item["limbs"])
        whole: tuple[Plain, ...] = ("pass", _some(chance, codes), codes)
        value = chance.choice(whole)
    else:
        match _type(item):
            case "number":
                value = chance.choice(NUMBERS)
            case "choice":
                value = chance.choice(_options(item))
            case "multi":
                value = _some(chance, _options(item))
            case "text":
                value = chance.choice(["", "现场整洁", "pass"])
            case _:
                value = chance.choice(["pass", "fail", "fail"])
    return value


def _some(chance: random.Random, codes: list[Plain]) -> list[Plain]:
    return chance.sample(codes, chance.randint(0, len(codes)))


def _type(item: Object) -> Plain:
    answer = item["answer"]
    return answer["type"] if isinstance(answer, dict) else None


def _options(item: Object) -> list[Plain]:
    answer = item["answer"]
    return _codes(answer["options"]) if isinstance(answer, dict) else []


def _codes(coded: Plain) -> list[Plain]:
    return [one["code"] for one in objects(coded)]
