"""When did it happen? The device's clocks against the server's, and how far to trust the answer.

A phone's clock never orders and never refuses anything. Within one boot the monotonic clock tells
how long before sending a thing was captured, whatever the wall clock said meanwhile; across boots
only the wall clock is left, corrected by what it was wrong by at sending.
"""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from sync.envelope import Clock

SKEW_LIMIT = timedelta(minutes=5)
DRAFTED_FOR = timedelta(days=92)
"""How long after its end an inspection may be entered, from a draft or from paper: a quarter."""
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

        Never later than `received`. A time far from the capture is not believed, for no legal date may rest
        on what a phone says alone: it is the capture then (`is_near` tells).
        """
        moment = self._moved(wall)
        if moment is None or abs(moment - self.at) > DRAFTED_FOR:
            return self.at
        return min(moment, received)

    def is_near(self, wall: datetime) -> bool:
        """Whether a time by the device's wall clock lies near enough to the capture to be believed."""
        moment = self._moved(wall)
        return moment is not None and abs(moment - self.at) <= DRAFTED_FOR

    def _moved(self, wall: datetime) -> datetime | None:
        try:
            return wall.astimezone(UTC) + self.offset
        except OverflowError:
            return None


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
