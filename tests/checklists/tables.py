"""Inspections by JGJ 59-2011 for tests: which tables were looked at, and what they lost."""

from collections.abc import Mapping
from datetime import date

from msgspec.structs import replace

from checklists import catalog
from checklists.evaluate import evaluate
from checklists.model import Answer, Checklist, Deduct, Item, Score
from checklists.schemes import Jgj59

TODAY = date(2026, 11, 21)


def jgj59() -> Checklist:
    entry = catalog.get("construction.jgj59-2011", "1")
    assert entry is not None
    return entry.checklist


def scheme() -> Jgj59:
    found = jgj59().scoring
    assert isinstance(found, Jgj59)
    return found


def unprorated() -> Checklist:
    return replace(jgj59(), scoring=replace(scheme(), guarantee=replace(scheme().guarantee, prorate=False)))


def items_of(table: str) -> list[Item]:
    (section,) = [one for one in jgj59().sections if one.code == table]
    return list(section.items)


def full_marks(item: Item) -> float:
    assert isinstance(item.answer, Deduct)
    return item.answer.full_marks


def is_guarantee(item: Item) -> bool:
    assert isinstance(item.answer, Deduct)
    return item.answer.guarantee


def looked_at(table: str, lost: Mapping[str, float | str] = {}) -> list[Answer]:
    """Every item of a table: what it lost by the end of its code ("G05"), "na" where it does not apply."""
    answers = []
    for item in items_of(table):
        loss = lost.get(item.code.rsplit("-", 1)[1], 0)
        if loss == "na":
            answers.append(Answer(item=item.code, value="na"))
        elif isinstance(loss, str) or loss == 0:
            answers.append(Answer(item=item.code, value="pass"))
        else:
            answers.append(Answer(item=item.code, value="fail", deduct=loss, note="现场所见"))
    return answers


def scoring(table: str, wanted: float) -> list[Answer]:
    """A table that scores this much, 60 or more, having lost marks at its general items alone."""
    left = 100 - wanted
    lost: dict[str, float | str] = {}
    for item in items_of(table):
        if not is_guarantee(item):
            lost[item.code.rsplit("-", 1)[1]] = min(left, full_marks(item))
            left -= min(left, full_marks(item))
    return looked_at(table, lost)


def score_of(answers: list[Answer], checklist: Checklist | None = None) -> Score:
    evaluation = evaluate(checklist or jgj59(), answers, None, TODAY, catalog.criteria())
    assert evaluation.score is not None
    return evaluation.score
