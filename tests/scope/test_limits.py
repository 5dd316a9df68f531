"""Row 20: a batch may be too large, but never for ever, and it is never called an error of the login."""

import gzip
from collections.abc import Callable
from random import Random
from typing import Any
from uuid import UUID

import httpx
import msgspec
import pytest

from sync.limits import LIMITS
from tests.http.serving import Served
from tests.scope.county import County, Phone


class Sender:
    """A client that knows nothing of limits: what is too large it halves."""

    def __init__(self, served: Served, county: County, compress: bool) -> None:
        county.join("张巡查", "inspector", grids=[county.grid(1)])
        self.phone: Phone = county.phone("张巡查")
        self.site = county.build(county.grid(1))
        answer = served.log_in(county.username("张巡查"), self.phone.device_id)
        self.served, self.compress = served, compress
        self.headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}
        self.die = Random(20)
        self.requests = 0

    def capture(self, size: int) -> bytes:
        """An operation of exactly so many bytes; fields that the server does not know make it large."""
        op = self.phone.report(site_id=self.site) | {"padding": ""}
        missing = size - len(msgspec.json.encode(op))
        return msgspec.json.encode(op | {"padding": self.die.randbytes(missing).hex()[:missing]})

    def send(self, ops: list[bytes]) -> httpx.Response:
        self.requests += 1
        body = msgspec.json.encode(self.phone.batch(*map(msgspec.Raw, ops)))
        headers = {**self.headers, "Content-Type": "application/json"}
        if self.compress:
            body, headers["Content-Encoding"] = gzip.compress(body, 1), "gzip"
        answer: httpx.Response = self.served.client.post("/api/v1/sync/push", content=body, headers=headers)
        return answer

    def drain(self, ops: list[bytes]) -> list[dict[str, Any]]:
        answer = self.send(ops)
        if answer.status_code == 200:
            outcomes: list[dict[str, Any]] = answer.json()["outcomes"]
            return outcomes
        assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
        assert answer.json()["limits"] == msgspec.to_builtins(LIMITS)
        assert len(ops) > 1, "one operation alone has an outcome of its own"
        half = len(ops) // 2
        return self.drain(ops[:half]) + self.drain(ops[half:])


def around(limit: int) -> list[int]:
    return [limit - 1, limit, limit + 1]


@pytest.fixture(params=["plain", "gzip"])
def sender(request: pytest.FixtureRequest, served: Served, county: County) -> Sender:
    return Sender(served, county, request.param == "gzip")


@pytest.mark.parametrize("size", around(LIMITS.op_bytes))
def test_one_operation(sender: Sender, size: int) -> None:
    small, large = sender.capture(1000), sender.capture(size)
    assert len(large) == size
    outcomes = sender.send([small, large]).json()["outcomes"]
    assert outcomes[0]["code"] == "applied"
    assert outcomes[1]["code"] == ("applied" if size <= LIMITS.op_bytes else "too_large")
    assert outcomes[1]["durable"] == (size <= LIMITS.op_bytes)


@pytest.mark.parametrize("count", around(LIMITS.ops))
def test_many_operations(sender: Sender, count: int) -> None:
    ops = [sender.capture(700) for _ in range(3)] * (count // 3 + 1)
    answer = sender.send(ops[:count])  # the same three again and again: only their number matters
    assert answer.status_code == (200 if count <= LIMITS.ops else 413)
    if count <= LIMITS.ops:
        assert len(answer.json()["outcomes"]) == count


OUTBOXES: dict[str, Callable[[Sender], list[bytes]]] = {
    "too many": lambda sender: [sender.capture(600) for _ in range(LIMITS.ops + 120)],
    "too long": lambda sender: [sender.capture(LIMITS.op_bytes) for _ in range(9)],
    "one that never goes": lambda sender: [
        sender.capture(size) for size in (*around(LIMITS.op_bytes), 3 * LIMITS.op_bytes, 3000)
    ],
}


@pytest.mark.parametrize("kind", OUTBOXES)
def test_a_client_that_halves_always_gets_through(sender: Sender, kind: str) -> None:
    ops = OUTBOXES[kind](sender)
    outcomes = sender.drain(ops)
    ids = [UUID(msgspec.json.decode(op)["op_id"]) for op in ops]
    assert [UUID(outcome["op_id"]) for outcome in outcomes] == ids
    for op, outcome in zip(ops, outcomes, strict=True):
        assert outcome["code"] == ("applied" if len(op) <= LIMITS.op_bytes else "too_large")
    assert sender.requests <= 2 * len(ops)
