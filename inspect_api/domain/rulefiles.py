"""Strict reading of the rule files, so that whoever edits one learns of every mistake at once.

The YAML is read as a tree of nodes rather than as plain values, because only nodes know their line and only
nodes still show a key that is written twice. A reading method notes what is wrong, answers a harmless value
and goes on; `Faults.check` raises at the end if anything was noted.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from importlib import resources
from typing import NamedTuple, TypeVar

import yaml

_Word = TypeVar("_Word", bound=str)
_NULL = "tag:yaml.org,2002:null"
_TEXT = "tag:yaml.org,2002:str"
_WHOLE_NUMBER = re.compile(r"[+-]?[0-9]{1,6}")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class RuleFault(NamedTuple):
    """One mistake: the file, its line (from 1), the path of the field and what is wrong with it."""

    file: str
    line: int
    field: str
    detail: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.field}: {self.detail}"


class RuleFileError(ValueError):
    """A file that cannot be used, or several, with all mistakes in the order of files and lines."""

    def __init__(self, faults: Sequence[RuleFault]) -> None:
        self.faults = tuple(sorted(faults, key=lambda fault: (fault.file, fault.line)))
        super().__init__("\n".join(str(fault) for fault in self.faults))


@dataclass(frozen=True, slots=True)
class Faults:
    """The mistakes found so far in one file."""

    file: str
    found: list[RuleFault] = field(default_factory=list)

    def add(self, line: int, path: str, detail: str) -> None:
        self.found.append(RuleFault(self.file, line, path, detail))

    def check(self) -> None:
        """RuleFileError when there are any."""
        if self.found:
            raise RuleFileError(self.found)


class Table:
    """A YAML mapping whose fields are asked for by name; `end` reports those that nobody asked for.

    `faulty` once something in it was wrong: comparing its values with others would only mislead.
    """

    def __init__(
        self, node: yaml.Node | None, line: int, path: str, faults: Faults, parent: "Table | None" = None
    ) -> None:
        self.line = node.start_mark.line + 1 if node else line
        self.faulty = False
        self._path = path
        self._faults = faults
        self._parent = parent
        self._fields: dict[str, yaml.Node] = {}
        self._lines: dict[str, int] = {}
        self._asked: set[str] = set()
        if isinstance(node, yaml.MappingNode):
            self._take(node)
            return
        if node:
            faults.add(self.line, path or "file", "must be a table of fields")
            self._spoil()
        self._faults = Faults(faults.file)  # what is not there has no further mistakes worth telling

    def _spoil(self) -> None:
        self.faulty = True
        if self._parent:
            self._parent._spoil()

    def _take(self, node: yaml.MappingNode) -> None:
        for key, value in node.value:
            name = str(key.value)
            twice = name in self._fields
            self._fields[name] = value
            self._lines[name] = key.start_mark.line + 1
            if twice:
                self.wrong(name, "is given twice")

    def wrong(self, name: str, detail: str) -> None:
        """Note a mistake in the field `name`, or in the whole table when it has no such field."""
        self._spoil()
        self._faults.add(self._lines.get(name, self.line), self._sub(name), detail)

    def has(self, name: str) -> bool:
        return name in self._fields

    def text(self, name: str) -> str:
        """Text that is not blank."""
        node = self._scalar(name)
        if node is None:
            return ""
        if node.tag != _TEXT:
            self.wrong(name, f"must be text; put {node.value!r} in quotes")
        elif not node.value.strip():
            self.wrong(name, "must not be empty")
        return str(node.value)

    def choice(self, name: str, allowed: Sequence[_Word]) -> _Word:
        """One of the allowed words."""
        node = self._scalar(name)
        return allowed[0] if node is None else self._word(name, node, allowed)

    def choices(self, name: str, allowed: Sequence[_Word]) -> tuple[_Word, ...]:
        """A list of allowed words, at least one."""
        return tuple(self._word(name, node, allowed) for node in self._list(name))

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of texts, at least one."""
        return tuple(str(node.value) for node in self._list(name))

    def names(self) -> tuple[str, ...]:
        """The fields that are there, whatever they are called."""
        return tuple(self._fields)

    def number(self, name: str, least: int, most: int) -> int:
        """A whole number within bounds, both included."""
        node = self._scalar(name)
        if node is None:
            return least
        if not _WHOLE_NUMBER.fullmatch(node.value) or not least <= int(node.value) <= most:
            self.wrong(name, f"{node.value!r} is not a whole number from {least} to {most}")
            return least
        return int(node.value)

    def number_or_none(self, name: str, least: int, most: int) -> int | None:
        return None if self._is_null(name) else self.number(name, least, most)

    def day_or_none(self, name: str) -> date | None:
        """A date like 2026-10-01, or null."""
        node = None if self._is_null(name) else self._scalar(name)
        if node is None:
            return None
        try:
            if _DAY.fullmatch(node.value):
                return date.fromisoformat(node.value)
        except ValueError:
            pass
        self.wrong(name, f"{node.value!r} is not a date like 2026-10-01")
        return None

    def table(self, name: str) -> "Table":
        return Table(self._field(name), self.line, self._sub(name), self._faults, self)

    def tables(self, name: str) -> list["Table"]:
        """A list of mappings, at least one."""
        return [
            Table(node, self.line, f"{self._sub(name)}[{i}]", self._faults, self)
            for i, node in enumerate(self._list(name))
        ]

    def end(self) -> None:
        """Nothing else may stand in this table."""
        for name in self._fields.keys() - self._asked:
            self.wrong(name, "is not a known field")

    def _sub(self, name: str) -> str:
        return f"{self._path}.{name}" if self._path else name

    def _field(self, name: str) -> yaml.Node | None:
        self._asked.add(name)
        if name not in self._fields:
            self.wrong(name, "is missing")
        return self._fields.get(name)

    def _is_null(self, name: str) -> bool:
        self._asked.add(name)
        return name in self._fields and self._fields[name].tag == _NULL

    def _scalar(self, name: str) -> yaml.ScalarNode | None:
        node = self._field(name)
        if node is None or isinstance(node, yaml.ScalarNode):
            return node
        self.wrong(name, "must be a single value")
        return None

    def _word(self, name: str, node: yaml.Node, allowed: Sequence[_Word]) -> _Word:
        for word in allowed:
            if node.value == word:
                return word
        self.wrong(name, f"{node.value!r} is none of {', '.join(allowed)}")
        return allowed[0]

    def _list(self, name: str) -> list[yaml.Node]:
        node = self._field(name)
        if node is None:
            return []
        if not isinstance(node, yaml.SequenceNode) or not node.value:
            self.wrong(name, "must be a list of at least one")
            return []
        return list(node.value)


def read_table(text: str, faults: Faults) -> Table:
    """The outermost mapping of a YAML text. RuleFileError at once when it is not YAML at all."""
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.context_mark or error.problem_mark
        faults.add(mark.line + 1 if mark else 1, "file", f"is not YAML: {error.problem}")
        raise RuleFileError(faults.found) from error
    except yaml.YAMLError as error:  # a character that YAML does not admit
        faults.add(1, "file", f"is not YAML: {error}")
        raise RuleFileError(faults.found) from error
    if node is None:
        faults.add(1, "file", "is empty")
    return Table(node, 1, "", faults)


def packaged(name: str) -> str:
    """The text of a rule file that ships with the product."""
    return (resources.files("inspect_api.domain") / "rules" / name).read_text("utf-8")
