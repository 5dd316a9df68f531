"""The loop that does what is due, and the only map from a job's name to its action."""

import threading
from collections.abc import Callable
from datetime import timedelta

import structlog

from inspect_api.actions.app import App
from inspect_api.actions.escalate_overdue import escalate_overdue
from inspect_api.actions.judge_held import judge_held
from inspect_api.actions.prepare_photo import examine, file_prepared
from inspect_api.errors import Refusal
from inspect_api.store import jobs
from inspect_api.store.schema import AnyRow

log = structlog.get_logger()

SLICE = 200
_EVERY_S = 2.0
_CLAIMED = 4
_LEASE = timedelta(minutes=5)
_MOST_ATTEMPTS = 10


def _prepare_photo(app: App, sha256: str) -> None:
    prepared = examine(app.blobs, sha256)
    app.write(lambda work: file_prepared(work, sha256, prepared))


JOBS: dict[str, Callable[[App, str], None]] = {"prepare_photo": _prepare_photo}
"""What to do for a job, with its key. It commits its own transactions."""


def run_due(app: App) -> int:
    """Do everything that is due now; how many things that were. A fault is logged and stops nothing else."""
    return (
        _guarded("escalate", lambda: _escalate(app))
        + _guarded("held", lambda: app.write(lambda work: judge_held(work, SLICE)))
        + _guarded("jobs", lambda: _run_jobs(app))
    )


def work_until(stop: threading.Event, app: App, every_s: float = _EVERY_S) -> None:
    """Do what is due, every few seconds, until told to stop."""
    while not stop.is_set():
        _guarded("loop", lambda: run_due(app))
        stop.wait(every_s)


def _escalate(app: App) -> int:
    total = 0
    while done := app.write(lambda work: escalate_overdue(work, SLICE)):
        total += done
    return total


def _run_jobs(app: App) -> int:
    total = 0
    while claimed := app.write(lambda work: jobs.claim(work.tx, work.now, _LEASE, _CLAIMED)):
        for row in claimed:
            _run(app, row)
        total += len(claimed)
    return total


def _run(app: App, row: AnyRow) -> None:
    try:
        JOBS[row.name](app, row.key)
    except Exception as error:
        log.warning("job failed", job=row.name, attempts=row.attempts, exc_info=error)
        again = None if row.attempts >= _MOST_ATTEMPTS else timedelta(seconds=10 * 2**row.attempts)
        note = f"{type(error).__name__}: {error}"
        app.write(
            lambda work: jobs.failed(work.tx, row.id, note, work.now + again if again is not None else None)
        )
    else:
        app.write(lambda work: jobs.done(work.tx, [row.id]))


def _guarded(what: str, act: Callable[[], int]) -> int:
    try:
        return act()
    except Refusal as refusal:
        log.warning("not done", what=what, why=refusal.detail)
    except Exception:
        log.exception("not done", what=what)
    return 0
