"""Plain data into Structs, strictly; when it does not fit, everything that does not, not only the first."""

from collections.abc import Iterator
from types import UnionType
from typing import TypeVar, Union, get_args, get_origin

import msgspec
from msgspec.structs import fields

from checklists.document import Document, InvalidData, Path, Plain

T = TypeVar("T")
Misfit = tuple[Path, str]


def read(document: Document, wanted: type[T]) -> T:
    """The document as a `wanted`. Raises InvalidData."""
    try:
        return msgspec.convert(document.data, wanted)
    except msgspec.ValidationError:
        raise InvalidData(document.mistakes(misfits(document.data, wanted))) from None


def misfits(data: Plain, wanted: object) -> Iterator[Misfit]:
    """Everything that keeps plain data from being a `wanted`, each with its place."""
    return _misfits(data, wanted, ())


def _misfits(value: Plain, wanted: object, path: Path) -> Iterator[Misfit]:
    try:
        msgspec.convert(value, wanted)
    except msgspec.ValidationError as error:
        inner: list[Misfit] = []
        if isinstance(value, dict):
            struct = _struct(value, wanted)
            if struct is not None:
                inner = list(_in_struct(value, struct, path))
            else:
                path = (*path, *{tag for tag in map(_tag_field, _structs(wanted)) if tag})
        elif isinstance(value, list):
            element = _element(wanted)
            inner = [m for at, part in enumerate(value) for m in _misfits(part, element, (*path, at))]
        yield from inner or [(path, str(error).split(" - at `")[0])]


def _in_struct(value: dict[str, Plain], struct: type[msgspec.Struct], path: Path) -> Iterator[Misfit]:
    known = {field.encode_name: field for field in fields(struct)}
    for key in sorted(value.keys() - known.keys() - {_tag_field(struct)}):
        yield (*path, key), f"unknown key; known are {', '.join(sorted(known))}"
    for name, field in known.items():
        if name in value:
            yield from _misfits(value[name], field.type, (*path, name))
        elif field.required:
            yield (*path, name), "is missing"


def _struct(value: dict[str, Plain], wanted: object) -> type[msgspec.Struct] | None:
    """The Struct that the mapping means to be: the only one, or the one of its tag."""
    structs = _structs(wanted)
    tagged = [one for one in structs if value.get(_tag_field(one) or "") == one.__struct_config__.tag]
    chosen = structs if len(structs) == 1 else tagged
    return chosen[0] if chosen else None


def _structs(wanted: object) -> list[type[msgspec.Struct]]:
    return [one for one in _alternatives(wanted) if isinstance(one, type) and issubclass(one, msgspec.Struct)]


def _tag_field(struct: type[msgspec.Struct]) -> str | None:
    return struct.__struct_config__.tag_field


def _element(wanted: object) -> object:
    """What the elements of a list have to be; anything where no list is wanted."""
    found = [one for one in _alternatives(wanted) if get_origin(one) in {tuple, list}]
    return get_args(found[0])[0] if found else object


def _alternatives(wanted: object) -> tuple[object, ...]:
    return get_args(wanted) if get_origin(wanted) in {Union, UnionType} else (wanted,)
