"""The product's own edge and handlers, one request at a time, without sockets and threads."""

import re
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any, NamedTuple, TypeVar

from anyio import CapacityLimiter
from litestar import Response

from inspect_api.actions.app import App
from inspect_api.http.edge import Edge
from inspect_api.http.route import Route
from inspect_api.http.routes import ROUTES
from inspect_api.http.threads import Threads
from tests.simulation.violation import Violation

Result = TypeVar("Result")


class Request(NamedTuple):
    """As it lies on the wire; `path` begins below the host."""

    method: str
    path: str
    headers: dict[str, str]
    content: bytes


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    content: bytes


class _Arrived:
    """A request as handlers look at it."""

    def __init__(self, request: Request, path_params: dict[str, str]) -> None:
        path, _, query = request.path.partition("?")
        self.headers = {name.lower(): value for name, value in request.headers.items()}
        self.content = request.content
        self.path_params = path_params
        self.scope: dict[str, Any] = {"query_string": query.encode(), "state": {}, "path": path}


class _Inline(Threads):
    """Work runs where it is asked for; `others` may go first, as while it waits for a thread."""

    def __init__(self, others: Callable[[], None]) -> None:
        super().__init__(is_sqlite=True, pool=1)
        self._others = others

    async def run(self, limiter: CapacityLimiter, work: Callable[[], Result]) -> Result:
        self._others()
        return work()

    @asynccontextmanager
    async def newcomer(self) -> AsyncIterator[None]:
        yield

    @asynccontextmanager
    async def pull(self) -> AsyncIterator[None]:
        yield


class Node:
    """One process of the server: what it remembers ends with it."""

    def __init__(self, app: App, others: Callable[[], None]) -> None:
        self.app = app
        self._edge = Edge(app.settings)
        self._edge.threads = _Inline(others)
        self._edge.let_in(self.app)

    def ask(self, request: Request) -> Answer:
        """Answer as the product does. What a handler should never raise is a violation."""
        route, path_params = _find(request)
        arrived: Any = _Arrived(request, path_params)
        try:
            response = _finish(self._edge.serve(route, arrived))
        except Exception as error:
            raise Violation(f"{request.method} {request.path}: {error!r}") from error
        return Answer(response.status_code or 200, dict(response.headers), bytes(response.content or b""))


def _finish(serving: Coroutine[Any, Any, Response[bytes]]) -> Response[bytes]:
    """Nothing in it ever waits, so that it runs to its end in one go."""
    try:
        serving.send(None)
    except StopIteration as done:
        response: Response[bytes] = done.value
        return response
    raise AssertionError("a handler waits for an event loop")


def _pattern(route: Route) -> re.Pattern[str]:
    return re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", route.full_path))


_PATTERNS = [(route.method, _pattern(route), route) for route in ROUTES]


def _find(request: Request) -> tuple[Route, dict[str, str]]:
    path = request.path.partition("?")[0]
    for method, pattern, route in _PATTERNS:
        found = pattern.fullmatch(path)
        if method == request.method and found:
            return route, found.groupdict()
    raise AssertionError(f"{request.method} {path} is not served")
