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
_MILLISECOND = timedelta(milliseconds=1)


class Estimate(NamedTuple):
    """Estimated true time (UTC), its uncertainty to either side, and whether the wall clock was off."""

    at: datetime
    uncertainty: timedelta
    skewed: bool
    offset: timedelta  # what the device's wall clock lacked at the capture

    def corrected(self, wall: datetime, received: datetime) -> datetime:
        """A time by the device's wall clock around the capture (an inspection's end), as it truly was.

        Never later than `received`. Where a clock that was off leads nowhere near the capture, the capture.
        """
        try:
            moment = wall.astimezone(UTC) + self.offset
        except OverflowError:
            return self.at
        if self.skewed and abs(moment - self.at) > _LONGEST:
            return self.at
        return min(moment, received)


def estimate(at: Clock, sent: Clock, received: datetime) -> Estimate:
    """The true time of `at`, from the clocks at capture and at sending and the server's receipt time.

    Never raises, and never later than `received`, whatever the clocks say.
    """
    at_wall, sent_wall = wall_time(at.wall), wall_time(sent.wall)
    elapsed = sent.mono_ms - at.mono_ms
    if at.boot_id == sent.boot_id and 0 <= elapsed <= _LONGEST // _MILLISECOND:
        moment = received - elapsed * _MILLISECOND
        uncertainty = _TRANSPORT + _DRIFT_PER_DAY * (elapsed * _MILLISECOND / timedelta(days=1))
    elif at_wall is not None and sent_wall is not None:
        moment, uncertainty = _by_wall(at_wall, received - sent_wall, received)
    else:
        moment, uncertainty = received, _LONGEST
    offset = moment - at_wall if at_wall is not None else timedelta(0)
    skewed = at_wall is None or sent_wall is None or max(abs(offset), abs(received - sent_wall)) > SKEW_LIMIT
    return Estimate(moment, uncertainty, skewed, offset)


def _by_wall(at_wall: datetime, error: timedelta, received: datetime) -> tuple[datetime, timedelta]:
    """The capture by the wall clock, corrected by its error at sending, and the uncertainty of that.

    A capture that would lie in the future, or more than a year ago, tells that the clock was moved between
    capture and sending: then nothing is known but that it happened before it arrived.
    """
    try:
        guess = at_wall + error
    except OverflowError:
        return received, _LONGEST
    if not received - _LONGEST <= guess <= received + SKEW_LIMIT:
        return received, max(_LONGEST, received - guess)
    return min(guess, received), abs(error) if abs(error) > SKEW_LIMIT else _TRANSPORT


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
