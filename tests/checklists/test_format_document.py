"""The format document tells phone developers the truth: its own example is loaded and evaluated."""

import json
import re
from datetime import date
from pathlib import Path

import msgspec

from checklists.answers import AnswerFault
from checklists.conditions import SITE_FACTS
from checklists.criteria import Criteria
from checklists.evaluate import evaluate
from checklists.loading import load_checklist
from checklists.model import Answer

DOCUMENT = (Path(__file__).parents[2] / "docs" / "checklist-format.md").read_text(encoding="utf-8")


def block(language: str) -> str:
    (found,) = re.findall(rf"```{language}\n(.*?)```", DOCUMENT, re.DOTALL)
    return str(found)


def test_the_example_gives_what_it_says() -> None:
    checklist = load_checklist(block("yaml"), "docs/checklist-format.md")
    example = json.loads(block("json"))
    answers = msgspec.convert(example["answers"], list[Answer])
    evaluation = evaluate(checklist, answers, None, date.fromisoformat(example["on"]), Criteria([]))
    assert [[one.item, one.n, one.grade] for one in evaluation.findings] == example["findings"]
    assert evaluation.unanswered == example["unanswered"]
    assert evaluation.ignored == example["ignored"]
    assert [[one.item, one.requirement] for one in evaluation.unmet] == example["unmet"]


def test_every_site_fact_and_fault_is_written_down() -> None:
    for word in [*SITE_FACTS, *AnswerFault.__args__]:  # type: ignore[attr-defined]
        assert f"`{word}`" in DOCUMENT, word
