"""What photos claim of themselves, and the nonsense that some of them claim."""

import struct

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from PIL.ExifTags import GPS, IFD, Base
from PIL.PngImagePlugin import PngInfo
from PIL.TiffImagePlugin import IFDRational

from inspect_api.media.exif import ExifClaims, claims_in
from tests.media.pictures import TURPAN, claims_of, exif, picture, saved


def test_a_phone_says_when_where_and_what():
    content = saved(
        picture(),
        "JPEG",
        exif=exif(
            {
                Base.Make: "Xiaomi",
                Base.Model: "23127PN0CC",
                Base.Orientation: 6,
                Base.Software: "HyperOS 2.0",
            },
            {
                Base.DateTimeOriginal: "2026:11:21 10:11:12",
                Base.OffsetTimeOriginal: "+08:00",
                Base.SubsecTimeOriginal: "345",
            },
            {
                **TURPAN,
                GPS.GPSAltitudeRef: b"\1",
                GPS.GPSAltitude: IFDRational(1543, 10),
                GPS.GPSDateStamp: "2026:11:21",
                GPS.GPSTimeStamp: (2.0, 11.0, IFDRational(1199, 100)),
            },
        ),
    )
    assert claims_of(content) == ExifClaims(
        taken_at="2026-11-21T10:11:12",
        offset="+08:00",
        subsec="345",
        lat=pytest.approx(42.86),
        lon=pytest.approx(90.2125),
        altitude_m=-154.3,
        gps_at="2026-11-21T02:11:11Z",
        make="Xiaomi",
        model="23127PN0CC",
        software="HyperOS 2.0",
        orientation=6,
    )


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "AVIF"])
def test_other_formats_say_it_too(kind):
    content = saved(picture(), kind, exif=exif({Base.Make: "HUAWEI"}, gps=TURPAN))
    claims = claims_of(content)
    assert (claims.make, claims.lat) == ("HUAWEI", pytest.approx(42.86))


def test_south_and_west_are_negative():
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
        {**TURPAN, GPS.GPSLongitude: (90.0, 0.0, 0.0, 0.0)},
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
        "four parts",
        "no fix",
        "ref NUL",
        "ref 北",
        "no ref",
        "half",
    ],
)
def test_a_position_that_is_none(gps):
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
def test_a_time_that_is_none(taken):
    content = saved(picture(), "JPEG", exif=exif({Base.Make: "vivo"}, {Base.DateTimeOriginal: taken}))
    claims = claims_of(content)
    assert (claims.taken_at, claims.make) == (None, "vivo")


@pytest.mark.parametrize("offset", ["+8", "08:00", "+15:00", "+08:60", "   :  ", "Z"])
def test_an_offset_that_is_none(offset):
    content = saved(picture(), "JPEG", exif=exif(photo={Base.OffsetTimeOriginal: offset}))
    assert claims_of(content).offset is None


@pytest.mark.parametrize("orientation", [0, 9, 65535])
def test_an_orientation_that_is_none(orientation):
    content = saved(picture(), "JPEG", exif=exif({Base.Orientation: orientation}))
    assert claims_of(content).orientation is None


def test_text_is_cut_and_cleaned():
    content = saved(picture(), "JPEG", exif=exif({Base.Make: "A\x1b[31m\nB", Base.Model: "x" * 5000}))
    claims = claims_of(content)
    assert (claims.make, len(claims.model)) == ("A[31mB", 100)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("小米".encode(), "小米"),
        ("小米".encode("gb18030"), "小米"),
        (b"Caf\xe9", "Café"),
        (b"ALN-AL00\0\0\0rest", "ALN-AL00"),
        (b"\0ALN-AL00", None),
        (b"\x85\x9b\xff", "ÿ"),
        (b"  \t\r\n ", None),
        (b"\xe2\x80\xaeevil\xe2\x80\xa8", "evil"),
        (b"x" * 60_000, "x" * 100),
    ],
)
def test_names_of_devices_are_text_that_every_database_takes(written, read):
    claims = claims_of(saved(picture(), "JPEG", exif=exif({Base.Model: written, Base.Make: "vivo"})))
    assert (claims.model, claims.make) == (read, "vivo")


@pytest.mark.parametrize(
    ("day", "clock", "read"),
    [
        ("2026:11:21", (2.0, 11.0, 12.0), "2026-11-21T02:11:12Z"),
        ("2026-11-21", (0.0, 0.0, 0.0), "2026-11-21T00:00:00Z"),
        ("1999:99:99", (2.0, 11.0, 12.0), None),
        ("2026:11:21", (24.0, 0.0, 0.0), None),
        ("2026:11:21", (IFDRational(0, 0),) * 3, None),
        ("2026:11:21", (2.0, 11.0), None),
        ("", (2.0, 11.0, 12.0), None),
    ],
)
def test_the_time_of_the_satellites(day, clock, read):
    gps = {GPS.GPSDateStamp: day, GPS.GPSTimeStamp: clock}
    assert claims_of(saved(picture(), "JPEG", exif=exif(gps=gps))).gps_at == read


@pytest.mark.parametrize(
    ("reference", "height", "read"),
    [
        (b"\0", 815.25, 815.2),
        (b"\1", 154.3, -154.3),
        (None, 12.0, 12.0),
        (b"\xff\0", 9.0, 9.0),
        (b"\0", IFDRational(1, 0), None),
        (b"\0", 2e9, None),
        (b"\1", 501.0, None),
    ],
)
def test_heights_over_the_sea(reference, height, read):
    gps = {GPS.GPSAltitude: height} | ({GPS.GPSAltitudeRef: reference} if reference else {})
    assert claims_of(saved(picture(), "JPEG", exif=exif(gps=gps))).altitude_m == read


def test_a_maker_note_of_60_kilobytes_is_passed_over():
    photo = {Base.DateTimeOriginal: "2026:11:21 10:11:12", Base.MakerNote: bytes(range(256)) * 235}
    content = saved(picture(), "JPEG", exif=exif({Base.Make: "HUAWEI"}, photo, TURPAN))
    claims = claims_of(content)
    assert (claims.taken_at, claims.lat) == ("2026-11-21T10:11:12", pytest.approx(42.86))
    assert len(msgspec.json.encode(claims)) < 400


def test_a_png_that_says_it_as_text():
    """As ImageMagick writes it, where PNG had no place for EXIF yet."""
    block = b"Exif\0\0" + exif({Base.Make: "HUAWEI"}).tobytes().removeprefix(b"Exif\0\0")
    info = PngInfo()
    info.add_text("Raw profile type exif", f"\nexif\n{len(block)}\n{block.hex()}\n")
    assert claims_of(saved(picture(), "PNG", pnginfo=info)).make == "HUAWEI"


def test_a_block_by_itself_with_its_mark_and_without():
    block = exif({Base.Make: "OPPO"}, gps=TURPAN).tobytes().removeprefix(b"Exif\0\0")
    assert claims_in(block) == claims_in(b"Exif\0\0" + block)
    assert claims_in(block).lat == pytest.approx(42.86)


TAGS = [
    *(Base.Make, Base.Model, Base.Software, Base.Orientation, Base.DateTimeOriginal, Base.OffsetTimeOriginal),
    *(Base.SubsecTimeOriginal, IFD.Exif, IFD.GPSInfo, *range(32)),
]
ENTRY = st.tuples(
    st.sampled_from(TAGS),
    st.integers(0, 14),
    st.sampled_from([0, 1, 2, 3, 20, 2**32 - 1]),
    st.binary(max_size=4),
)  # fmt: skip


def tiff(parts: list[list[tuple[int, int, int, bytes]]], tail: bytes) -> bytes:
    """A block whose main part points at two others (of photo and of GPS), whatever stands in them."""
    at, blocks, starts = 8, [], []
    for number, entries in enumerate(parts):
        pointers = [(IFD.Exif, 4, 1, b""), (IFD.GPSInfo, 4, 1, b"")] if number == 0 else []
        starts.append(at)
        blocks.append([*entries, *pointers])
        at += 2 + 12 * len(blocks[-1]) + 4
    out = b"II*\0" + struct.pack("<I", 8)
    for entries in blocks:
        out += struct.pack("<H", len(entries))
        for tag, kind, count, value in entries:
            where = {IFD.Exif: 1, IFD.GPSInfo: 2}.get(tag)
            content = value.ljust(4, b"\0") if where is None else struct.pack("<I", starts[where])
            out += struct.pack("<HHI", tag, kind, count) + content
        out += bytes(4)
    return out + tail


def test_the_blocks_below_are_ones_that_can_be_read():
    part = [(Base.Make, 2, 4, b"OPPO"), (GPS.GPSLatitudeRef, 2, 2, b"N")]
    assert claims_in(tiff([part, [], []], b"")).make == "OPPO"


@pytest.mark.parametrize(
    ("kind", "degrees", "lat"),
    [
        (5, struct.pack("<6I", 42, 1, 51, 1, 36, 1), 42.86),
        (10, struct.pack("<6i", -42, 1, 51, 1, 36, 1), None),
        (10, struct.pack("<6i", 42, -1, 51, 1, 36, 1), None),
        (5, struct.pack("<6I", 42, 1, 51, 1, 36, 0), None),
        (2, b"42\0 51 36 \0 0 0 0 0 0 0 0 ", None),
        (12, struct.pack("<3d", 42, 51.6, 0), 42.86),
        (12, struct.pack("<3d", 42, float("nan"), 0), None),
    ],
)
def test_degrees_of_other_types(kind, degrees, lat):
    where = len(tiff([[], [], [(1, 0, 0, b"")] * 4], b""))
    gps = [
        (GPS.GPSLatitudeRef, 2, 2, b"N"),
        (GPS.GPSLatitude, kind, 24 if kind == 2 else 3, struct.pack("<I", where)),
        (GPS.GPSLongitudeRef, 2, 2, b"e"),
        (GPS.GPSLongitude, 3, 1, struct.pack("<HH", 90, 0)),
    ]
    claims = claims_in(tiff([[], [], gps], degrees))
    assert (claims.lat, claims.lon) == ((pytest.approx(lat), 90.0) if lat else (None, None))


@pytest.mark.filterwarnings("ignore::UserWarning")
@given(st.lists(st.lists(ENTRY, max_size=6), min_size=3, max_size=3), st.binary(max_size=80))
@example([[], [], []], b"")
def test_whatever_stands_in_a_block_can_be_kept(parts, tail):
    claims = claims_in(tiff(parts, tail))
    kept = msgspec.json.encode(claims)
    assert msgspec.json.decode(kept, type=ExifClaims) == claims
    assert b"\\u00" not in kept
    assert len(kept) < 4000


@pytest.mark.filterwarnings("ignore::UserWarning")
@given(st.binary(max_size=300))
def test_any_bytes_are_a_block(content):
    assert isinstance(claims_in(content), ExifClaims)
    jpeg = b"\xff\xd8\xff\xe1" + struct.pack(">H", len(content) + 8) + b"Exif\0\0" + content
    assert isinstance(claims_of(jpeg), ExifClaims)


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_no_bytes_at_all_raise():
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
def test_what_is_no_picture_claims_nothing(content):
    assert claims_of(content) == ExifClaims()
