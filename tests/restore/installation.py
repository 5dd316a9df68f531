"""An installation that is backed up, lost and put back, and phones that never notice but by its epoch."""

from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import httpx
from click.testing import CliRunner, Result

from inspect_api.actions.app import App, open_app
from inspect_api.cli import main
from inspect_api.clock import MovableClock
from inspect_api.demo.county import PASSWORD, load_county
from inspect_api.demo.inprocess import ADDRESS, served
from inspect_api.demo.phone import Phone, PhoneClock
from inspect_api.main import Service
from inspect_api.settings import load_settings
from sync.entities import Hazard, Inspection
from sync.photo import Photo
from tests.postgres import create_database, drop_database

START = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
PEOPLE = ("inspector1", "inspector2", "county")


class Installation(httpx.BaseTransport):
    """One product on SQLite or, with the URL of a database, PostgreSQL; phones reach it by this transport.

    The database holds the county; so does `folder`/var where it is SQLite. Both are its own.
    """

    def __init__(self, folder: Path, postgres: str = "") -> None:
        self.folder, self.is_postgres = folder, bool(postgres)
        self.clock = MovableClock(START)
        self._databases = [postgres] if postgres else []
        self._backup = self.folder / "backup.db"
        self.county = load_county()
        self.waits: list[float] = []
        self._running = ExitStack()
        self._app: App | None = None
        self.epochs: list[str] = []
        self._way: httpx.BaseTransport | None = None
        self.start()

    @property
    def env(self) -> dict[str, str]:
        env = {"DATA_DIR": str(self.folder / "var")}
        return env | {"DATABASE_URL": self._databases[-1]} if self._databases else env

    @property
    def running(self) -> App:
        assert self._app is not None
        return self._app

    def start(self) -> None:
        settings = load_settings(self.env, demo=True)
        service = Service(settings, run_worker=False)
        self._app = open_app(settings, self.clock)
        if self._app.epoch not in self.epochs:
            self.epochs.append(self._app.epoch)
        service.let_in(self._app)
        self._way = self._running.enter_context(served(service.litestar))

    def stop(self) -> None:
        self._running.close()
        self._app = self._way = None

    def back_up(self) -> None:
        """SQLite while it is served; PostgreSQL copies a database only when nobody is connected."""
        if not self.is_postgres:
            assert self.run("backup", str(self._backup)).exit_code == 0
            return
        self.stop()
        self._databases.insert(0, create_database(self._databases[-1], template=self._databases[-1]))
        self.start()

    def restore(self) -> None:
        """Everything since the backup is gone."""
        self.put_back()
        command = ["restore", str(self._backup)] if not self.is_postgres else ["new-epoch"]
        done = self.run(*command)
        assert done.exit_code == 0, done.output
        self.start()

    def put_back(self) -> None:
        """What happens to PostgreSQL outside of the product."""
        self.stop()
        if self.is_postgres:
            self._databases.append(create_database(self._databases[0], template=self._databases[0]))

    def run(self, *command: str) -> Result:
        """`inspect-api` at a terminal."""
        return CliRunner().invoke(main, command, env=self.env)

    def remove(self) -> None:
        self.stop()
        for url in self._databases:
            drop_database(url)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if self._way is None:
            raise httpx.ConnectError("nobody listens", request=request)
        return self._way.handle_request(request)

    def phone(self, username: str, kind: type[Phone] = Phone) -> Phone:
        """Somebody's new phone, logged in."""
        client = httpx.Client(base_url=ADDRESS, transport=self)
        phone = kind(client, PhoneClock(self.clock), uuid4(), compression="zstd", pause=self.waits.append)
        phone.log_in(username, PASSWORD)
        return phone


def shared(phone: Phone) -> dict[tuple[str, str], object]:
    """What the phone holds, without what is told to each phone by itself."""
    return {key: data for key, data in phone.memory.copy.items() if key[0] != "outcome"}


def counts(phone: Phone) -> tuple[int, int, int]:
    """Inspections, hazards and photos that a phone holds."""
    return len(phone.all(Inspection)), len(phone.all(Hazard)), len(phone.all(Photo))
