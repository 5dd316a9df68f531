"""When an item applies: a small closed tree over earlier answers and site facts, portable to a phone.

Three-valued (true, false, unknown), because an item is left out only when it is *known* not to apply:
an inspector is rather asked once too often than a hazard missed. What is unknown: a site fact that nobody
recorded, an earlier item that nobody answered. An earlier item that does not apply counts as answered `na`.
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Literal

from msgspec import Struct

FactType = Literal["text", "number", "bool"]
Scalar = str | int | float | bool
Fact = Scalar | tuple[str, ...] | None

SITE_FACTS: Mapping[str, FactType] = MappingProxyType(
    {
        "industry": "text",
        "risk": "text",
        "major_hazard_level": "number",
        "tank_farm": "bool",
        "hydrology": "text",
        "spontaneous_fire": "bool",
    }
)
"""The site facts that a condition may look at: `major_hazard_level` 重大危险源等级 1-4, 0 for none;
`tank_farm` 有储罐区; `hydrology` 水文地质 simple, medium or complex; `spontaneous_fire` 有自然发火危险."""


class AllOf(Struct, frozen=True, tag_field="op", tag="all", forbid_unknown_fields=True):
    """False when one is false, else unknown when one is unknown, else true."""

    of: tuple["Condition", ...]


class AnyOf(Struct, frozen=True, tag_field="op", tag="any", forbid_unknown_fields=True):
    """True when one is true, else unknown when one is unknown, else false."""

    of: tuple["Condition", ...]


class Not(Struct, frozen=True, tag_field="op", tag="not", forbid_unknown_fields=True):
    """Unknown stays unknown."""

    of: "Condition"


class _Comparison(Struct, frozen=True, tag_field="op", forbid_unknown_fields=True, omit_defaults=True):
    """Looks at exactly one of an earlier item of the list and a site fact."""

    item: str | None = None
    site: str | None = None


class Equals(_Comparison, frozen=True, tag="equals", kw_only=True):
    """Same JSON type and value; of an answer with several codes: one of them is this value."""

    value: Scalar


class OneOf(_Comparison, frozen=True, tag="in", kw_only=True):
    """Equals one of the values."""

    values: tuple[Scalar, ...]


class Less(_Comparison, frozen=True, tag="less", kw_only=True):
    """A number below `than`; false for anything that is no number."""

    than: float


class Greater(_Comparison, frozen=True, tag="greater", kw_only=True):
    """A number above `than`; false for anything that is no number."""

    than: float


Comparison = Equals | OneOf | Less | Greater
Condition = AllOf | AnyOf | Not | Equals | OneOf | Less | Greater


def holds(condition: Condition, answers: Mapping[str, Fact], site: Mapping[str, Fact]) -> bool | None:
    """True, false, or None when what is known does not decide it."""
    match condition:
        case AllOf(of=of):
            return _all([holds(part, answers, site) for part in of])
        case AnyOf(of=of):
            inverted = [_not(holds(part, answers, site)) for part in of]
            return _not(_all(inverted))
        case Not(of=of):
            return _not(holds(of, answers, site))
        case _:
            fact = (
                answers.get(condition.item) if condition.item is not None else site.get(condition.site or "")
            )
            return None if fact is None else _compare(condition, fact)


def comparisons(condition: Condition) -> Iterator[Comparison]:
    """Every leaf of the tree, left to right."""
    match condition:
        case AllOf(of=of) | AnyOf(of=of):
            for part in of:
                yield from comparisons(part)
        case Not(of=of):
            yield from comparisons(of)
        case _:
            yield condition


def compared_with(comparison: Comparison) -> tuple[Scalar, ...]:
    """The values or the number that a leaf compares with."""
    match comparison:
        case Equals(value=value):
            return (value,)
        case OneOf(values=values):
            return values
        case Less(than=than) | Greater(than=than):
            return (than,)


def _all(parts: list[bool | None]) -> bool | None:
    if False in parts:
        return False
    return None if None in parts else True


def _not(value: bool | None) -> bool | None:
    return None if value is None else not value


def _compare(condition: Comparison, fact: Scalar | tuple[str, ...]) -> bool:
    match condition:
        case Equals():
            return _equal(fact, condition.value)
        case OneOf():
            return any(_equal(fact, value) for value in condition.values)
        case Less():
            return _number(fact) and fact < condition.than  # type: ignore[operator]
        case Greater():
            return _number(fact) and fact > condition.than  # type: ignore[operator]


def _equal(fact: Scalar | tuple[str, ...], value: Scalar) -> bool:
    if isinstance(fact, tuple):
        return value in fact
    # JSON's true is not 1, though Python's is
    return isinstance(fact, bool) is isinstance(value, bool) and fact == value


def _number(fact: object) -> bool:
    return isinstance(fact, int | float) and not isinstance(fact, bool)
