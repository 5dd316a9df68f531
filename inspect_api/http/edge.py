"""The edge: who is this, what is asked, call ONE action in its transaction, encode what it gives.

The event loop reads and decodes; the action, its commit and the encoding run in one thread.
"""

from typing import Any

from litestar import Request, Response

from inspect_api.actions.app import App
from inspect_api.domain.access import Caller
from inspect_api.errors import Code, Refusal
from inspect_api.http.answering import respond
from inspect_api.http.asked import Asked
from inspect_api.http.callers import Callers, depositor
from inspect_api.http.decoding import decode_body
from inspect_api.http.encodings import body_encoding
from inspect_api.http.problems import refusal_response, request_id_of
from inspect_api.http.querying import read_query
from inspect_api.http.receiving import BodyRefused, read_body
from inspect_api.http.route import PUBLIC, Route
from inspect_api.http.threads import Threads
from inspect_api.http.turns import Turns
from inspect_api.media.blobs import is_full
from inspect_api.settings import Settings


class Edge:
    """Serves routes; until it is given its App it answers 503."""

    def __init__(self, settings: Settings) -> None:
        self.threads = Threads(is_sqlite=settings.sqlalchemy_url.startswith("sqlite"), pool=settings.db_pool)
        self._callers, self._turns = Callers(), Turns()
        self._app: App | None = None

    def let_in(self, app: App) -> None:
        """Be ready from now on."""
        self._app = app

    async def serve(self, route: Route, request: Request[Any, Any, Any]) -> Response[bytes]:
        """One request, from its headers to the bytes of its answer."""
        try:
            response = await self._serve(route, request)
        except Refusal as refusal:
            close = isinstance(refusal, BodyRefused)
            response = refusal_response(refusal, request_id_of(request), close=close)
        except OSError as error:
            if not is_full(error):
                raise
            full = Refusal(Code.STORAGE_FULL, "The disk of this server is full", retry_after=60)
            response = refusal_response(full, request_id_of(request), close=True)
        response.headers.update(route.headers)
        return response

    async def _serve(self, route: Route, request: Request[Any, Any, Any]) -> Response[bytes]:
        app, caller, token = self._app, None, None
        if app is None and not route.at_root:
            raise Refusal(Code.BUSY, "Starting", retry_after=2)
        if app is not None and route.roles is not PUBLIC:
            authorization = request.headers.get("authorization", "")
            caller, token = await self._caller(route, authorization, app)
            if caller.role not in route.roles:
                raise Refusal(Code.FORBIDDEN)
            request.scope["state"]["account"] = str(caller.id)
        query = read_query(route.query, request.scope["query_string"])
        raw, encoding, body = b"", body_encoding("application/json"), None
        if route.deposits:
            raw = await read_body(request, self.threads)
        elif route.body is not None:
            encoding = body_encoding(request.headers.get("content-type", ""))
            raw = await read_body(request, self.threads)
            body = decode_body(route.body, raw, encoding, whole=route.whole_body_is_malformed)
        asked = Asked(
            app,
            self.threads,
            self._turns,
            request,
            request.path_params,
            route.roles,
            caller,
            token,
            query,
            body,
            raw,
            encoding,
        )
        if route.begins is not None and route.begins(asked):
            async with self.threads.newcomer():
                return await self._end(route, asked)
        if route.endpoint is not None:
            return await self._end(route, asked)
        limiter = self.threads.writers if route.writes else self.threads.readers
        response = await self.threads.run(
            limiter, lambda: respond(request, perform(route, asked), route.status)
        )
        if route.ends_sessions and token is not None:
            self._callers.forget(token)
        return response

    async def _caller(self, route: Route, authorization: str, app: App) -> tuple[Caller, bytes | None]:
        """Who asks, with the hash of his token; without it when that, or the account, may have ended."""
        if not route.deposits:
            try:
                return await self._callers.of(authorization, app, self.threads)
            except Refusal:
                if not route.after_the_end:
                    raise
        return await depositor(authorization, app, self.threads), None

    async def _end(self, route: Route, asked: Asked) -> Response[bytes]:
        """What the route's endpoint gives, encoded."""
        assert route.endpoint is not None  # noqa: S101 - its caller has looked
        result = await route.endpoint(asked)
        if isinstance(result, Response):
            return result
        if route.at_root or route.streams:  # a few words, for which no other thread is woken
            return respond(asked.request, result, route.status)
        return await self.threads.run(
            self.threads.readers, lambda: respond(asked.request, result, route.status)
        )


def perform(route: Route, asked: Asked) -> object:
    """Call the route's handler in its transaction. Raises what it raises; RaceLost as BUSY."""
    handler = route.handler
    assert handler is not None  # noqa: S101 - Route has seen to it

    if route.writes:
        return asked.write(lambda work: handler(work, asked))
    return asked.read(lambda work: handler(work, asked), of_a_moment=route.of_a_moment)
