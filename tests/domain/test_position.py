"""Positions in WGS-84, whatever datum a phone handed out."""

from math import atan2, cos, hypot, pi, radians, sin

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from inspect_api.domain.position import distance_m, in_mainland, to_gcj02, to_wgs84
from sync.bodies import Position

METRES = 111_320  # a degree of latitude
INSIDE = st.tuples(st.floats(18, 53), st.floats(74, 134))


def apart(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Metres between two near places."""
    return METRES * hypot(one[0] - other[0], (one[1] - other[1]) * cos(radians(one[0])))


REFERENCE = [  # googollee/eviltransform, the tests of every language it is written in
    ((31.1774276, 121.5272106), (31.17530398364597, 121.531541859215)),
    ((22.543847, 113.912316), (22.540796131694766, 113.9171764808363)),
    ((39.911954, 116.377817), (39.91334545536069, 116.38404722455657)),
]


def test_published_pairs() -> None:
    for wgs84, gcj02 in REFERENCE:
        assert apart(to_gcj02(*wgs84), gcj02) < 0.01
        assert apart(to_wgs84(position(gcj02, "gcj02")), wgs84) < 0.05
    # wandergis/coordtransform: Baidu's 116.404, 39.915 in GCJ-02, and that place in Baidu's
    baidu, gcj02 = (39.915, 116.404), (39.90865673957631, 116.39762729119315)
    assert to_wgs84(position(baidu, "bd09")) == to_wgs84(position(gcj02, "gcj02"))
    assert apart(to_bd09(39.915, 116.404), (39.92133699351021, 116.41036949371029)) < 0.01


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
def test_distance_is_that_of_the_shift(place: tuple[float, float]) -> None:
    shifted = to_gcj02(*place)
    assert distance_m(place, shifted) == pytest.approx(apart(place, shifted), rel=0.01)
    assert distance_m(shifted, place) == distance_m(place, shifted)
    assert distance_m(place, place) == 0


def test_the_mainland_has_one_clock() -> None:
    inside = [(30.67, 104.06), (44.0, 89.18), (39.47, 75.99), (45.8, 126.53), (18.25, 109.5), (29.65, 91.1)]
    abroad = [(37.57, 126.98), (35.68, 139.7), (39.02, 125.75), (47.9, 106.9), (28.6, 77.2), (-30.67, 104.06)]
    assert [in_mainland(*place) for place in inside] == [True] * 6
    assert [in_mainland(*place) for place in abroad] == [False] * 6


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
