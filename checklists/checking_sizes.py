"""Codes and texts that whoever evaluates, transports or stores a list can hold: the bounds of the wire."""

import re
from collections.abc import Iterator

from checklists.document import Path
from checklists.model import Checklist, Choice, Item, Multi, OnFail

Complaint = tuple[Path, str]

MAX_ITEMS = 1000
"""As many answers as an inspection may carry."""

_ADDRESS = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
# `#` parts an item from the number of a finding in what a hazard's id is made of
_CODE = re.compile(r"[^\s#@/]+")
_CODE_SIZE, _VERSION_SIZE = 120, 40
_TITLE_SIZE, _CATEGORY_SIZE, _DUE_RULE_SIZE, _LIMBS_SIZE = 300, 200, 80, 4000


def check_sizes(checklist: Checklist) -> Iterator[Complaint]:
    """Everything of a list that is too long, too much, or no code."""
    for field, value, most in (
        ("code", checklist.code, _CODE_SIZE),
        ("version", checklist.version, _VERSION_SIZE),
    ):
        if not _ADDRESS.fullmatch(value) or len(value) > most:
            yield (field,), f"is 1 to {most} of A-Z, a-z, 0-9, dot, dash and underscore"
    if len(checklist.items()) > MAX_ITEMS:
        yield ("sections",), f"a list has at most {MAX_ITEMS} items"
    for at, section in enumerate(checklist.sections):
        yield from _check_code(section.code, ("sections", at, "code"))
        for place, item in enumerate(section.items):
            for inner, detail in _check_item(item):
                yield ("sections", at, "items", place, *inner), detail


def _check_item(item: Item) -> Iterator[Complaint]:
    yield from _check_code(item.code, ("code",))
    for at, limb in enumerate(item.limbs):
        yield from _check_code(limb.code, ("limbs", at, "code"))
    if isinstance(item.answer, Choice | Multi):
        for at, option in enumerate(item.answer.options):
            yield from _check_code(option.code, ("answer", "options", at, "code"))
    if sum(len(limb.text.zh) + 1 for limb in item.limbs) > _LIMBS_SIZE:
        yield ("limbs",), f"their Chinese texts have at most {_LIMBS_SIZE} characters together"
    if item.on_fail is not None:
        yield from _check_on_fail(item.on_fail)


def _check_on_fail(on_fail: OnFail) -> Iterator[Complaint]:
    for field, value, most in (
        ("title", on_fail.title, _TITLE_SIZE),
        ("category", on_fail.category, _CATEGORY_SIZE),
        ("due_rule", on_fail.due_rule or "", _DUE_RULE_SIZE),
        ("criterion", on_fail.criterion or "", _CODE_SIZE),
    ):
        if len(value) > most:
            yield ("on_fail", field), f"has at most {most} characters"


def _check_code(code: str, path: Path) -> Iterator[Complaint]:
    if not _CODE.fullmatch(code) or len(code) > _CODE_SIZE:
        yield path, f"a code has 1 to {_CODE_SIZE} characters, and no space, #, @ or /"
