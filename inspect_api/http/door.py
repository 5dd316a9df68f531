"""The application that the server runs: every request gets an id, one log line, and is counted."""

import re
from collections.abc import Iterable
from time import perf_counter
from typing import Any

import structlog
from litestar import Litestar, Request, Response, route
from litestar.exceptions import HTTPException
from litestar.handlers import HTTPRouteHandler
from litestar.types import HTTPScope, Message, Receive, Send

from inspect_api.clock import new_id
from inspect_api.errors import Code, Refusal
from inspect_api.http.edge import Edge
from inspect_api.http.metrics import count_request
from inspect_api.http.problems import (
    on_exception,
    on_http_exception,
    on_refusal,
    refusal_response,
)
from inspect_api.http.route import Route

log = structlog.get_logger()

LONGEST_URL = 8192
_UPLOADS = "/api/v1/uploads/"
_SANE_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")


class Door(Litestar):
    """Litestar with eyes: also a request for which there is no route is seen."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """ASGI. Adds X-Request-Id to each answer."""
        if scope["type"] != "http":
            await super().__call__(scope, receive, send)
            return
        begun, status = perf_counter(), 0
        request_id = _request_id(scope)
        scope.setdefault("state", {})["request_id"] = request_id
        if scope["method"] == "POST" and scope["path"].startswith(_UPLOADS):
            scope["method"] = _overridden(scope)

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [
                    *message["headers"],
                    (b"x-request-id", request_id.encode()),
                    (b"x-content-type-options", b"nosniff"),
                ]
            await send(message)

        try:
            if len(scope.get("raw_path") or b"") + len(scope["query_string"]) > LONGEST_URL:
                await _refuse_long_url(scope, receive, watched)
            else:
                await super().__call__(scope, receive, watched)
        finally:
            _note(scope, status, perf_counter() - begun)


def make_door(edge: Edge, routes: Iterable[Route], lifespan: Any = None) -> Door:
    """Wire the table of routes to the edge; each keeps the table's words."""
    table = list(routes)

    def on_framework(request: Request[Any, Any, Any], error: HTTPException) -> Response[bytes]:
        response = on_http_exception(request, error)
        if error.status_code == 405:
            response.headers["Allow"] = ", ".join(_allowed(table, request.scope["path"]))
        return response

    return Door(
        route_handlers=[_handler(edge, row) for row in table],
        exception_handlers={
            Refusal: on_refusal,
            HTTPException: on_framework,
            Exception: on_exception,
        },
        lifespan=[lifespan] if lifespan is not None else None,
        request_max_body_size=None,  # counted by receiving.py, compressed and not
        openapi_config=None,
        logging_config=None,
    )


def _handler(edge: Edge, row: Route) -> HTTPRouteHandler:
    async def serve(request: Request[Any, Any, Any]) -> Response[bytes]:
        return await edge.serve(row, request)

    path = re.sub(r"\{(\w+)\}", r"{\1:str}", row.full_path)
    name = f"{row.method} {row.path}"
    decorate = route(path, http_method=[row.method], name=name, status_code=200, opt={"row": row})
    return decorate(serve)


def _allowed(table: list[Route], path: str) -> list[str]:
    """The methods that an address answers (RFC 9110, 15.5.6)."""
    return sorted({row.method for row in table if re.fullmatch(_template(row, r"[^/]+"), path)})


def _template(row: Route, parameter: str) -> str:
    return re.sub(r"\{\w+\}", lambda _match: parameter, row.full_path)


def _request_id(scope: HTTPScope) -> str:
    for name, value in scope["headers"]:
        if name == b"x-request-id" and _SANE_ID.fullmatch(value):
            return value.decode()
    return str(new_id())


def _overridden(scope: HTTPScope) -> str:
    """tus 1.0.0, X-HTTP-Method-Override: for clients behind something that lets GET and POST pass only."""
    for name, value in scope["headers"]:
        if name == b"x-http-method-override" and value in (b"PATCH", b"DELETE", b"HEAD"):
            return value.decode()
    return "POST"


async def _refuse_long_url(scope: HTTPScope, receive: Receive, send: Send) -> None:
    refusal = Refusal(Code.MALFORMED_QUERY, f"The address is longer than {LONGEST_URL} bytes")
    response = refusal_response(refusal, scope["state"]["request_id"])
    answer = response.to_asgi_response(app=None, request=Request(scope))
    await answer(scope, receive, send)


def _note(scope: HTTPScope, status: int, seconds: float) -> None:
    template = str(scope.get("path_template", "")) or "none"
    count_request(scope["method"], template, status, seconds)
    log.info(
        "request",
        request_id=scope["state"]["request_id"],
        method=scope["method"],
        route=template,
        status=status,
        ms=round(seconds * 1000, 1),
        account=scope["state"].get("account"),
    )
