"""What experts write in a cell, as the format says it."""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from types import MappingProxyType

from checklists.conditions import SITE_FACTS
from checklists.document import Plain
from inspect_api.domain.words import INDUSTRY_NAMES

Cell = str | int | float | bool | date | datetime


class NotUnderstood(ValueError):
    """What stands in a cell is not what its column takes."""


WORDS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "industry": {chinese: code for code, chinese in INDUSTRY_NAMES.items()},
        "answer": {
            "是否": "pass_fail",
            "数值": "number",
            "单选": "choice",
            "多选": "multi",
            "文字": "text",
            "扣分": "deduct",
        },
        "grade": {"一般": "general", "重大": "major"},
        "when": {"不合格时": "failing", "总是": "always"},
    }
)
"""Chinese words of closed lists, by the list."""

_YES = {"是", "yes", "true"}
_OPTION = re.compile(r"(!?)\s*(\S+)\s+(.+?)\s*/\s*(.+)")
_COMPARISON = re.compile(r"(\S+?)(?:\s*(!=|[=<>])\s*|\s+(in)\s+)(.+)")
_NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,15})?")
_ASCII = str.maketrans("＝＞＜！≠，、", "=><!#,,")
_ORDER = {"<": "less", ">": "greater"}


def read_cell(key: str, value: Cell) -> Plain:
    """The value of a cell in the column with this key. Raises NotUnderstood."""
    return _READERS.get(key, text)(value)


def text(value: Cell) -> str:
    """A text; whole numbers are taken for one, but 1.10 would have lost its nought."""
    if isinstance(value, bool | float | date):
        kind = (
            "a date" if isinstance(value, date) else "true or false" if value in (True, False) else "a number"
        )
        raise NotUnderstood(f"{kind} stands here: format the cell as text and write it again")
    return str(value).strip()


def _number(value: Cell) -> int | float:
    if isinstance(value, float):
        value = format(Decimal(repr(value)), "f").removesuffix(".0")
    elif isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    words = value.strip() if isinstance(value, str) else ""
    if not _NUMBER.fullmatch(words):
        raise NotUnderstood("a number is expected, of at most 15 digits before its point and 15 behind")
    return float(words) if "." in words else int(words)


def _day(value: Cell) -> str:
    if isinstance(value, datetime):
        value = value.date()
    try:
        return (value if isinstance(value, date) else date.fromisoformat(text(value))).isoformat()
    except ValueError:
        raise NotUnderstood("a date is expected: year-month-day") from None


def _yes(value: Cell) -> bool:
    if value is True or (isinstance(value, str) and value.strip().lower() in _YES):
        return True
    raise NotUnderstood("是 (yes) or nothing is expected")


def _one_of(name: str) -> Callable[[Cell], str]:
    known = WORDS[name]

    def read(value: Cell) -> str:
        word = text(value)
        if word not in known and word not in known.values():
            raise NotUnderstood(f"one of {'、'.join(known)} ({', '.join(known.values())}) is expected")
        return known.get(word, word)

    return read


def _options(value: Cell) -> list[Plain]:
    options: list[Plain] = []
    for line in text(value).splitlines():
        found = _OPTION.fullmatch(line.strip())
        if found is None:
            raise NotUnderstood(f"“{line.strip()}” is not: code 中文 / English")
        fails, code, zh, en = found.groups()
        option: dict[str, Plain] = {"code": code, "text": {"zh": zh, "en": en}}
        options.append(option | ({"fails": True} if fails else {}))
    return options


def _limbs(value: Cell) -> list[Plain]:
    limbs = _options(value)
    if any(isinstance(limb, dict) and "fails" in limb for limb in limbs):
        raise NotUnderstood("a limb has no leading !")
    return limbs


def _lines(value: Cell) -> list[Plain]:
    return [line.strip() for line in text(value).splitlines() if line.strip()]


def _condition(value: Cell) -> Plain:
    """Every line is a comparison; all of them hold."""
    parts = [_comparison(line.strip()) for line in text(value).splitlines() if line.strip()]
    return parts[0] if len(parts) == 1 else {"op": "all", "of": parts}


def _comparison(line: str) -> Plain:
    found = _COMPARISON.fullmatch(line.translate(_ASCII).replace("#", "!="))
    if found is None:
        raise NotUnderstood(f"“{line}” is not: item or site fact, then = != > < in, then the value")
    name, sign, word_in, rest = found.groups()
    how = sign or word_in
    kind = SITE_FACTS.get(name)
    looked_at = {"item": name} if kind is None else {"site": name}
    if how in _ORDER:
        return {"op": _ORDER[how], **looked_at, "than": _number(rest)}
    values = [_scalar(word.strip(), kind) for word in rest.split(",")]
    if how == "in":
        return {"op": "in", **looked_at, "values": values}
    if len(values) > 1:
        raise NotUnderstood(f"“{line}”: for several values write in")
    equals: Plain = {"op": "equals", **looked_at, "value": values[0]}
    return {"op": "not", "of": equals} if how == "!=" else equals


def _scalar(word: str, kind: str | None) -> Plain:
    if kind == "number":
        return _number(word)
    if kind == "bool":
        if word.lower() not in {*_YES, "否", "no", "false"}:
            raise NotUnderstood(f"{word} is neither 是 (true) nor 否 (false)")
        return word.lower() in _YES
    return word


_READERS: Mapping[str, Callable[[Cell], Plain]] = MappingProxyType(
    {
        "industry": _one_of("industry"),
        "answer": _one_of("answer"),
        "grade": _one_of("grade"),
        **dict.fromkeys(("photo", "note", "position"), _one_of("when")),
        **dict.fromkeys(("min", "max", "full_marks"), _number),
        **dict.fromkeys(("published", "effective_from"), _day),
        "options": _options,
        "limbs": _limbs,
        "earlier_criteria": _lines,
        "applies_when": _condition,
        "to_be_keyed": _yes,
    }
)
