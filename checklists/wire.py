"""A checklist as a phone gets it: with the sets that grade it, so that no network is needed to evaluate."""

from collections.abc import Iterator
from datetime import date

from msgspec import structs

from checklists.authored import Authored, Text
from checklists.criteria import Criteria, CriteriaSet
from checklists.model import Checklist


class CriterionMark(Authored, frozen=True):
    """What grading and showing need to know of a criterion."""

    id: str
    catch_all: bool = False
    to_be_keyed: bool = False


class GradingSet(Authored, frozen=True):
    """A criteria set that the checklist's items name, or the parent of one; only the criteria named."""

    key: str
    version: str
    doc_no: str
    title: Text
    effective_from: date
    criteria: tuple[CriterionMark, ...]
    effective_to: date | None = None
    effective_assumed: bool = False
    effective_note: str | None = None
    parent: str | None = None


class PublishedChecklist(Checklist, frozen=True):
    """The wire shape of `GET /checklists/{code}/{version}`."""

    criteria_sets: tuple[GradingSet, ...] = ()


def publish(checklist: Checklist, criteria: Criteria) -> PublishedChecklist:
    """The checklist with its grading sets, in the order of their first day."""
    named = {one for item in checklist.items() if item.on_fail for one in item.on_fail.criteria()}
    graders = sorted(_graders(named, criteria), key=lambda one: (one.effective_from, one.key, one.version))
    sets = tuple(_grading(one, named) for one in graders)
    return PublishedChecklist(**{**structs.asdict(checklist), "criteria_sets": sets})


def _graders(named: set[str], criteria: Criteria) -> Iterator[CriteriaSet]:
    keys = {one.key for criterion_id in named for one, _ in criteria.homes(criterion_id)}
    parents = {one.parent for one in criteria.sets if one.key in keys}
    yield from (one for one in criteria.sets if one.key in keys | parents)


def _grading(one: CriteriaSet, named: set[str]) -> GradingSet:
    return GradingSet(
        key=one.key,
        version=one.version,
        doc_no=one.doc_no,
        title=one.title,
        effective_from=one.effective_from,
        effective_to=one.effective_to,
        effective_assumed=one.effective_assumed,
        effective_note=one.effective_note,
        parent=one.parent,
        criteria=tuple(
            CriterionMark(id=criterion.id, catch_all=criterion.catch_all, to_be_keyed=criterion.to_be_keyed)
            for criterion in one.criteria
            if criterion.id in named
        ),
    )
