"""A picture's outline in 64 bits, so that a copy of it is known again after it was encoded or scaled anew.

Each bit says whether a place is brighter than the one to its right, on a grid of 9 x 8 (difference hash). It
tells nothing of what a picture shows: two photos from one tripod look alike, and are shown to a person only.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image

_ACROSS, _DOWN = 9, 8
_ALL = (1 << 64) - 1
_CLEARLY = 2  # of 256 shades: less is the noise of an encoder
_LEAST = 8
"""Bits of each kind that an outline needs; a wall, the sky or a dark room have none that tells them apart."""


def outline_of(image: "Image") -> int | None:
    """As a signed number of 64 bits; None for a picture that is too even to be known again."""
    from PIL.Image import Resampling  # noqa: PLC0415  (those who compare outlines need no decoder)

    grey = image.convert("L").resize((_ACROSS, _DOWN), Resampling.BOX)
    pixels = grey.tobytes()
    bits = 0
    for row in range(_DOWN):
        for at in range(row * _ACROSS, (row + 1) * _ACROSS - 1):
            bits = bits << 1 | (pixels[at] > pixels[at + 1] + _CLEARLY)
    if not _LEAST <= bits.bit_count() <= 64 - _LEAST:
        return None
    return bits - (1 << 64) if bits >> 63 else bits


def bits_apart(one: int, other: int) -> int:
    """In how many of their places two outlines differ: 0 … 64."""
    return ((one ^ other) & _ALL).bit_count()
