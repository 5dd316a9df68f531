"""Plain weighted scoring: the weights of what passes over the weights of what was looked at."""

from collections.abc import Mapping

from checklists.answers import Given
from checklists.marks import SLACK, Marks, marks_of, percent, rate
from checklists.model import Checklist, Score, Section, SectionScore
from checklists.schemes import Weighted


def score_weights(
    checklist: Checklist, scheme: Weighted, given: Mapping[str, Given], *, major: bool
) -> Score | None:
    """Every section out of 100, and their weighted mean; None where nothing that counts was inspected.

    `major` says that there is a major finding.
    """
    item_weights = {one.code: one.weight for one in scheme.item_weights}
    section_weights = {one.code: one.weight for one in scheme.section_weights}
    sections: list[SectionScore] = []
    got = full = 0.0
    for section in checklist.sections:
        marks = _section(section, item_weights, given)
        if marks is None:
            sections.append(SectionScore(code=section.code, score=None, max=100))
            continue
        score = percent(marks.got, marks.full)
        empty = score <= SLACK
        sections.append(
            SectionScore(
                code=section.code, score=score, max=100, zero_reason="no_marks_left" if empty else None
            )
        )
        weight = section_weights.get(section.code, marks.full)
        got += weight * marks.got / marks.full
        full += weight
    if not full:
        return None
    total = percent(got, full)
    failed = major and scheme.major_fails
    rating = "fail" if failed else rate(total, scheme.excellent_from, scheme.pass_from)
    return Score(total=total, rating=rating, sections=sections)


def _section(section: Section, weights: Mapping[str, float], given: Mapping[str, Given]) -> Marks | None:
    got = full = 0.0
    for item in section.items:
        marks = marks_of(item, given.get(item.code))
        if marks is not None:
            weight = weights.get(item.code, marks.full)
            got += weight * marks.got / marks.full
            full += weight
    return Marks(got, full) if full else None
