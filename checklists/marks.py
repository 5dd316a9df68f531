"""Marks: what an answer keeps of them, and what a total is worth."""

from typing import NamedTuple

from checklists.answers import Given
from checklists.model import Deduct, Item, Rating

SLACK = 1e-9
"""Nearer than this two figures are the same: 80 on paper may be 79.99999999999999 in a computer."""


class Marks(NamedTuple):
    """What was kept of what could be had; `full` is above nought."""

    got: float
    full: float


def marks_of(item: Item, own: Given | None) -> Marks | None:
    """What an item keeps, or None where it does not count: no answer, does not apply, cannot fail.

    Deductions end at the marks of the item (JGJ 59-2011, 4.0.3). A failing item that does not say how many
    marks it loses loses them all, rather than passing unseen.
    """
    if own is None or own.value == "na" or item.on_fail is None:
        return None
    if not isinstance(item.answer, Deduct):
        return Marks(0 if own.failing else 1, 1)
    full, deduct = item.answer.full_marks, own.answer.deduct
    if not own.failing:
        return Marks(full, full)
    return Marks(0 if deduct is None else full - min(deduct, full), full)


def percent(got: float, full: float) -> float:
    """What was kept, out of 100."""
    return min(got * 100 / full, 100)


def rate(total: float, excellent_from: float, pass_from: float) -> Rating:
    """By the unrounded total."""
    if total >= excellent_from - SLACK:
        return "excellent"
    return "pass" if total >= pass_from - SLACK else "fail"
