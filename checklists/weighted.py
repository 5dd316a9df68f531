"""Plain weighted scoring: the weights of what passes over the weights of what was looked at."""

from collections.abc import Mapping, Sequence

from checklists.answers import Given
from checklists.marks import SLACK, Inspected, Marks, lost, percent, rate
from checklists.model import Deduct, Item, Score, SectionScore, ZeroReason
from checklists.schemes import Weighted


def score_weights(scheme: Weighted, inspected: Sequence[Inspected], *, major: bool) -> Score | None:
    """Every section out of 100, and their weighted mean; None where nothing that counts was inspected.

    `major` says that there is a major finding.
    """
    item_weights = {one.code: one.weight for one in scheme.item_weights}
    section_weights = {one.code: one.weight for one in scheme.section_weights}
    sections: list[SectionScore] = []
    kept = full = 0.0
    for one in inspected:
        code = one.section.code
        marks = _weigh(one, item_weights)
        if not marks.full:
            sections.append(SectionScore(code=code, score=None, max=100))
            continue
        score = percent(marks)
        reason: ZeroReason | None = "no_marks_left" if score <= SLACK else None
        sections.append(SectionScore(code=code, score=score, max=100, zero_reason=reason))
        weight = section_weights.get(code, marks.full)
        kept += weight * marks.kept / marks.full
        full += weight
    if not full:
        return None
    total = percent(Marks(kept, full))
    failed = major and scheme.major_fails
    rating = "fail" if failed else rate(total, scheme.excellent_from, scheme.pass_from)
    return Score(total=total, rating=rating, sections=sections)


def _weigh(inspected: Inspected, weights: Mapping[str, float]) -> Marks:
    """An item that does not apply, or cannot fail, weighs nothing."""
    kept = full = 0.0
    for item, own in inspected.answered:
        if own.value != "na" and item.on_fail is not None:
            marks = _marks(item, own)
            weight = weights.get(item.code, marks.full)
            kept += weight * marks.kept / marks.full
            full += weight
    return Marks(kept, full)


def _marks(item: Item, own: Given) -> Marks:
    if isinstance(item.answer, Deduct):
        full = item.answer.full_marks
        return Marks(full - lost(item.answer, own) if own.failing else full, full)
    return Marks(0 if own.failing else 1, 1)
