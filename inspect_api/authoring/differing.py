"""What changed between two versions of a checklist, in lines that an inspector reads."""

import json
from collections.abc import Iterator
from types import MappingProxyType

from checklists.compare import Change, Kind, diff
from checklists.document import Plain
from checklists.model import Checklist

KIND_NAMES: MappingProxyType[Kind, tuple[str, str]] = MappingProxyType(
    {
        "added": ("新增", "added"),
        "removed": ("删除", "removed"),
        "moved": ("移动", "moved"),
        "reworded": ("改文字", "reworded"),
        "regraded": ("改等级", "regraded"),
        "condition_changed": ("改适用条件", "applies otherwise"),
        "answer_changed": ("改答案", "answered otherwise"),
        "requires_changed": ("改取证要求", "requires otherwise"),
        "deadline_changed": ("改期限", "due otherwise"),
        "basis_changed": ("改依据", "rests on otherwise"),
        "scoring_changed": ("改评分", "scored otherwise"),
        "dates_changed": ("改日期", "dated otherwise"),
    }
)


def told(old: Checklist, new: Checklist) -> list[str]:
    """A headline, a line for each change with what was and what is, and how many items that concerns."""
    changes = diff(old, new)
    lines = [f"{old.code}@{old.version} → {new.code}@{new.version}  {new.title.zh}"]
    for change in changes:
        lines += _lines(change)
    items = {change.item for change in changes if change.item is not None}
    lines.append(
        f"变更{len(changes)}处，涉及{len(items)}个条目 {len(changes)} changes, of {len(items)} items"
    )
    return lines


def _lines(change: Change) -> Iterator[str]:
    chinese, english = KIND_NAMES[change.kind]
    where = " ".join(part for part in (change.section, change.item) if part) or "清单"
    head = f"{chinese} {english}  {where}"
    if change.kind == "added":
        yield f"{head}  {change.after}"
    elif change.kind == "removed":
        yield f"{head}  {change.before}"
    else:
        for field, before, after in _leaves(change.field, change.before, change.after):
            yield f"{head}  {field + ': ' if field else ''}{_short(before)} → {_short(after)}"


def _leaves(field: str, before: Plain, after: Plain) -> Iterator[tuple[str, Plain, Plain]]:
    """Of two mappings only what differs."""
    if isinstance(before, dict) and isinstance(after, dict):
        for name in dict.fromkeys((*before, *after)):
            if before.get(name) != after.get(name):
                yield from _leaves(f"{field}.{name}", before.get(name), after.get(name))
    else:
        yield field, before, after


def _short(value: Plain) -> str:
    if value is None:
        return "无 none"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
