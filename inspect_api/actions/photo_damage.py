"""The stored bytes of a photo are found wrong, or right again: booked, shown with it, told to the county."""

from collections.abc import Mapping
from datetime import timedelta

import structlog

from inspect_api.actions.ledger import Ledger
from inspect_api.actions.notify import damaged_notice, send_notices
from inspect_api.actions.work import Work
from inspect_api.store import custody, hazards, jobs, photo_checks, photos
from inspect_api.store.photo_checks import Fault

log = structlog.get_logger()


def file_checks(work: Work, found: Mapping[str, Fault | None], again_in: timedelta) -> None:
    """Keep what was found; damage is booked, shown with the photo, and told to the county."""
    photo_checks.check_again_at(work.tx, found, work.now + again_in)
    mend(work, [name for name, fault in found.items() if fault is None], "system")
    new = [name for name, fault in found.items() if fault and _note(work, name, fault)]
    _tell_county(work, new)


def mend(work: Work, names: list[str], actor: str) -> None:
    """The right bytes are there again; what could not be read from them is tried anew."""
    faults = photo_checks.clear_faults(work.tx, names)
    if faults:
        jobs.renew(work.tx, "prepare_photo", photos.waiting(work.tx, faults), work.now)
    for name, fault in faults.items():
        if fault != "doubted":
            custody.note(work.tx, "mended", name, work.now, actor)
        _show(work, name)


def doubt(work: Work, sha256: str) -> None:
    """Somebody met damage: it is looked at by the worker in seconds, and not called stored until then."""
    if photo_checks.doubt(work.tx, sha256, work.now):
        _show(work, sha256)


def _note(work: Work, sha256: str, fault: Fault) -> bool:
    if not photo_checks.set_fault(work.tx, sha256, fault, work.now):
        return False
    log.warning("a photo in the store is faulty", fault=fault)
    custody.note(work.tx, fault, sha256, work.now, "system")
    _show(work, sha256)
    return True


def _show(work: Work, sha256: str) -> None:
    for row in photos.touch(work.tx, sha256):
        work.changed("photo", row.id, row.rev, row)


def _tell_county(work: Work, names: list[str]) -> None:
    shown = photo_checks.hazards_shown(work.tx, names) if names else {}
    rows = hazards.load(work.tx, (ids[0] for ids in shown.values()), lock=False)
    states = {row.id: hazards.state_of(row) for row in rows}
    notices = [damaged_notice(states[ids[0]], name, work.now) for name, ids in shown.items()]
    send_notices(work, Ledger(work), list({notice.cause: notice for notice in reversed(notices)}.values()))
