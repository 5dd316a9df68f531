"""Connections that never finish saying what they want, or never take what they asked for, are given up before
they use up what there is.

The server waits without end for the head of a request, and keeps all of it; and for a reader to read on.
"""

import asyncio
import fcntl
import socket
import struct
import termios

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from inspect_api.clock import new_id
from inspect_api.errors import Code, Refusal
from inspect_api.http.encodings import PROBLEM
from inspect_api.http.problems import refusal_response

HEAD_WITHIN_S = 30.0
LARGEST_HEAD = 512 * 1024  # with what the socket gives at once; an address or a field is refused far below it

READ_ON_WITHIN_S = 60.0
SLOWEST_READER = 1024  # bytes a second

_INT = struct.Struct("i")


class BoundedProtocol(HttpToolsProtocol):
    """One connection, whose requests have a bounded time and size until their heads are complete, and whose
    answers are taken at no less than SLOWEST_READER while anything of them waits.
    """

    _timer: asyncio.TimerHandle | None = None
    _reader: asyncio.TimerHandle | None = None
    _head_size = 0
    _is_in_head = True

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._begin_head()

    def data_received(self, data: bytes) -> None:
        if self._is_in_head:
            self._head_size += len(data)
            if self._head_size > LARGEST_HEAD:
                self.send_400_response("Too long a head")
                return
        super().data_received(data)

    def send_400_response(self, msg: str) -> None:
        """What is no request, or has an address of more than 64 kB, reaches no application: it is answered by
        a problem like every other refusal."""
        refused = refusal_response(Refusal(Code.MALFORMED_QUERY, msg), str(new_id()), close=True)
        body = bytes(refused.content)
        fields = {"Content-Type": PROBLEM, "Content-Length": str(len(body)), **refused.headers}
        lines = ["HTTP/1.1 400 Bad Request", *(f"{name}: {value}" for name, value in fields.items())]
        self.transport.write("\r\n".join([*lines, "", ""]).encode("ascii") + body)
        self.transport.close()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._begin_head()

    def on_headers_complete(self) -> None:
        self._is_in_head, self._head_size = False, 0
        self._cancel()
        super().on_headers_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        self._cancel()
        self._end_watch()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._watch(self._untaken())

    def resume_writing(self) -> None:
        self._end_watch()
        super().resume_writing()

    def _watch(self, untaken: int) -> None:
        """While writing is paused nothing is added, so what is untaken only becomes less."""
        self._end_watch()
        self._reader = self.loop.call_later(READ_ON_WITHIN_S, self._look_after, untaken)

    def _look_after(self, untaken: int) -> None:
        left = self._untaken()
        if untaken - left < READ_ON_WITHIN_S * SLOWEST_READER:
            self.transport.abort()  # close() would wait for the reader
        else:
            self._watch(left)

    def _untaken(self) -> int:
        """Bytes that the other side has not acknowledged, here and in the kernel."""
        waiting = int(self.transport.get_write_buffer_size())
        connection: socket.socket | None = self.transport.get_extra_info("socket")
        if connection is None:
            return waiting
        try:
            told = fcntl.ioctl(connection.fileno(), termios.TIOCOUTQ, bytes(_INT.size))
        except OSError:
            return waiting
        return waiting + int(_INT.unpack(told)[0])

    def _end_watch(self) -> None:
        if self._reader is not None:
            self._reader.cancel()
            self._reader = None

    def _begin_head(self) -> None:
        self._is_in_head = True
        self._cancel()
        self._timer = self.loop.call_later(HEAD_WITHIN_S, self._give_up)

    def _give_up(self) -> None:
        if not self.transport.is_closing():
            self.transport.close()

    def _cancel(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
