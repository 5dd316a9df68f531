"""Marks: what an answer keeps of them, and what a total is worth."""

from msgspec import Struct

from checklists.answers import Given
from checklists.model import Deduct, Item, Rating, Section

SLACK = 1e-9
"""Nearer than this two figures are the same: 80 on paper may be 79.99999999999999 in a computer."""


class Inspected(Struct, frozen=True):
    """A section with its items that apply and have an answer, in the order of the list."""

    section: Section
    answered: list[tuple[Item, Given]]


class Marks(Struct, frozen=True):
    """What was kept of what could be had; `full` is above nought."""

    kept: float
    full: float


def lost(answer: Deduct, own: Given) -> float:
    """What a failing answer takes from the marks of the item, and never more (JGJ 59-2011, 4.0.3).

    One that does not say how many marks takes them all, rather than passing unseen.
    """
    deduct = own.answer.deduct
    return answer.full_marks if deduct is None else min(deduct, answer.full_marks)


def percent(marks: Marks) -> float:
    """What was kept, out of 100."""
    return min(marks.kept * 100 / marks.full, 100)


def rate(total: float, excellent_from: float, pass_from: float) -> Rating:
    """By the unrounded total."""
    if total >= excellent_from - SLACK:
        return "excellent"
    return "pass" if total >= pass_from - SLACK else "fail"
