"""What a regulator's screen asks over HTTP of a nation's register: lists, sums, search, one hazard, a map.

`python -m benchmarks.asking [hazards] [DATABASE_URL]`; without a URL in a PostgreSQL of its own. A server
process, a client on one connection that is kept; beside each answer its own statements, asked again straight
of the database, and an endpoint of the same framework that answers as many bytes and does nothing.
"""

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode
from uuid import UUID

import msgspec
import psycopg
import sqlalchemy as sa

from benchmarks.measuring import machine, report
from benchmarks.nation import RARE, filled
from inspect_api.actions import set_up
from inspect_api.actions.app import App, open_app
from inspect_api.actions.list_hazards import list_hazards
from inspect_api.actions.set_up import NewAccount
from inspect_api.actions.show_hazard import show_hazard
from inspect_api.actions.show_risk import show_risk
from inspect_api.actions.summarise_overdue import summarise_overdue
from inspect_api.actions.work import Work
from inspect_api.clock import SystemClock
from inspect_api.settings import load_settings
from inspect_api.store import tallies
from inspect_api.store.database import Database
from inspect_api.store.hazard_queries import HazardFilter, Sort
from tests.actions.county import account_id
from tests.live import PASSWORD, LiveServer, free_port
from tests.postgres import libpq
from tests.queries.world import caller, work

ROUNDS, _FEWER = 200, 100
_Statement = tuple[str, Any]


class Question(NamedTuple):
    """What is asked, by whom, and how often. `act` is the same without HTTP; `goal` is of the p99 of the
    answer, `goal_query` of its statements, both in ms."""

    name: str
    place: str
    path: str
    act: Callable[[Work], object]
    goal: float | None = None
    goal_query: float | None = None
    rounds: int = ROUNDS


def main(hazards: int = 100_000, url: str = "") -> None:
    print(machine(), f"{hazards} hazards")
    with filled(url, hazards) as database, tempfile.TemporaryDirectory() as folder:
        address = database.engine.url.render_as_string(hide_password=False)
        env = {"DATA_DIR": folder, "DATABASE_URL": address}
        places = prepare(env)
        with (
            serving(env, folder) as (server, bare),
            psycopg.connect(libpq(address), autocommit=True) as plain,
        ):
            for place, codes in places.items():
                client = Client(server, place)
                for question in _questions(place, codes, client):
                    statements = _statements(database, question, codes)
                    _ask(question, client, bare, partial(_replay, plain, statements), hazards)


def prepare(env: dict[str, str]) -> dict[str, tuple[str, ...]]:
    """Place -> regions; an account for each, and every township counted for the present day."""
    app = open_app(load_settings(env))
    try:
        places = _places(app)
        people = [
            NewAccount(
                account_id(user_of(place)), user_of(place), "某监管员", "regulator", None, codes, (), ()
            )
            for place, codes in places.items()
        ]
        app.write(lambda work: set_up.add_accounts(work, people, PASSWORD))
        while app.write(lambda work: tallies.recount(work.tx, work.now, 100_000)):
            pass
        return places
    finally:
        app.close()


def user_of(place: str) -> str:
    """Who sees a place."""
    return f"bench-{place.replace(' ', '-')}"


def _places(app: App) -> dict[str, tuple[str, ...]]:
    with app.db.read() as tx:
        by_size = (
            "SELECT substr(township, 1, {}) AS code FROM hazard_tally GROUP BY 1 ORDER BY sum(open) DESC"
        )
        provinces = tx.execute(sa.text(by_size.format(2))).scalars().all()
        county = tx.execute(sa.text(by_size.format(6))).scalars().first()
    return {
        "nation": tuple(provinces), "big province": (provinces[0],), "province": (provinces[8],),
        "county": (str(county),), "rare province": (RARE,),
    }  # fmt: skip


@contextmanager
def serving(env: dict[str, str], folder: str) -> Iterator[tuple[LiveServer, HTTPConnection]]:
    """The product without jobs, and the endpoint that does nothing."""
    port = free_port()
    bare = subprocess.Popen([sys.executable, "-m", "benchmarks.bare", folder, str(port)])
    server = LiveServer(env)
    try:
        server.start(wrap=lambda command: [*command, "--no-worker"])
        yield server, HTTPConnection("127.0.0.1", port, timeout=60)
    finally:
        server.kill()
        bare.kill()
        bare.wait()


class Client:
    """One account on one connection."""

    def __init__(self, server: LiveServer, place: str) -> None:
        self.pid = server.pid
        self._headers = {"Authorization": f"Bearer {server.token(user_of(place))}"}
        self._http = HTTPConnection("127.0.0.1", server.port, timeout=120)

    def get(self, path: str) -> bytes:
        self._http.request("GET", f"/api/v1{path}", headers=self._headers)
        answer = self._http.getresponse()
        content = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{path}: {answer.status} {content[:300]!r}")
        return content


class _Page(msgspec.Struct):
    items: list[dict[str, Any]]
    cursor: str | None


def _questions(place: str, codes: tuple[str, ...], client: Client) -> Iterator[Question]:
    late, words = HazardFilter(overdue=True), HazardFilter(q="灭火器 失效")
    first = msgspec.json.decode(client.get("/hazards?overdue=true"), type=_Page)
    yield Question("overdue, first page", place, "/hazards?overdue=true", _list(late), 5, 1)
    if first.cursor is not None:
        later = urlencode({"overdue": "true", "cursor": first.cursor})
        yield Question(
            "overdue, second page", place, f"/hazards?{later}", _list(late, cursor=first.cursor), 5
        )
    newest = "/hazards?sort=-reported_at"
    yield Question("newest first", place, newest, _list(HazardFilter(), "-reported_at"))
    yield Question(
        "summary", place, "/overdue/summary", lambda w: summarise_overdue(w, None, "region", None), 20
    )
    found = urlencode({"q": words.q})
    yield Question("search", place, f"/hazards?{found}", _list(words), 50, rounds=_FEWER)
    one = first.items[0]["id"]
    yield Question("one hazard", place, f"/hazards/{one}", lambda w: show_hazard(w, UUID(one), None))
    if len(codes) == 1:
        yield Question(
            "colours", place, f"/regions/{codes[0]}/risk", lambda w: show_risk(w, codes[0]), rounds=_FEWER
        )


def _list(wanted: HazardFilter, sort: Sort = "due_at", cursor: str | None = None) -> Callable[[Work], object]:
    return lambda work: list_hazards(work, wanted, sort, 50, cursor, None)


def _statements(database: Database, question: Question, codes: tuple[str, ...]) -> list[_Statement]:
    """What the answer asks of the database, but for who asks."""
    sent: list[_Statement] = []

    def note(_c: object, _cursor: object, statement: str, parameters: Any, *_rest: object) -> None:
        sent.append((statement, parameters))

    with database.read() as tx:
        who = caller("regulator", regions=codes, account_id=account_id(user_of(question.place)))
        sa.event.listen(tx, "before_cursor_execute", note)
        question.act(work(tx, who, SystemClock().now()))
        sa.event.remove(tx, "before_cursor_execute", note)
    return sent


def _replay(plain: psycopg.Connection, statements: list[_Statement]) -> None:
    for statement, parameters in statements:
        plain.execute(statement, parameters).fetchall()  # type: ignore[call-overload]


def _ask(
    question: Question, client: Client, bare: HTTPConnection, query: Callable[[], None], hazards: int
) -> None:
    size = len(client.get(question.path))

    def nothing() -> None:
        bare.request("GET", f"/bytes/{size}")
        bare.getresponse().read()

    runs = {"http": lambda: client.get(question.path), "statements": query, "bare": nothing}
    taken: dict[str, list[float]] = {name: [] for name in runs}
    spent = 0.0
    for _ in range(question.rounds):
        for name, run in runs.items():
            before, begun = _processor_ms(client.pid), time.perf_counter()
            run()
            taken[name].append((time.perf_counter() - begun) * 1000)
            spent += _processor_ms(client.pid) - before if name == "http" else 0
    http, statements, floor = (sorted(each) for each in taken.values())
    middle, last = question.rounds // 2, question.rounds * 99 // 100
    report(
        f"{question.name}, {question.place}, {hazards} hazards",
        {
            "p50 ms": http[middle],
            "p99 ms": http[last],
            "goal p99 ms": question.goal or "none",
            "statements p50 ms": statements[middle],
            "statements p99 ms": statements[last],
            "goal statements p99 ms": question.goal_query or "none",
            "bare p50 ms": floor[middle],
            "bare p99 ms": floor[last],
            "x statements and bare": http[middle] / (statements[middle] + floor[middle]),
            "server processor ms": spent / question.rounds,
            "kB": size / 1000,
        },
    )


def _processor_ms(pid: int) -> float:
    """Of all threads of a process, so far (Linux)."""
    return sum(int(one.read_text().split()[0]) for one in Path(f"/proc/{pid}/task").glob("*/schedstat")) / 1e6


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]), *sys.argv[2:])
