"""How glibc keeps the memory of a process with many threads."""

import ctypes
import sys

_M_ARENA_MAX = -8  # malloc.h


def share_arenas() -> None:
    """Two arenas for all threads instead of eight a core, of which each keeps what it once needed: threads
    of Python seldom allocate at the same moment. Elsewhere than on glibc it does nothing.
    """
    if sys.platform == "linux" and (mallopt := getattr(ctypes.CDLL(None), "mallopt", None)) is not None:
        mallopt(_M_ARENA_MAX, 2)
