"""The long simulation: goes on with the seeds where it stopped last time.

    python -m tests.simulation.soak [how many seeds]

What has been run in all, and every seed that has broken a promise, is kept in var/soak/simulation.json.
"""

import sys
import time
from pathlib import Path

import msgspec

from tests.simulation.coverage import ALWAYS, what_happened
from tests.simulation.ground import Ground, prepared
from tests.simulation.runs import run_seed

GOAL = 20_000
KEPT = Path(__file__).parents[2] / "var" / "soak" / "simulation.json"
_TOLD_EVERY = 100
_ENOUGH = 5000


class Progress(msgspec.Struct):
    """Seeds 0 … seeds - 1 have been run; `violations` are those of them that break a promise."""

    seeds: int = 0
    faults: int = 0
    operations: int = 0
    seconds: float = 0
    violations: dict[int, str] = {}
    seen: set[str] = set()

    @property
    def unseen(self) -> list[str]:
        """What has never come about, where so many seeds should have brought it."""
        return sorted(ALWAYS - self.seen) if self.seeds >= _ENOUGH else []

    def __str__(self) -> str:
        lines = [f"seed {seed}: {what}" for seed, what in sorted(self.violations.items())]
        count = (
            f"{self.seeds} of {GOAL} seeds, {self.faults} faults, {self.operations} operations, "
            f"{self.seeds / max(self.seconds, 1):.1f} seeds a second, {len(self.violations)} violations"
        )
        return "\n".join([count, *lines, *(f"never came about: {what}" for what in self.unseen)])


def so_far() -> Progress:
    """What was run before."""
    return msgspec.json.decode(KEPT.read_bytes(), type=Progress) if KEPT.exists() else Progress()


def go_on(progress: Progress, more: int, ground: Ground) -> None:
    """Run so many seeds more; those that broke a promise before come first, and once again."""
    for seed in sorted(progress.violations):
        del progress.violations[seed]
        _run(progress, seed, ground)
    for seed in range(progress.seeds, progress.seeds + more):
        begun = time.monotonic()
        _run(progress, seed, ground)
        progress.seeds += 1
        progress.seconds += time.monotonic() - begun
        _keep(progress)


def _run(progress: Progress, seed: int, ground: Ground) -> None:
    report = run_seed(seed, ground)
    progress.faults += report.faults
    progress.operations += report.operations
    progress.seen |= what_happened(ground) & ALWAYS
    if report.violation is not None:
        progress.violations[seed] = report.violation[:1000]


def _keep(progress: Progress) -> None:
    """All of it or nothing."""
    KEPT.parent.mkdir(parents=True, exist_ok=True)
    new = KEPT.with_suffix(".new")
    new.write_bytes(msgspec.json.encode(progress))
    new.replace(KEPT)


def main(more: int) -> int:
    """Prints how far it is every now and then; the number of seeds that broke a promise."""
    progress = so_far()
    end = progress.seeds + more
    with prepared() as ground:
        while progress.seeds < end:
            go_on(progress, min(_TOLD_EVERY, end - progress.seeds), ground)
            print(progress, flush=True)  # noqa: T201 - this is what the program is for
    return len(progress.violations)


if __name__ == "__main__":
    sys.exit(min(main(int(sys.argv[1]) if len(sys.argv) > 1 else GOAL), 1))
