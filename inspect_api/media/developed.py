"""What the process that decodes photos answers, and how it is said (`darkroom.py`, `darkroom_child.py`)."""

from typing import Literal

import msgspec

from sync.photo import ExifClaims, ThumbnailFailure

State = Literal["ready"] | ThumbnailFailure

READY = b"r"
"""Said once, when the child has started."""
LENGTH_BYTES = 4
"""Of the answer that follows: a Developed in MessagePack."""
REQUEST_BYTES = 256
"""More than a request needs: the sizes as JSON, with the open file beside it (SCM_RIGHTS)."""
EXHAUSTED = 3
"""The exit status of a child whose memory did not suffice."""


class Developed(msgspec.Struct, frozen=True):
    """What a look at a photo gives: its EXIF, and upright WebP copies by their size, or why there are none.

    With the copies comes the picture's outline (`outline.py`), where it has one.

    `unsupported` is a PDF or no picture; `too_large` was told by its header or by running out of memory;
    `damaged` is what a decoder cannot read to its end; `timeout` and `crashed` are how the child ended.
    The original is kept all the same.
    """

    state: State
    exif: ExifClaims = ExifClaims()
    copies: dict[int, bytes] = {}
    outline: int | None = None
