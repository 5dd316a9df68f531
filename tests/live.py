"""The product as its users meet it: a server process on loopback, with a county to work in."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import httpx

from inspect_api.actions.app import open_app
from inspect_api.actions.work import Work
from inspect_api.demo.base import give_county
from inspect_api.demo.county import County, load_county
from inspect_api.settings import load_settings
from inspect_api.store import instance
from inspect_api.store.migrating import migrate

PASSWORD = "demo-only-652327"
ROOT = Path(__file__).resolve().parent.parent


def free_port() -> int:
    """A port of loopback that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def prepare_county(env: Mapping[str, str], usernames: Iterable[str]) -> County:
    """Migrate, then enter the demo county's regions, enterprises and sites, and some of its accounts."""
    settings = load_settings(env)
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    migrate(settings.sqlalchemy_url)
    county, wanted = load_county(), set(usernames)
    app = open_app(settings)
    try:
        app.write(lambda work: _enter(work, county, wanted))
    finally:
        app.close()
    return county


def _enter(work: Work, county: County, usernames: set[str]) -> None:
    give_county(work, county, usernames)
    # in demo mode the server would otherwise load a month of inspections, which takes its time
    instance.put_new(work.tx, "demo", "loaded 2026-11-21")


class LiveServer:
    """`inspect-api serve` in a process of its own, which can be killed and started again."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._env = {**os.environ, **env, "PORT": str(self.port)}
        self._process: subprocess.Popen[bytes] | None = None
        self._log = Path(env["DATA_DIR"]) / f"server-{self.port}.log"

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def start(self, wrap: Callable[[list[str]], list[str]] = lambda command: command) -> None:
        """Start and wait until it is ready."""
        command = wrap([sys.executable, "-m", "inspect_api", "serve"])
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                command, cwd=ROOT, env=self._env, stdout=log, stderr=log, start_new_session=True
            )
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                if httpx.get(f"{self.url}/api/v1/hello", timeout=2).status_code == 200:
                    return
            except httpx.TransportError:
                pass
            if self._process.poll() is not None:
                break
            time.sleep(0.05)
        raise RuntimeError(f"the server did not start:\n{self._log.read_text()[-2000:]}")

    def kill(self) -> None:
        """kill -9 of the process and all its children."""
        self._end(signal.SIGKILL)

    def stop(self) -> int:
        """Ask it to end, and wait; its exit status."""
        return self._end(signal.SIGTERM)

    def _end(self, how: signal.Signals) -> int:
        if self._process is None:
            return 0
        if self._process.poll() is None:
            os.killpg(self._process.pid, how)
        status = self._process.wait(timeout=20)
        self._process = None
        return status

    def token(self, username: str, device_id: str | None = None) -> str:
        """Log in; the access token."""
        body: dict[str, object] = {"username": username, "password": PASSWORD}
        if device_id is not None:
            body["device"] = {"id": device_id, "platform": "android", "model": "test", "app_version": "1"}
        answer = httpx.post(f"{self.url}/api/v1/auth/login", json=body, timeout=10)
        answer.raise_for_status()
        token: str = answer.json()["access_token"]
        return token


class LiveWorker:
    """`inspect-api worker` in a process of its own."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self._log = (Path(env["DATA_DIR"]) / "worker.log").open("ab")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "inspect_api", "worker"],
            cwd=ROOT, env={**os.environ, **env}, stdout=self._log, stderr=self._log, start_new_session=True,
        )  # fmt: skip

    def kill(self) -> None:
        """kill -9 of the process and all its children."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self._log.close()
