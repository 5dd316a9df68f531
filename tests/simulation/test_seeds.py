"""The simulation: some hundred counties that live through bad weather, and no promise broken in any."""

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
import sqlalchemy as sa

from inspect_api.domain.history import EventBody
from inspect_api.store.hazard_events import HAZARD_EVENT
from inspect_api.store.hazards import STATUSES
from inspect_api.store.operations import OPERATION
from tests.simulation.ground import Ground, prepared
from tests.simulation.runs import run_seed

SEEDS = 150
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def ground() -> Iterator[Ground]:
    with prepared() as county:
        yield county


def test_every_promise_holds(ground: Ground) -> None:
    seen: Counter[str] = Counter()
    for seed in range(SEEDS):
        report = run_seed(seed, ground)
        assert report.violation is None, str(report)
        seen["faults"] += report.faults
        seen.update(_what_happened(ground))
    # a simulation in which nothing happens finds nothing
    wanted = {f"status {status}" for status in STATUSES}
    wanted |= {f"operation {code}" for code in ("applied", "conflict", "held", "quarantined", "dismissed")}
    wanted |= {"freed applied", "freed conflict", "event hazard.fixed_on_site", "event hazard.escalated"}
    wanted |= {"event hazard.moved", "event hazard.served", "reason scope_revoked", "reason other_author"}
    assert wanted <= seen.keys(), sorted(wanted - seen.keys())
    assert seen["faults"] > 10 * SEEDS


def test_one_seed_is_one_run(ground: Ground) -> None:
    assert run_seed(7, ground).digest == run_seed(7, ground).digest != run_seed(8, ground).digest


def test_one_seed_is_one_run_in_every_process() -> None:
    script = (
        "from tests.simulation.ground import prepared\n"
        "from tests.simulation.runs import run_seed\n"
        "with prepared() as ground: print(run_seed(7, ground).digest)"
    )
    digests = {
        subprocess.run(
            [sys.executable, "-c", script],
            cwd=ROOT, env={**os.environ, "PYTHONHASHSEED": hashing},
            capture_output=True, text=True, check=True,
        ).stdout
        for hashing in ("1", "2")
    }  # fmt: skip
    assert len(digests) == 1


def _what_happened(ground: Ground) -> set[str]:
    with ground.app.db.read() as tx:
        found: set[str] = set()
        for kind, event in tx.execute(sa.select(HAZARD_EVENT.c.kind, HAZARD_EVENT.c.event)):
            found |= {
                f"event {kind}",
                f"status {msgspec.json.decode(event, type=EventBody).set.get('status')}",
            }
        for row in tx.execute(sa.select(OPERATION.c.code, OPERATION.c.reason, OPERATION.c.rev)):
            found |= {f"operation {row.code}", f"reason {row.reason}"}
            if row.rev > 1:
                found.add(f"freed {row.code}")
    return found
