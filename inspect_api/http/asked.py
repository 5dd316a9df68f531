"""What was asked, decoded, and what is to be answered, not yet encoded."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar
from uuid import UUID

from litestar import Request
from msgspec import Struct

from inspect_api.actions.app import App
from inspect_api.actions.read_operations import Encoding
from inspect_api.actions.work import Work
from inspect_api.domain.access import Caller
from inspect_api.errors import Code, Refusal
from inspect_api.http.callers import admit
from inspect_api.http.threads import Threads
from inspect_api.http.turns import Turns
from inspect_api.store.database import RaceLost

Result = TypeVar("Result")
Wanted = TypeVar("Wanted", bound=Struct)


@dataclass(frozen=True)
class Asked:
    """One request. `raw` is the decompressed body, `encoding` what it is written in, `token` the hash of the
    access token that came with it.
    """

    opened: App | None
    threads: Threads
    turns: Turns
    request: Request[Any, Any, Any]
    path: Mapping[str, str]
    roles: frozenset[str] = frozenset()
    caller: Caller | None = None
    token: bytes | None = None
    query: Struct | None = None
    body: Struct | None = None
    raw: bytes = b""
    encoding: Encoding = "json"

    @property
    def app(self) -> App:
        """What this process has. Raises BUSY while it is starting."""
        if self.opened is None:
            raise Refusal(Code.BUSY, "Starting", retry_after=2)
        return self.opened

    def write(self, act: Callable[[Work], Result]) -> Result:
        """Act in a transaction in which the caller was asked for again. Blocks: for threads."""

        def admitted(work: Work) -> Result:
            if self.token is not None:
                admit(work, self.token, self.roles)
            return act(work)

        return self.app.write(admitted, self.caller)

    def look(self, see: Callable[[Work], Result], *, of_a_moment: bool = False) -> Result:
        """Look at one snapshot in which the caller was asked for again. Blocks: for threads."""

        def admitted(work: Work) -> Result:
            if self.token is not None:
                admit(work, self.token, self.roles)
            return see(work)

        return self.read(admitted, of_a_moment=of_a_moment)

    def read(self, see: Callable[[Work], Result], *, of_a_moment: bool = False) -> Result:
        """Look at one snapshot. Raises what `see` raises, and BUSY where the snapshot cannot be kept, on a
        server that follows another."""
        read = self.app.read_settled if of_a_moment else self.app.read
        try:
            return read(see, self.caller)
        except RaceLost:
            raise Refusal(Code.BUSY, retry_after=1) from None

    def text(self, name: str) -> str:
        """A path parameter, %-decoded."""
        return self.path[name]

    def uuid(self, name: str) -> UUID:
        """A path parameter that is an id. Raises NOT_FOUND: what is no id names nothing."""
        try:
            return UUID(self.path[name])
        except ValueError:
            raise Refusal(Code.NOT_FOUND) from None

    def query_as(self, kind: type[Wanted]) -> Wanted:
        """The query parameters, of the type that the route declares."""
        if not isinstance(self.query, kind):
            raise TypeError(f"the route declares {type(self.query)} for its query")
        return self.query

    def body_as(self, kind: type[Wanted]) -> Wanted:
        """The body, of the type that the route declares."""
        if not isinstance(self.body, kind):
            raise TypeError(f"the route declares {type(self.body)} for its body")
        return self.body

    @property
    def if_none_match(self) -> str:
        """The entity tag that the client has, or nothing."""
        return str(self.request.headers.get("if-none-match", ""))


@dataclass(frozen=True)
class Answer:
    """A body (or None) with another status than the route's own, or with headers."""

    body: object = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
