"""Is this process alive, and may it be sent requests?"""

from typing import Literal

from anyio import move_on_after, to_thread
from msgspec import Struct

from inspect_api.actions.app import App
from inspect_api.errors import Refusal
from inspect_api.http.asked import Answer, Asked
from inspect_api.media.blobs import BlobStoreDown
from inspect_api.store import photo_checks

_PATIENCE_S = 3


class Health(Struct, frozen=True):
    """`degraded` names what does not work although requests are served: `blobs`, the photo store;
    `evidence`, photos whose stored bytes are damaged or missing; `database`.
    """

    status: Literal["live", "ready", "starting", "down"]
    degraded: list[str]


async def live(_asked: Asked) -> Health:
    """The process answers."""
    return Health("live", [])


async def ready(asked: Asked) -> Answer:
    """503 until everything is open and while the database does not answer; without photos it serves on."""
    app = asked.opened
    if app is None:
        return Answer(Health("starting", []), 503, {"Retry-After": "2"})
    try:
        faulty = await asked.threads.run(
            asked.threads.readers, lambda: app.read(lambda w: photo_checks.count_faulty(w.tx))
        )
    except Refusal as refusal:
        return Answer(Health("down", ["database"]), 503, {"Retry-After": str(refusal.retry_after or 5)})
    degraded = [] if await _blobs_work(asked, app) else ["blobs"]
    return Answer(Health("ready", [*degraded, "evidence"] if faulty else degraded))


async def _blobs_work(asked: Asked, app: App) -> bool:
    with move_on_after(_PATIENCE_S):
        try:
            await to_thread.run_sync(app.blobs.check, limiter=asked.threads.blobs, abandon_on_cancel=True)
        except BlobStoreDown:
            return False
        return True
    return False
