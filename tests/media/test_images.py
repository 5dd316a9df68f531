"""What photos are, what they claim and how they look small: made with Pillow, then broken by hand."""

import io
import struct
import subprocess
import sys
import zlib

import pytest
from PIL import Image, ImageDraw
from PIL.ExifTags import GPS, IFD, Base
from PIL.TiffImagePlugin import IFDRational

from inspect_api.media.exif import ExifClaims
from inspect_api.media.images import SNIFF_BYTES, ThumbnailUnavailable, make_thumbnail, read_exif, sniff

RED, GREEN, BLUE, WHITE = (200, 30, 30), (30, 160, 30), (30, 30, 200), (240, 240, 240)


def picture(size=(640, 400), mode="RGB") -> Image.Image:
    """Upright: red top left, green top right, blue bottom left, white bottom right."""
    image = Image.new("RGB", size, WHITE)
    draw = ImageDraw.Draw(image)
    x, y = size[0] // 2, size[1] // 2
    draw.rectangle((0, 0, x, y), RED)
    draw.rectangle((x, 0, size[0], y), GREEN)
    draw.rectangle((0, y, x, size[1]), BLUE)
    return image.convert(mode)


def saved(image: Image.Image, kind: str, **options) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


def thumbnail(content: bytes, size=320) -> Image.Image:
    return opened(make_thumbnail(io.BytesIO(content), size))


def corners(image: Image.Image) -> list[str]:
    """The colours top left, top right, bottom left, bottom right."""
    names = {RED: "red", GREEN: "green", BLUE: "blue", WHITE: "white"}
    w, h = image.size

    def nearest(x, y):
        seen = image.convert("RGB").getpixel((x, y))
        return names[min(names, key=lambda c: sum((a - b) ** 2 for a, b in zip(c, seen, strict=True)))]

    return [nearest(x, y) for y in (h // 4, 3 * h // 4) for x in (w // 4, 3 * w // 4)]


def exif(main=None, photo=None, gps=None) -> Image.Exif:
    claims = Image.Exif()
    claims.update(main or {})
    if photo:
        claims.get_ifd(IFD.Exif).update(photo)
    if gps:
        claims.get_ifd(IFD.GPSInfo).update(gps)
    return claims


def claims_of(content: bytes) -> ExifClaims:
    return read_exif(io.BytesIO(content))


UPRIGHT = ["red", "green", "blue", "white"]
TURPAN = {
    GPS.GPSLatitudeRef: "N",
    GPS.GPSLatitude: (42.0, 51.0, 36.0),
    GPS.GPSLongitudeRef: "E",
    GPS.GPSLongitude: (90.0, 12.0, 45.0),
}


# Prints by how many KiB the process grows over looking at a picture, apart from loading the decoders.
LOOK_AT = """
import io, re, sys
from pathlib import Path
from PIL import Image
from inspect_api.media.images import ThumbnailUnavailable, make_thumbnail, read_exif
peak = lambda: int(re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1])
Image.init()
before = peak()
read_exif(Path(sys.argv[1]))
try:
    make_thumbnail(open(sys.argv[1], "rb"), 320)
except ThumbnailUnavailable:
    pass
print(peak() - before)
"""


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


class TestExif:
    def test_a_phone_says_when_where_and_what(self):
        content = saved(
            picture(),
            "JPEG",
            exif=exif(
                {Base.Make: "Xiaomi", Base.Model: "23127PN0CC", Base.Orientation: 6},
                {
                    Base.DateTimeOriginal: "2026:11:21 10:11:12",
                    Base.OffsetTimeOriginal: "+08:00",
                    Base.SubsecTimeOriginal: "345",
                },
                TURPAN,
            ),
        )
        assert claims_of(content) == ExifClaims(
            taken_at="2026-11-21T10:11:12",
            offset="+08:00",
            subsec="345",
            lat=pytest.approx(42.86),
            lon=pytest.approx(90.2125),
            make="Xiaomi",
            model="23127PN0CC",
            orientation=6,
        )

    @pytest.mark.parametrize("kind", ["PNG", "WEBP", "AVIF"])
    def test_other_formats_say_it_too(self, kind):
        content = saved(picture(), kind, exif=exif({Base.Make: "HUAWEI"}, gps=TURPAN))
        claims = claims_of(content)
        assert (claims.make, claims.lat) == ("HUAWEI", pytest.approx(42.86))

    def test_by_path(self, tmp_path):
        path = tmp_path / "照片.jpg"
        path.write_bytes(saved(picture(), "JPEG", exif=exif({Base.Make: "OPPO"})))
        assert read_exif(path).make == "OPPO"

    def test_south_and_west_are_negative(self):
        gps = {**TURPAN, GPS.GPSLatitudeRef: "S", GPS.GPSLongitudeRef: "W"}
        claims = claims_of(saved(picture(), "JPEG", exif=exif(gps=gps)))
        assert (claims.lat, claims.lon) == (pytest.approx(-42.86), pytest.approx(-90.2125))

    @pytest.mark.parametrize(
        "gps",
        [
            {GPS.GPSVersionID: b"\2\2\0\0"},
            {**TURPAN, GPS.GPSLatitude: (IFDRational(0, 0),) * 3},
            {**TURPAN, GPS.GPSLatitude: (IFDRational(1, 0), 0.0, 0.0)},
            {**TURPAN, GPS.GPSLatitude: (90.0, 0.0, 1.0)},
            {**TURPAN, GPS.GPSLongitude: (181.0, 0.0, 0.0)},
            {**TURPAN, GPS.GPSLatitude: (0.0,) * 3, GPS.GPSLongitude: (0.0,) * 3},
            {**TURPAN, GPS.GPSLatitudeRef: "\0"},
            {**TURPAN, GPS.GPSLatitudeRef: "北"},
            {tag: value for tag, value in TURPAN.items() if tag != GPS.GPSLatitudeRef},
            {tag: value for tag, value in TURPAN.items() if tag != GPS.GPSLongitude},
        ],
        ids=[
            "empty",
            "0/0",
            "1/0",
            "beyond 90",
            "beyond 180",
            "no fix",
            "ref NUL",
            "ref 北",
            "no ref",
            "half",
        ],
    )
    def test_a_position_that_is_none(self, gps):
        claims = claims_of(saved(picture(), "JPEG", exif=exif({Base.Make: "vivo"}, gps=gps)))
        assert (claims.lat, claims.lon, claims.make) == (None, None, "vivo")

    @pytest.mark.parametrize(
        "taken",
        [
            "1999:99:99 00:00:00",
            "0000:00:00 00:00:00",
            "    :  :     :  :  ",
            "2026:02:30 10:00:00",
            "2026-11-21",
            "2026:11:21 24:00:00",
            "1066:10:14 09:00:00",
            "9999:12:31 23:59:59",
            "现在",
            "",
        ],
    )
    def test_a_time_that_is_none(self, taken):
        content = saved(picture(), "JPEG", exif=exif({Base.Make: "vivo"}, {Base.DateTimeOriginal: taken}))
        claims = claims_of(content)
        assert (claims.taken_at, claims.make) == (None, "vivo")

    @pytest.mark.parametrize("offset", ["+8", "08:00", "+15:00", "+08:60", "   :  ", "Z"])
    def test_an_offset_that_is_none(self, offset):
        content = saved(picture(), "JPEG", exif=exif(photo={Base.OffsetTimeOriginal: offset}))
        assert claims_of(content).offset is None

    @pytest.mark.parametrize("orientation", [0, 9, 65535])
    def test_an_orientation_that_is_none(self, orientation):
        content = saved(picture(), "JPEG", exif=exif({Base.Orientation: orientation}))
        assert claims_of(content).orientation is None

    def test_text_is_cut_and_cleaned(self):
        content = saved(picture(), "JPEG", exif=exif({Base.Make: "A\x1b[31m\nB", Base.Model: "x" * 5000}))
        claims = claims_of(content)
        assert (claims.make, len(claims.model)) == ("A[31mB", 100)

    @pytest.mark.filterwarnings("ignore::UserWarning")
    def test_no_bytes_at_all_raise(self):
        """Every prefix and many single-byte changes of a real EXIF block."""
        content = saved(
            picture((32, 32)),
            "JPEG",
            exif=exif({Base.Make: "HONOR"}, {Base.DateTimeOriginal: "2026:11:21 10:11:12"}, TURPAN),
        )
        for cut in range(0, len(content), 7):
            assert isinstance(claims_of(content[:cut]), ExifClaims)
        for at in range(2, min(len(content), 400)):
            for value in (0x00, 0x7F, 0xFF):
                broken = content[:at] + bytes([value]) + content[at + 1 :]
                assert isinstance(claims_of(broken), ExifClaims)

    @pytest.mark.parametrize("content", [b"", b"%PDF-1.7", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"])
    def test_what_is_no_picture_claims_nothing(self, content):
        assert claims_of(content) == ExifClaims()


class TestThumbnail:
    @pytest.mark.parametrize("size", [320, 1280])
    @pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF"])
    def test_fits_and_looks_the_same(self, kind, size):
        small = thumbnail(saved(picture((2000, 1250)), kind), size)
        assert small.format == "WEBP"
        assert small.size == (size, size * 5 // 8)
        assert corners(small) == UPRIGHT

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
        made = make_thumbnail(io.BytesIO(content), 320)
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

    @pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF"])
    @pytest.mark.parametrize("part", [0.3, 0.6, 0.97])
    def test_truncated_is_damaged(self, kind, part):
        noise = Image.effect_noise((400, 300), 80).convert("RGB")
        content = saved(noise, kind)
        assert why_not(content[: int(len(content) * part)]) == "damaged"

    def test_a_bare_head_is_damaged(self):
        assert why_not(b"\xff\xd8\xff\xe0") == "damaged"

    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"%PDF-1.7",
            b"\0\0\0\x18ftypheic\0\0\0\0mif1heic",
            b"<svg/>",
            saved(Image.new("L", (9, 9)), "GIF"),
        ],
        ids=["nothing", "pdf", "heic", "svg", "gif"],
    )
    def test_what_cannot_be_shown_is_unsupported(self, content):
        assert why_not(content) == "unsupported"

    def test_a_bomb_is_refused_by_its_header(self):
        """The picture behind each header is missing: had anything been decoded, it would be `damaged`."""
        assert why_not(png_header(13_000, 13_000)) == "too_large"
        assert why_not(png_header(2**31 - 1, 2**31 - 1)) == "too_large"
        assert why_not(jpeg_header(65_500, 65_500)) == "too_large"
        assert why_not(jpeg_header(8_000, 8_000, progressive=True)) == "too_large"
        assert why_not(png_header(7_000, 7_000)) == "damaged"
        assert why_not(jpeg_header(16_320, 12_240)) == "damaged"

    @pytest.mark.skipif(sys.platform != "linux", reason="reads the peak memory of a process from /proc")
    def test_a_bomb_takes_no_memory(self, tmp_path):
        bomb = tmp_path / "bomb.png"
        bomb.write_bytes(saved(Image.new("1", (20_000, 20_000)), "PNG", compress_level=1))
        grown = subprocess.run(
            [sys.executable, "-c", LOOK_AT, bomb], check=True, capture_output=True, text=True
        )
        assert int(grown.stdout) < 50 * 1024

    def test_a_genuine_photo_of_108_megapixels_has_a_thumbnail(self):
        content = saved(Image.new("L", (12_000, 9_000), 90), "JPEG", exif=exif({Base.Make: "Samsung"}))
        assert claims_of(content).make == "Samsung"
        small = thumbnail(content)
        assert small.size == (320, 240)


def why_not(content: bytes) -> str:
    with pytest.raises(ThumbnailUnavailable) as unavailable:
        make_thumbnail(io.BytesIO(content), 320)
    return unavailable.value.why


def png_header(width: int, height: int) -> bytes:
    content = bytearray(saved(Image.new("1", (8, 8)), "PNG"))
    content[16:24] = struct.pack(">II", width, height)
    content[29:33] = struct.pack(">I", zlib.crc32(content[12:29]))
    return bytes(content)


def jpeg_header(width: int, height: int, *, progressive: bool = False) -> bytes:
    content = bytearray(saved(Image.new("RGB", (8, 8)), "JPEG", progressive=progressive))
    frame = content.index(b"\xff\xc2" if progressive else b"\xff\xc0")
    content[frame + 5 : frame + 9] = struct.pack(">HH", height, width)
    return bytes(content[:-2])
