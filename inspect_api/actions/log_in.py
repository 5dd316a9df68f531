"""Opening, renewing and closing sessions. Tokens are random and known here only by their hashes."""

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from inspect_api.actions.app import App
from inspect_api.actions.attempts import Tally
from inspect_api.actions.passwords import NOBODYS, password_fits
from inspect_api.actions.work import Work
from inspect_api.clock import new_id, new_token
from inspect_api.domain.access import Caller
from inspect_api.errors import Code, Refusal
from inspect_api.settings import Settings
from inspect_api.store import identity
from sync.entities import Role

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

    Raises Refusal: BAD_CREDENTIALS alike for unknown, disabled and wrong, TOO_MANY_ATTEMPTS, FORBIDDEN for a
    device that was not enrolled, UNAUTHORIZED for a revoked one.
    """
    account = app.read(lambda work: identity.account_named(work.tx, login.username))
    tally = Tally(account.failures, account.locked_until) if account else app.strangers.of(login.username)
    _refuse_locked(tally, app.clock.now())
    if not password_fits(account.password_hash if account else NOBODYS, login.password) or account is None:
        if account is None:
            app.strangers.note_failure(login.username, app.clock.now())
        else:
            app.write(lambda work: _note_failure(work, login.username))
        raise Refusal(Code.BAD_CREDENTIALS)
    kept = account.password_hash
    return app.write(lambda work: _open_session(work, app.settings, login, kept))


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


def _refuse_locked(tally: Tally, now: datetime) -> None:
    seconds = tally.locked_for(now)
    if seconds:
        raise Refusal(Code.TOO_MANY_ATTEMPTS, "Too many wrong passwords; wait", retry_after=seconds)


def _note_failure(work: Work, username: str) -> None:
    account = identity.account_named(work.tx, username, lock=True)
    if account is not None:
        tally = Tally(account.failures, account.locked_until)
        if not tally.locked_for(work.now):
            identity.set_failures(work.tx, account.id, *tally.one_more(work.now))


def _open_session(work: Work, settings: Settings, login: Login, kept: str) -> LoggedIn:
    account = identity.account_named(work.tx, login.username, lock=True)
    if account is None or account.password_hash != kept:
        raise Refusal(Code.BAD_CREDENTIALS)
    # guesses that ran side by side: the right one may not pass a lock that the wrong ones have set
    _refuse_locked(Tally(account.failures, account.locked_until), work.now)
    device_id = _device(work, settings, login.device, account.id) if login.device else None
    identity.set_failures(work.tx, account.id, 0, None)
    answer, values = _new_tokens(work, settings)
    session_id = new_id()
    row = {"id": session_id, "account_id": account.id, "device_id": device_id, "opened_at": work.now}
    identity.open_session(work.tx, row | values)
    return answer(identity.caller_with_session(work.tx, account.id, session_id, device_id))


def _device(work: Work, settings: Settings, device: LoginDevice, account_id: UUID) -> UUID:
    known = identity.device(work.tx, device.id)
    if known is None:
        if not settings.demo:
            raise Refusal(Code.FORBIDDEN, "This device has not been enrolled", pointer="/device/id")
        row = {name: getattr(device, name) for name in device.__struct_fields__}
        identity.enrol(work.tx, row | {"enrolled_by": account_id, "enrolled_at": work.now})
    elif known.revoked_at is not None:
        raise Refusal(Code.UNAUTHORIZED, "This device was revoked", pointer="/device/id")
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
