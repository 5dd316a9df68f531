"""A phone's line to the server: one encoding, one login that is renewed, patience where patience is asked."""

import gzip
from collections.abc import Callable, Mapping
from time import sleep
from typing import Literal, TypeVar
from uuid import UUID

import httpx
import msgspec
import zstandard
from msgspec import Struct

from sync.entities import Role
from sync.envelope import Problem

Encoding = Literal["json", "msgpack"]
Compression = Literal["", "gzip", "zstd"]
Wanted = TypeVar("Wanted")

BASE = "/api/v1"
MEDIA_TYPES: dict[Encoding, str] = {"json": "application/json", "msgpack": "application/vnd.msgpack"}
_TRIES = 5
_PATIENCE_S = 120.0
_RENEW_BEFORE_S = 60


class Offline(Exception):
    """No answer came. Whether the server has heard it, nobody here can know."""


class LoggedOut(Exception):
    """The login does not serve any more: the person has to give the password again."""


class Refused(Exception):
    """The server says no, and why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(f"{problem.status} {problem.code}: {problem.detail}")
        self.problem = problem


class User(Struct, frozen=True, kw_only=True):
    """The account as the server shows it to its owner."""

    id: UUID
    name: str
    role: Role
    regions: list[str]
    grids: list[str]
    enterprise_id: UUID | None


class _Session(Struct, frozen=True, kw_only=True):
    access_token: str
    refresh_token: str
    expires_in: int
    user: User


class Link:
    """`seconds` is a clock that only runs forward; `pause` waits for so many seconds."""

    def __init__(
        self,
        http: httpx.Client,
        seconds: Callable[[], float],
        *,
        encoding: Encoding = "json",
        compression: Compression = "",
        pause: Callable[[float], None] = sleep,
    ) -> None:
        self.encoding, self.compression = encoding, compression
        self._http, self._seconds, self._pause = http, seconds, pause
        self.last_token = "none"
        self._session: _Session | None = None
        self._renew_at = 0.0

    def log_in(self, username: str, password: str, device: Mapping[str, str]) -> User:
        """Open a session on this phone. Raises Refused, Offline."""
        login = {"username": username, "password": password, "device": device}
        return self._begin(self.post("/auth/login", login, _Session, public=True))

    def get(
        self,
        path: str,
        kind: type[Wanted],
        query: Mapping[str, str] | None = None,
        *,
        public: bool = False,
    ) -> Wanted:
        """Raises Refused, Offline, LoggedOut."""
        return self._decode(self._send("GET", path, {}, b"", query=query, public=public), kind)

    def post(self, path: str, body: object, kind: type[Wanted], *, public: bool = False) -> Wanted:
        """Raises Refused, Offline, LoggedOut."""
        content = _compress(pack(body, self.encoding), self.compression)
        headers = {"Content-Type": MEDIA_TYPES[self.encoding]}
        if self.compression:
            headers["Content-Encoding"] = self.compression
        return self._decode(self._send("POST", path, headers, content, public=public), kind)

    def deposit(self, content: bytes, kind: type[Wanted]) -> Wanted:
        """Bytes as they are, with the last login even where it has ended. Raises as `post` does."""
        headers = {"Content-Type": MEDIA_TYPES[self.encoding], "Authorization": f"Bearer {self.last_token}"}
        try:
            return self._decode(self._send("POST", "/sync/deposit", headers, content, public=True), kind)
        except Refused as refused:
            if refused.problem.status == 401:
                raise LoggedOut from refused
            raise

    def put_photo(self, name: str, data: bytes) -> None:
        """The bytes of a photo, under their SHA-256. Raises Refused, Offline, LoggedOut."""
        self._send("PUT", f"/blobs/{name}", {"Content-Type": "application/octet-stream"}, data)

    def _begin(self, session: _Session) -> User:
        self._session, self.last_token = session, session.access_token
        self._renew_at = self._seconds() + session.expires_in - _RENEW_BEFORE_S
        return session.user

    def _renew(self) -> None:
        if self._session is None:
            raise LoggedOut
        renewal = {"refresh_token": self._session.refresh_token}
        try:
            self._begin(self.post("/auth/refresh", renewal, _Session, public=True))
        except Refused as refused:
            self._session = None
            raise LoggedOut from refused

    def _send(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str],
        content: bytes,
        *,
        query: Mapping[str, str] | None = None,
        public: bool = False,
    ) -> httpx.Response:
        renewed = False
        for _ in range(_TRIES):
            if not public and (self._session is None or self._seconds() >= self._renew_at):
                self._renew()
                renewed = True
            sent = {"Accept": MEDIA_TYPES[self.encoding], **headers, **({} if public else self._bearer())}
            try:
                response = self._http.request(
                    method, f"{BASE}{path}", params=query, headers=sent, content=content
                )
            except httpx.TransportError as error:
                raise Offline from error
            if response.is_success:
                return response
            refused = _refused(response)
            if response.status_code == 401 and not public and not renewed:
                self._renew_at = 0.0
            elif response.status_code == 401 and not public:
                self._session = None  # what was renewed a moment ago has ended since
                raise LoggedOut from refused
            elif response.status_code in (429, 503) and (wait := _wait(response)) <= _PATIENCE_S:
                self._pause(wait)
            else:
                raise refused
        raise Offline

    def _bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._session.access_token}"} if self._session else {}

    def _decode(self, response: httpx.Response, kind: type[Wanted]) -> Wanted:
        if self.encoding == "json":
            return msgspec.json.decode(response.content, type=kind)
        return msgspec.msgpack.decode(response.content, type=kind)


def pack(value: object, encoding: Encoding) -> bytes:
    """Of something without times: MessagePack would have a type of its own for them, the wire has text."""
    return msgspec.json.encode(value) if encoding == "json" else msgspec.msgpack.encode(value)


def _compress(content: bytes, compression: Compression) -> bytes:
    if compression == "gzip":
        return gzip.compress(content)
    return zstandard.ZstdCompressor().compress(content) if compression == "zstd" else content


def _refused(response: httpx.Response) -> Refused:
    try:
        return Refused(msgspec.json.decode(response.content, type=Problem))
    except msgspec.DecodeError:  # somebody between us and the server
        said = response.reason_phrase
        problem = Problem(
            type="about:blank", title=said, status=response.status_code, detail=said, code="unknown"
        )
        return Refused(problem)


def _wait(response: httpx.Response) -> float:
    try:
        return float(response.headers.get("Retry-After", "1"))
    except ValueError:  # it may also be a date (RFC 9110, 10.2.3)
        return 5.0
