"""The same people with the same phones before a real server: killed, its database stopped, its wires cut."""

import random
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial

import httpx
import sqlalchemy as sa

from inspect_api.actions.app import App
from inspect_api.clock import MovableClock, SystemClock
from inspect_api.demo.link import LoggedOut, Offline, Refused
from inspect_api.jobs.loop import judge_waiting
from inspect_api.store.database import Database
from inspect_api.store.jobs import JOB
from tests.simulation.audit import Audit
from tests.simulation.convergence import (
    check_copy,
    check_evidence,
    check_nothing_lost,
    check_outcomes,
    check_scopes,
)
from tests.simulation.door import Answer, Request
from tests.simulation.fieldwork import Fieldwork
from tests.simulation.network import new_client
from tests.simulation.phones import Disk, Holder
from tests.simulation.places import BY_NAME
from tests.simulation.violation import Violation

CAST = ("inspector1", "inspector2", "owner1", "county1", "officer1")
_ROUNDS = 20
_MOST_WAITING = 3


class Listening(httpx.BaseTransport):
    """The ordinary transport, and somebody who notes what reaches the phone."""

    def __init__(self, port: int, audit: Audit, lock: threading.Lock) -> None:
        self._port, self._audit, self._lock = port, audit, lock
        self._way = httpx.HTTPTransport()
        self.answers: list[int] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.url = request.url.copy_with(host="127.0.0.1", port=self._port)
        response = self._way.handle_request(request)
        content = response.read()
        self.answers.append(response.status_code)
        sent = Request(request.method, request.url.raw_path.decode(), dict(request.headers), request.read())
        with self._lock:
            self._audit.note_answer(sent, Answer(response.status_code, dict(response.headers), content))
        return response


class Crowd:
    """Phones in threads of their own, each capturing and syncing until it is told to stop."""

    def __init__(self, port: int, seed: int, disk: Disk, cast: tuple[str, ...] = CAST) -> None:
        self.audit = Audit()
        self.disk = disk
        self.syncs = 0
        self.offline = 0
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._wires = [Listening(port, self.audit, self._lock) for _ in cast]
        self.holders = [
            Holder(
                f"phone{number}",
                BY_NAME[name],
                new_client(wire),
                SystemClock(),
                random.Random(f"{seed} {name}"),
            )
            for number, (name, wire) in enumerate(zip(cast, self._wires, strict=True))
        ]
        self._faults: list[BaseException] = []
        self._threads = [threading.Thread(target=self._live, args=(holder, seed)) for holder in self.holders]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Let everybody finish what he is at. Raises what has gone wrong."""
        self._stop.set()
        for thread in self._threads:
            thread.join(timeout=120)
        for fault in self._faults:
            raise fault

    @property
    def acknowledged(self) -> int:
        """How many operations phones have been told to be safe."""
        return len(self.audit.filing.acknowledged)

    @property
    def unavailable(self) -> int:
        """How often the server has said that it is busy."""
        return sum(wire.answers.count(503) for wire in self._wires)

    def wait_for(self, more: int, seconds: float = 30) -> None:
        """Until so many more operations are acknowledged, or the time is over."""
        target, end = self.acknowledged + more, time.monotonic() + seconds
        while self.acknowledged < target and time.monotonic() < end and not self._faults:
            time.sleep(0.005)

    def check(self, app: App) -> None:
        """Everybody syncs; then all is there, once, and everybody holds the same. Raises Violation.

        `app` is one more process on the same database.
        """
        self._come_to_rest(app)
        with app.db.read() as tx:
            now = self.audit.look(tx, SystemClock().now())
        check_nothing_lost(self.disk.captured.values(), now)
        for holder in self.holders:
            self._converge(holder)
            check_outcomes(holder, self.disk.captured_by(holder.name), now)
        check_scopes(self.holders, now)
        check_evidence(self.holders, now)
        for holder in self.holders:
            holder.phone.memory.waiting = self.disk.captured_by(holder.name)
            self._patiently(holder, holder.phone.push)
        with app.db.read() as tx:
            after = self.audit.look(tx, SystemClock().now())
        if after.hazards != now.hazards or after.operations.keys() != now.operations.keys():
            raise Violation("a replay has changed something")

    def _converge(self, holder: Holder) -> None:
        """A job that still runs changes photos between two pulls; what was missed no later pull brings."""
        for patience in reversed(range(_ROUNDS)):
            fresh = holder.another()
            holder.online(fresh.pull)
            holder.online(holder.phone.pull)
            try:
                check_copy(holder, fresh.memory.copy)
            except Violation:
                if not patience:
                    raise
                time.sleep(0.5)
            else:
                return

    def _live(self, holder: Holder, seed: int) -> None:
        die = random.Random(f"{seed} {holder.name}")
        work = Fieldwork(die)
        try:
            while not self._stop.is_set():
                for _ in range(max(0, die.randint(1, _MOST_WAITING) - len(holder.phone.memory.waiting))):
                    told = [h for other in self.holders for done in list(other.done) for h in done.hazards]
                    work.do_something(holder, told)
                self._try(holder, lambda: holder.sync(die.choice((3, 50, 500))))
        except BaseException as fault:
            self._faults.append(fault)

    def _try(self, holder: Holder, act: Callable[[], object]) -> bool:
        try:
            holder.online(act)
        except (Offline, LoggedOut):
            self.offline += 1
            time.sleep(0.05)
            return False
        except Refused as refused:
            if refused.problem.status not in (401, 503):
                raise
            return False
        self.syncs += 1
        return True

    def _patiently(self, holder: Holder, act: Callable[[], object]) -> None:
        for _ in range(_ROUNDS):
            if self._try(holder, act):
                return
        raise Violation(f"{holder.name} cannot reach the server")

    def _come_to_rest(self, app: App) -> None:
        """Two rounds, then two more when the worker has looked at every photo, and at all that is held.

        Two transactions on PostgreSQL that wait for each other's operations see neither; the worker does,
        a minute later.
        """
        for _ in range(2):
            for _ in range(2):
                for holder in self.holders:
                    self._patiently(holder, partial(holder.sync, 500))
            end = time.monotonic() + 30
            while _is_busy(app.db) and time.monotonic() < end:
                time.sleep(0.2)
            judge_waiting(replace(app, clock=MovableClock(SystemClock().now() + timedelta(seconds=61))))


def _is_busy(database: Database) -> bool:
    """Whether jobs are due; what a killed server had begun is due much later, and changes photos only."""
    with database.read() as tx:
        return tx.execute(sa.select(JOB.c.id).where(JOB.c.run_at <= SystemClock().now())).first() is not None
