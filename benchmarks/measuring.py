"""Medians of rounds, taken in turns so that whatever disturbs the machine disturbs all that is compared."""

import platform
import sys
from collections.abc import Callable, Mapping
from importlib.metadata import version
from statistics import median
from time import perf_counter


def machine() -> str:
    """What the figures were measured on."""
    python = ".".join(map(str, sys.version_info[:3]))
    return f"{platform.machine()}, {platform.system()}, Python {python}, msgspec {version('msgspec')}"


def seconds(run: Callable[[], object], times: int, clock: Callable[[], float] = perf_counter) -> float:
    """Seconds that one call takes, of so many in a row."""
    begin = clock()
    for _ in range(times):
        run()
    return (clock() - begin) / times


def compare(
    runs: Mapping[str, Callable[[], object]],
    rounds: int,
    times: int,
    clock: Callable[[], float] = perf_counter,
) -> dict[str, float]:
    """The median over all rounds of the seconds that each takes; by `process_time` where all is computing, so
    that long rounds do not pay more often than short ones for what else runs on the machine."""
    taken: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(rounds):
        for name, run in runs.items():
            taken[name].append(seconds(run, times, clock))
    return {name: median(each) for name, each in taken.items()}
