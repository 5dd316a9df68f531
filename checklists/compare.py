"""What changed for an inspector between two versions of a list."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Literal, NamedTuple

import msgspec
from msgspec import Struct

from checklists.document import Plain
from checklists.model import Checklist, Item, Section

Kind = Literal[
    "added",
    "removed",
    "moved",
    "reworded",
    "regraded",
    "condition_changed",
    "answer_changed",
    "requires_changed",
    "deadline_changed",
    "basis_changed",
    "scoring_changed",
    "dates_changed",
]


class Change(Struct, frozen=True, kw_only=True):
    """One difference. Without `item` it is of the section, without `section` of the whole list.

    `field` is the dotted name in the file, "" where a whole item came, went (its Chinese text is then `after`
    or `before`) or moved (the codes of the sections).
    """

    kind: Kind
    section: str | None
    item: str | None
    field: str
    before: Plain
    after: Plain


LIST_FIELDS: Mapping[str, Kind] = MappingProxyType(
    {
        "title": "reworded",
        "note": "reworded",
        "industry": "basis_changed",
        "sources": "basis_changed",
        "scoring": "scoring_changed",
        "effective_from": "dates_changed",
        "effective_to": "dates_changed",
    }
)
SECTION_FIELDS: Mapping[str, Kind] = MappingProxyType(
    {"title": "reworded", "guide": "reworded", "optional": "requires_changed"}
)
ITEM_FIELDS: Mapping[str, Kind] = MappingProxyType(
    {
        "text": "reworded",
        "hint": "reworded",
        "on_fail.title": "reworded",
        "on_fail.category": "reworded",
        "on_fail.measure": "reworded",
        "on_fail.grade": "regraded",
        "on_fail.criterion": "regraded",
        "on_fail.earlier_criteria": "regraded",
        "on_fail.due_rule": "deadline_changed",
        "applies_when": "condition_changed",
        "answer": "answer_changed",
        "limbs": "answer_changed",
        "requires": "requires_changed",
        "basis": "basis_changed",
        "to_be_keyed": "basis_changed",
    }
)
"""Every field of an item but its code, and what its change is called."""


def diff(old: Checklist, new: Checklist) -> list[Change]:
    """Every difference but code and version: of the list, then section by section in the order of the new
    list, then what was removed. Items are the same by their code, wherever they stand."""
    changes = list(_fields(old, new, LIST_FIELDS, None, None))
    sections = {section.code: section for section in old.sections}
    before = _placed(old)
    after = _placed(new)
    for section in new.sections:
        if section.code in sections:
            changes += _fields(sections[section.code], section, SECTION_FIELDS, section.code, None)
        for item in section.items:
            changes += _of_item(before.get(item.code), _Placed(section, item))
    for code, placed in before.items():
        if code not in after:
            changes.append(_change("removed", placed, "", placed.item.text.zh, None))
    return changes


class _Placed(NamedTuple):
    section: Section
    item: Item


def _placed(checklist: Checklist) -> dict[str, _Placed]:
    return {item.code: _Placed(section, item) for section in checklist.sections for item in section.items}


def _of_item(before: _Placed | None, after: _Placed) -> Iterator[Change]:
    if before is None:
        yield _change("added", after, "", None, after.item.text.zh)
        return
    if before.section.code != after.section.code:
        yield _change("moved", after, "", before.section.code, after.section.code)
    yield from _fields(before.item, after.item, ITEM_FIELDS, after.section.code, after.item.code)


def _change(kind: Kind, placed: _Placed, field: str, before: Plain, after: Plain) -> Change:
    return Change(
        kind=kind,
        section=placed.section.code,
        item=placed.item.code,
        field=field,
        before=before,
        after=after,
    )


def _fields(
    old: Struct, new: Struct, kinds: Mapping[str, Kind], section: str | None, item: str | None
) -> Iterator[Change]:
    if old == new:
        return
    was, now = msgspec.to_builtins(old), msgspec.to_builtins(new)
    for field, kind in kinds.items():
        before, after = _value(was, field), _value(now, field)
        if before != after:
            yield Change(kind=kind, section=section, item=item, field=field, before=before, after=after)


def _value(data: Plain, field: str) -> Plain:
    for name in field.split("."):
        data = data.get(name) if isinstance(data, dict) else None
    return data
