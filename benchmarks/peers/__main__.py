"""`python -m benchmarks.peers [--json FILE] [--rounds N]`: other servers beside ours, on the same records.

Installs Kinto, Parse Server and PouchDB Server, runs each in one process as ours, those that can with a real
PostgreSQL of their own and default durability, and prints how much faster ours is: pushes of 100 records, and
pulls of 500 changes. All servers live from the beginning to the end, and work in turns.
"""

import argparse
import os
import re
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path

import msgspec

from benchmarks.measuring import machine, report, write_json
from benchmarks.peers.installing import KINTO_LOCK, NPM_FILES, NotInstalled, install_kinto, install_npm_peers
from benchmarks.peers.kinto import run_kinto
from benchmarks.peers.ours import run_ours
from benchmarks.peers.parse_server import run_parse_server
from benchmarks.peers.peer import Peer
from benchmarks.peers.pouchdb_server import run_pouchdb_server
from benchmarks.peers.pulls import compare_pulls
from benchmarks.peers.pushes import compare_pushes
from tests.launching import ServerUnavailable

CLIENTS, PULLS = 16, 4
PUSHES = {1: 8, CLIENTS: 2}
"""How many each client makes in a round."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers")
    parser.add_argument("--json", type=Path, help="write what was reported into this file too")
    parser.add_argument("--rounds", type=int, default=3, help="how often each has its turn")
    asked = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ended like by Ctrl-C: servers first
    print(machine())
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        peers = _start(stack, folder)
        ours = stack.enter_context(run_ours(folder))
        report("peers", {**_releases(), "load": round(os.getloadavg()[0], 1)})
        for peer in peers:
            if peer.name == "Kinto":
                compare_pulls(ours, peer, CLIENTS, PULLS, asked.rounds)
        for clients, pushes in PUSHES.items():
            compare_pushes(ours, peers, clients, pushes, asked.rounds)
        report("peers at the end", {"load": round(os.getloadavg()[0], 1)})
    if asked.json:
        write_json(asked.json)


def _start(stack: ExitStack, folder: Path) -> list[Peer]:
    """Every peer that this machine can run; the others are named."""
    starts: dict[str, Callable[[Path], AbstractContextManager[Peer]]] = {
        "Kinto": lambda place: run_kinto(install_kinto(), place, CLIENTS),
        "Parse Server": lambda place: run_parse_server(install_npm_peers(), place),
        "PouchDB Server": lambda place: run_pouchdb_server(install_npm_peers(), place),
    }
    peers = []
    for name, start in starts.items():
        place = folder / name.replace(" ", "-")
        place.mkdir()
        try:
            peers.append(stack.enter_context(start(place)))
        except (NotInstalled, ServerUnavailable) as why:
            report(f"{name} is left out", {"because": str(why)})
    return peers


def _releases() -> dict[str, str]:
    kinto = re.search(r"^kinto==(\S+)", KINTO_LOCK.read_text(), re.MULTILINE)
    node = shutil.which("node")
    return {
        "kinto": kinto[1] if kinto else "",
        **msgspec.json.decode(NPM_FILES[0].read_bytes())["dependencies"],
        "node": subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout.strip()
        if node
        else "none",
    }


if __name__ == "__main__":
    main()
