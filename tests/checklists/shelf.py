"""The built-in library as its tests look at it."""

from collections.abc import Mapping
from datetime import date

from checklists import catalog
from checklists.criteria import CriteriaSet, Criterion
from checklists.evaluate import evaluate
from checklists.model import Answer, Checklist, Evaluation, Finding, Item
from tests.checklists.answering import failing, reaching, site_of, way_to

Site = Mapping[str, str | float | bool | None] | None
TODAY = date(2026, 11, 21)


def shipped(code: str) -> Checklist:
    entry = catalog.get(code, "1")
    assert entry is not None, code
    return entry.checklist


def criteria_set(key: str) -> CriteriaSet:
    (found,) = [one for one in catalog.criteria().sets if one.key == key]
    return found


def criterion(criterion_id: str) -> Criterion:
    ((_, found),) = catalog.criteria().homes(criterion_id)
    return found


def item_of(code: str, item_code: str) -> Item:
    (found,) = [item for item in shipped(code).items() if item.code == item_code]
    return found


def criteria_of(item: Item) -> tuple[str, ...]:
    """Every criterion that a failing answer matches or matched."""
    return () if item.on_fail is None else item.on_fail.criteria()


def judge(code: str, *answers: Answer, site: Site = None, on: date = TODAY) -> Evaluation:
    return evaluate(shipped(code), answers, site, on, catalog.criteria())


def found_on(code: str, item_code: str, on: date = TODAY, answer: Answer | None = None) -> Finding | None:
    """What a failing answer (or this one) to an item opens on a day; the item is reached first."""
    checklist, item = shipped(code), item_of(code, item_code)
    way = None if item.applies_when is None else way_to(checklist, item, item.applies_when)
    before = [] if way is None else reaching(way)
    evaluation = judge(code, *before, answer or failing(item), site=site_of(way) if way else None, on=on)
    return next((one for one in evaluation.findings if one.item == item_code), None)
