"""Uploads that nobody has completed are ended, and what is left of uploads that are over is cleared away."""

from datetime import timedelta

from inspect_api.actions.app import App
from inspect_api.store import uploads

_REMEMBERED = timedelta(days=7)
"""For so long an upload that has expired is told to be gone; after that nobody has heard of it."""


def sweep_uploads(app: App, most: int) -> int:
    """One batch of up to `most` of each kind; how many uploads it concerned. Raises BlobStoreDown.

    Parts go before the note that they are gone, so that a crash in between leaves nothing behind. They are
    looked for again before the row goes: a request may have been about to add one the first time.
    """
    ended = app.write(lambda work: uploads.expire(work.tx, work.now, most))
    over = app.read(lambda work: uploads.unswept(work.tx, most))
    for upload in over:
        app.blobs.drop_parts(upload)
    bygone = app.read(lambda work: uploads.bygone(work.tx, work.now - _REMEMBERED, most))
    for upload in bygone:
        app.blobs.drop_parts(upload)
    if over:
        app.write(lambda work: uploads.note_swept(work.tx, over))
    if bygone:
        app.write(lambda work: uploads.forget(work.tx, bygone))
    return ended + len(over) + len(bygone)
