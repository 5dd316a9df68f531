"""The product as tests meet it: served in this process, on a database that holds the demo county."""

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import msgspec
from httpx import Response
from litestar.testing import TestClient

from inspect_api.actions.app import App, open_app
from inspect_api.clock import MovableClock
from inspect_api.demo.county import PASSWORD, load_county
from inspect_api.main import Service
from inspect_api.settings import Settings
from tests.live import prepare_county

START = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)  # nine in the morning in the county
MSGPACK = "application/vnd.msgpack"


def make_county(env: Mapping[str, str]) -> None:
    """Migrate an empty database and give it the county's people and places."""
    prepare_county(env, [account.username for account in load_county().accounts])


def copy_folder(template: Path, folder: Path) -> Path:
    """A data folder of a test's own, from one that nobody uses."""
    return Path(shutil.copytree(template, folder))


@dataclass
class Person:
    """Somebody who is logged in, on a phone of his own."""

    served: "Served"
    tokens: dict[str, Any]
    device_id: UUID

    def headers(self, more: Mapping[str, str] | None = None) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.tokens['access_token']}", **(more or {})}

    def get(self, path: str, **options: Any) -> Response:
        return self.served.client.get(
            f"/api/v1{path}", headers=self.headers(options.pop("headers", None)), **options
        )

    def post(self, path: str, body: Any = None, **options: Any) -> Response:
        headers = self.headers(options.pop("headers", None))
        if body is None:
            return self.served.client.post(f"/api/v1{path}", headers=headers, **options)
        content = body if isinstance(body, bytes) else msgspec.json.encode(body)
        return self.served.client.post(
            f"/api/v1{path}",
            content=content,
            headers={"Content-Type": "application/json", **headers},
            **options,
        )

    def put(self, path: str, content: bytes, **options: Any) -> Response:
        headers = self.headers(options.pop("headers", None))
        return self.served.client.put(f"/api/v1{path}", content=content, headers=headers, **options)

    def push(self, *ops: object) -> Response:
        """A batch of operations, as they are."""
        return self.post("/sync/push", self.batch(*ops))

    def batch(self, *ops: object) -> dict[str, Any]:
        return {
            "protocol": 1,
            "device_id": str(self.device_id),
            "batch_id": str(uuid4()),
            "sent": self.clock(),
            "ops": list(ops),
        }

    def clock(self) -> dict[str, Any]:
        """The phone's clocks: right, and of one boot."""
        now = self.served.clock.now()
        return {
            "wall": now.isoformat(),
            "mono_ms": int((now - START).total_seconds() * 1000) + 10**7,
            "boot_id": "b",
        }

    def operation(self, kind: str, entity_id: object, body: object, seq: int = 1) -> dict[str, Any]:
        return {
            "op_id": str(uuid4()), "seq": seq, "kind": kind, "entity_id": str(entity_id), "at": self.clock(),
            "body": body,
        }  # fmt: skip


@dataclass
class Served:
    """The application, a client of it without any login, and its clock."""

    client: TestClient[Any]
    clock: MovableClock
    app: App
    settings: Settings
    people: dict[str, Person] = field(default_factory=dict)

    def log_in(self, username: str, device_id: UUID | None = None, password: str = PASSWORD) -> Response:
        device = {"id": str(device_id), "platform": "鸿蒙", "model": "测试机"} if device_id else None
        body = {"username": username, "password": password, **({"device": device} if device else {})}
        return self.client.post("/api/v1/auth/login", json=body)

    def person(self, username: str) -> Person:
        """Logged in; the same one for the whole test."""
        if username not in self.people:
            device_id = uuid4()
            answer = self.log_in(username, device_id)
            assert answer.status_code == 200, answer.text
            self.people[username] = Person(self, answer.json(), device_id)
        return self.people[username]


@contextmanager
def serve(settings: Settings, clock: MovableClock | None = None) -> Iterator[Served]:
    """Serve in this process until the block ends."""
    clock = clock or MovableClock(START)
    service = Service(settings, run_worker=False)
    app = open_app(settings, clock)
    service.let_in(app)
    with TestClient(service.litestar, raise_server_exceptions=False) as client:
        yield Served(client, clock, app, settings)
