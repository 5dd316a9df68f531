"""Whether answers fit the checklist that they answer: all that is wrong with them, at once."""

from collections.abc import Sequence
from math import isfinite
from typing import Literal, NamedTuple

from msgspec import Struct

from checklists.model import (
    AnswerLike,
    Checklist,
    Choice,
    Deduct,
    FindingLike,
    FreeText,
    Item,
    Multi,
    Number,
    PassFail,
)

AnswerFault = Literal[
    "unknown_item",
    "duplicate_answer",
    "wrong_value_type",
    "unknown_value",
    "unknown_limb",
    "duplicate_value",
    "finding_number",
    "finding_without_failure",
    "deduct_not_expected",
    "deduct_out_of_range",
]
AnswerValue = str | float | tuple[str, ...]


class WrongAnswer(NamedTuple):
    """`answer` counts from 0; `path` is the rest of a JSON pointer: `value`, `findings/0/n`."""

    answer: int
    path: str
    code: AnswerFault
    detail: str


class InvalidAnswers(ValueError):
    """Answers that no version of a phone should have sent; `faults` is never empty."""

    def __init__(self, faults: list[WrongAnswer]) -> None:
        super().__init__(
            "; ".join(f"answers/{answer}/{path}: {detail}" for answer, path, _, detail in faults)
        )
        self.faults = faults


class Given(Struct, frozen=True, gc=False):
    """An answer with its value in one of three shapes (a word, a number, the codes chosen), and whether that
    value is a hazard."""

    answer: AnswerLike
    value: AnswerValue
    failing: bool


def read_answers(checklist: Checklist, answers: Sequence[AnswerLike]) -> dict[str, Given]:
    """The answers by item code. Raises InvalidAnswers."""
    items = checklist.by_code
    given: dict[str, Given] = {}
    faults: list[WrongAnswer] = []
    for place, answer in enumerate(answers):
        code = answer.item
        item = items.get(code)
        if item is None:
            faults.append(WrongAnswer(place, "item", "unknown_item", "this list has no such item"))
        elif code in given:
            faults.append(WrongAnswer(place, "item", "duplicate_answer", "this item is answered twice"))
        else:
            if answer.value == "pass" and not item.limbs and isinstance(item.answer, _PASS_FAIL_TYPES):
                given[code] = Given(answer, "pass", False)  # most answers, soonest
            else:
                value = _read_value(item, answer.value)
                if isinstance(value, _Refusal):
                    faults.append(WrongAnswer(place, "value", value.code, value.detail))
                    value = "na"
                given[code] = Given(answer, value, value not in _HARMLESS and fails(item, value))
            if answer.findings or answer.deduct is not None:
                faults += _check_extras(place, item, given[code])
    if faults:
        raise InvalidAnswers(faults)
    return given


def fails(item: Item, value: AnswerValue) -> bool:
    """Whether a value that fits the item is a hazard. `na` never is."""
    if value == "na":
        return False
    match item.answer:
        case PassFail() | Deduct():
            failing = value == "fail" or (isinstance(value, tuple) and len(value) > 0)
        case Number(min=low, max=high) if isinstance(value, int | float):
            failing = (low is not None and value < low) or (high is not None and value > high)
        case Choice(options=options):
            failing = any(option.fails for option in options if option.code == value)
        case Multi(options=options) if isinstance(value, tuple):
            failing = any(option.fails for option in options if option.code in value)
        case _:
            failing = False
    return failing


_HARMLESS = ("pass", "na", ())
_PASS_FAIL = ("pass", "fail")
_PASS_FAIL_TYPES = (PassFail, Deduct)


class _Refusal(NamedTuple):
    code: AnswerFault
    detail: str


def _read_value(item: Item, value: object) -> AnswerValue | _Refusal:
    if value == "na":
        return "na"
    read: AnswerValue | _Refusal
    match item.answer:
        case PassFail() if item.limbs:
            # "pass" says of all limbs at once what the empty list says
            read = (
                () if value == "pass" else _codes(value, [limb.code for limb in item.limbs], "unknown_limb")
            )
        case PassFail() | Deduct():
            read = _word(value, _PASS_FAIL)
        case Number():
            read = _measured(value)
        case Choice(options=options):
            read = _word(value, [option.code for option in options])
        case Multi(options=options):
            read = _codes(value, [option.code for option in options], "unknown_value")
        case FreeText():
            read = value if isinstance(value, str) else _Refusal("wrong_value_type", "text or na is expected")
    return read


def _measured(value: object) -> float | _Refusal:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return _Refusal("wrong_value_type", "a number or na is expected")
    if isinstance(value, float) and not isfinite(value):
        return _Refusal("unknown_value", "a finite number is expected")
    return value


def _word(value: object, known: Sequence[str]) -> AnswerValue | _Refusal:
    if isinstance(value, str) and value in known:
        return value
    expected = f"one of {', '.join(known)}, na is expected"
    return _Refusal("unknown_value" if isinstance(value, str) else "wrong_value_type", expected)


def _codes(value: object, known: Sequence[str], unknown: AnswerFault) -> AnswerValue | _Refusal:
    if not isinstance(value, list | tuple) or not all(isinstance(code, str) for code in value):
        return _Refusal("wrong_value_type", f"na or a list of {', '.join(known)} is expected")
    if not set(known).issuperset(value):
        return _Refusal(unknown, f"only {', '.join(known)} are expected")
    if len(set(value)) != len(value):
        return _Refusal("duplicate_value", "a code is named twice")
    return tuple(value)


def _check_extras(place: int, item: Item, given: Given) -> list[WrongAnswer]:
    faults = []
    findings, deduct = given.answer.findings, given.answer.deduct
    if findings and not given.failing:
        detail = "only a failing answer has findings"
        faults.append(WrongAnswer(place, "findings", "finding_without_failure", detail))
    faults += _check_numbers(place, findings)
    if deduct is not None and not (isinstance(item.answer, Deduct) and given.failing):
        detail = "marks are deducted at a failing item that has marks"
        faults.append(WrongAnswer(place, "deduct", "deduct_not_expected", detail))
    elif deduct is not None and not (isfinite(deduct) and deduct >= 0):
        faults.append(WrongAnswer(place, "deduct", "deduct_out_of_range", "marks are nought or more"))
    return faults


def _check_numbers(place: int, findings: Sequence[FindingLike]) -> list[WrongAnswer]:
    """Numbers are unique and count from 1; gaps stay, because an amendment may withdraw one of several."""
    faults = []
    seen: set[int] = set()
    for at, finding in enumerate(findings):
        if finding.n < 1 or finding.n in seen:
            detail = "findings are numbered from 1, each number once"
            faults.append(WrongAnswer(place, f"findings/{at}/n", "finding_number", detail))
        seen.add(finding.n)
    return faults
