"""What waits, for Prometheus: asked of the database, so that any process can tell it for all of them."""

from datetime import datetime

from prometheus_client import CollectorRegistry, Gauge, generate_latest

from inspect_api.actions.work import Work
from inspect_api.store import deliveries, hazards


def backlog_metrics(work: Work) -> bytes:
    """The text of four gauges."""
    registry = CollectorRegistry()
    waiting = Gauge(
        "inspect_api_notices_waiting", "Notices that no channel has taken on yet", ["channel", "state"],
        registry=registry,
    )  # fmt: skip
    oldest = Gauge(
        "inspect_api_notices_oldest_seconds", "Age of the oldest of them", ["channel", "state"],
        registry=registry,
    )  # fmt: skip
    for row in deliveries.waiting(work.tx):
        labels = (row.channel or "unplanned", row.state)
        waiting.labels(*labels).set(row.many)
        oldest.labels(*labels).set(_age(work, row.since))
    late = Gauge(
        "inspect_api_escalation_lag_seconds", "Age of the oldest step that is due and not taken",
        registry=registry,
    )  # fmt: skip
    late.set(_age(work, hazards.longest_due(work.tx, work.now)))
    return generate_latest(registry)


def _age(work: Work, since: datetime | None) -> float:
    return 0.0 if since is None else max((work.now - since).total_seconds(), 0.0)
