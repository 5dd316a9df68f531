"""Positions in WGS-84, whatever datum a phone handed out."""

from math import atan2, cos, hypot, pi, radians, sin

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from inspect_api.domain.position import to_gcj02, to_wgs84
from sync.bodies import Position

METRES = 111_320  # a degree of latitude
INSIDE = st.tuples(st.floats(18, 53), st.floats(74, 134))


def apart(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Metres between two near places."""
    return METRES * hypot(one[0] - other[0], (one[1] - other[1]) * cos(radians(one[0])))


def position(place: tuple[float, float], datum: str) -> Position:
    return Position(lat=place[0], lon=place[1], datum=datum)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("wgs84", "gcj02"),
    [
        ((39.908726, 116.397500), (39.910129, 116.403743)),  # 天安门
        ((31.230416, 121.473701), (31.228477, 121.478226)),  # 上海
    ],
)
def test_known_places(wgs84: tuple[float, float], gcj02: tuple[float, float]) -> None:
    assert apart(to_gcj02(*wgs84), gcj02) < 2
    assert apart(to_wgs84(position(gcj02, "gcj02")), wgs84) < 2


@given(INSIDE)
def test_there_and_back_is_within_a_metre(place: tuple[float, float]) -> None:
    shifted = to_gcj02(*place)
    assert 10 < apart(shifted, place) < 2000
    assert apart(to_wgs84(position(shifted, "gcj02")), place) < 1


@given(INSIDE)
def test_what_is_in_wgs84_stays(place: tuple[float, float]) -> None:
    assert to_wgs84(position(place, "wgs84")) == place


def to_bd09(lat: float, lon: float) -> tuple[float, float]:
    """GCJ-02 shifted once more, as Baidu publishes it."""
    turn = pi * 3000 / 180
    z = hypot(lon, lat) + 0.00002 * sin(lat * turn)
    theta = atan2(lat, lon) + 0.000003 * cos(lon * turn)
    return z * sin(theta) + 0.006, z * cos(theta) + 0.0065


@given(INSIDE)
def test_bd09_is_shifted_once_more(place: tuple[float, float]) -> None:
    there = to_bd09(*to_gcj02(*place))
    assert apart(there, place) > 400
    assert apart(to_wgs84(position(there, "bd09")), place) < 2


@given(st.floats(-90, 90), st.floats(-180, 180), st.sampled_from(["wgs84", "gcj02", "bd09"]))
def test_the_shift_does_not_apply_abroad(lat: float, lon: float, datum: str) -> None:
    assume(not (0 <= lat <= 56.5 and 71 <= lon <= 138.5))
    assert to_wgs84(position((lat, lon), datum)) == (lat, lon)


@given(st.floats(-90, 90), st.floats(-180, 180), st.sampled_from(["wgs84", "gcj02", "bd09"]))
def test_every_place_on_earth_stays_on_it(lat: float, lon: float, datum: str) -> None:
    found_lat, found_lon = to_wgs84(position((lat, lon), datum))
    assert -90 <= found_lat <= 90
    assert -180 <= found_lon <= 180
