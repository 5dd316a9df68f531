"""What callers are told when bytes cannot be kept or given back."""

from collections.abc import Callable
from functools import partial
from typing import TypeVar
from uuid import UUID

from prometheus_client import Counter

from inspect_api.actions.put_photo import put_photo
from inspect_api.actions.receive_photo import StoredBlob, TakenMeanwhile
from inspect_api.actions.work import Work
from inspect_api.errors import Code, Refusal
from inspect_api.http.asked import Asked
from inspect_api.media.blobs import BlobStoreDown, BlobStoreFull, Source

Result = TypeVar("Result")

_FAILURES = Counter("inspect_api_blob_store_failures", "Requests that the photo store failed", ["code"])
_AGAIN_S = 10
_AGAIN_WHEN_FULL_S = 60


Put = Callable[[str, Source, int], None]
"""How a store keeps a blob."""


async def store_photo(
    asked: Asked,
    keep: Callable[[Put], StoredBlob],
    record: Callable[[Work, StoredBlob], Result],
    record_aside: Callable[[Work, StoredBlob, UUID], Result],
) -> Result:
    """Put the bytes of a photo into the store and record them; again, where they were taken away between.

    While the store is down they are kept on this node, where it has a spool with room for them.
    `keep` may be called several times. Raises STORAGE_DOWN, STORAGE_FULL and what `keep` raises.
    """
    threads, store, spool = asked.threads, asked.app.blobs, asked.app.spool
    mark: UUID | None = None
    while spool is None or not store.is_down:
        try:
            return await threads.store(
                lambda: keep(partial(put_photo, asked.app))._replace(spared=mark),  # noqa: B023
                lambda blob: asked.write(lambda work: record(work, blob)),
            )
        except TakenMeanwhile as taken:
            mark = taken.mark
        except Refusal as refusal:
            if spool is None or refusal.code is not Code.STORAGE_DOWN:
                raise
            break
    try:
        blob = await threads.run(threads.aside, lambda: keep(spool.put))
    except Refusal as refusal:
        if refusal.code is not Code.STORAGE_FULL:
            raise
        why = "The photo store does not answer, and this node has no room left"
        raise Refusal(Code.STORAGE_DOWN, why, retry_after=_AGAIN_WHEN_FULL_S) from refusal
    return await threads.run(
        threads.writers, lambda: asked.write(lambda work: record_aside(work, blob, spool.node))
    )


def storage_refusal(error: BlobStoreDown) -> Refusal:
    """503 `storage_down`, or 507 `storage_full`, counted; either with when to try again."""
    if isinstance(error, BlobStoreFull):
        refusal = Refusal(Code.STORAGE_FULL, retry_after=_AGAIN_WHEN_FULL_S)
    else:
        refusal = Refusal(Code.STORAGE_DOWN, retry_after=_AGAIN_S)
    _FAILURES.labels(refusal.code.wire).inc()
    return refusal
