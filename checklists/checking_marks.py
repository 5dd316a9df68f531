"""What is wrong with marks, weights and a scoring scheme: a score that could not be had, or be had twice."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from math import isclose

from checklists.document import Path
from checklists.model import Checklist, Deduct, Item
from checklists.schemes import Jgj59, Weight, Weighted

Complaint = tuple[Path, str]


def check_marks(answer: Deduct) -> Iterator[Complaint]:
    """The marks of one item: paths begin at the item."""
    if answer.full_marks <= 0:
        yield ("answer", "full_marks"), "marks are above nought"
        return
    for at, rule in enumerate(answer.rules):
        path = ("answer", "rules", at)
        if rule.marks is not None and not 0 < rule.marks <= answer.full_marks:
            yield (*path, "marks"), "is above nought and within the marks of the item"
        if rule.up_to is not None and not (rule.marks or answer.full_marks) < rule.up_to <= answer.full_marks:
            yield (*path, "up_to"), "is above marks and within the marks of the item"


def check_scoring(checklist: Checklist) -> Iterator[Complaint]:
    """The scheme against the sections and items that it counts: paths begin at the list."""
    scheme = checklist.scoring
    if not isinstance(scheme, Jgj59):
        for at, place, item in _placed(checklist):
            if isinstance(item.answer, Deduct) and item.answer.guarantee:
                path = ("sections", at, "items", place, "answer", "guarantee")
                yield path, "only the scheme jgj59 knows guarantee items"
    if scheme is None:
        return
    if not 0 < scheme.pass_from < scheme.excellent_from <= 100:
        yield ("scoring", "excellent_from"), "is above pass_from, both are between 0 and 100"
    if isinstance(scheme, Jgj59):
        yield from _check_tables(checklist, scheme)
    else:
        yield from _check_weights(checklist, scheme)


def _check_tables(checklist: Checklist, scheme: Jgj59) -> Iterator[Complaint]:
    rule = scheme.guarantee
    if not 0 < rule.least <= rule.of:
        yield ("scoring", "guarantee", "least"), "is above nought and at most `of`"
    for at, section in enumerate(checklist.sections):
        answers = [item.answer for item in section.items if isinstance(item.answer, Deduct)]
        if len(answers) < len(section.items):
            yield ("sections", at, "items"), "a table has only items that marks are deducted from"
        if not isclose(full := sum(one.full_marks for one in answers), 100):
            yield ("sections", at, "items"), f"a table has 100 marks, not {full:g}"
        guarantee = [one.full_marks for one in answers if one.guarantee]
        if guarantee and not isclose(sum(guarantee), rule.of):
            yield (
                ("sections", at, "items"),
                f"its guarantee items have {rule.of:g} marks, not {sum(guarantee):g}",
            )
    for at, line in enumerate(scheme.summary):
        if line.full_marks <= 0:
            yield ("scoring", "summary", at, "full_marks"), "marks are above nought"
    if not isclose(full := sum(line.full_marks for line in scheme.summary), 100):
        yield ("scoring", "summary"), f"the summary has 100 marks, not {full:g}"
    named = [
        (("scoring", "summary", at, "sections", place), code)
        for at, line in enumerate(scheme.summary)
        for place, code in enumerate(line.sections)
    ]
    sections = [section.code for section in checklist.sections]
    yield from _check_named(named, sections, "section")
    for code in sections:
        if code not in {one for _, one in named}:
            yield ("scoring", "summary"), f"counts section {code} nowhere"


def _check_weights(checklist: Checklist, scheme: Weighted) -> Iterator[Complaint]:
    sections = [section.code for section in checklist.sections]
    items = [item.code for item in checklist.items() if item.on_fail is not None]
    for field, weights, known, kind in (
        ("section_weights", scheme.section_weights, sections, "section"),
        ("item_weights", scheme.item_weights, items, "item that can fail"),
    ):
        yield from _check_weight_list(field, weights, known, kind)
    if scheme.section_weights:
        for code in sections:
            if code not in {one.code for one in scheme.section_weights}:
                yield ("scoring", "section_weights"), f"has no weight for section {code}"


def _check_weight_list(
    field: str, weights: Sequence[Weight], known: Sequence[str], kind: str
) -> Iterator[Complaint]:
    yield from _check_named(
        [(("scoring", field, at, "code"), one.code) for at, one in enumerate(weights)], known, kind
    )
    for at, one in enumerate(weights):
        if one.weight <= 0:
            yield ("scoring", field, at, "weight"), "is above nought"


def _check_named(named: Sequence[tuple[Path, str]], known: Iterable[str], kind: str) -> Iterator[Complaint]:
    counts = Counter(code for _, code in named)
    for path, code in named:
        if code not in known:
            yield path, f"no {kind} has the code {code}"
        elif counts[code] > 1:
            yield path, f"{code} is counted twice"


def _placed(checklist: Checklist) -> Iterator[tuple[int, int, Item]]:
    for at, section in enumerate(checklist.sections):
        for place, item in enumerate(section.items):
            yield at, place, item
