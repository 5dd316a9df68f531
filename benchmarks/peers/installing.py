"""Puts the peers into places of their own below `var/peers`, never into our venv or our locks.

A place is named for its lock, so that a new lock makes a new place; it counts when its installation is over.
"""

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

from tests.live import ROOT

HERE = Path(__file__).resolve().parent
KINTO_LOCK, NPM_FILES = HERE / "kinto.lock", (HERE / "package.json", HERE / "package-lock.json")
_PLACES = ROOT / "var" / "peers"


class NotInstalled(Exception):
    """Why a peer cannot be had on this machine."""


def install_kinto() -> Path:
    """A venv with Kinto and nothing else; the venv's Python."""
    place = _place("kinto", KINTO_LOCK)
    python = place / "bin" / "python"
    if not _whole(place):
        print(f"installing Kinto into {place.relative_to(ROOT)}", flush=True)
        _run([sys.executable, "-m", "venv", "--clear", place], place)
        quiet = ["--quiet", "--disable-pip-version-check", "--no-input"]
        _run([python, "-m", "pip", "install", *quiet, "--require-hashes", "-r", KINTO_LOCK], place)
        _mark(place)
    return python


def install_npm_peers() -> Path:
    """Parse Server and PouchDB Server without what they can do without; the folder of their programs. None of
    their scripts runs while they are installed (LevelDB comes built)."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        raise NotInstalled("node and npm are not on this machine")
    place = _place("npm", *NPM_FILES)
    if not _whole(place):
        print(f"installing Parse Server and PouchDB Server into {place.relative_to(ROOT)}", flush=True)
        place.mkdir(parents=True, exist_ok=True)
        for file in NPM_FILES:
            shutil.copy(file, place)
        quiet = ["--no-audit", "--no-fund", "--loglevel=error"]
        _run([npm, "ci", "--ignore-scripts", "--omit=optional", *quiet], place)
        _mark(place)
    return place / "node_modules" / ".bin"


def _place(name: str, *locks: Path) -> Path:
    content = b"".join(lock.read_bytes() for lock in locks) + sys.version.encode() + bytes(_PLACES)
    return _PLACES / f"{name}-{hashlib.sha256(content).hexdigest()[:12]}"


def _whole(place: Path) -> bool:
    return (place / "installed").exists()


def _mark(place: Path) -> None:
    (place / "installed").touch()


def _run(command: list[str | Path], place: Path) -> None:
    cwd = place if place.exists() else ROOT
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    if done.returncode:
        said = (done.stderr or done.stdout).strip()[-1500:]
        raise NotInstalled(f"{Path(command[0]).name} failed ({done.returncode}):\n{said}")
