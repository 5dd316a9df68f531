"""Positions in WGS-84, whatever datum a phone handed out.

GCJ-02 is WGS-84 shifted by a formula that everybody has copied since it leaked; back it is solved to some
centimetres. BD-09 shifts GCJ-02 once more, by an approximation good to some tens of metres. Outside a box
around China neither shift applies, as in all that hands out these datums.
"""

from functools import lru_cache
from math import asin, atan2, cos, pi, radians, sin, sqrt

from sync.bodies import Position

_AXIS = 6378245.0  # Krasovsky 1940, metres
_ECCENTRICITY = 0.00669342162296594323
_BD = pi * 3000.0 / 180.0

_Box = tuple[float, float, float, float]
# south, west, north, east: what map libraries draw around the mainland, and cut out of that again
_MAINLAND: tuple[_Box, ...] = (
    (42.8899, 79.4462, 49.2204, 96.3300),
    (39.3742, 109.6872, 54.1415, 135.0002),
    (29.5297, 73.1246, 42.8899, 124.1433),
    (26.7186, 82.9684, 29.5297, 97.0352),
    (20.4141, 97.0253, 29.5297, 124.3674),
    (17.8715, 107.9758, 20.4141, 111.7441),
)
_NOT_MAINLAND: tuple[_Box, ...] = (
    (21.7850, 119.9213, 25.3986, 122.4976),
    (20.0988, 101.8652, 22.2840, 106.6650),
    (20.4878, 106.4525, 21.5422, 108.0510),
    (50.3257, 109.0323, 55.8175, 119.1270),
    (49.5574, 127.4568, 55.8175, 137.0227),
    (42.5692, 131.2662, 44.8922, 137.0227),
)


@lru_cache(maxsize=1024)
def to_wgs84(position: Position) -> tuple[float, float]:
    """(latitude, longitude) in WGS-84 degrees."""
    lat, lon = position.lat, position.lon
    if position.datum == "wgs84" or not _in_china(lat, lon):
        return lat, lon
    if position.datum == "bd09":
        lat, lon = _bd09_to_gcj02(lat, lon)
    shift_lat, shift_lon = _shift(lat, lon)
    guess = lat - shift_lat, lon - shift_lon
    shift_lat, shift_lon = _shift(*guess)  # once more from the better place
    return lat - shift_lat, lon - shift_lon


NEAR_M = 50.0
"""Two reports this near may be of one hazard: twice the error of a phone's position among buildings."""

_METRE = 180.0 / (pi * _AXIS)


def place_of(position: Position | None) -> tuple[float, float] | tuple[None, None]:
    """The WGS-84 place of a position, where there is one."""
    return (None, None) if position is None else to_wgs84(position)


def around(place: tuple[float, float]) -> tuple[tuple[float, float], tuple[float, float]]:
    """South-west and north-east corner of a box that holds all that is near a place."""
    lat, lon = place
    north = NEAR_M * _METRE
    east = north / max(cos(radians(lat)), 0.01)
    return (lat - north, lon - east), (lat + north, lon + east)


def distance_m(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Metres between two WGS-84 (latitude, longitude) on a sphere, right to half a per cent."""
    north, east = radians(other[0] - one[0]), radians(other[1] - one[1])
    chord = sin(north / 2) ** 2 + cos(radians(one[0])) * cos(radians(other[0])) * sin(east / 2) ** 2
    return 2 * _AXIS * asin(min(1.0, sqrt(chord)))


def in_mainland(lat: float, lon: float) -> bool:
    """Whether a place lies in mainland China, to some tens of kilometres: enough to know its clock."""
    return _in_one_of(_MAINLAND, lat, lon) and not _in_one_of(_NOT_MAINLAND, lat, lon)


def to_gcj02(lat: float, lon: float) -> tuple[float, float]:
    """(latitude, longitude) in GCJ-02 degrees of a WGS-84 position."""
    if not _in_china(lat, lon):
        return lat, lon
    shift_lat, shift_lon = _shift(lat, lon)
    return lat + shift_lat, lon + shift_lon


def _bd09_to_gcj02(lat: float, lon: float) -> tuple[float, float]:
    x, y = lon - 0.0065, lat - 0.006
    z = sqrt(x * x + y * y) - 0.00002 * sin(y * _BD)
    theta = atan2(y, x) - 0.000003 * cos(x * _BD)
    return z * sin(theta), z * cos(theta)


def _in_one_of(boxes: tuple[_Box, ...], lat: float, lon: float) -> bool:
    return any(south <= lat <= north and west <= lon <= east for south, west, north, east in boxes)


def _in_china(lat: float, lon: float) -> bool:
    return 0.8293 <= lat <= 55.8271 and 72.004 <= lon <= 137.8347


def _shift(lat: float, lon: float) -> tuple[float, float]:
    x, y = lon - 105.0, lat - 35.0
    d_lat = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * sqrt(abs(x))
    d_lat += (20.0 * sin(6.0 * x * pi) + 20.0 * sin(2.0 * x * pi)) * 2.0 / 3.0
    d_lat += (20.0 * sin(y * pi) + 40.0 * sin(y / 3.0 * pi)) * 2.0 / 3.0
    d_lat += (160.0 * sin(y / 12.0 * pi) + 320.0 * sin(y * pi / 30.0)) * 2.0 / 3.0
    d_lon = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * sqrt(abs(x))
    d_lon += (20.0 * sin(6.0 * x * pi) + 20.0 * sin(2.0 * x * pi)) * 2.0 / 3.0
    d_lon += (20.0 * sin(x * pi) + 40.0 * sin(x / 3.0 * pi)) * 2.0 / 3.0
    d_lon += (150.0 * sin(x / 12.0 * pi) + 300.0 * sin(x / 30.0 * pi)) * 2.0 / 3.0
    angle = lat / 180.0 * pi
    magic = 1 - _ECCENTRICITY * sin(angle) ** 2
    meridian = (_AXIS * (1 - _ECCENTRICITY)) / (magic * sqrt(magic))
    return (
        d_lat * 180.0 / (meridian * pi),
        d_lon * 180.0 / (_AXIS / sqrt(magic) * cos(angle) * pi),
    )
