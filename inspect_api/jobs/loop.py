"""The loops that do what is due, and the only map from a job's name to its action."""

import threading
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import structlog

from inspect_api.actions import recompute_dates
from inspect_api.actions.adopt_photo import adopt_photo, find_lost
from inspect_api.actions.app import App
from inspect_api.actions.collect_orphans import collect
from inspect_api.actions.escalate_overdue import escalate_overdue, escalate_these
from inspect_api.actions.forget_leaves import forget_leaves
from inspect_api.actions.index_hazards import index_hazards, seal_segment
from inspect_api.actions.judge_held import judge_held
from inspect_api.actions.keep_aside import drain
from inspect_api.actions.prepare_photo import examine, file_prepared
from inspect_api.actions.publish_checklist import renew_reference
from inspect_api.actions.reference import is_told
from inspect_api.actions.scrub_photos import scrub
from inspect_api.actions.sweep_uploads import sweep_uploads
from inspect_api.errors import Refusal
from inspect_api.jobs.dispatch import Dispatcher, deliver_until
from inspect_api.media.blobs import BlobStoreDown
from inspect_api.media.darkroom import DarkroomDown
from inspect_api.store import hazards, jobs, search_index, tallies
from inspect_api.store.schema import AnyRow

log = structlog.get_logger()

SLICE = 200
_EVERY_S = 2.0
_STOPPED_WITHIN_S = 5.0
_CLAIMED = 4
_INDEXED = 500
_LEASE = timedelta(minutes=5)
_MOST_ATTEMPTS = 10
_LONGEST_PAUSE = timedelta(minutes=10)
_TRANSIENT = (BlobStoreDown, DarkroomDown, Refusal)
"""Not the job's fault: it is tried until it works, however long the outage lasts."""


def _prepare_photo(app: App, sha256: str) -> None:
    prepared = examine(app.blobs, app.darkroom, sha256)
    app.write(lambda work: file_prepared(work, sha256, prepared))


def _adopt_photo(app: App, sha256: str) -> None:
    found = find_lost(app.blobs, sha256)
    if found is not None:
        app.write(lambda work: adopt_photo(work, found))


JOBS: dict[str, Callable[[App, str], None]] = {"prepare_photo": _prepare_photo, "adopt_photo": _adopt_photo}
"""What to do for a job, with its key. It commits its own transactions."""


def escalate(app: App) -> int:
    """Take every step of a ladder that is due now; how many that were.

    A hazard that cannot be escalated is logged and passed over: it keeps no other waiting.
    """
    total = 0
    broken: set[UUID] = set()
    while done := _escalate_slice(app, broken):
        total += done
    return total


def _escalate_slice(app: App, broken: set[UUID]) -> int:
    try:
        return app.write(lambda work: escalate_overdue(work, SLICE, broken))
    except Refusal:
        raise
    except Exception:
        ids = app.read(lambda work: hazards.due(work.tx, work.now, SLICE, broken))
        before = len(broken)
        return _escalate_halves(app, ids, broken) + len(broken) - before


def _escalate_halves(app: App, ids: list[UUID], broken: set[UUID]) -> int:
    """By halves and halves of them, until those that break stand alone."""
    try:
        return app.write(lambda work: escalate_these(work, ids))
    except Refusal:
        raise
    except Exception:
        if len(ids) == 1:
            log.exception("not escalated", hazard=str(ids[0]))
            broken.update(ids)
            return 0
    middle = len(ids) // 2
    return _escalate_halves(app, ids[:middle], broken) + _escalate_halves(app, ids[middle:], broken)


def run_jobs(app: App) -> int:
    """Do every job that is due now; how many were tried."""
    total = 0
    while claimed := app.write(lambda work: jobs.claim(work.tx, work.now, _LEASE, _CLAIMED)):
        for row in claimed:
            _run(app, row)
        total += len(claimed)
    return total


def judge_waiting(app: App) -> int:
    """Look again at what has been held for a minute; how many operations that were."""
    total = 0
    while looked := app.write(lambda work: judge_held(work, SLICE)):
        total += looked
    return total


def see_to_the_day(app: App) -> int:
    """Once a day, and when checklists have come: what of them is live or retired; how many things changed."""
    total = 0
    if not app.read(is_told):
        while done := app.write(renew_reference):
            total += done
    return total


def compute_dates_again(app: App) -> int:
    """After a notice of holidays: the dates that cross a changed day; how many hazards that were."""
    total = 0
    if app.read(recompute_dates.is_pending):
        while done := app.write(lambda work: recompute_dates.recompute_dates(work, SLICE)):
            total += done
    return total


def forget_old_leaves(app: App) -> int:
    """Marks of what left a stream long ago; how many that were."""
    keep, total = timedelta(days=app.settings.leaves_kept_days), 0
    while done := app.write(lambda work: forget_leaves(work, keep, SLICE)):
        total += done
    return total


def see_to_uploads(app: App) -> int:
    """Uploads that have expired, and the parts of those that are over; how many that were."""
    total = 0
    while done := sweep_uploads(app, SLICE):
        total += done
    return total


def index_words(app: App) -> int:
    """What was written since is made findable by its words; how many hazards that were."""
    total = 0
    while app.read(lambda work: search_index.is_waiting(work.tx)):
        total += app.write(lambda work: index_hazards(work, _INDEXED))
        app.write(seal_segment)
    return total


def tally_townships(app: App) -> int:
    """What was written or fell due since the last time is counted; how many townships that were."""
    total = 0
    while app.read(lambda work: tallies.to_count(work.tx, work.now, 1)):
        total += app.write(lambda work: tallies.recount(work.tx, work.now, SLICE))
    return total


DUTIES: dict[str, Callable[[App], int]] = {
    "escalate": escalate,
    "held": judge_waiting,
    "jobs": run_jobs,
    "dates": compute_dates_again,
    "leaves": forget_old_leaves,
    "orphans": collect,
    "reference": see_to_the_day,
    "scrub": scrub,
    "search": index_words,
    "spool": drain,
    "tallies": tally_townships,
    "uploads": see_to_uploads,
}


def run_due(app: App) -> int:
    """Do everything that is due now; how many things that were. A fault is logged and stops nothing else."""
    return sum(_guarded(name, app) for name in DUTIES)


def drain_until(stop: threading.Event, app: App, every_s: float = _EVERY_S) -> None:
    """What this node keeps for the photo store can be handed on by nobody else."""
    while not stop.is_set():
        _guarded("spool", app)
        stop.wait(every_s)


def work_until(stop: threading.Event, app: App, every_s: float = _EVERY_S) -> None:
    """Do what is due, every few seconds, until told to stop.

    Each duty has a thread: no photo store that hangs may keep a deadline from being noticed.
    """

    def repeat(name: str) -> None:
        while not stop.is_set():
            _guarded(name, app)
            stop.wait(every_s)

    dispatcher = Dispatcher(app)
    threads = [threading.Thread(target=repeat, args=(name,), name=name, daemon=True) for name in DUTIES]
    out = threading.Thread(
        target=deliver_until, args=(stop, dispatcher, every_s), name="deliver", daemon=True
    )
    threads.append(out)
    for thread in threads:
        thread.start()
    stop.wait()
    dispatcher.wake.set()
    for thread in threads:
        thread.join(_STOPPED_WITHIN_S)


def _run(app: App, row: AnyRow) -> None:
    if row.attempts > _MOST_ATTEMPTS:
        _put_off(app, row, "given up: none who tried it lived to tell", row.attempts)
        return
    try:
        JOBS[row.name](app, row.key)
    except _TRANSIENT as error:
        _put_off(app, row, f"{type(error).__name__}: {error}", min(row.attempts, _MOST_ATTEMPTS - 1))
    except Exception as error:
        log.warning("job failed", job=row.name, attempts=row.attempts, exc_info=error)
        _put_off(app, row, f"{type(error).__name__}: {error}", row.attempts)
    else:
        app.write(lambda work: jobs.done(work.tx, [row.id]))


def _put_off(app: App, row: AnyRow, note: str, attempts: int) -> None:
    pause = _pause(attempts)
    app.write(
        lambda work: jobs.failed(work.tx, row.id, note, None if pause is None else work.now + pause, attempts)
    )


def _pause(attempts: int) -> timedelta | None:
    """Until the next attempt, longer each time; None gives the job up, and leaves its row to be seen."""
    if attempts >= _MOST_ATTEMPTS:
        return None
    seconds: int = 10 * 2**attempts
    return min(timedelta(seconds=seconds), _LONGEST_PAUSE)


def _guarded(name: str, app: App) -> int:
    try:
        return DUTIES[name](app)
    except Refusal as refusal:
        log.warning("not done", duty=name, why=refusal.detail)
    except BlobStoreDown as error:
        log.warning("not done", duty=name, why=str(error))
    except Exception:
        log.exception("not done", duty=name)
    return 0
