"""A row of the route table: what is asked, who may ask, what is answered."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from msgspec import Struct

from inspect_api.actions.work import Work
from inspect_api.domain.access import READERS
from inspect_api.errors import Code
from inspect_api.http.asked import Asked

Method = Literal["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"]

PUBLIC: frozenset[str] = frozenset({"public"})
"""Instead of roles: no login is asked for."""

EVERYBODY: frozenset[str] = READERS | {"security_admin"}
"""Every role; who sees what is decided by scope."""

Handler = Callable[[Work, Asked], object]
"""One action in one transaction. Gives what is to be encoded, or an Answer where that is not all; a Refusal
that is returned, not raised, is committed first and then answered."""

Endpoint = Callable[[Asked], Awaitable[object]]
"""For what does not fit into one transaction: passwords, the bytes of photos. May give a Response too."""


@dataclass(frozen=True, kw_only=True)
class Route:
    """`deposits`: any bytes, from accounts that have ended too. `after_the_end`: the endpoint is asked by
    these as well (then with no token), and says what they may. `begins`: whether a phone begins with this
    request, for which it waits its turn. `headers`: on every answer, also on a refusal. `of_a_moment`: waits
    for what is being written, and so agrees with whatever else is asked of its moment.

    `path` is below /api/v1 unless `at_root`. Exactly one of `handler` and `endpoint` is given."""

    method: Method
    path: str
    roles: frozenset[str]
    summary: str
    answers: object = None
    handler: Handler | None = None
    endpoint: Endpoint | None = None
    begins: Callable[[Asked], bool] | None = None
    writes: bool = False
    of_a_moment: bool = False
    ends_sessions: bool = False
    query: type[Struct] | None = None
    body: type[Struct] | None = None
    whole_body_is_malformed: bool = False
    streams: bool = False
    deposits: bool = False
    after_the_end: bool = False
    at_root: bool = False
    status: int = 200
    media_type: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    also: tuple[int, ...] = ()
    problems: tuple[Code, ...] = ()
    examples: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if (self.handler is None) == (self.endpoint is None):
            raise ValueError(f"{self.method} {self.path}: one of handler and endpoint")

    @property
    def full_path(self) -> str:
        return self.path if self.at_root else f"/api/v1{self.path}"
