"""Words in hazards: what a search takes beside a plain page of the same list, and what the index costs.

`python -m benchmarks.search [hazards] [DATABASE_URL]`; without a URL in a PostgreSQL of its own.
"""

import sys
from random import Random
from time import perf_counter, process_time

import sqlalchemy as sa

from benchmarks.measuring import machine, report
from benchmarks.nation import NOW, filled
from inspect_api.actions.index_hazards import index_hazards, seal_segment
from inspect_api.actions.list_hazards import list_hazards
from inspect_api.domain.access import Caller
from inspect_api.store.database import Database
from inspect_api.store.hazard_queries import HazardFilter
from inspect_api.store.hazards import HAZARD
from inspect_api.store.search_index import SEARCH_PENDING, SEARCH_TEXT, is_waiting
from tests.queries.world import caller, work

ROUNDS, BATCH = 12, 2000
EVERYWHERE = caller("admin", regions=("",))
GOAL_MS = 50
_TABLES = ("search_text", "search_bits", "search_pending")


def main(hazards: int = 100_000, url: str = "") -> None:
    print(machine(), f"{hazards} hazards")
    with filled(url, hazards) as database:
        _index(database, hazards)
        cases = _cases(database)
        floor = _times(database, [(HazardFilter(), EVERYWHERE, "")])[0]
        for name in dict.fromkeys(name for _, _, name in cases):
            times = _times(database, [case for case in cases if case[2] == name])
            report("search", {"what": name, "hazards": hazards} | _summed(times, floor))


def _index(database: Database, hazards: int) -> None:
    begin, spent, size = perf_counter(), process_time(), _bytes(database)
    with database.write() as tx:
        if tx.execute(sa.select(SEARCH_TEXT.c.ordinal).limit(1)).first() is None:
            tx.execute(sa.insert(SEARCH_PENDING).from_select(["hazard_id"], sa.select(HAZARD.c.id)))
        waiting = is_waiting(tx)
    while waiting:
        with database.write() as tx:
            waiting = index_hazards(work(tx, EVERYWHERE), BATCH) > 0
            seal_segment(work(tx, EVERYWHERE))
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as tx:
        tx.exec_driver_sql("ANALYZE")
    seconds, mine = perf_counter() - begin, process_time() - spent
    grown = _bytes(database) or size
    figures = {
        "s": seconds,
        "us_a_hazard": seconds / hazards * 1e6,
        "own_processor_us_a_hazard": mine / hazards * 1e6,
        "bytes_a_hazard": grown / hazards,
    }
    report("search, index", figures)


def _bytes(database: Database) -> int:
    if database.is_sqlite:
        return 0
    with database.read() as tx:
        return sum(
            tx.execute(sa.select(sa.func.pg_total_relation_size(name))).scalar_one() for name in _TABLES
        )


def _cases(database: Database) -> list[tuple[HazardFilter, Caller, str]]:
    """Questions as they are asked: of a nation, a province and a county, rare words and common ones."""
    die = Random(1)
    with database.read() as tx:
        sample = tx.execute(sa.select(HAZARD.c.number, HAZARD.c.region_code).limit(5000)).all()
        by_size = (
            "SELECT substr(township, 1, {}) FROM hazard_tally GROUP BY 1 ORDER BY sum(open) DESC LIMIT 1"
        )
        province, county = (tx.execute(sa.text(by_size.format(n))).scalar_one() for n in (2, 6))
    who = {"nation": EVERYWHERE, "province": caller(regions=(province,)), "county": caller(regions=(county,))}
    asked = {
        "a common word": ["灭火器", "安全", "检查发现", "有限公司"],
        "two common words": ["氧气瓶 失效", "配电箱 锈蚀", "化工 报警器", "酒店 通道"],
        "a rare one with a common one": ["昆仑 尾砂坝", "三江养老院", "5#机旁 浸润线", "瑞丰福临 灭火器"],
        "nothing": ["不存在的", "气瓶安", "灭火失", "道消防"],
        "a number": [row.number for row in die.sample(sample, 4)] + ["00012345"],
    }
    return [
        (HazardFilter(q=q, overdue=late), caller_, f"{name}, {place}")
        for name, words in asked.items()
        for place, caller_ in who.items()
        for q in words
        for late in (None, True)
    ]


def _times(database: Database, cases: list[tuple[HazardFilter, Caller, str]]) -> list[float]:
    times = []
    for _ in range(ROUNDS):
        for wanted, who, _name in cases:
            begin = perf_counter()
            with database.read() as tx:
                list_hazards(work(tx, who, NOW), wanted, "due_at", 50, None, None)
            times.append((perf_counter() - begin) * 1000)
    return sorted(times)


def _summed(times: list[float], floor: float) -> dict[str, float]:
    p50, p99 = times[len(times) // 2], times[int(len(times) * 0.99)]
    return {"p50_ms": p50, "p99_ms": p99, "goal_ms": GOAL_MS, "x_plain_page": p50 / floor}


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]), *sys.argv[2:])
