"""What would differ from run to run comes out of the seed; what would only cost time is left out."""

from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, contextmanager
from functools import lru_cache
from random import Random
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch
from uuid import UUID


class Ids:
    """UUIDs in the form of version 7, which grow as the product's do."""

    def __init__(self, die: Random) -> None:
        self._die = die
        self._made = 0

    def next(self) -> UUID:
        self._made += 1
        return UUID(int=(self._made << 80) | (7 << 76) | (2 << 62) | self._die.getrandbits(62))

    def token(self, size: int) -> str:
        return self._die.randbytes(size).hex()


async def _whole_body(request: Any, _threads: object) -> bytes:
    content: bytes = request.content
    return content


async def _body_in_one_piece(request: Any, _most: int) -> AsyncIterator[bytes]:
    yield request.content


@contextmanager
def seeded(ids: Ids) -> Iterator[None]:
    """Ids, tokens and salts come from `ids`; passwords fit; a body is there when a request is; no waiting."""
    stand_ins: dict[str, object] = {
        "inspect_api.clock.uuid7": ids.next,
        "inspect_api.clock.secrets": SimpleNamespace(token_urlsafe=ids.token),
        "inspect_api.actions.log_in.password_fits": lambda _kept, _given: True,
        "inspect_api.store.database.time": SimpleNamespace(sleep=lambda _seconds: None),
        "inspect_api.http.edge.read_body": _whole_body,
        "inspect_api.http.photos.stream_body": _body_in_one_piece,
        "sqlalchemy.sql.sqltypes._python_UUID": lru_cache(10_000)(UUID),
    }
    with ExitStack() as stack:
        for target, stand_in in stand_ins.items():
            stack.enter_context(patch(target, stand_in))
        yield
