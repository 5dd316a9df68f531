"""How a notice reaches its receiver outside of the product: which channel next, and when.

A receiver has channels in an order. A channel that fails is tried again with growing pauses, then the notice
is handed on to the next one. When every channel has failed that is a fact of its own, which the county is
shown; a new round begins later, and rounds go on for `KEPT_TRYING`.
"""

from datetime import datetime, timedelta
from typing import Literal, NamedTuple

Result = Literal["handed_over", "refused", "failed"]
"""Of one attempt: taken on by the other side; refused for good; not this time."""

State = Literal["waiting", "handed_over", "read", "failed", "none"]
"""Of a notice: under way; taken on; read in the product meanwhile; every channel failed; nobody to ask."""

KEPT_TRYING = timedelta(days=14)
_FIRST_PAUSE_S = 5
_LONGEST_PAUSE_S = 600
_FIRST_ROUND_S = 600
_LONGEST_ROUND_S = 6 * 3600
_JITTER = 0.4


class Journey(NamedTuple):
    """Where a notice stands: on the `place`-th of its channels (from 0), tried `tries` times there, having
    failed on all of them `rounds` times; since when it is under way."""

    channels: int
    place: int
    tries: int
    rounds: int
    since: datetime


class Next(NamedTuple):
    """What becomes of it; `run_at` is None at the end. `place` is None when a round is over: plan anew."""

    state: State
    place: int | None
    tries: int
    rounds: int
    run_at: datetime | None


def after(
    journey: Journey, result: Result, now: datetime, most_tries: int, chance: float, least_pause_s: int = 0
) -> Next:
    """What follows an attempt. `chance` is in [0, 1): no two notices come back at one moment.

    `least_pause_s` is what the other side asked for (Retry-After).
    """
    if result == "handed_over":
        return Next("handed_over", journey.place, journey.tries, journey.rounds, None)
    if result == "failed" and journey.tries < most_tries:
        seconds = max(_FIRST_PAUSE_S * 3 ** (journey.tries - 1), least_pause_s)
        run_at = now + _pause(seconds, _LONGEST_PAUSE_S, chance)
        return Next(_under_way(journey), journey.place, journey.tries, journey.rounds, run_at)
    return hand_on(journey, now, chance)


def hand_on(journey: Journey, now: datetime, chance: float) -> Next:
    """To the next channel at once; after the last one to a round of its own, later."""
    if journey.place + 1 < journey.channels:
        return Next(_under_way(journey), journey.place + 1, 0, journey.rounds, now)
    rounds = journey.rounds + 1
    if now - journey.since >= KEPT_TRYING:
        return Next("failed", journey.place, journey.tries, rounds, None)
    pause = _pause(_FIRST_ROUND_S * 2 ** min(rounds - 1, 10), _LONGEST_ROUND_S, chance)
    return Next("failed", None, 0, rounds, now + pause)


def _under_way(journey: Journey) -> State:
    """What every channel has failed once stays marked until it is handed over."""
    return "failed" if journey.rounds else "waiting"


def _pause(seconds: int, most: int, chance: float) -> timedelta:
    return timedelta(seconds=min(seconds, most) * (1 - _JITTER / 2 + _JITTER * chance))
