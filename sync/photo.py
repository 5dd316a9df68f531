"""A photo that a record names: what the record says of it, what the picture says, and how far they differ."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from sync.bodies import Datum, Position

PhotoPurpose = Literal["finding", "fixed", "inspection", "visit", "rectified", "proof", "command", "conflict"]
_MOMENT = "(19[7-9]|20[0-9]|21[0-9])[0-9]-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9]"
_Words = Annotated[str, Meta(max_length=100)]
PhotoFlag = Literal["exif_mismatch", "own_finding", "older_than_hazard"]
ThumbnailFailure = Literal["damaged", "too_large", "timeout", "crashed", "unsupported"]


class Wgs84(Struct, frozen=True):
    """Degrees in WGS-84, whatever datum was sent."""

    lat: float
    lon: float


class ExifClaims(Struct, frozen=True, kw_only=True):
    """What the EXIF of a picture says; None for all that it does not say in a form that can be understood.

    `taken_at` is the camera's own wall clock, `2026-11-21T10:11:12`, in the zone `offset` (`+08:00`) when it
    says one; `subsec` are the digits after the second. `lat` and `lon` are degrees, by the standard WGS-84,
    north and east positive; `altitude_m` metres over the sea. `gps_at` is the satellites' time, UTC,
    `2026-11-21T02:11:12Z`. `orientation` is 1 … 8 as in the standard (CIPA DC-008).
    """

    taken_at: Annotated[str, Meta(pattern=f"^{_MOMENT}$")] | None = None
    offset: Annotated[str, Meta(pattern="^[+-][01][0-9]:[0-5][0-9]$")] | None = None
    subsec: Annotated[str, Meta(pattern="^[0-9]{1,9}$")] | None = None
    lat: Annotated[float, Meta(ge=-90, le=90)] | None = None
    lon: Annotated[float, Meta(ge=-180, le=180)] | None = None
    altitude_m: Annotated[float, Meta(ge=-1000, le=1e6)] | None = None
    gps_at: Annotated[str, Meta(pattern=f"^{_MOMENT}Z$")] | None = None
    make: _Words | None = None
    model: _Words | None = None
    software: _Words | None = None
    orientation: Annotated[int, Meta(ge=1, le=8)] | None = None


class PhoneClaim(Struct, frozen=True, kw_only=True):
    """The phone of the operation, as it was enrolled."""

    platform: str | None
    model: str | None


class Disagreement(Struct, frozen=True, kw_only=True):
    """How far the EXIF is from what the operation says of the photo; None where one of the two is silent.

    `metres` lie between the two places, each read in the datum that is stated for it (EXIF: WGS-84).
    `explained_by`: in this datum instead the one named by `explained_in` would lie at the other.
    `seconds` and `gps_seconds` are EXIF's camera clock and satellites minus the operation's `taken_at`:
    negative is earlier. `offset` is the zone that the camera clock was read in, `offset_assumed` where EXIF
    names none. `offset_contradicts`: EXIF's zone is not the one of EXIF's place. `gps_days_off`: whole days
    taken off `gps_seconds`, because phones write the local date beside the UTC time.
    `same_model`: the enrolled model and EXIF's name the same device, as far as text can tell.
    """

    metres: float | None = None
    explained_by: Datum | None = None
    explained_in: Literal["exif", "operation"] | None = None
    seconds: int | None = None
    offset: str | None = None
    offset_assumed: bool = False
    offset_contradicts: bool = False
    gps_seconds: int | None = None
    gps_days_off: int = 0
    same_model: bool | None = None


class Photo(Struct, frozen=True, kw_only=True):
    """A photo that a record names, with what that record says of it (`taken_at`, `position`, `device`).

    `exif` is what the picture itself claims, once its bytes are here and were looked at. The same picture
    may be named by other records, each with its own claims. `thumbnail` tells of the small copies once the
    photo is stored; where it has `failed`, the original is kept all the same.

    `fault`: the stored bytes are no longer right, or no longer there (`doubted`: it looks so, and is being
    looked at), and are shown to nobody. A phone that still has them heals that by handing them in again.
    """

    id: UUID
    sha256: str
    size: int | None
    content_type: str | None
    stored: bool
    fault: Literal["damaged", "missing", "doubted"] | None = None
    inspection_id: UUID | None
    hazard_id: UUID | None
    purpose: PhotoPurpose
    taken_at: datetime | None
    position: Position | None
    wgs84: Wgs84 | None
    caption: str | None
    device: PhoneClaim | None
    exif: ExifClaims | None = None
    disagreement: Disagreement | None = None
    flags: list[PhotoFlag] = []
    thumbnail: Literal["pending", "ready", "failed"] | None = None
    thumbnail_failure: ThumbnailFailure | None = None
    rev: int = 1


class PhotoUse(Struct, frozen=True, kw_only=True):
    """Another record, visible to the caller, with the same picture or one that looks the same."""

    photo_id: UUID
    purpose: PhotoPurpose
    hazard_id: UUID | None
    inspection_id: UUID | None


DoubtKind = Literal[
    "exif_mismatch", "own_finding", "older_than_hazard", "proof_again", "used_elsewhere", "looks_the_same"
]


class PhotoDoubt(Struct, frozen=True, kw_only=True):
    """Something about a photo of a hazard that a verifier should know; it decides nothing by itself."""

    photo_id: UUID
    sha256: str
    kind: DoubtKind
    uses: list[PhotoUse] = []
