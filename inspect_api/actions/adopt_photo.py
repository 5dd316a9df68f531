"""After a restore: a record that came again names a photo whose bytes outlived the record of their arrival.

Its phone has been told that they are stored, and may have forgotten them.
"""

from collections.abc import Iterable
from dataclasses import replace

from inspect_api.actions.receive_photo import StoredBlob, receive_photo
from inspect_api.actions.work import Work
from inspect_api.clock import new_id
from inspect_api.media.blobs import BlobMissing, BlobStore
from inspect_api.media.formats import SNIFF_BYTES, sniff
from inspect_api.store import identity, instance, jobs, photos


def look_for_lost(work: Work, names: Iterable[str]) -> None:
    """Have the photo store asked for what records await, where the database was ever put back."""
    wanted = sorted(set(names))
    if wanted and instance.was_put_back(work.tx):
        jobs.add_new(
            work.tx, [{"id": new_id(), "name": "adopt_photo", "key": n, "run_at": work.now} for n in wanted]
        )


def find_lost(store: BlobStore, sha256: str) -> StoredBlob | None:
    """What the store holds under the name, checked against it. Raises BlobStoreDown, BlobDamaged."""
    size = store.size(sha256)
    if size is None:
        return None
    try:
        with store.open(sha256) as original:
            kind = sniff(original.read(SNIFF_BYTES))
    except BlobMissing:
        return None
    return StoredBlob(sha256, size, kind) if kind is not None else None


def adopt_photo(work: Work, blob: StoredBlob) -> int:
    """Link the bytes to the records that await them, as if their accounts had handed them in.

    Gives how many accounts that were: none where anybody's arrival of the bytes is on record. Then the
    ordinary rule holds, by which naming a hash gives nobody the right to read what another photographed.
    Bytes without an arrival are known by their hash only to those who saw them before the restore.
    """
    photos.hold_names(work.tx, [blob.sha256], arriving=True)
    if photos.blob(work.tx, blob.sha256) is not None:
        return 0
    accounts = photos.awaiting(work.tx, blob.sha256)
    for account_id in accounts:
        author = identity.caller_with_session(work.tx, account_id, account_id, None)
        receive_photo(replace(work, caller=author), blob)
    return len(accounts)
