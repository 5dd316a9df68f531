"""Apprise reaches the network through two names in its modules, `requests` and `smtplib`, and names its
e-mails with a third; here they are led through `egress`, which nothing of apprise's own can be told.

So its plugins connect to checked addresses, follow no redirect, are cut off in time, and what the other side
answered can be read, of which apprise itself tells only true or false. An SMTP server's address is not
checked: it is the county's own, and mostly a private one. Apprise's log lines hold tokens and texts: it is
silenced.
"""

import logging
import smtplib
import socket
import sys
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any
from urllib.parse import unquote, urlsplit, urlunsplit

import apprise
import requests
from apprise.plugins.email import base as apprise_mail
from apprise.plugins.email import smtp as apprise_smtp

from inspect_api.notices import egress

_ASSET = apprise.AppriseAsset(
    async_mode=False, http_redirects=False, app_id="inspect-api", app_desc="inspect-api"
)


class UnusableDescription(ValueError):
    """Apprise does not take it."""


class _Smtp(smtplib.SMTP):
    def __init__(self, host: str, port: int, _local: object, timeout: float, **more: Any) -> None:
        # given a name, it asks no resolver for this machine's own, which can take long
        super().__init__(host, port, egress.current().sender_domain, timeout=timeout, **more)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        connection: socket.socket = super()._get_socket(host, port, timeout)  # type: ignore[misc]
        egress.current().watch(connection)
        return connection

    def getreply(self) -> tuple[int, bytes]:
        code, text = super().getreply()
        if code >= 400:
            egress.current().smtp_refusal = (code, text.decode("utf-8", "replace"))
        return code, text

    def data(self, msg: Any) -> tuple[int, bytes]:
        code, text = super().data(msg)
        if code == 250:
            egress.current().smtp_accepted = f"{code} {text.decode('utf-8', 'replace')}"
        return code, text


class _SmtpSsl(_Smtp, smtplib.SMTP_SSL):
    """TLS from the first byte; what is watched is the connection below it."""


def _message_id(domain: str | None = None) -> str:
    del domain
    return egress.current().key


def _post(
    url: str, data: Any = None, headers: Mapping[str, str] | None = None, **rest: Any
) -> requests.Response:
    host = egress.current().instead_of_host
    body = data.encode() if isinstance(data, str) else bytes(data or b"")
    # apprise 2.2.0 escapes DingTalk's signature and then has it escaped again, which DingTalk does not take
    params = {name: unquote(value) for name, value in (rest.get("params") or {}).items()}
    return egress.call("POST", _moved(url, host) if host else url, body, headers or {}, params)


def _moved(url: str, host: str) -> str:
    """The same path on the county's own installation of the service."""
    there, parts = urlsplit(host), urlsplit(url)
    path = there.path.rstrip("/") + parts.path
    return urlunsplit((there.scheme, there.netloc, path, parts.query, ""))


_REQUESTS = SimpleNamespace(post=_post, codes=requests.codes, RequestException=requests.RequestException)


def plugin(description: Mapping[str, Any]) -> Any:
    """A plugin for one message. A fresh one each time: apprise makes one that is used again wait 5.5 seconds.

    Raises UnusableDescription.
    """
    try:
        made = apprise.Apprise.instantiate(dict(description), asset=_ASSET, suppress_exceptions=False)
    except Exception:
        made = None  # what it says would show tokens
    if made is None:
        raise UnusableDescription(description["schema"])
    module = sys.modules[type(made).__module__]
    if hasattr(module, "requests"):
        vars(module)["requests"] = _REQUESTS
    return made


def _lead_through_egress() -> None:
    vars(apprise_smtp)["smtplib"] = SimpleNamespace(
        SMTP=_Smtp, SMTP_SSL=_SmtpSsl, SMTPException=smtplib.SMTPException
    )
    vars(apprise_mail)["make_msgid"] = _message_id
    logging.getLogger("apprise").disabled = True


_lead_through_egress()
