"""Photos that nothing refers to are taken away after ORPHAN_DAYS, unless a hold stands where they may belong.

Once a day all that is recorded, and all that lies in the store, is gone through, page by page. What is found
is marked, and looked at once more a day later. It is struck out of the database first, then deleted.
"""

from datetime import UTC, datetime, timedelta
from functools import partial

import msgspec

from inspect_api.actions.app import App
from inspect_api.actions.work import Work
from inspect_api.store import custody, holds, instance, orphans, photos

_PAGE = 1000
_SLICE = 50
_PAGES_AT_ONCE = 20
_ROUND = timedelta(days=1)
_GRACE = timedelta(days=1)
_REMEMBERED = timedelta(days=7)
"""Longer than any request takes between putting bytes and recording them."""

_RECORDED, _LYING = "orphans_recorded", "orphans_lying"


class Place(msgspec.Struct, frozen=True):
    """A round goes on after this name, not before `at`."""

    after: str
    at: datetime


_FIRST = Place("", datetime(1970, 1, 1, tzinfo=UTC))


def collect(app: App) -> int:
    """One step of everything; how many photos were marked or moved on. Raises BlobStoreDown."""
    total = 0
    for look_at in (_look_at_recorded, _look_at_store):
        for _ in range(_PAGES_AT_ONCE):
            marked = look_at(app)
            if marked is None:
                break
            total += marked
    while app.read(lambda work: orphans.in_state(work.tx, "marked", work.now - _GRACE, 1)):
        total += app.write(_strike_out)
    while going := app.read(lambda work: orphans.in_state(work.tx, "going", work.now, _SLICE)):
        for name in going:
            app.blobs.delete(name)
        total += len(app.write(lambda work, names=going: _note_gone(work, names)))  # type: ignore[misc]
    return total


def _keep_for(app: App) -> timedelta:
    return timedelta(days=app.settings.orphan_days)


def _look_at_recorded(app: App) -> int | None:
    """A page of recorded photos; how many were marked. None when the day's round is over."""
    keep = _keep_for(app)
    place = app.read(partial(_stands, name=_RECORDED))
    if place is None:
        return None

    def look(work: Work) -> int:
        if _take(work, _RECORDED) != place:  # another worker was here
            return 0
        rows = orphans.recorded(work.tx, place.after, _PAGE)
        found = [row.sha256 for row in rows if not row.named and row.offered_at <= work.now - keep]
        marked = _mark(work, found)
        _go_on(work, _RECORDED, rows[-1].sha256 if len(rows) == _PAGE else None)
        return marked

    return app.write(look)


def _look_at_store(app: App) -> int | None:
    """A page of what lies in the store, likewise."""
    keep = _keep_for(app)
    place = app.read(partial(_stands, name=_LYING))
    if place is None:
        return None
    page = app.blobs.inventory(place.after, _PAGE)

    def look(work: Work) -> int:
        if _take(work, _LYING) != place:
            return 0
        orphans.forget(work.tx, work.now - _REMEMBERED)
        old = {lying.sha256 for lying in page if lying.changed_at <= work.now - keep}
        known = orphans.known(work.tx, old)
        marked = 0 if _was_restored(work, keep) else _mark(work, sorted(old - known))
        _go_on(work, _LYING, page[-1].sha256 if len(page) == _PAGE else None)
        return marked

    return app.write(look)


def _was_restored(work: Work, keep: timedelta) -> bool:
    """After a restore the store may hold photos whose records are still to come back."""
    ended = instance.past_epochs(work.tx)
    return any(at > work.now - keep for at in ended)


def _mark(work: Work, names: list[str]) -> int:
    return orphans.mark(work.tx, set(names) - _protected(work, names), work.now) if names else 0


def _strike_out(work: Work) -> int:
    """What was marked a day ago and is still needed by nobody: recorded no more, its bytes may go."""
    names = orphans.in_state(work.tx, "marked", work.now - _GRACE, _SLICE)
    photos.hold_names(work.tx, names, arriving=True)
    spared = _protected(work, names)
    orphans.spare(work.tx, spared)
    going = orphans.go_on(work.tx, set(names) - spared, "marked", "going", work.now)
    for name in going:
        custody.note(work.tx, "collected", name, work.now, "system")
    orphans.strike_out(work.tx, going)
    return len(names)


def _note_gone(work: Work, names: list[str]) -> list[str]:
    return orphans.go_on(work.tx, names, "going", "gone", work.now)


def _protected(work: Work, names: list[str]) -> set[str]:
    """Those that are needed, or that might belong to what is under a hold.

    A hold protects what was handed in by anybody who ever worked where it stands. What nobody is known to
    have handed in might belong anywhere.
    """
    protected = orphans.needed(work.tx, names, work.now)
    held = holds.places(work.tx)
    if not held:
        return protected
    by = orphans.uploaders(work.tx, names)
    reach = holds.reach(work.tx, {account for accounts in by.values() for account in accounts})
    for name in set(names) - protected:
        areas = [reach.get(account, set()) for account in by.get(name, ())]
        codes = {code for area in areas for code in area}
        if not areas or not all(areas) or any(_meet(code, place) for code in codes for place in held):
            protected.add(name)
    return protected


def _meet(one: str, other: str) -> bool:
    """Whether one of two divisions lies in the other."""
    return one.startswith(other) or other.startswith(one)


def _stands(work: Work, name: str) -> Place | None:
    """Where a round goes on, if it goes on now."""
    text = instance.get(work.tx, name)
    place = _FIRST if text is None else msgspec.json.decode(text, type=Place)
    return place if place.at <= work.now else None


def _take(work: Work, name: str) -> Place | None:
    """As `_stands`, held until the transaction ends."""
    text = instance.put_new(work.tx, name, msgspec.json.encode(_FIRST).decode())
    place = msgspec.json.decode(text, type=Place)
    return place if place.at <= work.now else None


def _go_on(work: Work, name: str, after: str | None) -> None:
    place = Place("", work.now + _ROUND) if after is None else Place(after, work.now)
    instance.put(work.tx, name, msgspec.json.encode(place).decode())
