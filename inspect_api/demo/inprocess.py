"""An ASGI application in this process, reached by an ordinary `httpx.Client` as if over the network."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import httpx
from anyio.from_thread import BlockingPortal, start_blocking_portal
from litestar import Litestar

ADDRESS = "http://in-process"


@contextmanager
def served(app: Litestar) -> Iterator[httpx.BaseTransport]:
    """The way to an application while it lives; its lifespan ends with the block."""
    with start_blocking_portal() as portal, ExitStack() as stack:
        lifespan = portal.wrap_async_context_manager(app.lifespan())
        lifespan.__enter__()
        # what goes wrong inside the block is not the application's: it would come back wrapped in a group
        stack.callback(lifespan.__exit__, None, None, None)
        yield _InProcess(app, portal)


class _InProcess(httpx.BaseTransport):
    def __init__(self, app: Litestar, portal: BlockingPortal) -> None:
        # both type ASGI in full, in different words
        self._asgi, self._portal = httpx.ASGITransport(app), portal  # type: ignore[arg-type]

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.read()
        return self._portal.call(self._answer, request)

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        response = await self._asgi.handle_async_request(request)
        assert isinstance(response.stream, httpx.AsyncByteStream)  # noqa: S101 - what that transport gives
        content = b"".join([piece async for piece in response.stream])
        return httpx.Response(
            response.status_code, headers=response.headers, stream=httpx.ByteStream(content)
        )
