"""Query strings: a closed list of parameters for each route, each checked, none forgotten."""

from functools import cache
from urllib.parse import parse_qsl

import msgspec
from msgspec import Struct

from inspect_api.errors import Code, Fault, Refusal
from sync.text import is_bad

MOST_PARAMETERS = 100


def read_query(kind: type[Struct] | None, query_string: bytes) -> Struct | None:
    """Raises MALFORMED_QUERY with a pointer `/query/<name>` for a parameter that is not what it should be."""
    try:
        pairs = parse_qsl(
            query_string.decode("ascii"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=MOST_PARAMETERS,
        )
    except UnicodeDecodeError:
        raise _malformed("", "The query is not %-encoded UTF-8") from None
    except ValueError:
        raise _malformed("", f"More than {MOST_PARAMETERS} parameters") from None
    known = _parameters(kind)
    given: dict[str, object] = {}
    for name, value in pairs:
        if name not in known:
            shown = name if name.isidentifier() and len(name) <= 64 else ""
            raise _malformed(shown, "There is no such parameter here")
        if is_bad(value):
            raise _malformed(name, "Control characters are not accepted")
        if known[name]:
            given.setdefault(name, [])
            values = given[name]
            assert isinstance(values, list)  # noqa: S101 - just set
            values.append(value)
        elif name in given:
            raise _malformed(name, "Given more than once")
        else:
            given[name] = value
    if kind is None:
        return None
    try:
        read = msgspec.convert(given, kind, strict=False)
    except (msgspec.ValidationError, OverflowError) as error:
        what, _, where = str(error).partition(" - at `$.")
        raise _malformed(where.rstrip("`").partition("[")[0], what) from None
    for field in msgspec.structs.fields(kind):
        # msgspec takes "null" for nothing: what was meant to narrow the answer down would widen it
        if field.encode_name in given and getattr(read, field.name) is None:
            raise _malformed(field.encode_name, "null is no value: leave the parameter out")
    return read


def _malformed(name: str, detail: str) -> Refusal:
    pointer = f"/query/{name}" if name else "/query"
    return Refusal(
        Code.MALFORMED_QUERY, f"{name}: {detail}" if name else detail,
        faults=(Fault(pointer, Code.MALFORMED_QUERY.wire, detail),),
    )  # fmt: skip


@cache
def _parameters(kind: type[Struct] | None) -> dict[str, bool]:
    """The parameters of a route, and whether each may be repeated."""
    if kind is None:
        return {}
    return {field.encode_name: _is_list(field.type) for field in msgspec.structs.fields(kind)}


def _is_list(annotation: object) -> bool:
    info = msgspec.inspect.type_info(annotation)
    return isinstance(info, msgspec.inspect.ListType)
