"""Starting a server as a child that cannot outlive the tests."""

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO, NamedTuple

_LIBC = ctypes.CDLL(None)
_PR_SET_PDEATHSIG = 1


class ServerUnavailable(Exception):
    """The server cannot be run on this machine, and why."""


class Account(NamedTuple):
    """Who a server runs as; empty for ourselves."""

    user: int | None = None
    group: int | None = None

    def subprocess_options(self) -> dict[str, object]:
        if self.user is None:
            return {}
        return {"user": self.user, "group": self.group, "extra_groups": []}

    def may(self, test: str, path: Path) -> bool:
        """Whether this account passes `test -r|-w|-x` for a path."""
        done = subprocess.run(["test", test, path], check=False, cwd="/", **self.subprocess_options())  # type: ignore[call-overload]
        return bool(done.returncode == 0)


def free_port() -> int:
    """A TCP port of loopback that nobody listened on a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def launch(
    command: Sequence[str | Path],
    *,
    folder: Path,
    log: IO[bytes],
    env: Mapping[str, str],
    account: Account,
    last_will: signal.Signals = signal.SIGTERM,
) -> subprocess.Popen[bytes]:
    """Start a server in a session of its own; on Linux it gets `last_will` when the tests are killed."""

    def bequeath() -> None:
        if sys.platform == "linux":
            _LIBC.prctl(_PR_SET_PDEATHSIG, last_will)

    return subprocess.Popen(  # type: ignore[call-overload, no-any-return]
        command,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=subprocess.STDOUT,
        env={"PATH": os.environ.get("PATH", os.defpath), "LANG": "C", **env},
        start_new_session=True,
        preexec_fn=bequeath,  # noqa: PLW1509  (one system call, nothing is allocated)
        **account.subprocess_options(),
    )


def wait_until(
    ready: Callable[[], bool], server: subprocess.Popen[bytes], log: Path, seconds: float = 60
) -> None:
    """Poll until the server answers; raises ServerUnavailable with the end of its log when it does not."""
    end = time.monotonic() + seconds
    while not ready():
        if server.poll() is not None or time.monotonic() > end:
            tail = log.read_text("utf-8", "replace")[-1500:]
            raise ServerUnavailable(f"exit status {server.poll()}; its log ends:\n{tail}")
        time.sleep(0.02)
