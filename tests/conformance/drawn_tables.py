"""Arbitrary lists scored by tables as JGJ 59 has them, and answers that come near their bounds."""

import json
import random

from checklists.document import Plain
from checklists.loading import load_library
from checklists.wire import PublishedChecklist, publish
from tests.conformance.drawn_lists import Object

GUARANTEE = ([10] * 6, [20, 20, 20], [15, 15, 10, 10, 10], [30, 30], [12.5, 27.5, 20])
GENERAL = ([10] * 4, [20, 20], [5, 5, 15, 15], [40], [7.5, 32.5])
WHOLE = ([10] * 10, [8, 12, 10, 20, 50], [100])
LINES = ([10, 90], [15, 85], [50, 50], [33.5, 66.5])


def draw_tables(seed: str) -> PublishedChecklist:
    """Two to five tables in a summary of one or two lines."""
    chance = random.Random(seed)
    codes = [f"T.{n}" for n in range(1, chance.randint(3, 6))]
    cut = chance.randint(1, len(codes) - 1)
    lines = [codes] if chance.random() < 0.2 else [codes[:cut], codes[cut:]]
    marks = [100] if len(lines) == 1 else chance.choice(LINES)
    summary: list[Plain] = [
        {"title": _text("汇总项"), "full_marks": full, "sections": list(line)}
        for full, line in zip(marks, lines, strict=True)
    ]
    drawn: Object = {
        "code": "drawn.tables",
        "version": "1",
        "industry": "construction",
        "title": _text("随机评分表"),
        "sources": [{"key": "来源", "title": _text("来源")}],
        "scoring": {
            "type": "jgj59",
            "guarantee": {"least": 40, "of": 60, "prorate": chance.random() < 0.7},
            "excellent_from": 80,
            "pass_from": 70,
            "summary": summary,
        },
        "sections": [_table(chance, code) for code in codes],
    }
    library = load_library({"drawn@1.json": json.dumps(drawn)})
    (checklist,) = library.checklists.values()
    return publish(checklist, library.criteria)


def draw_deductions(chance: random.Random, checklist: PublishedChecklist) -> list[Plain]:
    """Some tables left out, some items not applying, small and large deductions."""
    mild = chance.random() < 0.6
    answers: list[Plain] = []
    for section in checklist.sections:
        if chance.random() < 0.2:
            continue
        for item in section.items:
            fate = chance.random()
            if fate < 0.1:
                answers.append({"item": item.code, "value": "na"})
            elif fate < (0.85 if mild else 0.4):
                answers.append({"item": item.code, "value": "pass"})
            elif fate < 0.97:
                lost = chance.choice([0.5, 1, 2, 3.5] if mild else [3, 5, 8, 10, 12, 40])
                answers.append({"item": item.code, "value": "fail", "deduct": lost, "note": "现场所见"})
            elif fate < 0.98:
                answers.append({"item": item.code, "value": "fail"})
    return answers


def _table(chance: random.Random, code: str) -> Object:
    guarantee, general = (
        ([], chance.choice(WHOLE))
        if chance.random() < 0.2
        else (chance.choice(GUARANTEE), chance.choice(GENERAL))
    )
    items: list[Plain] = [
        *(_item(f"{code}-G{n:02}", marks, guarantee=True) for n, marks in enumerate(guarantee, 1)),
        *(_item(f"{code}-N{n:02}", marks, guarantee=False) for n, marks in enumerate(general, 1)),
    ]
    return {"code": code, "title": _text(code), "optional": chance.random() < 0.5, "items": items}


def _item(code: str, marks: float, *, guarantee: bool) -> Object:
    return {
        "code": code,
        "text": _text(code),
        "basis": {"source": "来源"},
        "answer": {"type": "deduct", "full_marks": marks, "guarantee": guarantee},
        "on_fail": {"grade": "general", "title": f"{code}不符合要求", "category": "随机"},
    }


def _text(zh: str) -> Object:
    return {"zh": zh, "en": "drawn"}
