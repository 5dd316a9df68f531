"""Moments on the wire."""

from datetime import UTC, datetime, timedelta, timezone

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.times import FIRST, LAST, Moment, check_moments

CHINA = timezone(timedelta(hours=8))


def read(text: object) -> datetime:
    moment = msgspec.convert(text, Moment)
    check_moments(moment)
    return moment


@pytest.mark.parametrize(
    "text", ["1970-01-01T00:00:00Z", "1970-01-01T08:00:00+08:00", "2199-12-31T23:59:59.999999Z"]
)
def test_the_first_and_the_last(text: str) -> None:
    assert FIRST <= read(text) < LAST


@pytest.mark.parametrize(
    "text",
    [
        "1969-12-31T23:59:59.999999Z",
        "1970-01-01T00:00:00+08:00",
        "2200-01-01T00:00:00Z",
        "0001-01-01T00:00:00+14:00",
        "0001-01-01T00:00:00+23:59",
        "9999-12-31T23:59:59-12:00",
        "9999-12-31T23:59:59-23:59",
        "2026-11-21T10:00:00",
        "2026-11-21",
        "2026-02-30T00:00:00Z",
        "2026-11-21T24:00:00Z",
        "2026-06-30T23:59:60Z",
        "昨天",
        "",
        1763690400,
        1763690400.5,
        True,
        None,
    ],
)
def test_what_is_no_moment(text: object) -> None:
    with pytest.raises((msgspec.ValidationError, ValueError)):
        read(text)


def test_an_absent_moment_passes() -> None:
    check_moments(None, FIRST, None)


@given(st.datetimes(timezones=st.just(UTC)), st.integers(-23, 23))
def test_the_bounds_hold_in_every_zone(moment: datetime, hours: int) -> None:
    there = moment.replace(tzinfo=timezone(timedelta(hours=hours)))
    inside = FIRST <= there < LAST
    try:
        check_moments(there)
    except ValueError:
        assert not inside
    else:
        assert inside


def test_the_same_moment_in_two_zones() -> None:
    assert (
        read("2026-11-21T10:00:00+08:00")
        == datetime(2026, 11, 21, 10, tzinfo=CHINA)
        == read("2026-11-21T02:00:00Z")
    )
