"""A YAML document as plain data that still knows the line of each of its parts.

Only the JSON part of YAML is taken: no anchors, tags or merge keys, and no `no` that turns into false, so
that what an expert reads is what a phone gets.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import NamedTuple

import yaml

try:
    from yaml import CSafeLoader as FastestLoader
except ImportError:  # a wheel without libyaml
    from yaml import SafeLoader as FastestLoader  # type: ignore[assignment]

Path = tuple[str | int, ...]
Plain = dict[str, "Plain"] | list["Plain"] | str | int | float | bool | None

MAX_DEPTH = 30
MOST_MISTAKES = 100
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")


def holds_control(text: str) -> bool:
    """Whether a text holds NUL, other control characters (but tab and line ends) or half a surrogate pair."""
    return not text.isprintable() and _CONTROL.search(text) is not None


class Mistake(NamedTuple):
    """`line` counts from 1; `item` is the code it happened in, where there is one; `field` a dotted path."""

    file: str
    line: int
    item: str | None
    field: str
    detail: str

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}"
        return ": ".join(part for part in (where, self.item, self.field, self.detail) if part)


class InvalidData(ValueError):
    """Data that must not be published; `mistakes` is never empty."""

    def __init__(self, mistakes: list[Mistake]) -> None:
        super().__init__("\n".join(map(str, mistakes)))
        self.mistakes = mistakes


class _Loader(yaml.SafeLoader):
    """Resolves the words of JSON and nothing else."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012


for tag, pattern, first in (
    ("bool", r"^(?:true|false)$", "tf"),
    ("null", r"^(?:null|~|)$", ["n", "~", ""]),
    ("int", r"^-?(?:0|[1-9][0-9]{0,15})$", "-0123456789"),
    ("float", r"^-?(?:0|[1-9][0-9]{0,15})\.[0-9]{1,15}$", "-0123456789"),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(pattern), first)


_WORD = "tag:yaml.org,2002:str"
_FIRST_OF_NO_WORD = frozenset(_Loader.yaml_implicit_resolvers)


class _FastLoader(FastestLoader):
    """The same on libyaml: ten times faster, but a text nested some thousand deep ends the process."""

    yaml_implicit_resolvers = _Loader.yaml_implicit_resolvers

    def descend_resolver(self, current_node: object, current_index: object) -> None:
        """Nothing is resolved by its path."""

    def ascend_resolver(self) -> None:
        """Nothing is resolved by its path."""

    def resolve(self, kind: type[yaml.Node], value: str | None, implicit: tuple[bool, bool] | bool) -> str:
        """Most scalars are words, which their first character tells."""
        if kind is yaml.ScalarNode and value and value[0] not in _FIRST_OF_NO_WORD:
            return _WORD
        tag: str = super().resolve(kind, value, implicit)  # type: ignore[no-untyped-call]
        return tag


_DEEP_INDENT = re.compile(r"^[ \-?:]{200}", re.MULTILINE)


def _evidently_shallow(text: str) -> bool:
    """Whether even counting each opening bracket as one more level leaves libyaml far from its limit."""
    return text.count("[") + text.count("{") <= 1500 and not _DEEP_INDENT.search(text)


class Document:
    """`data` of the file, and where in it things are. Raises InvalidData when it is not plain data.

    The places take ten times the memory of the data: they are found anew once there is something to tell.
    """

    def __init__(self, text: str, file: str) -> None:
        self.file, self._text = file, text
        self._mistakes: list[Mistake] = []
        self._seen: set[int] = set()
        self._root = root = self._compose(text)
        self.data = None if root is None else self._plain(root, ())
        if root is None and not self._mistakes:
            self._mistakes.append(Mistake(file, 1, None, "", "the file is empty"))
        if self._mistakes:
            raise InvalidData(self._mistakes)
        self._root, self._seen = None, set()

    def mistake(self, path: Path, detail: str) -> Mistake:
        """A mistake at this place, or at the innermost part of it that is there."""
        self._root = self._root or self._compose(self._text)
        *_, node = self._along(path)
        return self._mistake(node.start_mark.line, path, detail)

    def mistakes(self, complaints: Iterable[tuple[Path, str]]) -> list[Mistake]:
        """Each with its place: the first hundred, since finding a place may walk through all of them."""
        told = [self.mistake(path, detail) for path, detail in islice(complaints, MOST_MISTAKES + 1)]
        return [*told[:MOST_MISTAKES], self._and_more()] if len(told) > MOST_MISTAKES else told

    def _mistake(self, line: int, path: Path, detail: str) -> Mistake:
        item = next(
            (_code(node) for depth, node in enumerate(self._along(path)) if _is_item(path[:depth])), None
        )
        return Mistake(self.file, line + 1, item, ".".join(map(str, path)), detail)

    def _along(self, path: Path) -> Iterator[yaml.Node]:
        node = self._root
        for part in (*path, None):
            if node is None:
                return
            yield node
            node = None if part is None else _child(node, part)

    def _compose(self, text: str) -> yaml.Node | None:
        try:
            return yaml.compose(text, Loader=_FastLoader if _evidently_shallow(text) else _Loader)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            line = 1 if mark is None else mark.line + 1
            self._mistakes.append(Mistake(self.file, line, None, "", error.problem or "not YAML"))
        except (yaml.YAMLError, UnicodeError) as error:
            self._mistakes.append(Mistake(self.file, 1, None, "", f"not YAML: {error}".splitlines()[0]))
        except RecursionError:
            self._mistakes.append(Mistake(self.file, 1, None, "", f"nested deeper than {MAX_DEPTH}"))
        return None

    def _plain(self, node: yaml.Node, path: Path) -> Plain:
        detail = None
        if id(node) in self._seen:
            detail = "anchors and aliases are not used"
        elif len(path) > MAX_DEPTH:
            detail = f"nested deeper than {MAX_DEPTH}"
        elif not isinstance(node, yaml.ScalarNode) and node.tag not in _CONTAINERS:
            detail = f"tags such as {node.tag} are not used"
        if detail is not None:
            self._complain(node, path, detail)
            return None
        self._seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self._plain(part, (*path, place)) for place, part in enumerate(node.value)]
        return self._scalar(node, path)

    def _mapping(self, node: yaml.MappingNode, path: Path) -> dict[str, Plain]:
        plain: dict[str, Plain] = {}
        for key, value in node.value:
            if not _is_word(key):
                self._complain(key, path, "a key is a word")
            elif key.value in plain:
                self._complain(key, (*path, key.value), "this key is there twice")
            else:
                plain[key.value] = self._plain(value, (*path, key.value))
        return plain

    def _scalar(self, node: yaml.Node, path: Path) -> Plain:
        if node.tag == _WORD:
            if holds_control(node.value):
                self._complain(node, path, "control characters are no text")
            return str(node.value)
        match node.tag.removeprefix("tag:yaml.org,2002:"):
            case "bool":
                return bool(node.value == "true")
            case "int":
                return int(node.value)
            case "float":
                return float(node.value)
            case "null":
                return None
        self._complain(node, path, f"tags such as {node.tag} are not used")
        return None

    def _complain(self, node: yaml.Node, path: Path, detail: str) -> None:
        self._mistakes.append(self._mistake(node.start_mark.line, path, detail))
        if len(self._mistakes) == MOST_MISTAKES:
            raise InvalidData([*self._mistakes, self._and_more()])

    def _and_more(self) -> Mistake:
        return Mistake(self.file, 1, None, "", f"only the first {MOST_MISTAKES} mistakes are told")


_CONTAINERS = {"tag:yaml.org,2002:map", "tag:yaml.org,2002:seq"}


def _is_word(key: yaml.Node) -> bool:
    return isinstance(key, yaml.ScalarNode) and key.tag == _WORD and not holds_control(key.value)


def _child(node: yaml.Node, part: str | int) -> yaml.Node | None:
    if isinstance(node, yaml.MappingNode):
        return next((value for key, value in node.value if key.value == part), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        child: yaml.Node = node.value[part]
        return child
    return None


def _is_item(path: Path) -> bool:
    return len(path) >= 2 and path[-2] in {"items", "criteria"} and isinstance(path[-1], int)


def _code(node: yaml.Node) -> str | None:
    """The `code` of an item, the `id` of a criterion."""
    found = _child(node, "code") or _child(node, "id")
    return str(found.value) if isinstance(found, yaml.ScalarNode) else None
