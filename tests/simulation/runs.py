"""Runs of the simulation, by seed.

    python -m tests.simulation.runs 136 [bug]

tells the whole story of one of them.
"""

import hashlib
import sys
from contextlib import nullcontext
from typing import NamedTuple

from tests.simulation.ground import Ground, prepared
from tests.simulation.happenings import Happenings
from tests.simulation.planted import BUGS
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


def main(seed: int, bug: str | None) -> int:
    """Prints what happened, and what was broken."""
    with prepared() as ground:
        report = run_seed(seed, ground, BUGS[bug] if bug else None)
    print(*report.trace, f"\nseed {seed}: {report.violation or 'every promise held'}", sep="\n")  # noqa: T201
    return report.violation is not None


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else None))
