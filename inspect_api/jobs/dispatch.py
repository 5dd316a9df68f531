"""What is to leave the product is planned and shared out among the channels' lanes."""

import threading
from datetime import datetime, timedelta

import structlog

from inspect_api.actions.app import App
from inspect_api.actions.deliver_outside import plan_deliveries
from inspect_api.errors import Refusal
from inspect_api.jobs.lane import Lane
from inspect_api.store import deliveries

log = structlog.get_logger()

SLICE = 200
_SET_BACK = timedelta(minutes=10)
"""More than the clocks of two nodes may differ."""


class Dispatcher:
    """One for each process that works. It waits for the database only, never for a channel."""

    def __init__(self, app: App) -> None:
        self._app = app
        self.wake = threading.Event()
        self._lanes = {channel.name: Lane(app, channel, self.wake) for channel in app.channels}
        self._seen: datetime | None = None

    def go(self) -> int:
        """Plan, and start what may start; how many notices were moved."""
        moved = self._look_at_clock()
        due = self._app.read(lambda work: deliveries.due_channels(work.tx, work.now))
        while None in due and (
            planned := self._app.write(lambda work: plan_deliveries(work, self._app.channels, SLICE))
        ):
            moved += planned
            due |= set(self._lanes)
        for name, lane in self._lanes.items():
            if name in due:
                moved += _guarded(name, lane)
        return moved

    def _look_at_clock(self) -> int:
        """At the start, and when the clock was set back, what was put off by another clock is due."""
        now, before = self._app.clock.now(), self._seen
        self._seen = now
        if before is not None and now >= before:
            return 0
        moved = self._app.write(lambda work: deliveries.come_back(work.tx, work.now, _SET_BACK))
        if before is None:
            moved += self._app.write(lambda work: deliveries.forget_channels(work.tx, self._lanes, work.now))
        return moved

    @property
    def is_idle(self) -> bool:
        """Nothing is under way."""
        return all(lane.is_idle for lane in self._lanes.values())


def deliver_now(dispatcher: Dispatcher) -> int:
    """Everything that is due as the clock stands, to the end of its attempts; how many moves it took."""
    total = 0
    while True:
        dispatcher.wake.clear()
        moved = dispatcher.go()
        total += moved
        if not moved:
            if dispatcher.is_idle:
                return total
            dispatcher.wake.wait(60)


def deliver_until(stop: threading.Event, dispatcher: Dispatcher, every_s: float) -> None:
    """Again every few seconds, and at once when an attempt has ended, until told to stop."""
    while not stop.is_set():
        dispatcher.wake.clear()
        try:
            moved = dispatcher.go()
        except Refusal as refusal:
            moved = 0
            log.warning("not done", duty="deliver", why=refusal.detail)
        except Exception:
            moved = 0
            log.exception("not done", duty="deliver")
        if moved:
            dispatcher.wake.wait(every_s / 10)
        else:
            dispatcher.wake.wait(every_s)


def _guarded(name: str, lane: Lane) -> int:
    try:
        return lane.go()
    except Refusal:
        raise
    except Exception:
        log.exception("not done", duty="deliver", channel=name)
        return 0
