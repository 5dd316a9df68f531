"""YAML into checklists and criteria sets: strict, every mistake at once with file, line, item and field."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from itertools import pairwise
from types import MappingProxyType
from typing import NamedTuple

from msgspec.structs import replace

from checklists.checking import check_checklist, check_criteria
from checklists.criteria import Criteria, CriteriaSet
from checklists.document import Document, InvalidData, Mistake, Path
from checklists.model import Checklist, Item
from checklists.shape import read

CRITERIA_PREFIX = "criteria."
_AS_WRITTEN: Mapping[str, date] = MappingProxyType({})


class Library(NamedTuple):
    """Checklists by code and version, and the criteria that grade them."""

    checklists: dict[tuple[str, str], Checklist]
    criteria: Criteria


def load_checklist(text: str, file: str) -> Checklist:
    """One checklist by itself; that its criteria exist is for `load_library`. Raises InvalidData."""
    return _checked_checklist(Document(text, file))


def load_criteria(text: str, file: str) -> CriteriaSet:
    """One criteria set by itself. Raises InvalidData."""
    return _checked_criteria(Document(text, file))


def load_library(files: Mapping[str, str], begins: Mapping[str, date] = _AS_WRITTEN) -> Library:
    """All files (name to text) together; those named `criteria.*` are criteria sets. Raises InvalidData.

    `begins`: the first day of the checklists in these files, whatever they say themselves.
    """
    mistakes: list[Mistake] = []
    sets: list[tuple[Document, CriteriaSet]] = []
    lists: list[tuple[Document, Checklist]] = []
    for file, text in sorted(files.items()):
        try:
            document = Document(text, file)
            if file.rsplit("/", 1)[-1].startswith(CRITERIA_PREFIX):
                sets.append((document, _checked_criteria(document)))
            else:
                lists.append((document, _checked_checklist(document, begins.get(file))))
        except InvalidData as invalid:
            mistakes += invalid.mistakes
    criteria = Criteria(criteria_set for _, criteria_set in sets)
    mistakes += _check_sets(sets)
    mistakes += _check_versions(lists)
    # with a set missing because it is itself broken, every reference to it would be called dangling
    if len(sets) + len(lists) == len(files):
        mistakes += _check_references(lists, criteria)
    if mistakes:
        raise InvalidData(mistakes)
    return Library({(one.code, one.version): one for _, one in lists}, criteria)


def _checked_checklist(document: Document, begins: date | None = None) -> Checklist:
    checklist = read(document, Checklist)
    if begins is not None:
        checklist = replace(checklist, effective_from=begins)
    _raise(document, check_checklist(checklist))
    return checklist


def _checked_criteria(document: Document) -> CriteriaSet:
    criteria = read(document, CriteriaSet)
    _raise(document, check_criteria(criteria))
    return criteria


def _raise(document: Document, complaints: Iterable[tuple[Path, str]]) -> None:
    mistakes = document.mistakes(complaints)
    if mistakes:
        raise InvalidData(mistakes)


def _check_sets(sets: list[tuple[Document, CriteriaSet]]) -> Iterator[Mistake]:
    """A subject has one set in force a day; ids of criteria belong to one set, whatever its versions."""
    owners: dict[str, str] = {}
    keys = {one.key for _, one in sets}
    for place, (document, one) in enumerate(sets):
        for _, other in sets[:place]:
            if (other.key, other.version) == (one.key, one.version):
                yield document.mistake(("version",), f"{one.key} has this version already")
            elif _rivals(one, other) and _overlap(one, other):
                detail = f"overlaps {other.key} version {other.version}, in force from {other.effective_from}"
                yield document.mistake(("effective_from",), detail)
        if one.parent is not None and one.parent not in keys - {one.key}:
            yield document.mistake(("parent",), f"no set has the key {one.parent}")
        for at, criterion in enumerate(one.criteria):
            if owners.setdefault(criterion.id, one.key) != one.key:
                detail = f"{criterion.id} belongs to {owners[criterion.id]}"
                yield document.mistake(("criteria", at, "id"), detail)


def _check_versions(lists: list[tuple[Document, Checklist]]) -> Iterator[Mistake]:
    """Versions of one list follow each other; an open-ended one ends when the next begins."""
    versions: defaultdict[str, list[tuple[Document, Checklist]]] = defaultdict(list)
    seen: dict[tuple[str, str], str] = {}
    for document, one in lists:
        first = seen.setdefault((one.code, one.version), document.file)
        if first != document.file:
            yield document.mistake(("version",), f"{one.code} has this version already, in {first}")
        if one.effective_from is not None:
            versions[one.code].append((document, one))
    for family in versions.values():
        family.sort(key=lambda pair: (str(pair[1].effective_from), pair[1].version))
        for (_, before), (document, after) in pairwise(family):
            if _overlap(after, before) and (
                before.effective_to or before.effective_from == after.effective_from
            ):
                detail = f"overlaps version {before.version}, in force from {before.effective_from}"
                yield document.mistake(("effective_from",), detail)


def _check_references(lists: list[tuple[Document, Checklist]], criteria: Criteria) -> Iterator[Mistake]:
    for document, one in lists:
        for path, detail in dangling_criteria(one, criteria):
            yield document.mistake(path, detail)


def dangling_criteria(checklist: Checklist, criteria: Criteria) -> Iterator[tuple[Path, str]]:
    """References of a list to criteria that there are not, or that ask for more than the item does."""
    for at, section in enumerate(checklist.sections):
        for place, item in enumerate(section.items):
            for inner, detail in _check_criteria_of(item, criteria):
                yield ("sections", at, "items", place, *inner), detail


def _check_criteria_of(item: Item, criteria: Criteria) -> Iterator[tuple[Path, str]]:
    if item.on_fail is None:
        return
    named: list[tuple[Path, str]] = [
        (("on_fail", "earlier_criteria", at), one) for at, one in enumerate(item.on_fail.earlier_criteria)
    ]
    if item.on_fail.criterion is not None:
        named.insert(0, (("on_fail", "criterion"), item.on_fail.criterion))
    for path, criterion_id in named:
        if criterion_id not in criteria:
            yield path, f"no criterion has the id {criterion_id}"
        elif any(criterion.catch_all for _, criterion in criteria.homes(criterion_id)) and not (
            item.requires and item.requires.note
        ):
            yield ("requires", "note"), "is missing: a catch-all criterion needs a written reason"


def _rivals(one: CriteriaSet, other: CriteriaSet) -> bool:
    """Versions of one set, or two sets of one subject; a supplement stands beside its parent."""
    return one.key == other.key or (one.subject == other.subject and not one.parent and not other.parent)


def _overlap(one: Checklist | CriteriaSet, other: Checklist | CriteriaSet) -> bool:
    return _begins(one) <= _ends(other) and _begins(other) <= _ends(one)


def _begins(one: Checklist | CriteriaSet) -> date:
    return one.effective_from or date.max


def _ends(one: Checklist | CriteriaSet) -> date:
    return one.effective_to or date.max
