"""What photos claim of themselves, and the nonsense that some of them claim."""

import pytest
from PIL.ExifTags import GPS, Base
from PIL.TiffImagePlugin import IFDRational

from inspect_api.media.exif import ExifClaims
from inspect_api.media.images import read_exif
from tests.media.pictures import TURPAN, claims_of, exif, picture, saved


def test_a_phone_says_when_where_and_what():
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
def test_other_formats_say_it_too(kind):
    content = saved(picture(), kind, exif=exif({Base.Make: "HUAWEI"}, gps=TURPAN))
    claims = claims_of(content)
    assert (claims.make, claims.lat) == ("HUAWEI", pytest.approx(42.86))


def test_by_path(tmp_path):
    path = tmp_path / "照片.jpg"
    path.write_bytes(saved(picture(), "JPEG", exif=exif({Base.Make: "OPPO"})))
    assert read_exif(path).make == "OPPO"


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
