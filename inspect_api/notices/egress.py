"""The one door out: every connection that delivers a notice is checked, watched and cut off in time.

A name is resolved once and the connection goes to an address that was looked at; no redirect is followed, no
proxy of the environment asked. Pinning is apprise's (`apprise.utils.http`), kept by its authors for callers.
A timeout of a socket begins anew with every byte, so that a dripping server would hold a thread for ever;
therefore a timer shuts the attempt's connections when its whole time is up.
"""

import contextlib
import os
import socket
import threading
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network
from typing import Any, NamedTuple

import requests
from apprise.utils.http import (
    HTTPPolicy,
    HTTPPolicySession,
    is_public_ip_address,
    read_bounded_response,
)

from inspect_api.notices.channels import Network

_MOST_ANSWER = 64 * 1024
_MOST_ADDRESSES = 3
_CONNECT_S = 4.0
_ASSIGNED = ip_network("192.0.0.0/24")
"""IETF protocol assignments (RFC 6890): public to older Pythons, and a place of clouds' metadata."""


class TimeIsUp(OSError):
    """The whole attempt has taken too long."""


class HttpAnswer(NamedTuple):
    """Status, the first 64 KiB of the body as text, and Retry-After in seconds, 0 without one."""

    status: int
    text: str
    retry_after: int


@dataclass
class Attempt:
    """One attempt at one notice: its connections, what it was answered, and what it may reach."""

    seconds: float
    private: tuple[Network, ...] = ()
    key: str = ""
    sender_domain: str = "localhost"
    instead_of_host: str = ""
    blocked: str = ""
    http: HttpAnswer | None = None
    smtp_refusal: tuple[int, str] | None = None
    smtp_accepted: str | None = None
    was_cut: bool = False
    _is_over: bool = False
    _held: list[socket.socket] = field(default_factory=list)
    _guard: threading.Lock = field(default_factory=threading.Lock)

    def watch(self, connection: socket.socket) -> None:
        """Shut it when the time is up. Raises TimeIsUp when it is up already."""
        with self._guard:
            if self._is_over:
                raise TimeIsUp
            # a copy: wrapping the socket in TLS takes its descriptor away from the object that it was
            self._held.append(socket.socket(fileno=os.dup(connection.fileno())))

    def cut(self) -> None:
        """Its time is up."""
        with self._guard:
            self.was_cut = self._is_over = True
            for held in self._held:
                with contextlib.suppress(OSError):
                    held.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """It has ended."""
        with self._guard:
            self._is_over = True
            for held in self._held:
                held.close()
            self._held.clear()

    def admits(self, address: str) -> bool:
        """Whether an address may be connected to: a public one, or one in a network that is allowed."""
        plain = ip_address(address)
        mapped = getattr(plain, "ipv4_mapped", None)
        is_allowed = (is_public_ip_address(address) and plain not in _ASSIGNED) or any(
            each in network for network in self.private for each in (plain, mapped) if each is not None
        )
        if not is_allowed:
            self.blocked = address
        return is_allowed


_current: ContextVar[Attempt] = ContextVar("attempt")


def current() -> Attempt:
    """The attempt that this thread is at. LookupError when there is none: nothing goes out unwatched."""
    return _current.get()


@contextlib.contextmanager
def attempting(attempt: Attempt) -> Iterator[Attempt]:
    """For as long as the attempt may take."""
    token = _current.set(attempt)
    timer = threading.Timer(attempt.seconds, attempt.cut)
    timer.daemon = True
    timer.start()
    try:
        yield attempt
    finally:
        timer.cancel()
        attempt.close()
        _current.reset(token)


class _Watched(HTTPPolicy):
    def __init__(self, attempt: Attempt) -> None:
        super().__init__(address_filter=attempt.admits)  # type: ignore[no-untyped-call]
        self._attempt = attempt

    def resolve(self, host: str, port: int) -> list[Any]:
        """In this thread: the pool that apprise shares among all lookups could be filled by one dead name."""
        answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        admitted = [answer for answer in answers if self._attempt.admits(str(answer[4][0]))]
        if not admitted:
            raise socket.gaierror(socket.EAI_NONAME, "no address that may be reached")
        return admitted[:_MOST_ADDRESSES]

    def create_connection(self, *args: Any, **kwargs: Any) -> socket.socket:
        connection: socket.socket = super().create_connection(*args, **kwargs)  # type: ignore[no-untyped-call]
        try:
            self._attempt.watch(connection)
        except TimeIsUp:
            connection.close()
            raise
        return connection


def call(
    method: str, url: str, body: bytes, headers: Mapping[str, str], params: Mapping[str, str] | None = None
) -> requests.Response:
    """One request as part of the current attempt; its whole answer is read.

    Raises requests.RequestException, TimeIsUp. The texts of these hold the address with its secrets: none of
    them may be shown.
    """
    attempt = current()
    with HTTPPolicySession(_Watched(attempt)) as session:
        response: requests.Response = session.request(
            method, url, data=body, headers=dict(headers), params=params, stream=True, allow_redirects=False,
            timeout=(min(_CONNECT_S, attempt.seconds), attempt.seconds),
        )  # fmt: skip
        content = read_bounded_response(response, _MOST_ANSWER) or b""
    if attempt.was_cut:
        raise TimeIsUp  # a body that ends where the connection ends looks whole when it was cut
    response._content = content
    asked = response.headers.get("Retry-After", "")
    text = content.decode("utf-8", "replace")
    attempt.http = HttpAnswer(
        response.status_code, text, int(asked) if asked.isdecimal() and len(asked) < 6 else 0
    )
    return response
