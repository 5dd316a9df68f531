"""What a process that decodes strangers' bytes may take, set by itself before it sees any of them."""

import ctypes
import os
import resource
import signal
import sys
import time

MEMORY = 480 * 1024 * 1024
"""Of addresses, so that what is resident stays below it. No phone's photo needs more (`images.py`)."""
_FILES = 32
_PR_SET_PDEATHSIG = 1


def confine(parent: int) -> None:
    """Limit this process for good, as far as the platform knows the limit; it dies with its parent.

    macOS accepts no limit of addresses; there `images.py` alone keeps memory down, by the header.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it died before it could be noticed
        raise SystemExit
    for which, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_NOFILE, _FILES),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        _limit(which, most)


def allow_time(seconds: int) -> None:
    """So much more of computing, and then SIGXCPU ends this process."""
    used = int(time.process_time()) + 1
    _, most = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (used + seconds, most))


def _limit(which: int, most: int) -> None:
    try:
        resource.setrlimit(which, (most, most))
    except (ValueError, OSError):
        if sys.platform == "linux":
            raise
