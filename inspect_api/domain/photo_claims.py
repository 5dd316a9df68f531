"""How far the EXIF of a photo is from what the record says that names it.

Belongs to the link of one record and one picture: the same bytes may be named by several records, each with
its own claims. Nothing is decided here and nothing refused; both sides are claims.
"""

from contextlib import suppress
from datetime import datetime, timedelta, timezone
from typing import Literal, NamedTuple

import msgspec

from inspect_api.domain.photo_rules import PhotoRule
from inspect_api.domain.position import distance_m, in_mainland, to_wgs84
from sync.bodies import Datum, Position
from sync.photo import Disagreement, ExifClaims, PhotoFlag

_CHINA = "+08:00"
_CHINA_ZONE = timezone(timedelta(hours=8))
_DAY_S = 86_400
_DATUMS: tuple[Datum, ...] = ("gcj02", "bd09", "wgs84")
Side = Literal["exif", "operation"]


class Claimed(NamedTuple):
    """What a record says of a photo, and of the phone that it came from."""

    taken_at: datetime | None
    position: Position | None
    model: str | None


class Moment(NamedTuple):
    """The camera's clock as a moment, with the zone it was read in."""

    at: datetime
    offset: str
    assumed: bool


def compare(claimed: Claimed, exif: ExifClaims, rule: PhotoRule) -> Disagreement:
    """Metres and seconds between the two, and what would explain them."""
    taken, place = moment_of(exif), place_in(exif)
    metres, datum, side = _apart(claimed.position, place, rule.datum_metres)
    gps_seconds, days = _satellites(claimed.taken_at, exif, rule.seconds)
    return Disagreement(
        metres=metres,
        explained_by=datum,
        explained_in=side,
        seconds=_seconds(claimed.taken_at, taken.at if taken else None),
        offset=taken.offset if taken else None,
        offset_assumed=taken.assumed if taken else False,
        offset_contradicts=_contradicts(exif.offset, place),
        gps_seconds=gps_seconds,
        gps_days_off=days,
        same_model=_same_model(claimed.model, exif),
    )


def is_mismatch(found: Disagreement, rule: PhotoRule) -> bool:
    """Whether a person is to be told: too far, too early or too late, or in a zone that is not there.

    The satellites' time is that of the last fix, which under a roof may be hours old, but not days.
    """
    too_far = found.metres is not None and found.metres > rule.metres
    other_day = found.gps_seconds is not None and not -_DAY_S <= found.gps_seconds <= rule.seconds
    off = found.seconds is not None and abs(found.seconds) > rule.seconds
    return too_far or off or other_day or found.offset_contradicts


def is_older(claimed: Claimed, exif: ExifClaims | None, reported_at: datetime, rule: PhotoRule) -> bool:
    """Whether a photo was taken before its hazard was reported, by the picture or by its record."""
    taken = moment_of(exif) if exif else None
    before = reported_at - timedelta(seconds=rule.older_seconds)
    return any(at is not None and at < before for at in (claimed.taken_at, taken.at if taken else None))


def flags_of(
    purpose: str, found: Disagreement | None, *, older: bool, own_finding: bool, rule: PhotoRule
) -> list[PhotoFlag]:
    """What of a photo is to be shown to whoever verifies."""
    flags: list[PhotoFlag] = []
    if found is not None and is_mismatch(found, rule):
        flags.append("exif_mismatch")
    if own_finding and purpose in ("rectified", "fixed"):
        flags.append("own_finding")
    if older and purpose == "rectified":
        flags.append("older_than_hazard")
    return flags


def moment_of(exif: ExifClaims) -> Moment | None:
    """The camera's clock in the zone that EXIF names, else in the civil time of China."""
    local = _read(exif.taken_at)
    if local is None:
        return None
    if exif.offset is None:
        return Moment(local.replace(tzinfo=_CHINA_ZONE), _CHINA, True)
    hours, minutes = int(exif.offset[1:3]), int(exif.offset[4:6])
    ahead = timedelta(hours=hours, minutes=minutes)
    zone = timezone(-ahead if exif.offset[0] == "-" else ahead)
    return Moment(local.replace(tzinfo=zone), exif.offset, False)


def place_in(exif: ExifClaims) -> tuple[float, float] | None:
    """(latitude, longitude) as the EXIF writes them."""
    return None if exif.lat is None or exif.lon is None else (exif.lat, exif.lon)


def _apart(
    claimed: Position | None, place: tuple[float, float] | None, near: float
) -> tuple[float | None, Datum | None, Side | None]:
    """Metres, and the datum that would bring the two places together, in EXIF or in the record.

    Map kits in China hand out GCJ-02, and some phones write it into EXIF; which of the two sides it is
    cannot always be told, and then EXIF is named.
    """
    if claimed is None or place is None:
        return None, None, None
    metres = distance_m(to_wgs84(claimed), place)
    told = round(metres, 1)
    if metres <= near:
        return told, None, None
    found: list[tuple[float, Datum, Side]] = []
    for datum in _DATUMS:
        if datum != "wgs84":
            there = to_wgs84(Position(lat=place[0], lon=place[1], datum=datum))
            found.append((distance_m(to_wgs84(claimed), there), datum, "exif"))
    for datum in _DATUMS:
        if datum != claimed.datum:
            there = to_wgs84(msgspec.structs.replace(claimed, datum=datum))
            found.append((distance_m(there, place), datum, "operation"))
    least, datum, side = min(found, key=lambda one: round(one[0]))
    return (told, datum, side) if least <= near else (told, None, None)


def _seconds(claimed: datetime | None, at: datetime | None) -> int | None:
    return None if claimed is None or at is None else round((at - claimed).total_seconds())


def _satellites(claimed: datetime | None, exif: ExifClaims, near: int) -> tuple[int | None, int]:
    """Seconds of the satellites' time after `taken_at`, and the day that a local date has added or taken."""
    told = _read(exif.gps_at)
    if claimed is None or told is None:
        return None, 0
    seconds = round((told - claimed).total_seconds())
    if abs(seconds) > near:
        for days in (-1, 1):
            if abs(seconds - days * _DAY_S) <= near:
                return seconds - days * _DAY_S, days
    return seconds, 0


def _read(told: str | None) -> datetime | None:
    """A moment by the calendar: what read the picture may have been led to tell of others."""
    with suppress(ValueError):
        return None if told is None else datetime.fromisoformat(told)
    return None


def _contradicts(offset: str | None, place: tuple[float, float] | None) -> bool:
    """A zone that is not that of China although the picture says that it was taken there."""
    return offset is not None and offset != _CHINA and place is not None and in_mainland(*place)


def _same_model(enrolled: str | None, exif: ExifClaims) -> bool | None:
    """Names of devices are written in many ways: one has to hold the other, letters and digits only."""
    mine, theirs = _bare(enrolled), _bare(exif.model)
    if not mine or not theirs:
        return None
    return mine in _bare(exif.make) + theirs or theirs in mine


def _bare(text: str | None) -> str:
    return "".join(c for c in (text or "").casefold() if c.isalnum())
