"""A nation's register as large as wanted, skewed as in life, loaded in minutes.

`python -m benchmarks.nation DATABASE_URL [hazards]` fills a database at the head of the migrations.

Big and small provinces, counties and enterprises; 40 % of the hazards are open, a quarter of these overdue,
1 % are major; RARE is a province with fewer than 50 overdue whatever the size. Dates end with a civil day.
"""

import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from itertools import accumulate, islice
from random import Random
from typing import NamedTuple
from uuid import UUID

import psycopg
import sqlalchemy as sa
from psycopg import sql

from benchmarks import nation_words as words
from inspect_api.store import tallies
from inspect_api.store.accounts import ACCOUNT
from inspect_api.store.database import Database
from inspect_api.store.enterprises import ENTERPRISE
from inspect_api.store.hazards import HAZARD
from inspect_api.store.migrating import migrate
from inspect_api.store.regions import REGION
from inspect_api.store.search_index import SEARCH_PENDING
from inspect_api.store.sites import SITE
from tests.postgres import PostgresServer

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
RARE = "63"
"""The province in which hardly anything is found."""

_COUNTIES_A_PROVINCE, _TOWNSHIPS_A_COUNTY = 90, 13
_RARE_HAZARDS = 150
_HAZARDS_A_SITE = 12
_CHUNK = 20_000


class Place(NamedTuple):
    """A site, and all that a hazard takes from it."""

    id: UUID
    name: str
    enterprise: UUID
    region: str
    grid: str
    industry: str
    lat: float
    lon: float


class Nation:
    """Everything but the hazards, which are `hazards()`: the same for the same size."""

    def __init__(self, hazards: int) -> None:
        self.size, self._die = hazards, Random(hazards)
        self.regions = dict(self._regions())
        self.enterprises: list[dict[str, object]] = []
        self.sites: list[Place] = []
        self._settle()
        weights = [self._die.paretovariate(1.3) for _ in self.sites]
        self._up_to = list(accumulate(weights))

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
        weights = [0.0 if name == RARE else die.paretovariate(1.5) for name in names]
        wanted = max(400, self.size // _HAZARDS_A_SITE)
        for number in range(wanted):
            rare = number < _RARE_HAZARDS // _HAZARDS_A_SITE
            province = RARE if rare else die.choices(names, weights)[0]
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
                {"id": UUID(int=die.getrandbits(128)), "name": name, "credit_code": None, "contact": None,
                 "industry": industry, "region_code": town, "rev": 1}
            )  # fmt: skip
        owner = self.enterprises[-1]
        name = f"{str(owner['name'])[2:8]}{die.choice(words.PARTS)}{number % 97}号"
        site, grid = UUID(int=die.getrandbits(128)), f"{town}{die.randint(1, 9):03}001"
        place = die.uniform(20, 48), die.uniform(76, 130)
        self.sites.append(Place(site, name, UUID(str(owner["id"])), town, grid, industry, *place))

    def hazards(self) -> Iterator[dict[str, object]]:
        """Rows of HAZARD, whole but for what is the same in all of them (`SAME`)."""
        die, rare = self._die, _RARE_HAZARDS // _HAZARDS_A_SITE
        common = self.sites[rare:]
        up_to = self._up_to[rare:]
        for number in range(self.size):
            if number < _RARE_HAZARDS:
                site = self.sites[number % rare]
            else:
                (site,) = die.choices(common, cum_weights=up_to)
            yield _hazard(die, number, site)


SAME: dict[str, object] = {
    "suspected_major": False, "position": None, "source_kind": "report", "inspection_id": None,
    "checklist": None, "item": None, "n": 1, "criterion": None, "category": None, "found_by": UUID(int=7),
    "found_role": "inspector", "served_at": None, "cycle": 1, "repeats": 0, "rectified_by": None,
    "verified_by": None, "on_site_pending": False, "withdrawn": False, "plan": None, "extensions": "[]",
    "extension_pending": False, "suspended": False, "resumption_pending": False, "workers_told_at": None,
    "transferred_to": None, "duplicate_of": None, "evidence_pending": 0, "events": 1, "head": bytes(32),
    "rev": 1, "acted_rev": 1, "due_provisional": False, "late_evidence": None, "set_due_at": None,
    "rectify_by": None, "transfers": "[]", "sample": None, "listed_level": None, "listed_since": None,
    "listed_due_at": None,
}  # fmt: skip


def _hazard(die: Random, number: int, site: Place) -> dict[str, object]:
    chance = die.random()
    is_open = die.random() < 0.4
    oldest = 8_640_000 if is_open else 60_480_000
    reported = NOW - timedelta(seconds=die.randint(60, oldest))
    midnight = NOW.replace(hour=16, minute=0)
    days = int(-die.expovariate(1 / 25)) if die.random() < 0.25 else die.randint(0, 60)
    due = midnight + timedelta(days=days - 1) if days < 1 else midnight + timedelta(days=days)
    late = (NOW - due).days
    thing, fault = die.choice(words.THINGS), die.choice(words.FAULTS)
    return {
        "id": UUID(int=die.getrandbits(128)),
        "number": f"{site.region[:6]}-{reported:%y%m%d}-{number:08d}",
        "title": thing + fault,
        "description": f"{die.choice(words.WHERE)}{thing}{fault}，"
        + "，".join(die.choices(words.REMARKS, k=2 + number % 3)),
        "grade": "major" if chance < 0.01 else "general",
        "order_kind": "ordered" if chance < 0.3 else "self",
        "status": die.choice(words.OPEN) if is_open else "closed" if chance < 0.95 else "dismissed",
        "is_open": is_open,
        "industry": site.industry,
        "site_id": site.id,
        "enterprise_id": site.enterprise,
        "region_code": site.region,
        "grid_code": site.grid,
        "reported_at": reported,
        "first_due_at": due if is_open else None,
        "due_at": due if is_open else None,
        "due_party": ("regulator" if chance > 0.85 else "enterprise") if is_open else None,
        "due_kind": "rectification" if is_open else None,
        "due_rule": "rule" if is_open else None,
        "step": min(7, 1 + late // 10) if is_open and late >= 0 else 0,
        "step_since": due if is_open and late >= 0 else None,
        "updated_at": reported,
        "lat": site.lat,
        "lon": site.lon,
    }


def fill(url: str, hazards: int) -> Nation:
    """Load so many hazards with all that queries touch; the database is migrated first."""
    migrate(url)
    nation = Nation(hazards)
    database = Database(url, pool=2)
    with database.write() as tx:
        finder = {"id": UUID(int=7), "username": "finder", "name": "张巡查", "role": "inspector"}
        tx.execute(sa.insert(ACCOUNT), [finder | {"password_hash": "-"}])
        tx.execute(sa.insert(REGION), [{"code": code, "name": name} for code, name in nation.regions.items()])
        for start in range(0, len(nation.enterprises), _CHUNK):
            tx.execute(sa.insert(ENTERPRISE), nation.enterprises[start : start + _CHUNK])
        for start in range(0, len(nation.sites), _CHUNK):
            tx.execute(sa.insert(SITE), [_site(place) for place in nation.sites[start : start + _CHUNK]])
    if database.is_sqlite:
        _insert(database, nation)
    else:
        _copy(url, nation)
    with database.write() as tx:
        ids = sa.select(HAZARD.c.id)
        tx.execute(sa.insert(SEARCH_PENDING).from_select(["hazard_id"], ids))
        tallies.note(tx, nation.regions)
        while tallies.recount(tx, NOW, 2000):
            pass
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as tx:
        tx.exec_driver_sql("ANALYZE" if database.is_sqlite else "VACUUM ANALYZE")
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


def _site(place: Place) -> dict[str, object]:
    return {
        "id": place.id, "name": place.name, "industry": place.industry, "enterprise_id": place.enterprise,
        "region_code": place.region, "grid_code": place.grid, "position": None, "lat": place.lat,
        "lon": place.lon, "qr": None, "risk": None, "facts": {}, "rev": 1,
    }  # fmt: skip


def _insert(database: Database, nation: Nation) -> None:
    same = {**SAME, "extensions": [], "transfers": []}
    rows = nation.hazards()
    while chunk := list(islice(rows, _CHUNK)):
        with database.write() as tx:
            tx.execute(sa.insert(HAZARD), [same | row for row in chunk])


def _copy(url: str, nation: Nation) -> None:
    """Without indexes, which are built afterwards, and without looking up what is known to be there."""
    place = sa.make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with closing(psycopg.connect(place)) as connection, connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("SET maintenance_work_mem = '1GB'")
        cursor.execute(
            "SELECT indexname, indexdef FROM pg_indexes words.WHERE tablename = 'hazard'"
            " AND indexname NOT IN (SELECT conname FROM pg_constraint)"
        )
        indexes = cursor.fetchall()
        for name, _ in indexes:
            cursor.execute(sql.SQL("DROP INDEX {}").format(sql.Identifier(name)))
        names = [*SAME, *next(Nation(400).hazards())]
        columns = sql.SQL(", ").join(map(sql.Identifier, names))
        same = "\t".join(map(_text, SAME.values()))
        with cursor.copy(sql.SQL("COPY hazard ({}) FROM STDIN").format(columns)) as copy:
            rows = nation.hazards()
            while chunk := list(islice(rows, _CHUNK)):
                lines = (same + "\t" + "\t".join(map(_text, row.values())) for row in chunk)
                copy.write("\n".join(lines) + "\n")
        for _, definition in indexes:
            cursor.execute(definition)
        connection.commit()


def _text(value: object) -> str:
    if value is None:
        return r"\N"
    if isinstance(value, bytes):
        return "\\\\x" + value.hex()
    return str(value)


if __name__ == "__main__":
    fill(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 1_000_000)
