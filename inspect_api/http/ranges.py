"""Parts and copies of what is served (RFC 9110, 13 and 14): ranges, and entity tags of those who have it."""

import re
from typing import NamedTuple

from inspect_api.errors import Code, Refusal

_SPEC = re.compile(r"bytes=[ \t]*(\d{0,18})-(\d{0,18})[ \t]*", re.IGNORECASE)
_TAG = re.compile(r'(?:W/)?("[^"]*")')


class Part(NamedTuple):
    """Bytes `start` to `stop`, without it, of a whole of `size`."""

    start: int
    stop: int
    size: int

    @property
    def content_range(self) -> str:
        return f"bytes {self.start}-{self.stop - 1}/{self.size}"


class RangeNotSatisfiable(Refusal):
    """None of the bytes that are asked for exist; there are `size`."""

    def __init__(self, size: int) -> None:
        super().__init__(Code.RANGE_NOT_SATISFIABLE, f"There are {size} bytes")
        self.content_range = f"bytes */{size}"


def part_of(size: int, tag: str, asked: str, if_range: str | None) -> Part | None:
    """The part that a Range header asks for; None where the whole is the answer.

    The whole is sent for several ranges at once, for other units, for what is no range, and where If-Range
    names another copy (a date does: nothing here has one). Raises RangeNotSatisfiable.
    """
    spec = _SPEC.fullmatch(asked)
    if spec is None or (if_range is not None and if_range.strip() != tag):
        return None
    first, last = spec.groups()
    if not first and not last:
        return None
    if not first:
        start, stop = max(0, size - int(last)), size
    else:
        start, stop = int(first), min(size, int(last) + 1) if last else size
        if last and int(last) < start:
            return None
    if start >= size:
        raise RangeNotSatisfiable(size)
    return Part(start, stop, size)


def has_copy(if_none_match: str, tag: str) -> bool:
    """Whether If-None-Match names this tag, compared weakly (RFC 9110, 13.1.2)."""
    return if_none_match.strip() == "*" or tag in _TAG.findall(if_none_match)
