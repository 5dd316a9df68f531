"""The processes that decode photos, as Linux shows them."""

from pathlib import Path


def children(parent: int) -> list[int]:
    """The processes for photos that a process has started and that still run."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            status = (folder / "stat").read_text().rpartition(")")[2].split()
            command = (folder / "cmdline").read_bytes()
        except OSError:
            continue
        if int(status[1]) == parent and status[0] != "Z" and b"darkroom_child" in command:
            found.append(int(folder.name))
    return found


def peak(process: int) -> int:
    """The most bytes that were resident at once; 0 when it has ended."""
    try:
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))
