"""One channel's way out of this process: how many attempts at once, how fast, and whether it works at all."""

import random
import threading
from datetime import datetime, timedelta

import structlog

from inspect_api.actions.app import App
from inspect_api.actions.deliver_outside import Held, claim_deliveries, note_outcome, pass_over
from inspect_api.errors import Refusal
from inspect_api.notices.channels import Channel
from inspect_api.notices.message import Outcome
from inspect_api.store import deliveries

log = structlog.get_logger()

_DOWN_AFTER = 5
_FIRST_REST = timedelta(seconds=30)
_LONGEST_REST = timedelta(minutes=5)
_MINUTE = timedelta(minutes=1)
_PASSED_AT_ONCE = 200
_NOTED_TRIES = 3


class Lane:
    """Threads of its own: what hangs in one channel keeps no other waiting.

    After five failures in a row the channel counts as down: what is due on it is handed on untried, and after
    a rest one notice tries whether it works again.
    """

    def __init__(self, app: App, channel: Channel, wake: threading.Event) -> None:
        self._app, self._channel, self._wake = app, channel, wake
        self._guard = threading.Lock()
        self._under_way = 0
        self._failures = 0
        self._rest = _FIRST_REST
        self._down_until: datetime | None = None

    @property
    def is_idle(self) -> bool:
        with self._guard:
            return self._under_way == 0

    def go(self) -> int:
        """Start what may start now, or hand on what cannot; how many notices were moved."""
        now = self._app.clock.now()
        with self._guard:
            free = self._channel.at_once - self._under_way
            left = self._down_until - now if self._down_until is not None else timedelta(0)
            is_down = timedelta(0) < left <= _LONGEST_REST  # more than that is a clock that was set back
            if not is_down and self._down_until is not None:
                free = min(free, 1 - self._under_way)
        if is_down:
            return self._hand_on(left)
        if self._channel.per_minute is not None and free > 0:
            free = min(free, self._channel.per_minute - self._begun(now))
        return self._start(free) if free > 0 else 0

    def _hand_on(self, left: timedelta) -> int:
        chance = random.random()  # noqa: S311 - spreads attempts in time
        return self._app.write(
            lambda work: pass_over(work, self._channel, _PASSED_AT_ONCE, left + left * chance / 10, chance)
        )

    def _begun(self, now: datetime) -> int:
        return self._app.read(lambda work: deliveries.begun_since(work.tx, self._channel.name, now - _MINUTE))

    def _start(self, most: int) -> int:
        claimed = self._app.write(lambda work: claim_deliveries(work, self._channel, most))
        with self._guard:
            self._under_way += len(claimed.held)
        for held in claimed.held:
            threading.Thread(
                target=self._attempt, args=(held,), name=f"deliver-{self._channel.name}", daemon=True
            ).start()
        return len(claimed.held) + claimed.passed

    def _attempt(self, held: Held) -> None:
        from inspect_api.notices.sending import send  # noqa: PLC0415  (apprise: 10 MB, without channels none)

        try:
            try:
                outcome = send(self._channel, held.message)
            except Exception:
                log.exception("a channel broke", channel=self._channel.name, notice=held.message.number)
                outcome = Outcome("failed", "fault in the product, see its log")
            self._learn(outcome)
            self._note(held, outcome)
        finally:
            with self._guard:
                self._under_way -= 1
            self._wake.set()

    def _note(self, held: Held, outcome: Outcome) -> None:
        """Not noted, it is tried again when the lease is over: twice rather than never."""
        chance = random.random()  # noqa: S311 - spreads attempts in time
        for left in reversed(range(_NOTED_TRIES)):
            try:
                self._app.write(lambda work: note_outcome(work, self._channel, held, outcome, chance))
            except Refusal as refusal:
                if not left:
                    log.warning("an attempt is not noted", notice=held.message.number, why=refusal.detail)
            except Exception:
                log.exception("an attempt is not noted", notice=held.message.number)
                return
            else:
                return

    def _learn(self, outcome: Outcome) -> None:
        with self._guard:
            if outcome.result != "failed":
                self._failures, self._rest, self._down_until = 0, _FIRST_REST, None
                return
            self._failures += 1
            if self._failures < _DOWN_AFTER:
                return
            now = self._app.clock.now()
            if self._down_until is None or now >= self._down_until:
                self._down_until = now + self._rest
                self._rest = min(self._rest * 2, _LONGEST_REST)
                log.warning("channel down", channel=self._channel.name, answer=outcome.answer)
