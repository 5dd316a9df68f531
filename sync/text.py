"""What text may hold: no NUL, no control characters, no unpaired surrogates.

SQLite would keep a NUL that PostgreSQL refuses, and control characters forge log lines and
spreadsheets; tab, line feed and carriage return are ordinary. Bidirectional overrides can make a
name read as another one, so names refuse them too.
"""

import re
from collections.abc import Iterator
from typing import Annotated

import msgspec

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_ESCAPED_OR_RAW = re.compile(rb"\\u00[0-9]|\\[bf]|\x7f|\xc2[\x80-\x9f]|\\u[dD][89a-fA-F]")
_SUSPECT = (b"\\", b"\x7f", b"\xc2")

_SAYING = (
    r"[^\s\u00ad\u115f\u1160\u180e\u200b-\u200f\u202a-\u202e"
    r"\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0]"
)
_says = re.compile(_SAYING)

Text = Annotated[str, msgspec.Meta(max_length=4000)]
Said = Annotated[str, msgspec.Meta(max_length=4000, min_length=1, pattern=_SAYING)]
"""Text that says something: at least one character that can be seen."""
Line = Annotated[str, msgspec.Meta(max_length=200, min_length=1)]
Name = Annotated[
    str,
    msgspec.Meta(
        max_length=120,
        min_length=1,
        pattern="^[^\u202a-\u202e\u2066-\u2069\u200b-\u200f\u2028\u2029\ufeff]*$",
    ),
]


def may_hold_bad_text(raw: bytes, *, json: bool) -> bool:
    """Cheap test on the bytes as sent: False means that no text in them can be bad."""
    if not json:
        return True
    # most texts hold none of the bytes that the expression begins with, and looking for a byte costs nothing
    return any(byte in raw for byte in _SUSPECT) and _ESCAPED_OR_RAW.search(raw) is not None


def bad_text(value: object) -> str | None:
    """JSON pointer of the first text (or key) in a decoded value that may not be kept, or None."""
    return next(_search(value, ""), None)


def is_bad(text: str) -> bool:
    """Whether a single text may not be kept."""
    return _CONTROL.search(text) is not None


def says_something(text: str | None) -> bool:
    """Whether there is a character that can be seen: a reason of spaces is none."""
    return text is not None and _says.search(text) is not None


def _search(value: object, pointer: str) -> Iterator[str]:
    if isinstance(value, str):
        if _CONTROL.search(value):
            yield pointer
    elif isinstance(value, dict):
        for key, item in value.items():
            if isinstance(key, str) and _CONTROL.search(key):
                yield pointer
            yield from _search(item, f"{pointer}/{escape(str(key))}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _search(item, f"{pointer}/{index}")


def escape(token: str) -> str:
    """One reference token of a JSON pointer (RFC 6901)."""
    return token.replace("~", "~0").replace("/", "~1")


def pointer_of(message: str) -> str:
    """The JSON pointer in a message of msgspec ("… - at `$.ops[3].body`")."""
    _, found, path = message.partition(" - at `$")
    if not found:
        return ""
    return re.sub(r"\[(\d+|\.\.\.)\]", r"/\1", path.rstrip("`")).replace(".", "/").replace("///", "/")
