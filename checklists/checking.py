"""What is wrong with data that has the right shape: codes, references, conditions, dates."""

from collections.abc import Iterable, Iterator, Mapping

from msgspec.structs import replace

from checklists.checking_marks import check_marks, check_scoring
from checklists.checking_sizes import check_sizes
from checklists.checking_texts import check_texts
from checklists.conditions import (
    SITE_FACTS,
    AllOf,
    AnyOf,
    Comparison,
    Condition,
    FactType,
    Greater,
    Less,
    Not,
    compared_with,
)
from checklists.criteria import CriteriaSet
from checklists.document import Path
from checklists.model import Checklist, Choice, Deduct, FreeText, Item, Multi, Number, OnFail, PassFail
from checklists.reach import TooEntangled, answers_that_matter, find_way

Complaint = tuple[Path, str]

RESERVED = {"pass", "fail", "na"}


def check_checklist(checklist: Checklist) -> Iterator[Complaint]:
    """Everything that one version shows to be wrong by itself, each with its place in the file."""
    yield from _check_dates(checklist.effective_from, checklist.effective_to)
    yield from _twice((("sources", at, "key"), one.key) for at, one in enumerate(checklist.sources))
    yield from _twice((("sections", at, "code"), one.code) for at, one in enumerate(checklist.sections))
    placed = [
        (("sections", at, "items", place), item)
        for at, section in enumerate(checklist.sections)
        for place, item in enumerate(section.items)
    ]
    yield from _twice(((*path, "code"), item.code) for path, item in placed)
    for at, section in enumerate(checklist.sections):
        if not section.items:
            yield ("sections", at, "items"), "a section has at least one item"
    if not checklist.sections:
        yield ("sections",), "a checklist has at least one section"
    yield from check_sizes(checklist)
    yield from check_texts(checklist)
    yield from check_scoring(checklist)
    sources = {source.key for source in checklist.sources}
    earlier: dict[str, Item] = {}
    for path, item in placed:
        if item.basis.source not in sources:
            yield (*path, "basis", "source"), f"no source has the key {item.basis.source}"
        complaints = list(_check_item(item, earlier))
        for inner, detail in complaints:
            yield (*path, *inner), detail
        broken = any(inner[0] == "applies_when" for inner, _ in complaints)
        # a broken condition is told once, not again at every item behind it
        earlier.setdefault(item.code, replace(item, applies_when=None) if broken else item)


def check_criteria(criteria: CriteriaSet) -> Iterator[Complaint]:
    """Everything that one set shows to be wrong by itself."""
    yield from _check_dates(criteria.effective_from, criteria.effective_to)
    yield from _twice((("criteria", at, "id"), one.id) for at, one in enumerate(criteria.criteria))
    if not criteria.criteria:
        yield ("criteria",), "a set has at least one criterion"
    if criteria.effective_assumed and not criteria.effective_note:
        yield ("effective_note",), "an assumed date says why"


def _check_item(item: Item, earlier: dict[str, Item]) -> Iterator[Complaint]:
    yield from _check_answer(item)
    yield from _check_limbs(item)
    if item.on_fail is not None:
        yield from _check_on_fail(item.on_fail)
    condition = item.applies_when
    if condition is None:
        return
    faults = list(check_condition(condition, earlier, ("applies_when",)))
    yield from faults
    if not faults:
        try:
            if find_way(condition, earlier) is None:
                yield ("applies_when",), "can never be true: the item is unreachable"
        except TooEntangled:
            yield ("applies_when",), "rests on too many answers to be checked: split the item"


def _check_answer(item: Item) -> Iterator[Complaint]:
    can_fail = True
    match item.answer:
        case Number(min=low, max=high):
            can_fail = low is not None or high is not None
            if low is not None and high is not None and low > high:
                yield ("answer", "min"), "is above max: no number passes"
        case Choice(options=options) | Multi(options=options):
            can_fail = any(option.fails for option in options)
            yield from _check_codes([option.code for option in options], ("answer", "options"))
            if isinstance(item.answer, Choice) and all(option.fails for option in options):
                yield ("answer", "options"), "no option passes"
        case FreeText():
            can_fail = False
        case Deduct():
            yield from check_marks(item.answer)
    if can_fail and item.on_fail is None:
        yield ("on_fail",), "is missing: an answer can fail"
    if not can_fail and item.on_fail is not None:
        yield ("on_fail",), "no answer can fail"


def _check_limbs(item: Item) -> Iterator[Complaint]:
    if not item.limbs:
        return
    yield from _check_codes([limb.code for limb in item.limbs], ("limbs",))
    if len(item.limbs) < 2:
        yield ("limbs",), "one limb alone is no limb"
    if not isinstance(item.answer, PassFail):
        yield ("limbs",), "only a pass_fail item has limbs"
    if item.on_fail is not None and item.on_fail.grade != "major":
        yield ("on_fail", "grade"), "limbs are those of a criterion: grade is major"


def _check_on_fail(on_fail: OnFail) -> Iterator[Complaint]:
    """Severity alone never makes a finding major: a matched criterion does."""
    if on_fail.grade == "major" and not on_fail.criteria():
        yield ("on_fail", "criterion"), "is missing: only a criterion makes a finding major"
    if on_fail.grade == "general" and on_fail.criteria():
        yield ("on_fail", "grade"), "with a criterion the grade is major"


def _check_codes(codes: list[str], path: Path) -> Iterator[Complaint]:
    yield from _twice(((*path, at, "code"), code) for at, code in enumerate(codes))
    for at, code in enumerate(codes):
        if code in RESERVED:
            yield (*path, at, "code"), f"{code} is a word of the format"


def check_condition(
    condition: Condition, earlier: dict[str, Item], path: Path, facts: Mapping[str, FactType] = SITE_FACTS
) -> Iterator[Complaint]:
    """Comparisons with what there is: earlier items and `facts`, values that those can have."""
    match condition:
        case AllOf(of=of) | AnyOf(of=of):
            if not of:
                yield (*path, "of"), "is empty"
            for at, part in enumerate(of):
                yield from check_condition(part, earlier, (*path, "of", at), facts)
        case Not(of=of):
            yield from check_condition(of, earlier, (*path, "of"), facts)
        case _ if (condition.item is None) is (condition.site is None):
            yield path, "looks at either an item or a site fact"
        case _ if not compared_with(condition):
            yield (*path, "values"), "is empty"
        case _ if condition.item is not None:
            yield from _check_item_comparison(condition, earlier.get(condition.item), path)
        case _:
            yield from _check_site_comparison(condition, path, facts)


def _check_item_comparison(condition: Comparison, gate: Item | None, path: Path) -> Iterator[Complaint]:
    if gate is None:
        yield (*path, "item"), f"no earlier item has the code {condition.item}"
    elif isinstance(gate.answer, FreeText):
        yield (*path, "item"), "words cannot be compared"
    elif isinstance(condition, Less | Greater) or isinstance(gate.answer, Number):
        if not isinstance(condition, Less | Greater) or not isinstance(gate.answer, Number):
            yield path, "less and greater are for numbers, equals and in for the other answers"
    else:
        possible: set[object] = set()
        for answer in answers_that_matter(gate, [condition]):
            possible.update(answer if isinstance(answer, tuple) else [answer])
        for value in compared_with(condition):
            if value not in possible:
                yield path, f"{value} is no answer of {gate.code}"


def _check_site_comparison(
    condition: Comparison, path: Path, facts: Mapping[str, FactType]
) -> Iterator[Complaint]:
    expected = facts.get(condition.site or "")
    if expected is None:
        yield (*path, "site"), f"no such site fact; known are {', '.join(sorted(facts))}"
    elif isinstance(condition, Less | Greater):
        if expected != "number":
            yield path, f"{condition.site} is no number"
    else:
        for value in compared_with(condition):
            if _type(value) != expected:
                yield path, f"{condition.site} is a {expected}, {value} is none"


def _type(value: object) -> str:
    if isinstance(value, bool):
        return "bool"
    return "text" if isinstance(value, str) else "number"


def _check_dates(begins: object, ends: object) -> Iterator[Complaint]:
    if begins is not None and ends is not None and str(ends) < str(begins):
        yield ("effective_to",), "is before effective_from"
    if begins is None and ends is not None:
        yield ("effective_from",), "is missing beside effective_to"


def _twice(codes: Iterable[tuple[Path, str]]) -> Iterator[Complaint]:
    seen: set[str] = set()
    for path, code in codes:
        if code in seen:
            yield path, f"{code} is there twice"
        seen.add(code)
