"""What photos are and how they look small: made with Pillow, then broken by hand."""

import io

import pytest
from PIL import Image
from PIL.ExifTags import Base

from inspect_api.media.exif import ExifClaims
from inspect_api.media.formats import SNIFF_BYTES, sniff
from inspect_api.media.images import develop
from tests.live import ROOT
from tests.media.hostile import jpeg_header, png_header
from tests.media.pictures import BLUE, GREEN, RED, TURPAN, WHITE, claims_of, exif, picture, saved

HEIC = ROOT / "tests" / "data" / "phone.heic"
BURST = HEIC.with_name("burst.heic")
UPRIGHT = ["red", "green", "blue", "white"]


def opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


def thumbnail(content: bytes, size=320) -> Image.Image:
    return opened(develop(io.BytesIO(content), [size]).copies[size])


def corners(image: Image.Image) -> list[str]:
    """The colours top left, top right, bottom left, bottom right."""
    names = {RED: "red", GREEN: "green", BLUE: "blue", WHITE: "white"}
    w, h = image.size

    def nearest(x, y):
        seen = image.convert("RGB").getpixel((x, y))
        return names[min(names, key=lambda c: sum((a - b) ** 2 for a, b in zip(c, seen, strict=True)))]

    return [nearest(x, y) for y in (h // 4, 3 * h // 4) for x in (w // 4, 3 * w // 4)]


class TestSniff:
    @pytest.mark.parametrize(
        ("kind", "expected"),
        [("JPEG", "image/jpeg"), ("PNG", "image/png"), ("WEBP", "image/webp"), ("AVIF", "image/avif")],
    )
    def test_pictures(self, kind, expected):
        assert sniff(saved(picture((32, 32)), kind)[:SNIFF_BYTES]) == expected

    @pytest.mark.parametrize(
        ("head", "expected"),
        [
            (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "image/heic"),
            (b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic", "image/heic"),
            (b"\0\0\0\x18ftypmif1\0\0\0\0mif1avif", "image/avif"),
            (b"\0\0\0\x14ftypmif1\0\0\0\0mif1avif", "image/heic"),  # avif stands behind the box
            (b"%PDF-1.7\n", "application/pdf"),
            (b"\0\0\0\x18ftypisom\0\0\0\0isommp41", None),
            (b"GIF89a\x01\0\x01\0", None),
            (b"<svg xmlns='http://www.w3.org/2000/svg'>", None),
            (b"<!DOCTYPE html><script>", None),
            (b"MZ\x90\0", None),
            (b"PK\x03\x04", None),
            (b"II*\0", None),
            (b"BM\0\0\0\0", None),
            (b"RIFF\0\0\0\0WAVE", None),
            (b"\n%PDF-1.7", None),
            (b"\xff\xd8", None),
            (b"\0\0\0\x18ftyp", None),
            (b"", None),
        ],
    )
    def test_heads(self, head, expected):
        assert sniff(head) == expected


class TestThumbnail:
    @pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF"])
    def test_fits_and_looks_the_same(self, kind):
        content = saved(picture((2000, 1250)), kind)
        for size, copy in develop(io.BytesIO(content), [320, 1280]).copies.items():
            assert opened(copy).format == "WEBP"
            assert opened(copy).size == (size, size * 5 // 8)
            assert corners(opened(copy)) == UPRIGHT

    def test_never_larger_than_the_photo(self):
        assert thumbnail(saved(picture((100, 60)), "JPEG")).size == (100, 60)

    @pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
    @pytest.mark.parametrize("orientation", range(1, 9))
    def test_upright_whatever_way_the_phone_was_held(self, orientation, kind):
        # What the sensor stored, so that the orientation makes it upright again (CIPA DC-008, table 6).
        turned = {
            2: Image.Transpose.FLIP_LEFT_RIGHT,
            3: Image.Transpose.ROTATE_180,
            4: Image.Transpose.FLIP_TOP_BOTTOM,
            5: Image.Transpose.TRANSPOSE,
            6: Image.Transpose.ROTATE_90,
            7: Image.Transpose.TRANSVERSE,
            8: Image.Transpose.ROTATE_270,
        }
        stored = picture((640, 400))
        if orientation in turned:
            stored = stored.transpose(turned[orientation])
        content = saved(stored, kind, exif=exif({Base.Orientation: orientation}))
        small = thumbnail(content)
        assert corners(small) == UPRIGHT
        assert small.size == (320, 200)

    def test_a_phone_that_turns_its_heic_is_not_turned_twice(self):
        """Stored sideways, with a box that turns it (irot) and EXIF that says the same, as iPhones do."""
        content = HEIC.read_bytes()
        developed = develop(io.BytesIO(content), [320])
        assert corners(opened(developed.copies[320])) == UPRIGHT
        assert developed.exif.make == "Apple"
        assert developed.exif.lat == pytest.approx(42.86)
        assert why_not(content[: len(content) // 2]) == "damaged"

    @pytest.mark.parametrize("orientation", [0, 9])
    def test_an_impossible_orientation_is_none(self, orientation):
        small = thumbnail(saved(picture(), "JPEG", exif=exif({Base.Orientation: orientation})))
        assert corners(small) == UPRIGHT

    @pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF"])
    def test_says_nothing_of_where_and_when(self, kind):
        content = saved(
            picture(),
            kind,
            exif=exif({Base.Make: "Apple"}, {Base.DateTimeOriginal: "2026:11:21 10:11:12"}, TURPAN),
            icc_profile=b"profile of one camera",
            **({} if kind == "PNG" else {"xmp": b"<x:xmpmeta>secret</x:xmpmeta>"}),
        )
        made = develop(io.BytesIO(content), [320]).copies[320]
        assert claims_of(content).make == "Apple"
        assert claims_of(made) == ExifClaims()
        assert set(opened(made).info) <= {"loop", "background", "timestamp", "duration"}
        for secret in (b"Apple", b"secret", b"camera"):
            assert secret not in made

    @pytest.mark.parametrize("mode", ["L", "LA", "RGBA", "P", "1", "CMYK", "I;16"])
    def test_modes(self, mode):
        if mode == "I;16":
            grey = Image.new("I;16", (640, 400), 40_000)
            seen = thumbnail(saved(grey, "PNG")).convert("L").getpixel((10, 10))
            assert seen == pytest.approx(156, abs=4)
            return
        kind = "JPEG" if mode == "CMYK" else "PNG"
        small = thumbnail(saved(picture(mode=mode), kind))
        if mode in ("RGBA", "P", "CMYK"):
            assert corners(small) == UPRIGHT
        assert small.size == (320, 200)

    def test_a_photo_with_a_second_picture_inside(self):
        content = saved(picture(), "MPO", save_all=True, append_images=[Image.new("RGB", (640, 400), BLUE)])
        assert corners(thumbnail(content)) == UPRIGHT

    def test_cut_off_at_each_tenth_it_is_damaged(self):
        noise = Image.effect_noise((400, 300), 80).convert("RGB")
        for whole in (*(saved(noise, kind) for kind in ("JPEG", "PNG", "WEBP", "AVIF")), HEIC.read_bytes()):
            for tenth in range(1, 10):
                assert why_not(whole[: len(whole) * tenth // 10]) == "damaged"

    def test_what_stands_behind_the_picture_is_nothing_to_it(self):
        """As phones append a film or a depth map, and others a page that a browser would run."""
        for kind in ("JPEG", "PNG", "WEBP"):
            small = thumbnail(saved(picture(), kind) + b"<script>alert(1)</script>" + bytes(100_000))
            assert corners(small) == UPRIGHT

    def test_of_many_pictures_the_first(self):
        for kind in ("WEBP", "PNG", "AVIF"):
            later = [Image.new("RGB", (640, 400), BLUE)] * 2
            content = saved(picture(), kind, save_all=True, append_images=later, duration=100)
            assert corners(thumbnail(content)) == UPRIGHT
            assert not getattr(thumbnail(content), "is_animated", False)
        assert corners(thumbnail(BURST.read_bytes())) == UPRIGHT

    def test_exif_that_stands_behind_the_pixels(self):
        content = saved(picture(), "PNG", exif=exif({Base.Make: "Apple", Base.Orientation: 3}))
        at = content.index(b"eXIf") - 4
        length = 12 + int.from_bytes(content[at : at + 4])
        moved = content[:at] + content[at + length : -12] + content[at : at + length] + content[-12:]
        developed = develop(io.BytesIO(moved), [320])
        assert (developed.exif.make, developed.exif.orientation) == ("Apple", 3)
        assert corners(opened(developed.copies[320])) == UPRIGHT[::-1]

    def test_transparent_stays_transparent(self):
        clear = Image.new("P", (640, 400), 1)
        clear.putpalette([0, 0, 0, 200, 30, 30])
        for content in (
            saved(clear, "PNG", transparency=1),
            saved(clear, "PNG", transparency=b"\x80\x00"),
            saved(Image.new("RGB", (640, 400), RED), "PNG", transparency=RED),
            saved(Image.new("LA", (640, 400), (90, 0)), "PNG"),
        ):
            small = thumbnail(content)
            assert (small.mode, small.getpixel((100, 100))[3]) == ("RGBA", 0)

    def test_smallest_narrowest_and_none_at_all(self):
        for size, small in (((1, 1), (1, 1)), ((10_000, 1), (320, 1)), ((3, 60_000), (1, 320))):
            assert thumbnail(saved(Image.new("RGB", size, RED), "PNG")).size == small
        assert thumbnail(saved(Image.new("RGB", (1, 1)), "JPEG")).size == (1, 1)
        for content in (png_header(0, 8), png_header(8, 0), jpeg_header(0, 8), jpeg_header(8, 0)):
            assert why_not(content) == "damaged"

    def test_large_pictures_are_made_small_in_bands(self):
        """As wide as a band is high, and neither a multiple of the other; every mode comes out upright."""
        for mode in ("RGB", "RGBA", "P"):
            assert (
                corners(thumbnail(saved(picture((2_503, 1_999), mode), "PNG", compress_level=0))) == UPRIGHT
            )
        deep = picture((2_503, 1_999), "L").convert("I;16").point(lambda grey: grey * 256)
        seen = thumbnail(saved(deep, "PNG", compress_level=0)).convert("L")
        assert seen.getpixel((80, 50)) == pytest.approx(81, abs=4)

    def test_a_bare_head_is_damaged(self):
        assert why_not(b"\xff\xd8\xff\xe0") == "damaged"
        assert why_not(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic") == "damaged"

    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"%PDF-1.7",
            b"<svg/>",
            saved(Image.new("L", (9, 9)), "GIF"),
        ],
        ids=["nothing", "pdf", "svg", "gif"],
    )
    def test_what_cannot_be_shown_is_unsupported(self, content):
        assert why_not(content) == "unsupported"

    def test_a_bomb_is_refused_by_its_header(self):
        """The picture behind each header is missing: had anything been decoded, it would be `damaged`."""
        assert why_not(png_header(13_000, 13_000)) == "too_large"
        assert why_not(png_header(2**31 - 1, 2**31 - 1)) == "too_large"
        assert why_not(jpeg_header(65_500, 65_500)) == "too_large"
        assert why_not(jpeg_header(16_320, 12_240, progressive=True)) == "too_large"
        assert why_not(png_header(7_000, 7_000)) == "damaged"
        assert why_not(jpeg_header(16_320, 12_240)) == "damaged"

    def test_a_genuine_photo_of_108_megapixels_has_a_thumbnail(self):
        content = saved(Image.new("L", (12_000, 9_000), 90), "JPEG", exif=exif({Base.Make: "Samsung"}))
        assert claims_of(content).make == "Samsung"
        small = thumbnail(content)
        assert small.size == (320, 240)


def why_not(content: bytes) -> str:
    developed = develop(io.BytesIO(content), [320, 1280])
    assert developed.copies == {}
    return developed.state
