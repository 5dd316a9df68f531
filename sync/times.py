"""Moments on the wire: RFC 3339 with an offset, between 1970 and 2200."""

from datetime import UTC, datetime
from typing import Annotated

import msgspec

FIRST = datetime(1970, 1, 1, tzinfo=UTC)
LAST = datetime(2200, 1, 1, tzinfo=UTC)

Moment = Annotated[datetime, msgspec.Meta(tz=True)]


def check_moments(*moments: datetime | None) -> None:
    """Raise ValueError for a moment outside 1970 … 2200; None passes."""
    for moment in moments:
        if moment is None:
            continue
        # comparing aware datetimes near year 1 or 9999 across offsets never overflows in Python
        if not FIRST <= moment < LAST:
            raise ValueError("A time is between 1970 and 2200")
