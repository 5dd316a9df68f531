"""The long simulation: goes on with the seeds where it stopped, and says how many have been run in all."""

import json
import os
import time
from pathlib import Path

import pytest

from tests.simulation.ground import prepared
from tests.simulation.runs import run_seed

SEEDS = int(os.environ.get("SOAK_SEEDS", "2000"))
GOAL = 20_000
KEPT = Path(__file__).parents[2] / "var" / "soak" / "simulation.json"


@pytest.mark.soak
def test_seeds_go_on(capsys: pytest.CaptureFixture[str]) -> None:
    """A seed that breaks a promise is run first the next time, too."""
    done: dict[str, int] = json.loads(KEPT.read_text()) if KEPT.exists() else {"seeds": 0, "faults": 0}
    KEPT.parent.mkdir(parents=True, exist_ok=True)
    begun, first = time.monotonic(), done["seeds"]
    with prepared() as ground:
        for seed in range(first, first + SEEDS):
            report = run_seed(seed, ground)
            assert report.violation is None, str(report)
            done = {"seeds": seed + 1, "faults": done["faults"] + report.faults}
            KEPT.write_text(json.dumps(done))
    minutes = (time.monotonic() - begun) / 60
    with capsys.disabled():
        print(  # noqa: T201
            f"\nsimulation: seeds {first} to {done['seeds'] - 1} in {minutes:.0f} minutes; "
            f"{done['seeds']} of {GOAL} in all, {done['faults']} faults, 0 violations"
        )
