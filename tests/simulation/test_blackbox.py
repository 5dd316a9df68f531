"""The people of the simulation before a real server on both databases: nothing acknowledged is lost."""

import os
import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from inspect_api.actions.app import open_app
from inspect_api.settings import load_settings
from inspect_api.store import instance
from inspect_api.store.migrating import migrate
from tests.live import LiveServer
from tests.postgres import PostgresServer, create_database, drop_database
from tests.simulation.blackbox import Crowd
from tests.simulation.cutter import cutting
from tests.simulation.ground import forget_checklists
from tests.simulation.phones import Disk
from tests.simulation.places import give_places

pytestmark = pytest.mark.long

SHORT, LONG = 2, int(os.environ.get("SOAK_KILLS", "200"))
"""How many times something is killed: in every run of the tests, and in the long one."""


class Site:
    """A server with its database, and what can be done to them."""

    def __init__(self, env: dict[str, str], postgres: PostgresServer | None) -> None:
        settings = load_settings(env)
        migrate(settings.sqlalchemy_url)
        self.app = open_app(settings)
        self.app.write(give_places)
        self.app.db.run(forget_checklists)
        # in demo mode the server would otherwise load a month of inspections, which takes its time
        self.app.write(lambda work: instance.put_new(work.tx, "demo", "loaded 2026-11-21"))
        self.server = LiveServer(env)
        self._postgres = postgres

    def faults(self) -> list[Callable[[], None]]:
        """What may happen to it, each leaving it at work again."""
        return [self._kill] if self._postgres is None else [self._kill, self._stop, self._kill_database]

    def _kill(self) -> None:
        self.server.kill()
        self.server.start()

    def _stop(self) -> None:
        assert self._postgres is not None
        self._postgres.stop("immediate")
        self._postgres.start()

    def _kill_database(self) -> None:
        assert self._postgres is not None
        self._postgres.kill()
        self._postgres.start()


@pytest.fixture(params=["sqlite", "postgresql"])
def site(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Site]:
    env = {"DATA_DIR": str(tmp_path), "DEMO": "true"}
    postgres: PostgresServer | None = None
    if request.param == "postgresql":
        postgres = request.getfixturevalue("postgres_server")
        env["DATABASE_URL"] = create_database(postgres.url)
    place = Site(env, postgres)
    place.server.start()
    yield place
    place.server.kill()
    place.app.close()
    if postgres is not None:
        drop_database(env["DATABASE_URL"])


def test_nothing_is_lost(site: Site) -> None:
    survive(site, SHORT)


@pytest.mark.soak
def test_nothing_is_lost_in_the_long_run(site: Site) -> None:
    survive(site, LONG)


def survive(site: Site, kills: int) -> None:
    """Kill and stop at random points, while people work over wires that are cut."""
    die = random.Random(652327)
    faults = site.faults()
    disk = Disk(lambda: None)
    with cutting(site.server.port, 0.05, die) as cutter, disk.in_use():
        crowd = Crowd(cutter.port, 652327, disk)
        crowd.start()
        for number in range(kills):
            crowd.wait_for(die.randint(5, 25))
            faults[number % len(faults)]()
        crowd.wait_for(20)
        crowd.stop()
        cutter.chance = 0
        crowd.check(site.app)
    assert cutter.cuts > 0, "no wire was cut"
    assert crowd.offline > 0, "the server was never missed: what was done to it did nothing"
    print(  # noqa: T201
        f"{kills} faults at random points, {cutter.cuts} cuts: {crowd.acknowledged} operations acknowledged, "
        f"0 lost; {crowd.syncs} syncs, {crowd.offline} without an answer, 503 {crowd.unavailable} times"
    )
