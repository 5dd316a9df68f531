"""The bytes of a photo go into the store, and what may be spoilt by that is not called stored meanwhile."""

from functools import partial
from pathlib import Path

from inspect_api.actions.app import App
from inspect_api.actions.photo_damage import doubt
from inspect_api.media.blobs import BlobStoreDown, Source
from inspect_api.store import photos


def put_photo(app: App, sha256: str, source: Source | Path, size: int) -> None:
    """As `BlobStore.put`. A recorded photo counts as doubted before its copy may be written over.

    A store that lies when it is read makes a good copy look damaged, and one that lies again when it is
    written spoils it then; also where somebody else records the same photo between our look and our write.
    """
    wrote = False

    def overwriting() -> None:
        nonlocal wrote
        if app.read(lambda work: photos.blob(work.tx, sha256)) is not None:
            app.write(partial(doubt, sha256=sha256))
        wrote = True

    try:
        app.blobs.put(sha256, source, size, overwriting)
    except BlobStoreDown:
        if wrote:
            app.write(partial(doubt, sha256=sha256))
        raise
