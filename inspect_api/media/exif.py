"""What the EXIF of a photo claims. A claim is never trusted: it stands beside what the operation says."""

import math
import re
from collections.abc import Mapping
from datetime import datetime

import msgspec
from PIL import Image
from PIL.ExifTags import GPS, IFD, Base

_TAKEN = re.compile(r"(\d{4}):(\d\d):(\d\d) (\d\d):(\d\d):(\d\d)")
_OFFSET = re.compile(r"[+-](0\d|1[0-4]):[0-5]\d")


class ExifClaims(msgspec.Struct, frozen=True, kw_only=True):
    """Everything is None that the photo does not say in a form that can be understood.

    `taken_at` is the camera's own wall clock, `2026-11-21T10:11:12`, in the zone `offset` (`+08:00`) when it
    says one; `subsec` are the digits after the second. `lat` and `lon` are degrees, WGS-84, north and east
    positive. `orientation` is 1 … 8 as in the EXIF standard.
    """

    taken_at: str | None = None
    offset: str | None = None
    subsec: str | None = None
    lat: float | None = None
    lon: float | None = None
    make: str | None = None
    model: str | None = None
    orientation: int | None = None


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
        subsec=_matching(re.compile(r"[0-9]{1,9}"), _text(photo.get(Base.SubsecTimeOriginal))),
        lat=lat,
        lon=lon,
        make=_text(_tag(exif, Base.Make)),
        model=_text(_tag(exif, Base.Model)),
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
    """Printable text of at most 100 characters, or None."""
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    if not isinstance(value, str):
        return None
    text = "".join(c for c in value.split("\0", 1)[0] if c.isprintable()).strip()
    return text[:100] or None


def _moment(text: str | None) -> str | None:
    found = _TAKEN.fullmatch(text or "")
    if not found:
        return None
    year, month, day, hour, minute, second = found.groups()
    moment = f"{year}-{month}-{day}T{hour}:{minute}:{second}"
    try:
        return moment if 1970 <= datetime.fromisoformat(moment).year < 2200 else None
    except ValueError:
        return None


def _matching(pattern: re.Pattern[str], text: str | None) -> str | None:
    return text if text and pattern.fullmatch(text) else None


def _degrees(gps: Mapping[int, object], tag: int, ref_tag: int, signs: str, limit: int) -> float | None:
    parts, sign = gps.get(tag), _text(gps.get(ref_tag))
    if not isinstance(parts, tuple) or not 1 <= len(parts) <= 3 or not sign or sign not in signs:
        return None
    try:
        degrees = math.fsum(float(part) / float(60**n) for n, part in enumerate(parts))
    except (ArithmeticError, TypeError, ValueError):  # 0/0, or something that is no number
        return None
    if not math.isfinite(degrees) or not 0 <= degrees <= limit:
        return None
    return degrees if sign == signs[0] else -degrees
