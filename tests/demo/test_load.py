"""The demo county as it is loaded: a real month, the same on both databases, whatever interrupts it."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, get_args

import httpx
import msgspec
import pytest
import sqlalchemy as sa

from inspect_api.actions.app import App, open_app
from inspect_api.clock import MovableClock
from inspect_api.demo.broken import StoryBroken
from inspect_api.demo.county import PASSWORD
from inspect_api.demo.inprocess import ADDRESS, served
from inspect_api.demo.load import load_demo
from inspect_api.domain.chain import first_broken
from inspect_api.domain.history import plain_hazard, rebuild
from inspect_api.main import Service
from inspect_api.settings import Settings, load_settings
from inspect_api.store import clocks, hazard_events, hazards, instance
from inspect_api.store.migrating import migrate
from sync.entities import Status
from tests.live import ROOT
from tests.s3 import S3Bucket

pytestmark = pytest.mark.long

TODAY = date(2026, 11, 21)
MIDNIGHT = datetime(2026, 11, 20, 16, 0, 1, tzinfo=UTC)  # in the county TODAY has just begun
KILLED_AT = (60, 290)  # of the 384 scenes of the month
LOADER = """
import sys
from datetime import date
from inspect_api.demo.load import load_demo
from inspect_api.settings import load_settings
load_demo(load_settings(demo=True), print, date.fromisoformat(sys.argv[1]))
"""


@dataclass
class Loaded:
    """An installation with the demo in it, as it is when today begins."""

    settings: Settings
    app: App
    http: httpx.Client
    tokens: dict[str, str] = field(default_factory=dict)

    def ask(self, username: str, path: str, **query: str) -> httpx.Response:
        """Somebody's question; here the clock stands still and a login holds."""
        if username not in self.tokens:
            login = self.http.post("/api/v1/auth/login", json={"username": username, "password": PASSWORD})
            self.tokens[username] = login.json()["access_token"]
        token = {"Authorization": f"Bearer {self.tokens[username]}"}
        answer = self.http.get(f"/api/v1{path}", params=query, headers=token)
        assert answer.status_code == 200, answer.text
        return answer

    def get(self, username: str, path: str, **query: str) -> Any:
        return self.ask(username, path, **query).json()

    def hazards(self, username: str = "city", **query: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        page: dict[str, Any] = {"cursor": ""}
        while page["cursor"] is not None:
            more = {"cursor": page["cursor"]} if page["cursor"] else {}
            page = self.get(username, "/hazards", limit="50", **query, **more)
            found += page["items"]
        return found


@contextmanager
def opened(settings: Settings) -> Iterator[Loaded]:
    service = Service(settings, run_worker=False)
    app = open_app(settings, MovableClock(MIDNIGHT))
    service.let_in(app)
    with served(service.litestar) as network, httpx.Client(base_url=ADDRESS, transport=network) as http:
        yield Loaded(settings, app, http)


def progress_of(database: Path) -> int:
    """The number of the scene that was done last."""
    with closing(sqlite3.connect(database)) as connection:
        try:
            rows = connection.execute("SELECT value FROM instance WHERE name = 'demo'").fetchall()
        except sqlite3.OperationalError:
            return 0
    return int(rows[0][0].split()[2]) if rows and rows[0][0].startswith("loading") else 0


def load_until_killed(folder: Path, scene: int) -> None:
    """kill -9 of a load once it has come so far."""
    env = {**os.environ, "DATA_DIR": str(folder)}
    loader = subprocess.Popen(
        [sys.executable, "-c", LOADER, TODAY.isoformat()],
        cwd=ROOT,
        env=env,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        while progress_of(folder / "inspect.db") < scene:
            assert loader.poll() is None, "the load ended before it was killed"
            time.sleep(0.01)
    finally:
        loader.send_signal(signal.SIGKILL)
        loader.wait()


@pytest.fixture(scope="module")
def sqlite_settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """On SQLite and a folder, killed twice on the way."""
    folder = tmp_path_factory.mktemp("loaded")
    settings = load_settings({"DATA_DIR": str(folder)}, demo=True)
    migrate(settings.sqlalchemy_url)
    for scene in KILLED_AT:
        load_until_killed(folder, scene)
    load_demo(settings, lambda _line: None, TODAY)
    return settings


@pytest.fixture(scope="module")
def on_sqlite(sqlite_settings: Settings) -> Iterator[Loaded]:
    with opened(sqlite_settings) as loaded:
        yield loaded


@pytest.fixture(scope="module")
def on_postgres(
    postgres_database: str, s3_bucket: S3Bucket, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Loaded]:
    """On PostgreSQL and S3, in one go."""
    env = {"DATA_DIR": str(tmp_path_factory.mktemp("loaded")), **s3_bucket.env}
    settings = load_settings({**env, "DATABASE_URL": postgres_database}, demo=True)
    migrate(settings.sqlalchemy_url)
    lines: list[str] = []
    load_demo(settings, lines.append, TODAY)
    assert 3 <= len(lines) <= 15
    with opened(settings) as loaded:
        yield loaded


@pytest.fixture(params=["sqlite", "postgresql"])
def loaded(request: pytest.FixtureRequest) -> Loaded:
    loaded: Loaded = request.getfixturevalue(
        {"sqlite": "on_sqlite", "postgresql": "on_postgres"}[request.param]
    )
    return loaded


def test_every_status_occurs_and_both_parties_are_late(loaded: Loaded) -> None:
    found = loaded.hazards()
    assert {hazard["status"] for hazard in found} == set(get_args(Status))
    late = [hazard for hazard in found if hazard["overdue"]]
    assert {hazard["overdue_by"] for hazard in late} == {"enterprise", "regulator"}
    assert len(late) >= 10
    assert {hazard["industry"] for hazard in found} >= {"hazmat", "mine", "construction"}
    assert {hazard["order"] for hazard in found} == {"self", "urged", "ordered"}
    assert any(hazard["listed"] for hazard in found)
    assert any(hazard["suspended"] for hazard in found)
    assert all(hazard["evidence_pending"] == 0 for hazard in found)


def test_tasks_are_done_open_and_overdue(loaded: Loaded) -> None:
    tasks = loaded.get("county", "/tasks")["items"]
    assert [task["status"] for task in tasks].count("done") == 3
    late = loaded.get("county", "/tasks", overdue="true")["items"]
    assert late == [task for task in tasks if task["overdue"]]
    assert len({task["assignee"]["id"] for task in late}) == 3
    own = loaded.get("inspector1", "/tasks")["items"]
    assert [task["status"] for task in own] == ["done", "done", "open", "open"]


def test_what_is_overdue_has_escalated_and_those_concerned_were_told(loaded: Loaded) -> None:
    late = [h for h in loaded.hazards("county", overdue="true") if h["overdue_days"] > 1]
    assert late
    assert all(hazard["escalation"]["step"] >= 2 for hazard in late)
    assert max(hazard["escalation"]["step"] for hazard in late) == 7
    told = loaded.get("county", "/notices", limit="200")["items"]
    # a late report was believed: what had been sent meanwhile is withdrawn, if a working day lay between
    assert {notice["kind"] for notice in told} - {"withdraw"} == {"alert", "step"}
    steps = {(n["hazard_id"], n["step"]) for n in told if n["kind"] == "step"}
    assert {(h["id"], h["escalation"]["step"]) for h in late if h["escalation"]["step"] >= 4} <= steps
    own = loaded.get("enterprise3", "/notices", limit="200")["items"]
    assert {notice["step"] for notice in own} >= {1, 2, 3}


@pytest.mark.parametrize("by", ["region", "industry", "grade", "enterprise", "step"])
@pytest.mark.parametrize("username", ["county", "city"])
def test_the_summary_is_the_list(loaded: Loaded, username: str, by: str) -> None:
    summary = loaded.get(username, "/overdue/summary", by=by)
    listed = loaded.hazards(username, overdue="true", as_of=summary["as_of"])
    assert summary["total"]["overdue"] == len(listed) > 0
    parties = [hazard["overdue_by"] for hazard in listed]
    assert summary["total"]["overdue_by_enterprise"] == parties.count("enterprise")
    assert summary["total"]["overdue_by_regulator"] == parties.count("regulator")
    assert summary["total"]["longest_overdue_days"] == max(hazard["overdue_days"] for hazard in listed)
    assert sum(group["overdue"] for group in summary["items"]) == len(listed)


def test_the_city_sees_what_the_county_does_not(loaded: Loaded) -> None:
    seen, farther = ({h["number"] for h in loaded.hazards(who)} for who in ("county", "city"))
    assert seen < farther
    assert {h["region"]["code"][:9] for h in loaded.hazards() if h["number"] not in seen} == {"652327500"}
    assert {hazard["number"] for hazard in loaded.hazards("admin")} == farther


def test_every_photo_is_stored_and_looked_at(loaded: Loaded) -> None:
    with loaded.app.db.read() as tx:
        awaited = tx.execute(sa.text("SELECT count(*) FROM photo WHERE NOT is_present")).scalar_one()
        states = set(tx.execute(sa.text("SELECT DISTINCT prepared FROM blob")).scalars())
        left = tx.execute(sa.text("SELECT count(*) FROM job")).scalar_one()
        name = tx.execute(sa.text("SELECT sha256 FROM photo WHERE hazard_id IS NOT NULL")).scalars().first()
    assert (awaited, states, left) == (0, {"ready"}, 0)
    assert loaded.ask("city", f"/photos/{name}").content.startswith(b"\xff\xd8\xff")
    small = loaded.ask("city", f"/photos/{name}/thumbnail")
    assert small.headers["content-type"] == "image/webp"


def test_chains_hold_and_rows_are_what_the_history_says(loaded: Loaded) -> None:
    with loaded.app.db.read() as tx:
        rows = tx.execute(sa.select(hazards.HAZARD)).all()
        assert len(rows) == 75
        for row in rows:
            events = hazard_events.of_hazard(tx, row.id)
            assert first_broken(events) is None
            told, told_clocks = rebuild(event.event for event in events)
            assert told == plain_hazard(hazards.state_of(row))
            kept = [clock for _, clock in clocks.of_hazards(tx, [row.id]).get(row.id, [])]
            assert told_clocks == {(clock.kind, clock.cycle): msgspec.to_builtins(clock) for clock in kept}


def test_both_databases_tell_the_same_story(on_sqlite: Loaded, on_postgres: Loaded) -> None:
    one, other = dump(on_sqlite), dump(on_postgres)
    assert len(one) == 75
    assert one == other


def test_loading_again_changes_nothing(sqlite_settings: Settings, on_sqlite: Loaded) -> None:
    before = dump(on_sqlite)
    lines: list[str] = []
    load_demo(sqlite_settings, lines.append, TODAY + timedelta(days=3))
    assert lines == []
    assert dump(on_sqlite) == before


def test_a_hazard_that_ends_otherwise_is_named(sqlite_settings: Settings, tmp_path: Path) -> None:
    folder = shutil.copytree(sqlite_settings.data_dir, tmp_path / "copy")
    settings = msgspec.structs.replace(sqlite_settings, data_dir=folder)
    with opened(settings) as loaded:
        number = next(h for h in loaded.hazards() if h["status"] == "closed")["number"]
        loaded.app.write(
            lambda work: work.tx.execute(
                sa.update(hazards.HAZARD).where(hazards.HAZARD.c.number == number).values(status="dismissed")
            )
        )
        loaded.app.write(lambda work: instance.put(work.tx, "demo", f"loading {TODAY} 9999"))
    with pytest.raises(StoryBroken, match=r"^[a-z-]+ ends \('dismissed', None\), not \('closed', None\)"):
        load_demo(settings, lambda _line: None, TODAY)


def dump(loaded: Loaded) -> dict[str, object]:
    """What there is to say about each hazard, by its number, without ids that differ by nature."""
    told: dict[str, object] = {}
    for hazard in loaded.hazards():
        detail = loaded.get("city", f"/hazards/{hazard['id']}")
        events = loaded.get("city", f"/hazards/{hazard['id']}/history")["items"]
        told[hazard["number"]] = {
            "hazard": {name: value for name, value in hazard.items() if name != "permitted_commands"},
            "clocks": detail["clocks"],
            "plan": detail["plan"],
            "extensions": detail["extensions"],
            "photos": sorted(photo["sha256"] for photo in detail["photos"]),
            "events": [(event["n"], event["kind"], event["at"]) for event in events],
        }
    return told


def test_the_month_makes_figures_that_mean_something(loaded: Loaded) -> None:
    report = loaded.get("county", "/reports/hazards", period="2026Q4")["report"]
    total, major = report["total"], report["major"]
    listed = loaded.hazards("county")
    assert total["found"] + total["dismissed"] == len(
        [h for h in listed if h["reported_at"] >= "2026-09-30T16"]
    )
    assert 0 < total["rectified_late"] + total["rectified_in_time"] == total["rectified"] < total["found"]
    assert total["open_at_end"] == sum(h["status"] not in ("closed", "dismissed") for h in listed)
    assert total["overdue_at_end"] == sum(hazard["overdue"] for hazard in listed)
    assert 0 < major["planned"] <= len(report["majors"])
    assert major["funds_cny"] == sum(one["funds_cny"] or 0 for one in report["majors"]) > 0
    assert len(report["industries"]) >= 3
    coverage = loaded.get("county", "/reports/coverage", period="2026-11")
    key, park = (rule["inspected"] for rule in coverage["rules"])
    assert 0 < key["numerator"] < key["denominator"]
    assert park["denominator"] == 2
    assert all(item["inspectors"] and item["township"]["name"] for item in coverage["items"])


def test_the_demo_has_a_past(loaded: Loaded) -> None:
    then = "2026-11-06T04:00:00Z"
    before = loaded.hazards("county", as_of=then)
    assert 0 < len(before) < len(loaded.hazards("county"))
    summary = loaded.get("county", "/overdue/summary", as_of=then)
    assert summary["total"]["overdue"] == sum(hazard["overdue"] for hazard in before)
    one = loaded.get("county", f"/hazards/{before[0]['id']}", as_of=then)
    assert {name: one[name] for name in before[0]} == before[0]
