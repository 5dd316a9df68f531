"""The simulation: some hundred counties that live through bad weather, and no promise broken in any."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.simulation.coverage import OFTEN, what_happened
from tests.simulation.ground import Ground, prepared
from tests.simulation.runs import run_seed

pytestmark = pytest.mark.long

SEEDS = 100
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def ground() -> Iterator[Ground]:
    with prepared() as county:
        yield county


def test_every_promise_holds(ground: Ground) -> None:
    seen: set[str] = set()
    faults = 0
    for seed in range(SEEDS):
        report = run_seed(seed, ground)
        assert report.violation is None, str(report)
        faults += report.faults
        seen |= what_happened(ground)
    assert seen >= OFTEN, sorted(OFTEN - seen)
    assert faults > 5 * SEEDS


def test_one_seed_is_one_run(ground: Ground) -> None:
    assert run_seed(7, ground).digest == run_seed(7, ground).digest != run_seed(8, ground).digest


def test_one_seed_is_one_run_in_every_process(ground: Ground) -> None:
    script = (
        "from tests.simulation.ground import prepared\n"
        "from tests.simulation.runs import run_seed\n"
        "with prepared() as ground: print(run_seed(7, ground).digest)"
    )
    told = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT, env={**os.environ, "PYTHONHASHSEED": "1"}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert told.stdout.strip() == str(run_seed(7, ground).digest)
