"""Whether answers fit the checklist that they answer: all that is wrong with them, at once."""

from collections.abc import Sequence
from math import isfinite
from typing import Literal, NamedTuple

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


class Given(NamedTuple):
    """An answer with its value in one of three shapes: a word, a number, the codes chosen."""

    answer: AnswerLike
    value: AnswerValue


def read_answers(checklist: Checklist, answers: Sequence[AnswerLike]) -> dict[str, Given]:
    """The answers by item code. Raises InvalidAnswers."""
    items = {item.code: item for item in checklist.items()}
    given: dict[str, Given] = {}
    faults: list[WrongAnswer] = []
    for index, answer in enumerate(answers):
        item = items.get(answer.item)
        if item is None:
            faults.append(WrongAnswer(index, "item", "unknown_item", "this list has no such item"))
        elif item.code in given:
            faults.append(WrongAnswer(index, "item", "duplicate_answer", "this item is answered twice"))
        else:
            value = _read_value(item, answer.value)
            if isinstance(value, _Refusal):
                faults.append(WrongAnswer(index, "value", value.code, value.detail))
                value = "na"
            elif answer.findings or answer.deduct is not None:
                faults += _check_extras(index, item, answer, value)
            given[item.code] = Given(answer, value)
    if faults:
        raise InvalidAnswers(faults)
    return given


def fails(item: Item, value: AnswerValue) -> bool:
    """Whether a value that fits the item is a hazard. `na` never is."""
    if value == "na":
        return False
    match item.answer:
        case Number(min=low, max=high) if isinstance(value, int | float):
            failing = (low is not None and value < low) or (high is not None and value > high)
        case Choice(options=options):
            failing = any(option.fails for option in options if option.code == value)
        case Multi(options=options) if isinstance(value, tuple):
            failing = any(option.fails for option in options if option.code in value)
        case PassFail() | Deduct():
            failing = value == "fail" or (isinstance(value, tuple) and len(value) > 0)
        case _:
            failing = False
    return failing


class _Refusal(NamedTuple):
    code: AnswerFault
    detail: str


def _read_value(item: Item, value: object) -> AnswerValue | _Refusal:
    read: AnswerValue | _Refusal
    match item.answer:
        case _ if value == "na":
            read = "na"
        case PassFail() if item.limbs:
            # "pass" says of all limbs at once what the empty list says
            read = (
                () if value == "pass" else _codes(value, {limb.code for limb in item.limbs}, "unknown_limb")
            )
        case PassFail() | Deduct():
            read = _word(value, {"pass", "fail"})
        case Number():
            read = _measured(value)
        case Choice(options=options):
            read = _word(value, {option.code for option in options})
        case Multi(options=options):
            read = _codes(value, {option.code for option in options}, "unknown_value")
        case FreeText():
            read = value if isinstance(value, str) else _Refusal("wrong_value_type", "text or na is expected")
    return read


def _measured(value: object) -> float | _Refusal:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return _Refusal("wrong_value_type", "a number or na is expected")
    if isinstance(value, float) and not isfinite(value):
        return _Refusal("unknown_value", "a finite number is expected")
    return value


def _word(value: object, known: set[str]) -> AnswerValue | _Refusal:
    expected = ", ".join([*sorted(known), "na"])
    if not isinstance(value, str):
        return _Refusal("wrong_value_type", f"one of {expected} is expected")
    return value if value in known else _Refusal("unknown_value", f"one of {expected} is expected")


def _codes(value: object, known: set[str], unknown: AnswerFault) -> AnswerValue | _Refusal:
    expected = ", ".join(sorted(known))
    if not isinstance(value, list | tuple) or not all(isinstance(code, str) for code in value):
        return _Refusal("wrong_value_type", f"na or a list of {expected} is expected")
    if not known.issuperset(value):
        return _Refusal(unknown, f"only {expected} are expected")
    if len(set(value)) != len(value):
        return _Refusal("duplicate_value", "a code is named twice")
    return tuple(value)


def _check_extras(index: int, item: Item, answer: AnswerLike, value: AnswerValue) -> list[WrongAnswer]:
    faults = []
    failing = fails(item, value)
    if answer.findings and not failing:
        detail = "only a failing answer has findings"
        faults.append(WrongAnswer(index, "findings", "finding_without_failure", detail))
    faults += _check_numbers(index, answer.findings)
    if answer.deduct is not None:
        if not (isinstance(item.answer, Deduct) and failing):
            detail = "marks are deducted at a failing item that has marks"
            faults.append(WrongAnswer(index, "deduct", "deduct_not_expected", detail))
        elif not (isfinite(answer.deduct) and answer.deduct >= 0):
            faults.append(WrongAnswer(index, "deduct", "deduct_out_of_range", "marks are nought or more"))
    return faults


def _check_numbers(index: int, findings: Sequence[FindingLike]) -> list[WrongAnswer]:
    """Numbers are unique and count from 1; gaps stay, because an amendment may withdraw one of several."""
    faults = []
    seen: set[int] = set()
    for place, finding in enumerate(findings):
        if finding.n < 1 or finding.n in seen:
            detail = "findings are numbered from 1, each number once"
            faults.append(WrongAnswer(index, f"findings/{place}/n", "finding_number", detail))
        seen.add(finding.n)
    return faults
