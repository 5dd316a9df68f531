"""The overdue list is a range of an index on both databases, never a walk over the register."""

import re

import pytest
import sqlalchemy as sa

from inspect_api.domain.access import Caller
from inspect_api.store import hazard_queries
from inspect_api.store.database import Database
from inspect_api.store.hazard_queries import HazardFilter
from tests.queries.world import COUNTY, NOW, World, caller

INDEXED = re.compile(r"ix_hazard_(\w*due|place)")


@pytest.mark.parametrize(
    "who", [COUNTY, caller("inspector", grids=("652327100001001",))], ids=lambda w: w.role
)
def test_overdue_is_a_range_of_an_index(db: Database, world: World, who: Caller) -> None:
    with db.read() as tx:
        if tx.dialect.name == "postgresql":  # 400 rows are read faster without any index
            tx.exec_driver_sql("SET LOCAL enable_seqscan = off")
        plan = plan_of(tx, who)
    assert INDEXED.search(plan), plan
    assert not re.search(r"SCAN hazard|Seq Scan on hazard", plan), plan


def plan_of(tx: sa.Connection, who: Caller) -> str:
    """How the database would answer the first page."""
    sent: list[tuple[str, object]] = []

    def note(_c: object, _cursor: object, statement: str, parameters: object, *_rest: object) -> None:
        sent.append((statement, parameters))

    sa.event.listen(tx, "before_cursor_execute", note)
    hazard_queries.page(tx, HazardFilter(overdue=True), who, NOW, "due_at", None, 50)
    sa.event.remove(tx, "before_cursor_execute", note)
    ((statement, parameters),) = sent
    how = "EXPLAIN" if tx.dialect.name == "postgresql" else "EXPLAIN QUERY PLAN"
    rows = tx.exec_driver_sql(f"{how} {statement}", parameters)  # type: ignore[arg-type]
    return "\n".join(str(row[-1]) for row in rows)
