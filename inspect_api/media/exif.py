"""What the EXIF of a photo claims. A claim is never trusted: it stands beside what the operation says.

Everything here is a function of bytes alone, and none of it raises: cameras write nonsense, strangers write
worse, and a photo with a broken tag is still evidence.
"""

import math
import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta

from PIL import Image
from PIL.ExifTags import GPS, IFD, Base
from PIL.TiffImagePlugin import IFDRational

from sync.photo import ExifClaims

__all__ = ["ExifClaims", "claims_in", "claims_of"]

_TAKEN = re.compile(r"([0-9]{4}):([0-9]{2}):([0-9]{2}) ([0-9]{2}):([0-9]{2}):([0-9]{2})")
_GPS_DAY = re.compile(r"([0-9]{4})[:-]([0-9]{2})[:-]([0-9]{2})")
_OFFSET = re.compile(r"[+-](0[0-9]|1[0-4]):[0-5][0-9]")
_DIGITS = re.compile(r"[0-9]{1,9}")
_DEEPEST, _HIGHEST = -500.0, 100_000.0  # metres over the sea; the lowest land lies at -430
_LONGEST = 100


def claims_in(block: bytes) -> ExifClaims:
    """The claims of an EXIF block as it stands in a file, with or without the mark `Exif` before it."""
    try:
        exif = Image.Exif()
        exif.load(block)
        return claims_of(exif)
    except Exception:  # the parser raises nearly anything
        return ExifClaims()


def claims_of(exif: Image.Exif) -> ExifClaims:
    """The claims of a parsed EXIF block (CIPA DC-008), each tag judged for itself."""
    photo, gps = _part(exif, IFD.Exif), _part(exif, IFD.GPSInfo)
    lat = _degrees(gps, GPS.GPSLatitude, GPS.GPSLatitudeRef, "NS", 90)
    lon = _degrees(gps, GPS.GPSLongitude, GPS.GPSLongitudeRef, "EW", 180)
    if lat is None or lon is None or (lat == 0 and lon == 0):  # 0, 0: a phone that had no fix
        lat = lon = None
    orientation = _tag(exif, Base.Orientation)
    return ExifClaims(
        taken_at=_moment(_text(photo.get(Base.DateTimeOriginal))),
        offset=_matching(_OFFSET, _text(photo.get(Base.OffsetTimeOriginal))),
        subsec=_matching(_DIGITS, _text(photo.get(Base.SubsecTimeOriginal))),
        lat=lat,
        lon=lon,
        altitude_m=_metres(gps),
        gps_at=_gps_moment(gps),
        make=_text(_tag(exif, Base.Make)),
        model=_text(_tag(exif, Base.Model)),
        software=_text(_tag(exif, Base.Software)),
        orientation=orientation if isinstance(orientation, int) and 1 <= orientation <= 8 else None,
    )


def _part(exif: Image.Exif, which: IFD) -> Mapping[int, object]:
    try:
        return exif.get_ifd(which)
    except Exception:  # a broken part does not take the other one with it; the parser raises nearly anything
        return {}


def _tag(exif: Image.Exif, which: Base) -> object:
    try:
        return exif.get(which)
    except Exception:  # as above
        return None


def _text(value: object) -> str | None:
    """Printable text of at most 100 characters, or None.

    The standard knows ASCII only, and the parser reads Latin-1; phones write UTF-8, or GB 18030.
    """
    if isinstance(value, str):
        with suppress(UnicodeEncodeError):
            value = value.encode("latin-1")
    if isinstance(value, bytes):
        value = _decoded(value.split(b"\0", 1)[0][: 8 * _LONGEST])
    if not isinstance(value, str):
        return None
    text = "".join(c for c in value.split("\0", 1)[0][: 8 * _LONGEST] if c.isprintable()).strip()
    return text[:_LONGEST].strip() or None


def _decoded(content: bytes) -> str:
    for encoding in ("utf-8", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return content.decode("latin-1")


def _moment(text: str | None) -> str | None:
    found = _TAKEN.fullmatch(text or "")
    if not found:
        return None
    year, month, day, hour, minute, second = found.groups()
    return _bounded(f"{year}-{month}-{day}T{hour}:{minute}:{second}")


def _bounded(moment: str) -> str | None:
    """A moment of the calendar, in the years that the product knows."""
    try:
        return moment if 1970 <= datetime.fromisoformat(moment).year < 2200 else None
    except ValueError:
        return None


def _matching(pattern: re.Pattern[str], text: str | None) -> str | None:
    return text if text and pattern.fullmatch(text) else None


def _degrees(gps: Mapping[int, object], tag: int, ref_tag: int, signs: str, limit: int) -> float | None:
    sign = (_text(gps.get(ref_tag)) or "").upper()
    parts = _numbers(gps.get(tag))
    if parts is None or len(sign) != 1 or sign not in signs:
        return None
    degrees = math.fsum(part / 60**n for n, part in enumerate(parts))
    if min(parts) < 0 or not degrees <= limit:
        return None
    return degrees if sign == signs[0] else -degrees


def _metres(gps: Mapping[int, object]) -> float | None:
    """Metres over the sea; the byte of its reference is 1 below it, and many phones leave it out."""
    height = _numbers(gps.get(GPS.GPSAltitude))
    if height is None or len(height) != 1:
        return None
    reference = gps.get(GPS.GPSAltitudeRef)
    below = reference in (1, b"\1", "1", "\1")
    metres = -height[0] if below else height[0]
    return round(metres, 1) if _DEEPEST <= metres <= _HIGHEST else None


def _gps_moment(gps: Mapping[int, object]) -> str | None:
    """Date and time of the satellites, UTC, to the second."""
    day = _GPS_DAY.fullmatch(_text(gps.get(GPS.GPSDateStamp)) or "")
    clock = _numbers(gps.get(GPS.GPSTimeStamp))
    if day is None or clock is None or len(clock) != 3:
        return None
    midnight = _bounded("-".join(day.groups()) + "T00:00:00")
    seconds = math.fsum((clock[0] * 3600, clock[1] * 60, clock[2]))
    if midnight is None or min(clock) < 0 or not seconds < 86_400:
        return None
    return (datetime.fromisoformat(midnight) + timedelta(seconds=int(seconds))).isoformat() + "Z"


def _numbers(value: object) -> tuple[float, ...] | None:
    """One to three finite numbers; None for 0/0 and for what is no number."""
    parts = value if isinstance(value, tuple) else (value,)
    if not 1 <= len(parts) <= 3 or not all(isinstance(part, int | float | IFDRational) for part in parts):
        return None
    try:
        numbers = tuple(float(part) for part in parts)
    except ArithmeticError:
        return None
    return numbers if all(map(math.isfinite, numbers)) else None
