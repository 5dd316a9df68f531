"""Opening, renewing and closing sessions. Tokens are random and known here only by their hashes."""

import hashlib
from collections.abc import Callable
from datetime import timedelta
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from inspect_api.actions.app import App
from inspect_api.actions.passwords import NOBODYS, password_fits
from inspect_api.actions.work import Work
from inspect_api.clock import new_id, new_token
from inspect_api.domain.access import Caller
from inspect_api.errors import Code, Refusal
from inspect_api.settings import Settings
from inspect_api.store import identity, login_attempts
from sync.entities import Role

_MOST_FAILURES, _LOCKED_FOR = 5, timedelta(minutes=15)  # GB/T 22239-2019, 8.1.4.1 b

Token = Annotated[str, Meta(min_length=1, max_length=200)]


class LoginDevice(Struct, frozen=True, kw_only=True):
    """The phone that logs in; its id is made by the app when it is installed."""

    id: UUID
    platform: Annotated[str, Meta(max_length=40)] | None = None
    model: Annotated[str, Meta(max_length=80)] | None = None
    app_version: Annotated[str, Meta(max_length=40)] | None = None


class Login(Struct, frozen=True, kw_only=True):
    username: Annotated[str, Meta(min_length=1, max_length=64)]
    password: Annotated[str, Meta(min_length=1, max_length=200)]
    device: LoginDevice | None = None


class Refresh(Struct, frozen=True, kw_only=True):
    refresh_token: Token


class User(Struct, frozen=True, kw_only=True):
    """Who is logged in, and the scope: region prefixes without the excluded ones, or grids, or an enterprise.

    No `industries` means all of them.
    """

    id: UUID
    name: str
    role: Role
    regions: list[str]
    excluded_regions: list[str]
    grids: list[str]
    industries: list[str]
    enterprise_id: UUID | None


class LoggedIn(Struct, frozen=True, kw_only=True):
    """`expires_in`: seconds that the access token holds. The refresh token serves once."""

    access_token: str
    refresh_token: str
    expires_in: int
    user: User
    device_id: UUID | None


def log_in(app: App, login: Login) -> LoggedIn:
    """Check the password outside of any transaction, then open a session in one.

    Unknown, disabled and wrong cost the same and answer alike. Raises Refusal: BAD_CREDENTIALS,
    TOO_MANY_ATTEMPTS, FORBIDDEN for a device that was not enrolled, UNAUTHORIZED for a revoked one.
    """

    def look(work: Work) -> str | None:
        _refuse_locked(work, login)
        account = identity.account_named(work.tx, login.username)
        return account.password_hash if account is not None else None

    kept = app.read(look)
    if password_fits(kept or NOBODYS, login.password) and kept is not None:
        return app.write(lambda work: _open_session(work, app.settings, login, kept))
    app.write(lambda work: _note_failure(work, login))
    raise Refusal(Code.BAD_CREDENTIALS)


def refresh(work: Work, settings: Settings, asked: Refresh) -> LoggedIn | Refusal:
    """New tokens for old. A spent one that comes again was stolen, by this caller or by the one before.

    The Refusal is returned, not raised: what it has closed is to stay closed.
    """
    presented = token_hash(asked.refresh_token)
    session = identity.session_to_renew(work.tx, presented, work.now)
    if session is None:
        identity.close_spent(work.tx, presented, work.now)
        return Refusal(Code.UNAUTHORIZED, "This refresh token does not serve any more; log in")
    answer, values = _new_tokens(work, settings)
    identity.renew(work.tx, session.id, values)
    return answer(identity.caller_with_session(work.tx, session.account_id, session.id, session.device_id))


def log_out(work: Work) -> None:
    """Close the session that asks."""
    identity.close_session(work.tx, work.who.session_id, work.now)


def user_of(caller: Caller) -> User:
    """The account as its owner is shown it."""
    return User(
        id=caller.id,
        name=caller.name,
        role=caller.role,
        regions=list(caller.regions),
        excluded_regions=list(caller.excluded),
        grids=sorted(caller.grids),
        industries=sorted(caller.industries),
        enterprise_id=caller.enterprise_id,
    )


def token_hash(token: str) -> bytes:
    """By which a token is known here."""
    return hashlib.sha256(token.encode()).digest()


def _refuse_locked(work: Work, login: Login, *, lock: bool = False) -> None:
    seconds = login_attempts.tally(work.tx, login_attempts.name_hash(login.username), lock=lock).locked_for(
        work.now
    )
    if seconds:
        raise Refusal(Code.TOO_MANY_ATTEMPTS, "Too many wrong passwords; wait", retry_after=seconds)


def _note_failure(work: Work, login: Login) -> None:
    name = login_attempts.name_hash(login.username)
    if login_attempts.note_failure(work.tx, name, work.now) >= _MOST_FAILURES:
        login_attempts.lock_name(work.tx, name, work.now + _LOCKED_FOR)


def _open_session(work: Work, settings: Settings, login: Login, kept: str) -> LoggedIn:
    # guesses that ran side by side: the right one may not pass a lock that the wrong ones have set
    _refuse_locked(work, login, lock=True)
    account = identity.account_named(work.tx, login.username, lock=True)
    if account is None or account.password_hash != kept:
        raise Refusal(Code.BAD_CREDENTIALS)
    device_id = _device(work, settings, login.device, account.id) if login.device else None
    login_attempts.forgive(work.tx, login_attempts.name_hash(login.username))
    answer, values = _new_tokens(work, settings)
    session_id = new_id()
    row = {"id": session_id, "account_id": account.id, "device_id": device_id, "opened_at": work.now}
    identity.open_session(work.tx, row | values)
    return answer(identity.caller_with_session(work.tx, account.id, session_id, device_id))


def _device(work: Work, settings: Settings, device: LoginDevice, account_id: UUID) -> UUID:
    known = identity.device(work.tx, device.id)
    row = {name: getattr(device, name) for name in device.__struct_fields__}
    if known is None:
        if not settings.demo:
            raise Refusal(Code.FORBIDDEN, "This device has not been enrolled", pointer="/device/id")
        identity.enrol(work.tx, row | {"enrolled_by": account_id, "enrolled_at": work.now})
    elif known.revoked_at is not None:
        raise Refusal(Code.UNAUTHORIZED, "This device was revoked", pointer="/device/id")
    elif known.model is None and device.model is not None:
        identity.describe(work.tx, device.id, row)
    return device.id


def _new_tokens(work: Work, settings: Settings) -> tuple[Callable[[Caller], LoggedIn], dict[str, object]]:
    """What to answer once the caller is known, and the columns of the session to set."""
    access, renewal = new_token(), new_token()
    lasts = timedelta(minutes=settings.access_token_minutes)
    values: dict[str, object] = {
        "access_hash": token_hash(access),
        "access_until": work.now + lasts,
        "refresh_hash": token_hash(renewal),
        "refresh_until": work.now + timedelta(days=settings.refresh_token_days),
    }

    def answer(caller: Caller) -> LoggedIn:
        return LoggedIn(
            access_token=access,
            refresh_token=renewal,
            expires_in=int(lasts.total_seconds()),
            user=user_of(caller),
            device_id=caller.device_id,
        )

    return answer, values
