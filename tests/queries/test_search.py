"""Words are found wherever they stand, in the caller's scope only, by whichever way they are looked for."""

import pytest
import sqlalchemy as sa

from inspect_api.actions.index_hazards import index_hazards
from inspect_api.domain.access import Caller
from inspect_api.store import search_index, search_queries
from inspect_api.store.database import Database
from inspect_api.store.hazard_queries import HazardFilter
from inspect_api.store.hazards import HAZARD
from inspect_api.store.search_index import SEARCH_BITS, SEARCH_PENDING, SEARCH_TEXT
from tests.queries.test_hazard_list import ask, naive, walk
from tests.queries.world import COUNTY, NOW, PROVINCE, World, caller, work

ASKED = [
    "检查发现", "现场 报警", "报警器未投用", "器报", "MFZ／abc4", "ｍｆｚ", "co2", "𠮷野", "野家",
    "a_b", "A%B", "50%", "100%_安", "\\c m", "652327-261121", "000123", "école", "有限 镇", "三台",
    "天山化工有限公司", "有限公司", "号 矿业", "不存在的词", "%%", "__",
    "有限 限公 公司 有限公 限公司 65 23 27 不存在的词",
]  # fmt: skip
WHO: list[tuple[Caller, str | None]] = [
    (PROVINCE, "6523271"),
    (COUNTY, None),
    (caller(regions=("652327100001", "6523281")), None),
    (caller(regions=("",), excluded=("652327",)), None),
    (caller("inspector", grids=("652327100001001", "G-7")), None),
]


@pytest.mark.parametrize("few", [6000, 0], ids=["read", "walked"])
def test_words_are_found_as_a_reader_finds_them(
    db: Database, world: World, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search_queries, "_FEW", few)
    with db.read() as tx:
        counts = {t.name: tx.execute(sa.select(sa.func.count()).select_from(t)).scalar_one() for t in TABLES}
    assert counts["search_pending"] == 57
    assert counts["search_text"] == len(world.hazards) - 57
    met = 0
    for q in ASKED if few else ASKED[::3]:
        for who, region in WHO:
            wanted = HazardFilter(q=q, region=region)
            expected = [line.id for line in naive(world, who, wanted, "due_at")]
            assert [hazard.id for hazard in walk(db, who, wanted, limit=200)] == expected, (q, who)
            met += len(expected)
    assert met > 300
    rare = HazardFilter(q="三台 燃气", overdue=True)
    late = [line.id for line in naive(world, PROVINCE, rare, "-reported_at")]
    assert [hazard.id for hazard in walk(db, PROVINCE, rare, "-reported_at", 2)] == late
    assert [hazard.id for hazard in ask(db, PROVINCE, rare, as_of=NOW, limit=200).items] == sorted(
        late, key=[line.id for line in naive(world, PROVINCE, rare, "due_at")].index
    )


TABLES = (SEARCH_PENDING, SEARCH_TEXT, SEARCH_BITS)


def test_what_lies_elsewhere_now_is_found_there(db: Database, world: World) -> None:
    wanted = HazardFilter(q=world.hazards[0].number)
    places: list[tuple[Caller, str]] = [(caller(regions=(code,)), code) for code in ("652327", "659001")]
    with db.read() as tx:
        tx.exec_driver_sql("SELECT 1")
    for who, code in (*places, *places):
        with db.write() as tx:
            tx.execute(sa.update(HAZARD).where(HAZARD.c.id == world.hazards[0].id).values(region_code=code))
            search_index.note(tx, [world.hazards[0].id] * 2)
        found_waiting = [hazard.id for hazard in ask(db, who, wanted).items]
        with db.write() as tx:
            while index_hazards(work(tx, PROVINCE), 100):
                pass
        assert found_waiting == [hazard.id for hazard in ask(db, who, wanted).items] == [world.hazards[0].id]
