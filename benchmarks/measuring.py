"""Medians of rounds, taken in turns so that whatever disturbs the machine disturbs all that is compared."""

import json
import os
import platform
import sys
from collections.abc import Callable, Mapping
from importlib.metadata import version
from pathlib import Path
from statistics import median
from time import perf_counter


def machine() -> str:
    """What the figures were measured on."""
    python = ".".join(map(str, sys.version_info[:3]))
    versions = ", ".join(
        f"{name} {version(name)}" for name in ("msgspec", "sqlalchemy", "psycopg", "uvicorn")
    )
    return f"{os.cpu_count()} x {platform.machine()}, {platform.system()}, Python {python}, {versions}"


def report(benchmark: str, figures: Mapping[str, float | int | str]) -> None:
    """A line for people; the same as JSON into the file of `--json`."""
    shown = (
        f"{name} {value:.3g}" if isinstance(value, float) else f"{name} {value}"
        for name, value in figures.items()
    )
    print(f"{benchmark}: " + ", ".join(shown), flush=True)
    REPORTED.append({"benchmark": benchmark, "machine": machine(), **figures})


REPORTED: list[dict[str, float | int | str]] = []
"""Every figure of this run."""


def write_json(file: Path) -> None:
    """Everything that was reported."""
    file.write_text(json.dumps(REPORTED, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def processor_seconds(pid: int) -> float:
    """Of a process with its children, living and gone, since they began (Linux)."""
    ticks = 0
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it has just ended
        own = int(status.parent.name) == pid
        if own or int(fields[1]) == pid:
            ticks += sum(map(int, fields[11 : 15 if own else 13]))
    return ticks / os.sysconf("SC_CLK_TCK")


def memory_mb(pid: int, *, peak: bool = False) -> float:
    """Resident, of one process, now or at its highest (Linux)."""
    name, status = "VmHWM" if peak else "VmRSS", Path(f"/proc/{pid}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith(name)).split()[1]) / 1024


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
