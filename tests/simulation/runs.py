"""Runs of the simulation, by seed."""

import hashlib
from contextlib import nullcontext
from typing import NamedTuple

from tests.simulation.ground import Ground
from tests.simulation.happenings import Happenings
from tests.simulation.planting import Planted
from tests.simulation.rest import come_to_rest
from tests.simulation.violation import Violation
from tests.simulation.world import World


class Report(NamedTuple):
    """What a run was, and what went wrong in it, if anything did."""

    seed: int
    steps: int
    faults: int
    operations: int
    violation: str | None
    trace: list[str]

    @property
    def digest(self) -> str:
        """Of everything that happened: equal for equal seeds."""
        return hashlib.sha256("\n".join(self.trace).encode()).hexdigest()

    def __str__(self) -> str:
        story = "\n".join(self.trace[-60:])
        return f"seed {self.seed}, step {self.steps}: {self.violation}\n{story}"


def run_seed(seed: int, ground: Ground, bug: Planted | None = None) -> Report:
    """One run; with a bug planted into the product where one is given."""
    world = World(seed, ground)
    violation = None
    try:
        with bug(world) if bug is not None else nullcontext():
            world.live(Happenings(world).happen, lambda: come_to_rest(world))
    except Violation as found:
        violation = str(found)
    return Report(seed, world.steps, world.network.faults, len(world.disk.captured), violation, world.trace)
