"""Counts and durations of this process, for Prometheus."""

from litestar import Response
from prometheus_client import CONTENT_TYPE_LATEST, Counter, Gauge, Histogram, generate_latest

from inspect_api.errors import Refusal
from inspect_api.http.asked import Asked
from inspect_api.http.backlog import backlog_metrics

_REQUESTS = Counter("inspect_api_requests", "Requests answered", ["method", "route", "status"])
_SECONDS = Histogram(
    "inspect_api_request_seconds", "From the first byte of a request to the last of its answer",
    ["method", "route"], buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)  # fmt: skip

_STORE_DOWN = Gauge("inspect_api_blob_store_down", "1 while the photo store is left in peace")


def count_request(method: str, route: str, status: int, seconds: float) -> None:
    """`route` is the template, never the address: what was asked for is nobody's business here."""
    _REQUESTS.labels(method, route, str(status)).inc()
    _SECONDS.labels(method, route).observe(seconds)


async def metrics(asked: Asked) -> Response[bytes]:
    """The text that Prometheus reads. While the database does not answer it tells of this process only."""
    backlog = await _backlog(asked)
    return Response(generate_latest() + backlog, media_type=CONTENT_TYPE_LATEST)


async def _backlog(asked: Asked) -> bytes:
    app = asked.opened
    if app is None:
        return b""
    _STORE_DOWN.set(app.blobs.is_down)
    try:
        return await asked.threads.run(asked.threads.readers, lambda: app.read(backlog_metrics))
    except Refusal:
        return b""
