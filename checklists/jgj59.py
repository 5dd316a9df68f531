"""Scoring by JGJ 59-2011: tables of 100 marks, their guarantee items, the summary, the rating."""

from collections.abc import Mapping, Sequence

from checklists.marks import SLACK, Inspected, Marks, lost, percent, rate
from checklists.model import Deduct, Score, SectionScore, ZeroReason
from checklists.schemes import GuaranteeRule, Jgj59, SummaryItem

TABLE_MARKS = 100.0


def score_tables(scheme: Jgj59, inspected: Sequence[Inspected]) -> Score | None:
    """Every table, and the total of those that were inspected; None where none was.

    Excellent: no table at nought, 80 or more. Pass: no table at nought, 70 or more. Else fail (5.0.2).
    """
    tables = [_score_table(one, scheme.guarantee) for one in inspected]
    scores = {table.code: table.score for table in tables if table.score is not None}
    lines = [line for line in (_line(item, scores) for item in scheme.summary) if line is not None]
    if not lines:
        return None
    total = percent(Marks(sum(line.kept for line in lines), sum(line.full for line in lines)))
    rating = "fail" if 0 in scores.values() else rate(total, scheme.excellent_from, scheme.pass_from)
    return Score(total=total, rating=rating, sections=tables)


def _line(item: SummaryItem, scores: Mapping[str, float]) -> Marks | None:
    """A line of the summary: the arithmetic mean of its tables, times its marks over 100 (4.0.3)."""
    inspected = [scores[code] for code in item.sections if code in scores]
    if not inspected:
        return None
    mean = sum(inspected) / len(inspected)
    return Marks(item.full_marks * mean / TABLE_MARKS, item.full_marks)


def _score_table(inspected: Inspected, rule: GuaranteeRule) -> SectionScore:
    """What was kept over the full marks of what was looked at, times 100; nought by rule (4.0.3)."""
    if not inspected.answered:
        return SectionScore(code=inspected.section.code, score=None, max=TABLE_MARKS)
    full = gone = guarantee_full = guarantee_gone = 0.0
    emptied: list[str] = []
    reduced: list[str] = []
    for item, own in inspected.answered:
        answer = item.answer
        if own.value == "na" or not isinstance(answer, Deduct):
            continue
        full += answer.full_marks
        if answer.guarantee:
            guarantee_full += answer.full_marks
        if own.failing:
            marks = lost(answer, own)
            gone += marks
            if answer.guarantee and marks:
                guarantee_gone += marks
                reduced.append(item.code)
                if marks >= answer.full_marks - SLACK:
                    emptied.append(item.code)
    code = inspected.section.code
    if not full:
        return SectionScore(code=code, score=None, max=TABLE_MARKS)
    least = guarantee_full * rule.least / rule.of if rule.prorate else rule.least
    if emptied:
        return _zero(code, "guarantee_item_zero", emptied)
    if guarantee_full and guarantee_full - guarantee_gone < least - SLACK:
        return _zero(code, "guarantee_subtotal_low", reduced)
    if full - gone <= SLACK:
        return _zero(code, "no_marks_left", [i.code for i, own in inspected.answered if own.value != "na"])
    return SectionScore(code=code, score=percent(Marks(full - gone, full)), max=TABLE_MARKS)


def _zero(code: str, reason: ZeroReason, items: list[str]) -> SectionScore:
    return SectionScore(code=code, score=0, max=TABLE_MARKS, zero_reason=reason, zero_items=items)
