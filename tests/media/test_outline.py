"""A picture is known again after it was encoded, scaled or stamped anew, and not taken for another one."""

import io
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from inspect_api.demo.picture import take_picture
from inspect_api.domain.photo_rules import shipped_photo_rules
from inspect_api.media.outline import bits_apart, outline_of
from tests.media.pictures import saved

AT = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
MOST = shipped_photo_rules().of("65").alike_bits
OUTLINES = st.integers(-(2**63), 2**63 - 1)


def shot(name: str) -> Image.Image:
    return Image.open(io.BytesIO(take_picture(name, AT)))


def outline(image: Image.Image) -> int:
    found = outline_of(image)
    assert found is not None
    assert -(2**63) <= found < 2**63
    return found


def test_copies_look_the_same_and_others_do_not() -> None:
    shots = [shot(name) for name in ("罐区", "配电室", "堆场", "井口")]
    outlines = [outline(image) for image in shots]
    for image, own in zip(shots, outlines, strict=True):
        copies = [
            saved(image, "JPEG", quality=40),
            saved(image.resize((240, 180)), "JPEG", quality=70),
            saved(image.resize((800, 600)), "WEBP", quality=60, method=0),
        ]
        assert all(bits_apart(own, outline(Image.open(io.BytesIO(copy)))) <= MOST for copy in copies)
        assert all(bits_apart(own, other) > MOST for other in outlines if other is not own)


def test_a_wall_has_no_outline() -> None:
    for mode in ("RGB", "RGBA", "L", "1", "P"):
        assert outline_of(Image.new(mode, (64, 48))) is None
    assert outline_of(Image.linear_gradient("L")) is None
    assert outline_of(Image.new("RGB", (1, 1))) is None


@given(OUTLINES, OUTLINES)
def test_differences_are_counted_by_bits(one: int, other: int) -> None:
    assert bits_apart(one, other) == bits_apart(other, one) <= 64
    assert bits_apart(one, one) == 0
    assert bits_apart(one, ~one) == 64
    assert bits_apart(one, one ^ 5) == 2
