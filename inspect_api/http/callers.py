"""Whose token it is: asked of the database at most every two seconds, and again in each write."""

from datetime import datetime, timedelta
from functools import partial

from inspect_api.actions.app import App
from inspect_api.actions.log_in import token_hash
from inspect_api.actions.work import Work
from inspect_api.domain.access import Caller
from inspect_api.errors import Code, Refusal
from inspect_api.http.threads import Threads
from inspect_api.store import identity

_BELIEVED_FOR = timedelta(seconds=2)
DEPOSITS_FOR = timedelta(days=30)
_REMEMBERED = 10_000


class Callers:
    """Callers by the hash of their token. A revocation works on every node within two seconds."""

    def __init__(self) -> None:
        self._known: dict[bytes, tuple[Caller, datetime]] = {}

    async def of(self, authorization: str, app: App, threads: Threads) -> tuple[Caller, bytes]:
        """The caller and the hash of his token. Raises UNAUTHORIZED."""
        token = bearer_hash(authorization)
        now = app.clock.now()
        caller, asked_at = self._known.get(token, (None, now))
        if caller is None or abs(now - asked_at) >= _BELIEVED_FOR:
            self._known.pop(token, None)
            caller = await threads.run(threads.readers, partial(find_caller, app, token))
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            self._known[token] = caller, now
        return caller, token

    def forget(self, token: bytes) -> None:
        """It may have ended with what was just done."""
        self._known.pop(token, None)


def admit(work: Work, token: bytes, roles: frozenset[str]) -> None:
    """Who asks, in the transaction that writes: what was revoked meanwhile writes nothing.

    Raises UNAUTHORIZED, FORBIDDEN.
    """
    work.caller = identity.caller_of(work.tx, token, work.now)
    if work.caller is None:
        raise Refusal(Code.UNAUTHORIZED)
    if work.caller.role not in roles:
        raise Refusal(Code.FORBIDDEN)


async def depositor(authorization: str, app: App, threads: Threads) -> Caller:
    """The caller, who may have been disabled, or whose phone revoked, within 30 days. Raises UNAUTHORIZED."""
    token = bearer_hash(authorization)

    def find(work: Work) -> Caller | None:
        return identity.depositor_of(work.tx, token, work.now - DEPOSITS_FOR)

    caller = await threads.run(threads.readers, partial(app.read, find))
    if caller is None:
        raise Refusal(Code.UNAUTHORIZED)
    return caller


def bearer_hash(authorization: str) -> bytes:
    """Raises UNAUTHORIZED when the header holds no bearer token."""
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or not 1 <= len(token) <= 200:
        raise Refusal(Code.UNAUTHORIZED)
    return token_hash(token)


def find_caller(app: App, token: bytes) -> Caller:
    """Ask the database. Raises UNAUTHORIZED."""
    caller = app.read(lambda work: identity.caller_of(work.tx, token, work.now))
    if caller is None:
        raise Refusal(Code.UNAUTHORIZED)
    return caller
