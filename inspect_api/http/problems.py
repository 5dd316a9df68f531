"""Every error as problem details (RFC 9457); none of them says what was asked for."""

from typing import Any

import msgspec
import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException
from msgspec import UNSET, UnsetType

from inspect_api.actions.outcomes import problem_of
from inspect_api.errors import Code, Refusal
from inspect_api.http.encodings import PROBLEM
from sync.envelope import Problem
from sync.limits import LIMITS, PROTOCOL, Limits, Protocol

log = structlog.get_logger()

_RETRY_AFTER_S = 5
_OF_STATUS = {
    400: Code.MALFORMED_QUERY,
    401: Code.UNAUTHORIZED,
    404: Code.NOT_FOUND,
    405: Code.METHOD_NOT_ALLOWED,
    413: Code.TOO_LARGE,
    415: Code.UNSUPPORTED_MEDIA,
}


class ProblemDetails(Problem, frozen=True, kw_only=True):
    """A problem as an answer of its own; one about sizes says how much may be sent, one about
    versions which are spoken here.
    """

    limits: Limits | UnsetType = UNSET
    protocol: Protocol | UnsetType = UNSET


def refusal_response(refusal: Refusal, request_id: str, close: bool = False) -> Response[bytes]:
    """A refusal as a response. 429 and 503 always say when to come back."""
    fields = msgspec.structs.asdict(problem_of(refusal, request_id))
    details = ProblemDetails(**fields)
    if refusal.code is Code.TOO_LARGE:
        details = msgspec.structs.replace(details, limits=LIMITS)
    if refusal.code is Code.UNSUPPORTED_PROTOCOL:
        details = msgspec.structs.replace(details, protocol=PROTOCOL)
    headers = {"Cache-Control": "no-store"}
    if refusal.retry_after is not None or refusal.code.status in (429, 503):
        headers["Retry-After"] = str(refusal.retry_after or _RETRY_AFTER_S)
    if refusal.code.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    if close:
        headers["Connection"] = "close"
    return Response(
        msgspec.json.encode(details), status_code=refusal.code.status, media_type=PROBLEM, headers=headers
    )


def on_refusal(request: Request[Any, Any, Any], refusal: Refusal) -> Response[bytes]:
    return refusal_response(refusal, request_id_of(request))


def on_http_exception(request: Request[Any, Any, Any], error: HTTPException) -> Response[bytes]:
    """The framework's own refusals: no such route, wrong method."""
    code = _OF_STATUS.get(error.status_code)
    if code is None:
        return on_exception(request, error)
    return refusal_response(Refusal(code), request_id_of(request))


def on_exception(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """Whatever nobody foresaw is ours, and is told apart by its request id only."""
    log.error("unhandled", request_id=request_id_of(request), exc_info=error)
    return refusal_response(Refusal(Code.INTERNAL), request_id_of(request))


def request_id_of(request: Request[Any, Any, Any]) -> str:
    return str(request.scope["state"].get("request_id", ""))
