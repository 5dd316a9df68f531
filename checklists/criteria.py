"""Criteria sets (重大事故隐患判定标准): what makes a hazard major, from when to when.

One line of sets (`subject`) has at most one set in force on a day; a supplement belongs to its parent and is
in force only while the parent is.
"""

from collections.abc import Iterable
from datetime import date

from checklists.authored import Authored, Text
from checklists.model import CriteriaRef


class SubItem(Authored, frozen=True):
    """A numbered alternative under a criterion, in the words of the source: any one of them matches it."""

    n: int
    zh: str


class Criterion(Authored, frozen=True):
    """One item of a set. `confidence` is how surely its wording is the official one; `to_be_keyed` when it
    has still to be keyed from the official text; a `catch_all` needs a written reason."""

    id: str
    article: str
    text: Text
    confidence: str
    group: str | None = None
    sub_items: tuple[SubItem, ...] = ()
    catch_all: bool = False
    to_be_keyed: bool = False


class CriteriaSet(Authored, frozen=True):
    """A document. `effective_assumed` when the source states no exact date and we chose one (see
    `effective_note`); both dates are inclusive, in Asia/Shanghai."""

    key: str
    version: str
    subject: str
    doc_no: str
    title: Text
    issuer: str
    effective_from: date
    status: str
    source: str
    criteria: tuple[Criterion, ...]
    published: date | None = None
    effective_to: date | None = None
    effective_assumed: bool = False
    effective_note: str | None = None
    parent: str | None = None
    replaces: tuple[str, ...] = ()

    def covers(self, on: date) -> bool:
        """Whether its own dates include this day."""
        return self.effective_from <= on and (self.effective_to is None or on <= self.effective_to)

    @property
    def ref(self) -> CriteriaRef:
        """What a finding keeps of it."""
        return CriteriaRef(self.key, self.version)


class Criteria:
    """Every known set, looked up by the id of a criterion and a day."""

    def __init__(self, sets: Iterable[CriteriaSet]) -> None:
        self.sets = tuple(sets)
        self._homes: dict[str, list[tuple[CriteriaSet, Criterion]]] = {}
        for criteria_set in self.sets:
            for criterion in criteria_set.criteria:
                self._homes.setdefault(criterion.id, []).append((criteria_set, criterion))

    def __contains__(self, criterion_id: object) -> bool:
        return criterion_id in self._homes

    def homes(self, criterion_id: str) -> list[tuple[CriteriaSet, Criterion]]:
        """The versions of the sets that have this criterion; empty for an unknown id."""
        return self._homes.get(criterion_id, [])

    def in_force(self, criterion_id: str, on: date) -> tuple[CriteriaSet, Criterion] | None:
        """The criterion and its set as in force on this day, or None."""
        for criteria_set, criterion in self.homes(criterion_id):
            if criteria_set.covers(on) and self._parent_covers(criteria_set, on):
                return criteria_set, criterion
        return None

    def _parent_covers(self, criteria_set: CriteriaSet, on: date) -> bool:
        if criteria_set.parent is None:
            return True
        return any(other.key == criteria_set.parent and other.covers(on) for other in self.sets)
