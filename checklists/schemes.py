"""How a list is scored, as data: the scheme of JGJ 59-2011, or plain weights."""

from checklists.authored import Authored, Text


class SummaryItem(Authored, frozen=True):
    """A line of the summary table: the mean of its sections' scores counts for `full_marks` (4.0.3)."""

    title: Text
    full_marks: float
    sections: tuple[str, ...]


class GuaranteeRule(Authored, frozen=True):
    """The guarantee items (保证项目) of a table keep `least` of their `of` marks, or it is nought
    (JGJ 59-2011, 4.0.3).

    `prorate`: when some of them do not apply, `least` shrinks with the marks that are left. The standard does
    not say whether it does; without it the whole `least` has to be kept.
    """

    least: float
    of: float
    prorate: bool = True


class Jgj59(Authored, frozen=True, tag_field="type", tag="jgj59"):
    """Tables of 100 marks from which marks are deducted, and a summary out of 100 (JGJ 59-2011, 4.0, 5.0)."""

    guarantee: GuaranteeRule
    excellent_from: float
    pass_from: float
    summary: tuple[SummaryItem, ...]


class Weight(Authored, frozen=True):
    """How much a section or an item counts, by its code."""

    code: str
    weight: float


class Weighted(Authored, frozen=True, tag_field="type", tag="weighted"):
    """The weights of what passes over the weights of what was looked at.

    An item without a weight weighs its full marks, or 1. Without weights of sections each weighs what its
    items do. `major_fails`: a major finding makes the rating `fail`, whatever the total.
    """

    excellent_from: float
    pass_from: float
    section_weights: tuple[Weight, ...] = ()
    item_weights: tuple[Weight, ...] = ()
    major_fails: bool = True


Scheme = Jgj59 | Weighted
