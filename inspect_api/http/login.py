"""Logging in, staying so, and who is logged in."""

from inspect_api.actions import log_in as sessions
from inspect_api.actions.log_in import LoggedIn, Login, Refresh, User
from inspect_api.actions.work import Work
from inspect_api.errors import Refusal
from inspect_api.http.asked import Answer, Asked


async def log_in(asked: Asked) -> LoggedIn:
    """In the threads for passwords: 50 ms of computing that neither the loop nor a writer waits for."""
    app, login = asked.app, asked.body_as(Login)
    return await asked.threads.run(asked.threads.passwords, lambda: sessions.log_in(app, login))


def refresh(work: Work, asked: Asked) -> LoggedIn | Refusal:
    return sessions.refresh(work, asked.app.settings, asked.body_as(Refresh))


def log_out(work: Work, _asked: Asked) -> Answer:
    sessions.log_out(work)
    return Answer(None, 204)


def me(work: Work, _asked: Asked) -> User:
    return sessions.user_of(work.who)
