"""Metres and seconds between a picture and its record, and what explains them."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from inspect_api.domain.photo_claims import Claimed, compare, is_mismatch, is_older
from inspect_api.domain.photo_rules import read_photo_rules, shipped_photo_rules
from inspect_api.domain.position import to_gcj02
from inspect_api.domain.rulefiles import RuleFileError, packaged
from sync.bodies import Position
from sync.photo import Disagreement, ExifClaims
from tests.domain.test_position import to_bd09

RULE = shipped_photo_rules().of("652327100")
AT = datetime(2026, 11, 21, 2, 11, 12, tzinfo=UTC)
WALL = "2026-11-21T10:11:12"
CHENGDU, TOKYO = (30.6586, 104.0648), (35.6812, 139.7671)


def position(place: tuple[float, float], datum: str = "wgs84") -> Position:
    return Position(lat=place[0], lon=place[1], datum=datum)  # type: ignore[arg-type]


def found(
    exif: ExifClaims, place: Position | None = None, at: datetime | None = AT, model: str | None = None
) -> Disagreement:
    return compare(Claimed(at, place, model), exif, RULE)


def in_exif(place: tuple[float, float], **more: str) -> ExifClaims:
    return ExifClaims(lat=place[0], lon=place[1], **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("exif", "seconds", "offset", "assumed"),
    [
        (ExifClaims(taken_at=WALL, offset="+08:00"), 0, "+08:00", False),
        (ExifClaims(taken_at=WALL), 0, "+08:00", True),
        (ExifClaims(taken_at="2026-11-21T02:11:12", offset="+00:00"), 0, "+00:00", False),
        (ExifClaims(taken_at="2026-11-20T22:41:12", offset="-03:30"), 0, "-03:30", False),
        (ExifClaims(taken_at="2026-11-21T10:13:12"), 120, "+08:00", True),
        (ExifClaims(taken_at="2026-11-20T10:11:12"), -86400, "+08:00", True),
        (ExifClaims(taken_at="1970-01-01T00:00:00"), -1795255872, "+08:00", True),
        (ExifClaims(offset="+08:00"), None, None, False),
    ],
)
def test_the_camera_clock_is_read_in_its_zone(
    exif: ExifClaims, seconds: int | None, offset: str | None, assumed: bool
) -> None:
    told = found(exif)
    assert (told.seconds, told.offset, told.offset_assumed) == (seconds, offset, assumed)
    assert is_mismatch(told, RULE) is (seconds is not None and abs(seconds) > RULE.seconds)


def test_a_zone_that_contradicts_the_place_is_told_and_flagged() -> None:
    """+09:00 in Sichuan: an hour off, or, where the phone has lied alike, no second off at all."""
    told = found(in_exif(CHENGDU, taken_at=WALL, offset="+09:00"))
    assert (told.seconds, told.offset_contradicts, is_mismatch(told, RULE)) == (-3600, True, True)
    told = found(in_exif(CHENGDU, taken_at="2026-11-21T11:11:12", offset="+09:00"))
    assert (told.seconds, told.offset_contradicts, is_mismatch(told, RULE)) == (0, True, True)
    told = found(in_exif(TOKYO, taken_at="2026-11-21T11:11:12", offset="+09:00"))
    assert (told.offset_contradicts, is_mismatch(told, RULE)) == (False, False)


@pytest.mark.parametrize(
    ("gps_at", "seconds", "days", "flagged"),
    [
        ("2026-11-21T02:11:10Z", -2, 0, False),
        ("2026-11-22T02:11:10Z", -2, 1, False),  # the local date beside the UTC time
        ("2026-11-20T02:11:10Z", -2, -1, False),
        ("2026-11-20T20:11:10Z", -21602, 0, False),  # the last fix before a day under a roof
        ("2026-11-21T06:11:12Z", 14400, 0, True),
        ("2026-11-22T09:11:12Z", 111600, 0, True),
        ("2026-11-14T02:11:12Z", -604800, 0, True),
    ],
)
def test_the_satellites_may_be_a_day_off(gps_at: str, seconds: int, days: int, flagged: bool) -> None:
    told = found(ExifClaims(gps_at=gps_at))
    assert (told.gps_seconds, told.gps_days_off, is_mismatch(told, RULE)) == (seconds, days, flagged)


@pytest.mark.parametrize(
    ("said", "written", "explained"),
    [
        (position(CHENGDU), CHENGDU, (None, None)),
        (position(to_gcj02(*CHENGDU), "gcj02"), CHENGDU, (None, None)),
        (position(to_bd09(*to_gcj02(*CHENGDU)), "bd09"), CHENGDU, (None, None)),
        # a phone that writes GCJ-02 into EXIF; beside a record in GCJ-02 it may also be the record that errs
        (position(CHENGDU), to_gcj02(*CHENGDU), ("gcj02", "exif")),
        (position(to_gcj02(*CHENGDU), "gcj02"), to_gcj02(*CHENGDU), ("gcj02", "exif")),
        (position(CHENGDU), to_bd09(*to_gcj02(*CHENGDU)), ("bd09", "exif")),
        # a map kit's place sent as if it were WGS-84
        (position(to_gcj02(*CHENGDU)), CHENGDU, ("gcj02", "operation")),
        (position(to_bd09(*to_gcj02(*CHENGDU))), CHENGDU, ("bd09", "operation")),
        (position(to_bd09(*to_gcj02(*CHENGDU)), "gcj02"), CHENGDU, ("bd09", "operation")),
    ],
)
def test_another_datum_explains_the_distance(
    said: Position, written: tuple[float, float], explained: tuple[str | None, str | None]
) -> None:
    told = found(in_exif(written), said)
    assert told.metres is not None
    assert (told.explained_by, told.explained_in) == explained
    assert (told.metres < 2) if explained == (None, None) else (300 < told.metres < 1500)


def test_no_datum_explains_another_village_nor_a_place_abroad() -> None:
    north = (CHENGDU[0] + 0.1, CHENGDU[1])
    told = found(in_exif(north), position(CHENGDU))
    assert told.metres == pytest.approx(11_130, abs=15)
    assert (told.explained_by, is_mismatch(told, RULE)) == (None, True)
    told = found(in_exif(TOKYO), position((TOKYO[0], TOKYO[1] + 0.005)))
    assert (told.explained_by, told.metres) == (None, pytest.approx(452, abs=2))
    assert found(in_exif((-90.0, -180.0)), position((90.0, 180.0))).metres == pytest.approx(2.0e7, rel=0.01)
    assert found(in_exif((44.0, 179.9999)), position((44.0, -179.9999))).metres == pytest.approx(16, abs=1)


def test_a_reader_of_pictures_that_was_taken_over_stops_nobody() -> None:
    """What comes out of the process that decodes is checked as what comes from a phone is."""
    told = ExifClaims(taken_at="2026-02-30T25:00:00", gps_at="2026-02-30T25:00:00Z")
    assert found(told, position(CHENGDU)) == Disagreement()
    for wrong in (
        {"lat": float("nan")},
        {"lon": 1e9},
        {"offset": "+8"},
        {"taken_at": "gestern"},
        {"gps_at": "2026-02-03T00:00:00"},
        {"make": "x" * 101},
        {"orientation": 9},
    ):
        with pytest.raises(msgspec.ValidationError):
            msgspec.msgpack.decode(msgspec.msgpack.encode(wrong), type=ExifClaims)


def test_where_one_is_silent_nothing_disagrees() -> None:
    assert found(in_exif(CHENGDU, taken_at=WALL), at=None) == Disagreement(
        offset="+08:00", offset_assumed=True
    )
    assert found(ExifClaims(), position(CHENGDU)) == Disagreement()
    assert not is_mismatch(Disagreement(), RULE)


@pytest.mark.parametrize(
    ("enrolled", "make", "model", "same"),
    [
        ("23127PN0CC", "Xiaomi", "23127PN0CC", True),
        ("Xiaomi 23127PN0CC", "Xiaomi", "23127PN0CC", True),
        ("HUAWEI ALN-AL00", "HUAWEI", "ALN-AL00", True),
        ("iPhone 15", "Apple", "iPhone 12", False),
        ("", "Apple", "iPhone 12", None),
        ("iPhone 15", None, None, None),
        ("--", "Apple", "iPhone 12", None),
    ],
)
def test_devices_are_compared_by_letters_and_digits(
    enrolled: str, make: str | None, model: str | None, same: bool | None
) -> None:
    assert found(ExifClaims(make=make, model=model), model=enrolled).same_model is same


def test_older_than_its_hazard_is_told_by_either_side() -> None:
    hour = timedelta(hours=1)
    assert is_older(Claimed(AT, None, None), None, AT + hour, RULE)
    assert is_older(Claimed(AT + 9 * hour, None, None), ExifClaims(taken_at=WALL), AT + hour, RULE)
    assert not is_older(Claimed(AT, None, None), ExifClaims(taken_at=WALL), AT + timedelta(minutes=9), RULE)
    assert not is_older(Claimed(None, None, None), ExifClaims(), AT, RULE)


OWN = (
    packaged("photos.yaml")
    + "- {id: 县, region: '652327', metres: 500, seconds: 60, datum_metres: 30,\n"
    + "   older_seconds: 0, alike_bits: 0, source: 县定, mark: local policy, note: {zh: 注, en: n}}\n"
)


def test_a_county_has_limits_of_its_own() -> None:
    rules = read_photo_rules(OWN)
    assert (rules.of("652327100001").metres, rules.of("652328100001").metres) == (500, 200)
    told = Disagreement(metres=300.0, seconds=100)
    assert [is_mismatch(told, rules.of(region)) for region in ("652327", "652328")] == [True, True]
    assert [is_mismatch(Disagreement(metres=300.0), rules.of(r)) for r in ("652327", "6523")] == [False, True]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("  metres: 200", "  metres: 0", "县.yaml:15: rules[0].metres: '0' is not a whole number"),
        ("  seconds: 900", "  minutes: 15", "rules[0].minutes: is not a known field"),
        ("region: any", "region: 吉木萨尔", "rules[0].region: '吉木萨尔' is neither"),
        ("region: any", "region: '652327'", "rules[1].region: '652327' has a rule already"),
        ("region: any", "region: '65'", "rules: none of them is for region 'any'"),
        ("alike_bits: 3", "alike_bits: 64", "rules[0].alike_bits: '64'"),
    ],
)
def test_mistakes_are_named_with_file_line_and_field(old: str, new: str, told: str) -> None:
    with pytest.raises(RuleFileError) as refused:
        read_photo_rules(OWN.replace(old, new, 1), "县.yaml")
    assert told in str(refused.value)
    assert all(fault.line > 0 for fault in refused.value.faults)
