"""What a storm has left in the database and in the bucket, read behind the product's back."""

import hashlib
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import httpx
import sqlalchemy as sa

from benchmarks.cluster import Cluster
from benchmarks.crowd import RECORDS, Day, Enrolled
from inspect_api.actions.app import open_app
from inspect_api.store.inspections import INSPECTION
from inspect_api.store.jobs import JOB
from inspect_api.store.operations import OPERATION

_FINDINGS = 2


def check(made: Cluster, evenings: Sequence[tuple[Enrolled, Day]]) -> str:
    """Every record once, every photo byte for byte. Raises AssertionError naming what is not."""
    expected = {UUID(entity_id) for _, day in evenings for entity_id in day.entity_ids}
    assert len(expected) == RECORDS * len(evenings)
    app = open_app(made.settings)
    try:
        with app.db.read() as tx:
            there = list(tx.execute(sa.select(INSPECTION.c.id)).scalars())
            filed = tx.execute(sa.select(sa.func.count()).select_from(OPERATION)).scalar_one()
            left = tx.execute(sa.select(sa.func.count()).select_from(JOB)).scalar_one()
        assert len(there) == filed == len(expected), (len(there), filed, len(expected))
        assert set(there) == expected, "records are lost, or were never sent"
        names = [name for _, day in evenings for name in day.photos]

        def is_whole(name: str) -> bool:
            with app.blobs.open(name) as file:
                return hashlib.sha256(file.read()).hexdigest() == name

        with ThreadPoolExecutor(4) as pool:
            whole = sum(pool.map(is_whole, names))
        assert whole == len(names), f"{len(names) - whole} photos are not what they are called"
    finally:
        app.close()
    return (
        f"{len(expected)} records and {len(names)} photos were handed in: 0 lost, 0 twice, "
        f"every photo whole; {left} jobs of the workers are still to do"
    )


def refused_after(urls: Sequence[str], phone: Enrolled, seconds: float) -> float | None:
    """Seconds until every node answers 401 to this phone; None when one still lets it in at the end."""
    begun = time.monotonic()
    headers = {"Authorization": f"Bearer {phone.token}"}
    with httpx.Client(headers=headers, timeout=10) as client:
        while time.monotonic() - begun < seconds:
            if all(client.get(f"{url}/api/v1/me").status_code == 401 for url in urls):
                return time.monotonic() - begun
            time.sleep(0.05)
    return None
