"""While the photo store is down a node keeps photos itself; when the store is back they go there."""

from datetime import datetime
from functools import partial
from uuid import UUID

import structlog

from inspect_api.actions.app import App
from inspect_api.actions.put_photo import put_photo
from inspect_api.actions.receive_photo import StoredBlob, TakenMeanwhile, receive_photo
from inspect_api.actions.work import Work
from inspect_api.media.blobs import BlobDamaged, BlobMissing
from inspect_api.media.spool import Spool, SpooledStore
from inspect_api.store import custody, identity, photos, spooled
from inspect_api.store.schema import AnyRow

log = structlog.get_logger()

_SLICE = 50
_STRAY_FOR_S = 24 * 3600


def note_received(work: Work, blob: StoredBlob, node: UUID) -> None:
    """The bytes are durable on this node, and nowhere else."""
    row = {"sha256": blob.sha256, "node_id": node, "account_id": work.who.id, "device_id": work.who.device_id}
    more = {"size": blob.size, "content_type": blob.content_type, "received_at": work.now}
    spooled.add(work.tx, row | more)


def drain(app: App) -> int:
    """Hand everything that this node keeps on to the store; how many photos and parts that were.

    Raises BlobStoreDown; then the rest stays for the next time.
    """
    spool = app.spool
    if spool is None:
        return 0
    if app.read(lambda work: spooled.oldest(work.tx, spool.node, 1)):
        app.write(lambda work: spooled.seen(work.tx, spool.node, work.now))
    total = _drain_parts(app)
    while rows := app.read(lambda work: spooled.oldest(work.tx, spool.node, _SLICE)):
        for name in dict.fromkeys(row.sha256 for row in rows):
            _hand_on(app, spool, [row for row in rows if row.sha256 == name])
        total += len(rows)
    if total:
        _sweep(app, spool)
    return total


def _hand_on(app: App, spool: Spool, rows: list[AnyRow]) -> None:
    blob = StoredBlob(rows[0].sha256, rows[0].size, rows[0].content_type)
    try:
        _put(app, spool, blob)
        try:
            app.write(partial(_receive, blob=blob, rows=rows))
        except TakenMeanwhile as taken:
            _put(app, spool, blob)
            app.write(partial(_receive, blob=blob._replace(spared=taken.mark), rows=rows))
    except (BlobDamaged, BlobMissing):
        app.write(partial(_give_up, name=blob.sha256, node=spool.node))
    spool.delete(blob.sha256)
    # whoever was told `received` just before the file went has his photo in the store
    late = app.read(lambda work: spooled.of_photo(work.tx, blob.sha256, spool.node))
    if late:
        app.write(partial(_receive_late, blob=blob, rows=late))


def _put(app: App, spool: Spool, blob: StoredBlob) -> None:
    with spool.open(blob.sha256) as file:
        put_photo(app, blob.sha256, file, blob.size)


def _receive(work: Work, blob: StoredBlob, rows: list[AnyRow]) -> None:
    for row in rows:
        author = identity.caller_with_session(work.tx, row.account_id, row.account_id, row.device_id)
        work.caller = author
        receive_photo(work, blob)
    spooled.remove(work.tx, blob.sha256, rows[0].node_id, [row.account_id for row in rows])


def _receive_late(work: Work, blob: StoredBlob, rows: list[AnyRow]) -> None:
    if photos.blob(work.tx, blob.sha256) is not None:
        _receive(work, blob, rows)


def _give_up(work: Work, name: str, node: UUID) -> None:
    """Its phone still has it, and is told that it is missing. (Another process may have handed it on.)"""
    if spooled.remove(work.tx, name, node, None):
        log.warning("a photo that waited for the store is lost")
        custody.note(work.tx, "missing", name, work.now, "system", f"waiting on node {node}")


def _drain_parts(app: App) -> int:
    if not isinstance(app.blobs, SpooledStore) or app.blobs.is_down:
        return 0
    spool, parts = app.blobs.spool, app.blobs.spool.parts()
    for upload, name, size in parts:
        try:
            with spool.open_part(upload, name) as file:
                app.blobs.store.put_part(upload, name, file, size)
        except BlobMissing:
            continue  # joined or given up meanwhile
        spool.drop_part(upload, name)
    return len(parts)


def _sweep(app: App, spool: Spool) -> None:
    """Files that a crash left before they were noted: nobody was told of them."""
    now: datetime = app.clock.now()
    for lying in spool.inventory("", _SLICE):
        is_old = (now - lying.changed_at).total_seconds() > _STRAY_FOR_S
        if is_old and not app.read(lambda work, n=lying.sha256: spooled.of_photo(work.tx, n, spool.node)):  # type: ignore[misc]
            spool.delete(lying.sha256)
