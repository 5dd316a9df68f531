"""Scoring by JGJ 59-2011: tables of 100 marks, their guarantee items, the summary, the rating."""

from collections.abc import Mapping
from typing import NamedTuple

from checklists.answers import Given
from checklists.marks import SLACK, Marks, marks_of, percent, rate
from checklists.model import Checklist, Deduct, Item, Score, Section, SectionScore, ZeroReason
from checklists.schemes import GuaranteeRule, Jgj59, SummaryItem

TABLE_MARKS = 100.0


def score_tables(checklist: Checklist, scheme: Jgj59, given: Mapping[str, Given]) -> Score | None:
    """Every table, and the total of those that were inspected; None where none was.

    Excellent: no table at nought, 80 or more. Pass: no table at nought, 70 or more. Else fail (5.0.2).
    """
    tables = [_score_table(section, scheme.guarantee, given) for section in checklist.sections]
    scores = {table.code: table.score for table in tables if table.score is not None}
    lines = [line for line in (_line(item, scores) for item in scheme.summary) if line is not None]
    if not lines:
        return None
    total = percent(sum(line.got for line in lines), sum(line.full for line in lines))
    rating = "fail" if 0 in scores.values() else rate(total, scheme.excellent_from, scheme.pass_from)
    return Score(total=total, rating=rating, sections=tables)


class _Looked(NamedTuple):
    """An item that was looked at and applies."""

    item: Item
    marks: Marks

    @property
    def guarantee(self) -> bool:
        return isinstance(self.item.answer, Deduct) and self.item.answer.guarantee

    @property
    def empty(self) -> bool:
        return self.marks.got <= SLACK

    @property
    def reduced(self) -> bool:
        return self.marks.got < self.marks.full


def _line(item: SummaryItem, scores: Mapping[str, float]) -> Marks | None:
    """A line of the summary: the arithmetic mean of its tables, times its marks over 100 (4.0.3)."""
    inspected = [scores[code] for code in item.sections if code in scores]
    if not inspected:
        return None
    mean = sum(inspected) / len(inspected)
    return Marks(item.full_marks * mean / TABLE_MARKS, item.full_marks)


def _score_table(section: Section, rule: GuaranteeRule, given: Mapping[str, Given]) -> SectionScore:
    """What was kept over the full marks of what was looked at, times 100; nought where a rule says so."""
    found = ((item, marks_of(item, given.get(item.code))) for item in section.items)
    looked = [_Looked(item, marks) for item, marks in found if marks is not None]
    if not looked:
        return SectionScore(code=section.code, score=None, max=TABLE_MARKS)
    zero = _zero(looked, rule)
    if zero is not None:
        reason, guilty = zero
        codes = [one.item.code for one in guilty]
        return SectionScore(code=section.code, score=0, max=TABLE_MARKS, zero_reason=reason, zero_items=codes)
    score = percent(sum(one.marks.got for one in looked), sum(one.marks.full for one in looked))
    return SectionScore(code=section.code, score=score, max=TABLE_MARKS)


def _zero(looked: list[_Looked], rule: GuaranteeRule) -> tuple[ZeroReason, list[_Looked]] | None:
    """Why the table is at nought (4.0.3), and by which items."""
    guarantee = [one for one in looked if one.guarantee]
    empty = [one for one in guarantee if one.empty]
    if empty:
        return "guarantee_item_zero", empty
    full = sum(one.marks.full for one in guarantee)
    least = full * rule.least / rule.of if rule.prorate else rule.least
    if guarantee and sum(one.marks.got for one in guarantee) < least - SLACK:
        return "guarantee_subtotal_low", [one for one in guarantee if one.reduced]
    if all(one.empty for one in looked):
        return "no_marks_left", looked
    return None
