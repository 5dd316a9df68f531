"""When did it happen? The device's clocks against the server's, and how far to trust the answer.

A phone's clock never orders and never refuses anything. Within one boot the monotonic clock tells
how long before sending a thing was captured, whatever the wall clock said meanwhile; across boots
only the wall clock is left, corrected by what it was wrong by at sending.
"""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from sync.envelope import Clock

SKEW_LIMIT = timedelta(minutes=5)
_TRANSPORT = timedelta(seconds=30)
_DRIFT_PER_DAY = timedelta(seconds=5)
_LONGEST = timedelta(days=366)


class Estimate(NamedTuple):
    """Estimated true time (UTC), its uncertainty to either side, and whether the wall clock was off."""

    at: datetime
    uncertainty: timedelta
    skewed: bool
    offset: timedelta  # add to a wall time of this device to correct it


def estimate(at: Clock, sent: Clock, received: datetime) -> Estimate:
    """The true time of `at`, from the clocks at capture and at sending and the server's receipt time."""
    sent_wall, at_wall = wall_time(sent.wall), wall_time(at.wall)
    offset = received - sent_wall if sent_wall is not None else timedelta(0)
    skewed = sent_wall is None or abs(offset) > SKEW_LIMIT
    if at.boot_id == sent.boot_id and 0 <= sent.mono_ms - at.mono_ms <= _LONGEST // timedelta(milliseconds=1):
        ago = timedelta(milliseconds=sent.mono_ms - at.mono_ms)
        uncertainty = _TRANSPORT + _DRIFT_PER_DAY * (ago / timedelta(days=1))
        if at_wall is not None:
            offset = received - ago - at_wall
            skewed = skewed or abs(offset) > SKEW_LIMIT
        return Estimate(received - ago, uncertainty, skewed, offset)
    if at_wall is None or sent_wall is None:
        return Estimate(received, _LONGEST, True, timedelta(0))
    guess = min(at_wall + offset, received)
    if received - guess > _LONGEST * 10:
        return Estimate(received, _LONGEST, True, offset)
    return Estimate(guess, max(abs(offset), _TRANSPORT) if skewed else _TRANSPORT, skewed, offset)


def wall_time(text: str) -> datetime | None:
    """A wall clock's RFC 3339 text as UTC, or None when it is not one."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        return None
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        return None
