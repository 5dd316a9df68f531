"""What waits, for Prometheus: asked of the database, so that any process can tell it for all of them."""

from datetime import datetime

from prometheus_client import CollectorRegistry, Gauge, generate_latest

from inspect_api.actions.work import Work
from inspect_api.store import deliveries, hazards, photo_checks, spooled


def backlog_metrics(work: Work) -> bytes:
    """The text of the gauges."""
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
    faulty = Gauge(
        "inspect_api_photos_faulty", "Photos whose stored bytes are not what they were", ["fault"],
        registry=registry,
    )  # fmt: skip
    for fault, many in photo_checks.count_faulty(work.tx).items():
        faulty.labels(fault).set(many)
    unchecked = Gauge(
        "inspect_api_photo_check_lag_seconds", "Age of the oldest check of a photo that is due and not done",
        registry=registry,
    )  # fmt: skip
    unchecked.set(_age(work, photo_checks.longest_due(work.tx, work.now)))
    many, size, since = spooled.backlog(work.tx)
    for name, told, value in (
        ("photos", "Photos that nodes keep for the photo store", many),
        ("bytes", "Their bytes", size),
        ("oldest_seconds", "Age of the oldest of them", _age(work, since)),
    ):
        Gauge(f"inspect_api_spool_{name}", told, registry=registry).set(value)
    return generate_latest(registry)


def _age(work: Work, since: datetime | None) -> float:
    return 0.0 if since is None else max((work.now - since).total_seconds(), 0.0)
