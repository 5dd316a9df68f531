"""What callers are told when bytes cannot be kept or given back."""

from prometheus_client import Counter

from inspect_api.errors import Code, Refusal
from inspect_api.media.blobs import BlobStoreDown, BlobStoreFull

_FAILURES = Counter("inspect_api_blob_store_failures", "Requests that the photo store failed", ["code"])
_AGAIN_S = 10
_AGAIN_WHEN_FULL_S = 60


def storage_refusal(error: BlobStoreDown) -> Refusal:
    """503 `storage_down`, or 507 `storage_full`, counted; either with when to try again."""
    if isinstance(error, BlobStoreFull):
        refusal = Refusal(Code.STORAGE_FULL, retry_after=_AGAIN_WHEN_FULL_S)
    else:
        refusal = Refusal(Code.STORAGE_DOWN, retry_after=_AGAIN_S)
    _FAILURES.labels(refusal.code.wire).inc()
    return refusal
