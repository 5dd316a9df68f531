"""The long simulation, as a part of `make soak`."""

import os

import pytest

from tests.simulation.ground import prepared
from tests.simulation.soak import go_on, so_far

SEEDS = int(os.environ.get("SOAK_SEEDS", "2000"))


@pytest.mark.soak
def test_seeds_go_on(capsys: pytest.CaptureFixture[str]) -> None:
    """A seed that breaks a promise is run first the next time, too."""
    progress = so_far()
    with prepared() as ground:
        go_on(progress, SEEDS, ground)
    with capsys.disabled():
        print(f"\nsimulation: {progress}")  # noqa: T201
    assert not progress.violations, str(progress)
    assert not progress.unseen, str(progress)
