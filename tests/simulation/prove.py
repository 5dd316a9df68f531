"""Prove the simulator: plant each bug, and count the seeds until it is noticed.

    python -m tests.simulation.prove [bug ...]

prints a table and writes down which seed has caught which bug, for the test that looks whether they still do.
"""

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from tests.simulation.ground import Ground, prepared
from tests.simulation.planted import BUGS
from tests.simulation.runs import run_seed

CAUGHT = Path(__file__).with_name("caught.json")
MOST_SEEDS = 1000


class Catch(NamedTuple):
    """The first seed in which a bug shows, and as what."""

    seed: int
    violation: str


def catch(name: str, ground: Ground, seeds: Iterable[int]) -> Catch | None:
    """Run seeds with a bug until one finds it."""
    for seed in seeds:
        report = run_seed(seed, ground, BUGS[name])
        if report.violation is not None:
            return Catch(seed, report.violation)
    return None


def known_seeds() -> dict[str, int]:
    """The seed that has caught each bug."""
    return {name: int(seed) for name, seed in json.loads(CAUGHT.read_text()).items()}


def main(names: list[str]) -> int:
    """All bugs, or those that are named; the number of those that no seed has caught."""
    found: dict[str, int] = known_seeds() if CAUGHT.exists() else {}
    missed = 0
    with prepared() as ground:
        for name in names or BUGS:
            caught = catch(name, ground, range(MOST_SEEDS))
            if caught is None:
                missed += 1
                _tell(f"| {name} | not within {MOST_SEEDS} | |")
                continue
            found[name] = caught.seed
            CAUGHT.write_text(json.dumps({bug: found[bug] for bug in BUGS if bug in found}, indent=1) + "\n")
            first_line = caught.violation.partition("\n")[0][:110]
            _tell(f"| {name} | {caught.seed + 1} | {first_line} |")
    return missed


def _tell(line: str) -> None:
    print(line, flush=True)  # noqa: T201 - this is what the program is for


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
