"""Connections that never finish saying what they want are given up before they use up what there is.

The server waits without end for the head of a request, and keeps all of it.
"""

import asyncio

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_WITHIN_S = 30.0
LARGEST_HEAD = 512 * 1024  # with what the socket gives at once; an address or a field is refused far below it


class BoundedProtocol(HttpToolsProtocol):
    """One connection, whose requests have a bounded time and size until their heads are complete."""

    _timer: asyncio.TimerHandle | None = None
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

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._begin_head()

    def on_headers_complete(self) -> None:
        self._is_in_head, self._head_size = False, 0
        self._cancel()
        super().on_headers_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        self._cancel()
        super().connection_lost(exc)

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
