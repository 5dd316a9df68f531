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


def seconds(run: Callable[[], object], times: int) -> float:
    """Seconds that one call takes, of so many in a row."""
    begin = perf_counter()
    for _ in range(times):
        run()
    return (perf_counter() - begin) / times


def compare(runs: Mapping[str, Callable[[], object]], rounds: int, times: int) -> dict[str, float]:
    """The median over all rounds of the seconds that each takes."""
    taken: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(rounds):
        for name, run in runs.items():
            taken[name].append(seconds(run, times))
    return {name: median(each) for name, each in taken.items()}
