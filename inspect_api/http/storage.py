"""What callers are told when bytes cannot be kept or given back."""

from collections.abc import Callable
from typing import TypeVar
from uuid import UUID

from prometheus_client import Counter

from inspect_api.actions.receive_photo import StoredBlob, TakenMeanwhile
from inspect_api.errors import Code, Refusal
from inspect_api.http.threads import Threads
from inspect_api.media.blobs import BlobStoreDown, BlobStoreFull

Result = TypeVar("Result")

_FAILURES = Counter("inspect_api_blob_store_failures", "Requests that the photo store failed", ["code"])
_AGAIN_S = 10
_AGAIN_WHEN_FULL_S = 60


async def store_photo(
    threads: Threads, keep: Callable[[], StoredBlob], record: Callable[[StoredBlob], Result]
) -> Result:
    """Put the bytes of a photo into the store and record them; again, where they were taken away between."""
    mark: UUID | None = None
    while True:
        try:
            return await threads.store(lambda: keep()._replace(spared=mark), record)  # noqa: B023
        except TakenMeanwhile as taken:
            mark = taken.mark


def storage_refusal(error: BlobStoreDown) -> Refusal:
    """503 `storage_down`, or 507 `storage_full`, counted; either with when to try again."""
    if isinstance(error, BlobStoreFull):
        refusal = Refusal(Code.STORAGE_FULL, retry_after=_AGAIN_WHEN_FULL_S)
    else:
        refusal = Refusal(Code.STORAGE_DOWN, retry_after=_AGAIN_S)
    _FAILURES.labels(refusal.code.wire).inc()
    return refusal
