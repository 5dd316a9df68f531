"""The process in which photos are decoded: `darkroom_child <parent's pid> <seconds for a photo>`.

Its standard input is a Unix socket to the parent. It ends when that closes it, or has asked for nothing for
a while.
"""

import os
import signal
import socket
import sys

import msgspec
from PIL import Image

from inspect_api.media.developed import EXHAUSTED, LENGTH_BYTES, READY, REQUEST_BYTES
from inspect_api.media.images import develop
from inspect_api.media.limits import allow_time, confine

_IDLE_S = 60.0


def main(parent: int, seconds: int) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the parent ends this one
    Image.init()
    link = socket.socket(fileno=os.dup(0))
    confine(parent)
    link.sendall(READY)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # decoders warn of what they read: no line for a log
    link.settimeout(_IDLE_S)
    while answer := _answer(link, seconds):
        link.sendall(len(answer).to_bytes(LENGTH_BYTES) + answer)


def _answer(link: socket.socket, seconds: int) -> bytes:
    try:
        request, handles, _, _ = socket.recv_fds(link, REQUEST_BYTES, 1)
    except (TimeoutError, ConnectionError):
        return b""
    if not handles:
        return b""
    allow_time(seconds)
    with os.fdopen(handles[0], "rb") as file:
        try:
            return msgspec.msgpack.encode(develop(file, msgspec.json.decode(request, type=list[int])))
        except MemoryError:
            os._exit(EXHAUSTED)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
