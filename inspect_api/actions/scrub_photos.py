"""The bytes of photos are read and hashed again, all in turn, so that damage is found before they are needed.

Where the round stands is in the database, photo by photo; any number of workers go on with it, and share one
allowance of bytes.
"""

from datetime import datetime, timedelta
from functools import partial

import msgspec

from inspect_api.actions.app import App
from inspect_api.actions.photo_damage import file_checks
from inspect_api.actions.work import Work
from inspect_api.media.blobs import BlobDamaged, BlobMissing, BlobStore
from inspect_api.store import instance, photo_checks
from inspect_api.store.photo_checks import Fault

_SLICE = 50
_SAVED_S = 60
"""An allowance that was not used is kept for so long."""

_LEASE = timedelta(minutes=10)
_ALLOWANCE = "scrub"


class Allowance(msgspec.Struct):
    """How many bytes might be read at a moment; below zero after a large photo."""

    left: float
    at: datetime


def scrub(app: App) -> int:
    """Check what is due, as far as the allowance goes; how many photos that were. Raises BlobStoreDown."""
    rate, total = app.settings.scrub_bytes_per_s, 0
    if not app.read(lambda work: photo_checks.are_due(work.tx, work.now)):
        return 0
    again_in = timedelta(days=app.settings.scrub_days)
    while names := app.write(lambda work: _claim(work, rate)):
        found = {name: look(app.blobs, name) for name in names}
        app.write(partial(file_checks, found=found, again_in=again_in))
        total += len(names)
    return total


def look(store: BlobStore, sha256: str) -> Fault | None:
    """What is wrong with the bytes, if the same is wrong twice. Raises BlobStoreDown."""
    first = _look_once(store, sha256)
    return first if first is None else _look_once(store, sha256)


def _claim(work: Work, rate: int) -> list[str]:
    """Photos to look at now. They are due again, should nobody tell what was found."""
    new = msgspec.json.encode(Allowance(rate * _SAVED_S, work.now)).decode()
    allowance = msgspec.json.decode(instance.put_new(work.tx, _ALLOWANCE, new), type=Allowance)
    seconds = max((work.now - allowance.at).total_seconds(), 0)
    left = min(allowance.left + rate * seconds, rate * _SAVED_S)
    names = []
    for row in photo_checks.due(work.tx, work.now, _SLICE) if left > 0 else ():
        names.append(row.sha256)
        left -= row.size
        if left <= 0:
            break
    instance.put(work.tx, _ALLOWANCE, msgspec.json.encode(Allowance(left, work.now)).decode())
    photo_checks.check_again_at(work.tx, names, work.now + _LEASE)
    return names


def _look_once(store: BlobStore, sha256: str) -> Fault | None:
    try:
        store.open(sha256).close()
    except BlobDamaged:
        return "damaged"
    except BlobMissing:
        return "missing"
    return None
