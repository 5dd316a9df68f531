"""Photos are decoded in a child process with limits: what they do to a decoder happens to the child alone."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import IO

import msgspec

from inspect_api.media.developed import EXHAUSTED, LENGTH_BYTES, READY, Developed, State
from inspect_api.media.formats import SNIFF_BYTES, WEBP, sniff

CPU_SECONDS = 10
"""For one photo: that of a phone takes half of one, the dearest that the header lets through three."""
_STARTS_WITHIN_S = 120.0
_ANSWERS_WITHIN_S = 180.0
"""For a child that hangs on a busy machine; its own limit is one of computing (`limits.py`)."""
_ENDS_WITHIN_S = 2.0
_MOST_BYTES = 16 * 1024 * 1024
_PACKAGES = Path(__file__).resolve().parents[2]
_ENDINGS: dict[int, State] = {-signal.SIGXCPU: "timeout", EXHAUSTED: "too_large"}
_PASSED_ON = ("PATH", "PYTHONHOME", "PYTHONPATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT")
"""Of the environment. The rest holds keys of stores and databases, which are nothing for a decoder."""


class DarkroomDown(Exception):
    """No child can be started. Not the photo's fault: try again later."""


class _Ended(Exception):
    """The child has ended instead of answering."""


class _Late(Exception):
    """The child has not answered in time."""


class Darkroom:
    """One child, started for the first photo, kept for many, replaced when one has ended it. Thread-safe."""

    def __init__(self, cpu_seconds: int = CPU_SECONDS) -> None:
        self._cpu_seconds = cpu_seconds
        self._guard = threading.Lock()
        self._child: _Child | None = None

    def develop(self, file: IO[bytes], sizes: Iterable[int]) -> Developed:
        """The EXIF of a photo, and upright WebP copies within size x size pixels. Raises DarkroomDown.

        What befalls a child that was in use is not held against the photo before a fresh one has tried it:
        the child may have ended long ago, or its memory be in pieces.
        """
        wanted = sorted(sizes)
        with self._guard:
            was_in_use = self._child is not None
            developed = self._try(file, wanted)
            if was_in_use and self._child is None and developed.state != "timeout":
                developed = self._try(file, wanted)
            if self._child is None:  # what the photo says of itself takes little
                developed = msgspec.structs.replace(developed, exif=self._try(file, []).exif)
            return developed

    def close(self) -> None:
        with self._guard:
            self._end()

    def _try(self, file: IO[bytes], sizes: list[int]) -> Developed:
        self._child = child = self._child or _Child(self._cpu_seconds)
        try:
            return child.develop(file, sizes)
        except _Late:
            self._end()
            return Developed("timeout")
        except (_Ended, OSError, msgspec.MsgspecError):
            return Developed(_ENDINGS.get(self._end(), "crashed"))

    def _end(self) -> int:
        child, self._child = self._child, None
        return child.end() if child is not None else 0


class _Child:
    def __init__(self, cpu_seconds: int) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            module, us = "inspect_api.media.darkroom_child", str(os.getpid())
            command = [sys.executable, "-m", module, us, str(cpu_seconds)]
            env = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
            try:
                self._process = subprocess.Popen(  # noqa: S603 - nothing in it comes from outside
                    command, cwd=_PACKAGES, env=env, stdin=theirs.fileno(), stdout=subprocess.DEVNULL
                )
            except OSError as error:
                ours.close()
                raise DarkroomDown(f"no process for photos: {error}") from error
        self._link = ours
        try:
            self._receive(len(READY), time.monotonic() + _STARTS_WITHIN_S)
        except (_Late, _Ended, OSError):
            raise DarkroomDown(f"the process for photos did not start: {self.end()}") from None

    def develop(self, file: IO[bytes], sizes: list[int]) -> Developed:
        """Raises _Late, _Ended, OSError, MsgspecError: then the child is of no more use."""
        deadline = time.monotonic() + _ANSWERS_WITHIN_S
        self._link.settimeout(_ANSWERS_WITHIN_S)
        handle = file.fileno()
        file.seek(0)
        socket.send_fds(self._link, [msgspec.json.encode(sizes)], [handle])
        size = int.from_bytes(self._receive(LENGTH_BYTES, deadline))
        if size > _MOST_BYTES:
            raise _Ended
        developed = msgspec.msgpack.decode(self._receive(size, deadline), type=Developed)
        # Its bytes will be served: a child that a photo has taken over must not choose their kind.
        if any(sniff(copy[:SNIFF_BYTES]) != WEBP for copy in developed.copies.values()):
            raise _Ended
        return developed

    def end(self) -> int:
        """It need not agree; its exit status."""
        self._link.close()
        with suppress(subprocess.TimeoutExpired):
            return self._process.wait(_ENDS_WITHIN_S)
        self._process.kill()
        return self._process.wait()

    def _receive(self, size: int, deadline: float) -> bytes:
        received = bytearray()
        while len(received) < size:
            left = deadline - time.monotonic()
            if left <= 0:
                raise _Late
            self._link.settimeout(left)
            try:
                piece = self._link.recv(size - len(received))
            except TimeoutError:
                raise _Late from None
            if not piece:
                raise _Ended
            received += piece
        return bytes(received)
