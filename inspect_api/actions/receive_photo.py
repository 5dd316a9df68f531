"""The bytes of a photo are stored: records that were waiting for them are told, and some hazards close."""

from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

from inspect_api.actions.ledger import Cause, Ledger
from inspect_api.actions.photo_damage import mend
from inspect_api.actions.work import Work
from inspect_api.clock import new_id
from inspect_api.domain.opening import prove_fixed_on_site
from inspect_api.errors import Code, Refusal
from inspect_api.store import inspections, jobs, orphans, photos
from inspect_api.store.schema import AnyRow

_FIRST_CHECK = timedelta(days=1)
"""A store that forgets may do so later."""


class StoredBlob(NamedTuple):
    """Bytes that are durable in the blob store. `spared` is the mark that was known when they were put."""

    sha256: str
    size: int
    content_type: str
    spared: UUID | None = None


class TakenMeanwhile(Refusal):
    """The bytes may have been taken away after they were put: put them again, knowing of this mark."""

    def __init__(self, mark: UUID) -> None:
        super().__init__(Code.BUSY, "The photo was just being taken away", retry_after=1)
        self.mark = mark


def receive_photo(work: Work, blob: StoredBlob) -> bool:
    """Record the bytes and link what waits for them; True when they are new from this account.

    (Whether somebody else has stored them is not told.)

    Only records of the same account or phone are linked: naming a hash gives nobody the right to read
    what somebody else photographed.
    """
    photos.hold_names(work.tx, [blob.sha256], arriving=True)
    _spare(work, blob)
    row: dict[str, object] = {
        "sha256": blob.sha256,
        "size": blob.size,
        "content_type": blob.content_type,
        "stored_at": work.now,
        "offered_at": work.now,
        "check_at": work.now + _FIRST_CHECK,
    }
    if not photos.add_blob(work.tx, row):
        photos.offer_again(work.tx, blob.sha256, work.now)
        mend(work, [blob.sha256], str(work.who.id))
    else:
        key: dict[str, object] = {"id": new_id(), "name": "prepare_photo", "key": blob.sha256}
        jobs.add(work.tx, [key | {"run_at": work.now}])
    is_first = photos.add_upload(work.tx, blob.sha256, work.who.id)
    awaited = photos.awaited(work.tx, blob.sha256, work.who.id, work.who.device_id)
    if awaited:
        _link(work, awaited)
    return is_first


def _spare(work: Work, blob: StoredBlob) -> None:
    """Nobody takes away what has come again. Raises TakenMeanwhile, and BUSY while it is being taken away.

    Two who put the same bytes before they went both learn of it: the mark goes with the record of bytes that
    were put after it was known.
    """
    doomed = orphans.find(work.tx, blob.sha256)
    if doomed is None:
        return
    if doomed.state == "going":
        raise Refusal(Code.BUSY, "The photo is just being taken away", retry_after=5)
    if doomed.state == "gone" and doomed.mark != blob.spared:
        raise TakenMeanwhile(doomed.mark)
    orphans.spare(work.tx, [blob.sha256])


def _link(work: Work, awaited: list[AnyRow]) -> None:
    ledger = Ledger(work)
    ledger.load({row.hazard_id for row in awaited if row.hazard_id is not None})
    rows = photos.set_present(work.tx, [row.id for row in awaited])
    for row in rows:
        if row.hazard_id is not None:
            ledger.add_pending(row.hazard_id, -1)
        work.changed("photo", row.id, row.rev, row)
    _close_proved(work, ledger, {row.hazard_id for row in rows if row.purpose == "fixed"})
    ledger.write()
    for inspection in inspections.touch(work.tx, {row.inspection_id for row in rows if row.inspection_id}):
        work.changed("inspection", inspection.id, inspection.rev, inspection)


def _close_proved(work: Work, ledger: Ledger, proved: set[UUID | None]) -> None:
    ids = {hazard_id for hazard_id in proved if hazard_id is not None}
    still_waiting = photos.waiting_on_site(work.tx, ids) if ids else set()
    for hazard_id in sorted(ids - still_waiting):
        file = ledger.get(hazard_id)
        if file is not None and file.hazard.on_site_pending and file.hazard.status == "verifying":
            prove_fixed_on_site(file, work.now, work.book)
            ledger.record(hazard_id, "hazard.fixed_on_site", Cause(str(work.who.id)))
