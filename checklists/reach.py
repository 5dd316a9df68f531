"""Whether an item can ever be asked: its condition is tried on every combination of answers and facts that
could make a difference to it."""

from collections.abc import Mapping, Sequence
from itertools import chain, combinations, pairwise, product
from math import prod
from typing import NamedTuple

from checklists.conditions import Comparison, Condition, Fact, Scalar, compared_with, comparisons, holds
from checklists.model import Choice, Deduct, Item, Multi, Number, PassFail

MAX_TRIES = 20_000


class TooEntangled(ValueError):
    """A condition, with those that it rests on, looks at more than can be tried."""


class Way(NamedTuple):
    """Earlier answers and site facts; with them a condition is decided."""

    answers: dict[str, Fact]
    site: dict[str, Fact]


def find_way(condition: Condition, earlier: Mapping[str, Item]) -> Way | None:
    """Answers to earlier items and site facts that make the condition true, or None where nothing can.

    An earlier item that does not apply is left out of the answers. Raises TooEntangled.
    """
    gates = _gates(condition, earlier)
    conditions = [condition, *(gate.applies_when for gate in gates if gate.applies_when is not None)]
    leaves = [leaf for one in conditions for leaf in comparisons(one)]
    choices: dict[tuple[str, str], Sequence[Fact]] = {}
    for gate in gates:
        mentioned = [leaf for leaf in leaves if leaf.item == gate.code]
        choices["item", gate.code] = answers_that_matter(gate, mentioned)
    for site in dict.fromkeys(leaf.site for leaf in leaves if leaf.site is not None):
        choices["site", site] = _facts_that_matter([leaf for leaf in leaves if leaf.site == site])
    if prod(map(len, choices.values())) > MAX_TRIES:
        raise TooEntangled
    for values in product(*choices.values()):
        way = _try(condition, gates, dict(zip(choices, values, strict=True)))
        if way is not None:
            return way
    return None


def answers_that_matter(item: Item, mentioned: Sequence[Comparison]) -> list[Fact]:
    """One answer of each kind that the comparisons tell apart."""
    codes: list[str] = []
    match item.answer:
        case PassFail() if item.limbs:
            codes = [limb.code for limb in item.limbs]
        case PassFail() | Deduct():
            return ["pass", "fail", "na"]
        case Choice(options=options):
            return [*(option.code for option in options), "na"]
        case Multi(options=options):
            codes = [option.code for option in options]
        case Number():
            return [*_numbers(mentioned), "na"]
        case _:
            return ["", "na"]
    named = [code for code in codes if code in set(_values(mentioned))]
    subsets = chain.from_iterable(combinations(named, size) for size in range(len(named) + 1))
    return [*subsets, "na"]


def _try(condition: Condition, gates: Sequence[Item], values: Mapping[tuple[str, str], Fact]) -> Way | None:
    way = Way({}, {name: value for (kind, name), value in values.items() if kind == "site"})
    known: dict[str, Fact] = {}
    for gate in gates:
        if gate.applies_when is None or holds(gate.applies_when, known, way.site):
            known[gate.code] = way.answers[gate.code] = values["item", gate.code]
        else:
            known[gate.code] = "na"
    return way if holds(condition, known, way.site) else None


def _gates(condition: Condition, earlier: Mapping[str, Item]) -> list[Item]:
    """The earlier items that it rests on, directly or through their own conditions, in the list's order."""
    found: set[str] = set()
    waiting = [condition]
    while waiting:
        for leaf in comparisons(waiting.pop()):
            gate = earlier.get(leaf.item or "")
            if gate is not None and gate.code not in found:
                found.add(gate.code)
                if gate.applies_when is not None:
                    waiting.append(gate.applies_when)
    return [item for code, item in earlier.items() if code in found]


def _facts_that_matter(mentioned: Sequence[Comparison]) -> list[Fact]:
    named = [value for value in _values(mentioned) if isinstance(value, str)]
    facts: list[Fact] = [*dict.fromkeys(named), "", True, False]
    return [*facts, *_numbers(mentioned)]


def _values(mentioned: Sequence[Comparison]) -> list[Scalar]:
    return [value for leaf in mentioned for value in compared_with(leaf)]


def _numbers(mentioned: Sequence[Comparison]) -> list[float]:
    """Each number compared with, and one on either side and between."""
    marks = sorted({v for v in _values(mentioned) if isinstance(v, int | float) and not isinstance(v, bool)})
    if not marks:
        return [0]
    between = [(low + high) / 2 for low, high in pairwise(marks)]
    return [marks[0] - 1, *marks, *between, marks[-1] + 1]
