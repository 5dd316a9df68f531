"""A nation's register as large as wanted, skewed as in life, loaded into PostgreSQL in minutes.

`python -m benchmarks.nation DATABASE_URL [hazards]` fills an empty database.

Big and small provinces, counties and enterprises; 40 % of the hazards are open, a quarter of these overdue,
1 % are major; RARE is a province with fewer than 50 overdue whatever the size. Dates end with a civil day.
Hazards are written in the order in which they were reported, as in life. What they say and how they stand
is drawn from a stock of each, so that a row costs Python a few microseconds.
"""

import sys
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from itertools import accumulate, islice
from random import Random
from time import perf_counter
from typing import NamedTuple
from uuid import UUID

import psycopg
import sqlalchemy as sa
from psycopg import sql

from benchmarks import nation_words as words
from benchmarks.measuring import report
from inspect_api.store import tallies
from inspect_api.store.accounts import ACCOUNT
from inspect_api.store.database import Database
from inspect_api.store.migrating import migrate
from inspect_api.store.regions import REGION
from tests.postgres import PostgresServer, libpq

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
RARE = "63"
"""The province in which hardly anything is found."""

_COUNTIES_A_PROVINCE, _TOWNSHIPS_A_COUNTY = 90, 13
_RARE_HAZARDS = 150
_HAZARDS_A_SITE = 12
_CHUNK = 20_000
_STOCK = 40_000
_DAYS, _RECENT_DAYS = 700, 100
_OPEN_SHARE = 0.4
_OLD_SHARE = (1 - _OPEN_SHARE) * (_DAYS - _RECENT_DAYS) / _DAYS
"""Of all hazards were reported before anything that is open; the others in the recent days."""


class Place(NamedTuple):
    """A site, all that a hazard takes from it, and this as text."""

    id: UUID
    name: str
    enterprise: UUID
    region: str
    grid: str
    industry: str
    lat: float
    lon: float
    taken: str


class Nation:
    """Everything but the hazards, which are `hazards()`: the same for the same size."""

    def __init__(self, hazards: int) -> None:
        self.size, self._die = hazards, Random(hazards)
        self.regions = dict(self._regions())
        self.enterprises: list[dict[str, object]] = []
        self.sites: list[Place] = []
        self._settle()

    def _regions(self) -> Iterator[tuple[str, str]]:
        for code, name in words.PROVINCES.items():
            yield code, name
            for n in range(max(4, int(_COUNTIES_A_PROVINCE * self._die.uniform(0.3, 1.7)))):
                city, county = f"{code}{1 + n // 9:02}", f"{code}{1 + n // 9:02}{21 + n % 9:02}"
                if n % 9 == 0:
                    yield city, f"{name[:2]}第{1 + n // 9}市"
                yield county, f"{self._die.choice(words.PLACES)}{n}县"
                for m in range(self._die.randint(3, 2 * _TOWNSHIPS_A_COUNTY - 3)):
                    yield f"{county}{100 + m}", f"{self._die.choice(words.PLACES)}{m}镇"

    def _settle(self) -> None:
        die, by_province = self._die, dict[str, list[str]]()
        for code in self.regions:
            if len(code) == 9:
                by_province.setdefault(code[:2], []).append(code)
        names = list(by_province)
        up_to = list(accumulate(0.0 if name == RARE else die.paretovariate(1.5) for name in names))
        wanted = max(400, self.size // _HAZARDS_A_SITE)
        for number in range(wanted):
            rare = number < _RARE_HAZARDS // _HAZARDS_A_SITE
            province = RARE if rare else die.choices(names, cum_weights=up_to)[0]
            towns = by_province[province]
            town = towns[min(int(die.expovariate(4 / len(towns))), len(towns) - 1)]
            self._found(number, town)

    def _found(self, number: int, town: str) -> None:
        die = self._die
        industry, trade = die.choice(words.TRADES)
        if not self.enterprises or die.random() < 0.8:
            made_up = die.choice(words.PLACES) + die.choice(words.PLACES) + trade
            name = f"{self.regions[town[:6]][:2]}{made_up}有限公司"
            self.enterprises.append(
                {"id": UUID(int=die.getrandbits(128)), "name": name, "industry": industry,
                 "region_code": town, "rev": 1}
            )  # fmt: skip
        owner = self.enterprises[-1]
        name = f"{str(owner['name'])[2:8]}{die.choice(words.PARTS)}{number % 97}号"
        site, grid = UUID(int=die.getrandbits(128)), f"{town}{die.randint(1, 9):03}001"
        lat, lon = die.uniform(20, 48), die.uniform(76, 130)
        taken = f"{site}\t{owner['id']}\t{town}\t{grid}\t{industry}\t{lat}\t{lon}"
        self.sites.append(Place(site, name, UUID(str(owner["id"])), town, grid, industry, lat, lon, taken))

    def hazards(self) -> Iterator[str]:
        """Lines for COPY of COLUMNS, the oldest hazard first."""
        die, rare = self._die, _RARE_HAZARDS // _HAZARDS_A_SITE
        common, up_to = self.sites[rare:], list(accumulate(die.paretovariate(1.3) for _ in self.sites[rare:]))
        stock = _Stock(die)
        every = max(2, self.size // _RARE_HAZARDS)
        for start in range(0, self.size, _CHUNK):
            places = die.choices(common, cum_weights=up_to, k=min(_CHUNK, self.size - start))
            for number, site in enumerate(places, start):
                is_rare = number % every == 1 and number // every < _RARE_HAZARDS
                there = self.sites[number // every % rare] if is_rare else site
                yield stock.hazard(number, number / self.size, there)


SAME: dict[str, object] = {
    "suspected_major": False, "source_kind": "report", "n": 1, "found_by": UUID(int=7),
    "found_role": "inspector", "cycle": 1, "repeats": 0, "on_site_pending": False, "withdrawn": False,
    "extensions": "[]", "extension_pending": False, "suspended": False, "resumption_pending": False,
    "evidence_pending": 0, "events": 1, "head": bytes(32), "rev": 1, "acted_rev": 1,
    "due_provisional": False, "transfers": "[]",
}  # fmt: skip
_WORDING = ("title", "description")
_STATE = (
    "status", "is_open", "grade", "order_kind", "first_due_at", "due_at", "due_party", "due_kind",
    "due_rule", "step", "step_since",
)  # fmt: skip
_TAKEN = ("site_id", "enterprise_id", "region_code", "grid_code", "industry", "lat", "lon")
COLUMNS = (*SAME, "id", "number", "reported_at", "updated_at", *_WORDING, *_STATE, *_TAKEN)


class _Stock:
    """What hazards are made of, as text: their words, their states, the days and times of reports."""

    def __init__(self, die: Random) -> None:
        self._die = die
        self._same = "\t".join(map(_text, SAME.values()))
        self._words = [_wording(die, n) for n in range(_STOCK)]
        self._open = ["\t".join(map(_text, _open_state(die))) for _ in range(_STOCK)]
        self._ended = ["\t".join(map(_text, _ended_state(die))) for _ in range(_STOCK)]
        self._days = [NOW - timedelta(days=1 + n) for n in range(_DAYS)]
        self._times = [f"{n // 3600:02}:{n // 60 % 60:02}:{n % 60:02}+00" for n in range(86_400)]
        self._dates = [
            (f"{day:%Y-%m-%d}", f"{day:%y%m%d}", int(day.timestamp()) * 1000) for day in self._days
        ]

    def hazard(self, number: int, share: float, site: Place) -> str:
        """`share` of all hazards were reported before it."""
        chance = self._die.random
        is_open = share >= _OLD_SHARE and chance() < _OPEN_SHARE / (1 - _OLD_SHARE)
        recent = (1 - share) / (1 - _OLD_SHARE) * _RECENT_DAYS
        old = _RECENT_DAYS + (1 - share / _OLD_SHARE) * (_DAYS - _RECENT_DAYS)
        date, short, begin = self._dates[min(int(recent if share >= _OLD_SHARE else old), _DAYS - 1)]
        reported = f"{date} {self._times[int(chance() * 86_400)]}"
        states = self._open if is_open else self._ended
        random = self._die.getrandbits(60)
        return (
            f"{self._same}\t{begin + number % 86_400_000:012x}7{random & 0xFFF:03x}8{random:015x}"
            f"\t{site.region[:6]}-{short}-{number:08d}\t{reported}\t{reported}"
            f"\t{self._words[int(chance() * _STOCK)]}\t{states[int(chance() * _STOCK)]}\t{site.taken}\n"
        )


def _wording(die: Random, number: int) -> str:
    thing, fault = die.choice(words.THINGS), die.choice(words.FAULTS)
    remarks = "，".join(die.choices(words.REMARKS, k=2 + number % 3))
    return f"{thing}{fault}\t{die.choice(words.WHERE)}{thing}{fault}，{remarks}"


def _open_state(die: Random) -> tuple[object, ...]:
    chance, midnight = die.random(), NOW.replace(hour=16, minute=0)
    days = int(-die.expovariate(1 / 25)) if die.random() < 0.25 else die.randint(0, 60)
    due = midnight + timedelta(days=days - 1 if days < 1 else days)
    late = (NOW - due).days
    party = "regulator" if chance > 0.85 else "enterprise"
    step = (min(7, 1 + late // 10), due) if late >= 0 else (0, None)
    return (
        die.choice(words.OPEN), True, *_kind(chance), due, due, party, "rectification", "rule", *step
    )  # fmt: skip


def _ended_state(die: Random) -> tuple[object, ...]:
    chance = die.random()
    no_clock = (None,) * 5
    return ("closed" if chance < 0.95 else "dismissed", False, *_kind(chance), *no_clock, 0, None)


def _kind(chance: float) -> tuple[str, str]:
    return "major" if chance < 0.01 else "general", "ordered" if chance < 0.3 else "self"


def fill(url: str, hazards: int) -> Nation:
    """Load so many hazards with all that lists and summaries touch; the database is migrated first.

    They are not indexed for search: `benchmarks.search` does that and measures it.
    """
    migrate(url)
    begin = perf_counter()
    nation = Nation(hazards)
    made = perf_counter() - begin
    database = Database(url, pool=2)
    with database.write() as tx:
        finder = {"id": UUID(int=7), "username": "finder", "name": "张巡查", "role": "inspector"}
        tx.execute(sa.insert(ACCOUNT), [finder | {"password_hash": "-"}])
        tx.execute(sa.insert(REGION), [{"code": code, "name": name} for code, name in nation.regions.items()])
    figures = {"hazards": hazards, "making places s": made, **_copy_all(url, nation)}
    begin = perf_counter()
    with database.write() as tx:
        tallies.note(tx, nation.regions)
        while tallies.recount(tx, NOW, len(nation.regions)):
            pass
    figures["counting townships s"] = perf_counter() - begin
    begin = perf_counter()
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as tx:
        tx.exec_driver_sql("VACUUM ANALYZE")
    report("nation", figures | {"vacuum s": perf_counter() - begin})
    database.close()
    return nation


@contextmanager
def filled(url: str, hazards: int) -> Iterator[Database]:
    """A database that `fill` has filled already, or a PostgreSQL of this block's own."""
    if url:
        database = Database(url, pool=4)
        yield database
        database.close()
        return
    server = PostgresServer()
    server.start()
    try:
        fill(server.url, hazards)
        database = Database(server.url, pool=4)
        yield database
        database.close()
    finally:
        server.remove()


def _copy_all(url: str, nation: Nation) -> dict[str, float]:
    """Without looking up what is known to be there; the indexes of hazards are built afterwards."""
    with closing(psycopg.connect(libpq(url))) as connection, connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("SET maintenance_work_mem = '1GB'")
        cursor.execute(
            "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'hazard'"
            " AND indexname NOT IN (SELECT conname FROM pg_constraint)"
        )
        indexes = cursor.fetchall()
        for name, _ in indexes:
            cursor.execute(sql.SQL("DROP INDEX {}").format(sql.Identifier(name)))
        begin = perf_counter()
        owners = ("\t".join(map(_text, one.values())) + "\n" for one in nation.enterprises)
        _copy(cursor, "enterprise", tuple(nation.enterprises[0]), owners)
        sites = (f"{site.name}\t{{}}\t1\t{site.taken}\n" for site in nation.sites)
        _copy(cursor, "site", ("name", "facts", "rev", "id", *_TAKEN[1:]), sites)
        _copy(cursor, "hazard", COLUMNS, nation.hazards())
        copied = perf_counter()
        for _, definition in indexes:
            cursor.execute(definition)
        connection.commit()
        return {"copying s": copied - begin, "indexes s": perf_counter() - copied}


def _copy(
    cursor: psycopg.Cursor[tuple[str, ...]], table: str, columns: tuple[str, ...], lines: Iterable[str]
) -> None:
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    rows = iter(lines)
    with cursor.copy(sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), names)) as copy:
        while chunk := list(islice(rows, 1000)):
            copy.write("".join(chunk))


def _text(value: object) -> str:
    if value is None:
        return r"\N"
    if isinstance(value, bytes):
        return "\\\\x" + value.hex()
    return str(value)


if __name__ == "__main__":
    fill(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 1_000_000)
