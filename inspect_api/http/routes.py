"""The one table of routes: who may ask what. A request that is not in it is 404."""

from inspect_api.actions.log_in import LoggedIn, Login, Refresh, User
from inspect_api.errors import Code
from inspect_api.http import health, hello, login, metrics
from inspect_api.http.route import EVERYBODY, PUBLIC, Route

SESSIONS = (
    Route(
        method="GET", path="/hello", roles=PUBLIC, handler=hello.hello, answers=hello.Hello,
        summary="Versions, limits and keys; before login",
    ),
    Route(
        method="POST", path="/auth/login", roles=PUBLIC, endpoint=login.log_in, body=Login, answers=LoggedIn,
        summary="Log in, and enrol this phone",
        problems=(Code.BAD_CREDENTIALS, Code.UNAUTHORIZED, Code.FORBIDDEN, Code.TOO_MANY_ATTEMPTS),
        examples=("login",),
    ),
    Route(
        method="POST", path="/auth/refresh", roles=PUBLIC, handler=login.refresh, body=Refresh,
        answers=LoggedIn, writes=True, summary="New tokens for old; a refresh token serves once",
        problems=(Code.UNAUTHORIZED,), examples=("refresh",),
    ),
    Route(
        method="POST", path="/auth/logout", roles=EVERYBODY, handler=login.log_out, writes=True,
        ends_sessions=True, status=204, summary="Close this session",
    ),
    Route(
        method="GET", path="/me", roles=EVERYBODY, handler=login.me, answers=User,
        summary="Who is logged in, and with which scope",
    ),
)  # fmt: skip

OPERATIONS = (
    Route(
        method="GET", path="/health/live", at_root=True, roles=PUBLIC, endpoint=health.live,
        answers=health.Health, summary="The process answers",
    ),
    Route(
        method="GET", path="/health/ready", at_root=True, roles=PUBLIC, endpoint=health.ready,
        answers=health.Health, also=(503,), summary="It may be sent requests",
    ),
    Route(
        method="GET", path="/metrics", at_root=True, roles=PUBLIC, endpoint=metrics.metrics, answers=str,
        media_type="text/plain", summary="Counts and durations, for Prometheus",
    ),
)  # fmt: skip

ROUTES: tuple[Route, ...] = (*SESSIONS, *OPERATIONS)
