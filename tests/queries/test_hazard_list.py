"""`GET /hazards` against a register that is filtered and sorted in Python."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from unicodedata import normalize
from uuid import UUID

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspect_api.actions.list_hazards import HazardList, list_hazards
from inspect_api.domain.access import Caller
from inspect_api.domain.calendar import civil_date
from inspect_api.errors import Code, Refusal
from inspect_api.store.database import Database
from inspect_api.store.enterprises import INDUSTRIES
from inspect_api.store.hazard_queries import HazardFilter, Sort
from inspect_api.store.hazards import STATUSES
from sync.entities import Hazard
from tests.queries.world import COUNTY, NOW, PROVINCE, Line, World, caller, make_world, work

_WORLD = make_world()
_DUE = sorted({line.due_at for line in _WORLD.hazards if line.due_at})
_moments = [*_DUE[::3], NOW, NOW - timedelta(days=3)]

_VALUES: dict[str, list[object]] = {
    "region": ["65", "652", "652327", "652327100", "652327500", "11"],
    "status": [["rectifying"], ["reported", "closed", "closed"], list(STATUSES)],
    "grade": ["general", "major"],
    "industry": list(INDUSTRIES),
    "order": ["self", "urged", "ordered"],
    "overdue": [True, False],
    "overdue_by": ["enterprise", "regulator"],
    "due_before": [*_moments],
    "due_after": [*_moments],
    "enterprise_id": [row["id"] for row in _WORLD.enterprises],
    "site_id": [row["id"] for row in _WORLD.sites[::4]],
    "step_min": [0, 1, 2, 3, 5, 6],
    "listed": [True, False],
    "q": ["%_", "a_b", "ab\\C", "三台 镇", "école", "-0000", "50%", "MINE", "检查 安全", "mfz/abc4", "𠮷野"],
    "updated_after": [*_moments],
}
# few at a time, or nearly every list would be empty
filters = st.sets(st.sampled_from(sorted(_VALUES)), max_size=3).flatmap(
    lambda names: st.builds(HazardFilter, **{name: st.sampled_from(_VALUES[name]) for name in sorted(names)})
)
callers = st.sampled_from(
    [
        PROVINCE, COUNTY, caller("regulator", regions=("6523",), industries=("hazmat", "mine", "other")),
        caller("inspector", grids=("652327100001001", "G-7")), caller("expert"),
        caller("enterprise", enterprise_id=_WORLD.enterprises[2]["id"]),
    ]
)  # fmt: skip
sorts = st.sampled_from(["due_at", "-due_at", "-reported_at"])


@given(who=callers, wanted=filters, sort=sorts, limit=st.sampled_from([17, 60, 200]))
@settings(max_examples=30, deadline=None)
def test_pages_are_the_filtered_register(
    db: Database, world: World, who: Caller, wanted: HazardFilter, sort: Sort, limit: int
) -> None:
    expected = naive(world, who, wanted, sort)
    found = walk(db, who, wanted, sort, limit)
    assert [hazard.id for hazard in found] == [line.id for line in expected]
    assert [shown(hazard) for hazard in found] == [shown_naively(line) for line in expected]


@pytest.mark.parametrize("name", _VALUES)
def test_each_filter_alone(db: Database, world: World, name: str) -> None:
    met = 0
    for value in _VALUES[name]:
        wanted = msgspec.convert({name: value}, HazardFilter, builtin_types=(datetime, UUID))
        expected = [line.id for line in naive(world, PROVINCE, wanted, "due_at")]
        assert [hazard.id for hazard in walk(db, PROVINCE, wanted, "due_at", 200)] == expected
        met += len(expected)
    assert met > 0


def naive(world: World, who: Caller, wanted: HazardFilter, sort: str) -> list[Line]:
    kept = [line for line in world.seen_by(who) if keeps(wanted, line)]
    if sort == "-reported_at":
        return sorted(kept, key=lambda line: (line.reported_at, line.id), reverse=True)
    dated = sorted(
        (line for line in kept if line.due_at),
        key=lambda line: (line.due_at, line.id),
        reverse=sort == "-due_at",
    )
    return dated + sorted((line for line in kept if not line.due_at), key=lambda line: line.id)


def keeps(wanted: HazardFilter, line: Line) -> bool:
    overdue = line.due_at is not None and line.due_at < NOW
    checks: dict[str, Callable[[Any], bool]] = {
        "region": line.region_code.startswith,
        "status": lambda given: not given or line.status in given,
        "grade": lambda given: line.grade == given,
        "industry": lambda given: line.industry == given,
        "order": lambda given: line.order_kind == given,
        "overdue": lambda given: overdue is given,
        "overdue_by": lambda given: overdue and line.due_party == given,
        "due_before": lambda given: line.due_at is not None and line.due_at < given,
        "due_after": lambda given: line.due_at is not None and line.due_at > given,
        "enterprise_id": lambda given: line.enterprise_id == given,
        "site_id": lambda given: line.site_id == given,
        "step_min": lambda given: line.step >= given,
        "listed": lambda given: (line.listed_level is not None) is given,
        "q": lambda given: all(
            any(word in text for text in searched(line)) for word in folded(given).split()
        ),
        "updated_after": lambda given: line.updated_at > given,
    }
    return all(check(value) for name, check in checks.items() if (value := getattr(wanted, name)) is not None)


def searched(line: Line) -> list[str]:
    texts = (line.number, line.title, line.description, line.site_name, line.enterprise_name)
    return [folded(text) for text in texts if text is not None]


def folded(text: str) -> str:
    """Width and case make no difference."""
    return normalize("NFKC", text).casefold()


def shown(hazard: Hazard) -> tuple[object, ...]:
    site = hazard.site.name if hazard.site else None
    enterprise = hazard.enterprise.name if hazard.enterprise else None
    return (hazard.overdue, hazard.overdue_days, hazard.overdue_by, hazard.due_at, site, enterprise)


def shown_naively(line: Line) -> tuple[object, ...]:
    overdue = line.due_at is not None and line.due_at < NOW
    since = line.due_at
    if overdue and line.due_kind == "rectification" and line.first_due_at is not None:
        since = min(since, line.first_due_at)
    days = (civil_date(NOW) - civil_date(since)).days if overdue else 0
    party = line.due_party if overdue else None
    return (overdue, days, party, line.due_at, line.site_name, line.enterprise_name)


def walk(
    db: Database, who: Caller, wanted: HazardFilter, sort: Sort = "due_at", limit: int = 50
) -> list[Hazard]:
    """All pages, each read at a later moment than the one before."""
    found: list[Hazard] = []
    cursor, now = None, NOW
    while True:
        page = ask(db, who, wanted, sort, limit, cursor, now)
        assert page.as_of == NOW
        assert len(page.items) == limit or page.cursor is None
        found += page.items
        cursor, now = page.cursor, now + timedelta(minutes=1)
        if cursor is None:
            return found


def ask(
    db: Database,
    who: Caller,
    wanted: HazardFilter,
    sort: Sort = "due_at",
    limit: int = 50,
    cursor: str | None = None,
    now: datetime = NOW,
    as_of: datetime | None = None,
) -> HazardList:
    with db.read() as tx:
        return list_hazards(work(tx, who, now), wanted, sort, limit, cursor, as_of)


def test_pages_of_one_row(db: Database, world: World) -> None:
    wanted = HazardFilter(region="652327", grade="major", status=["rectifying", "closed", "review"])
    expected = [line.id for line in naive(world, COUNTY, wanted, "due_at")]
    assert len(expected) > 20
    assert any(line.due_at is None for line in world.seen_by(COUNTY) if line.id in expected)
    assert [hazard.id for hazard in walk(db, COUNTY, wanted, "due_at", 1)] == expected


ALL = HazardFilter()


def refusal_of(act: Callable[[], object]) -> Refusal:
    with pytest.raises(Refusal) as caught:
        act()
    return caught.value


def test_a_cursor_of_another_account_query_or_sort_is_refused(db: Database, world: World) -> None:
    cursor = ask(db, PROVINCE, ALL, limit=3).cursor
    other = PROVINCE._replace(id=UUID(int=43))
    asked: list[Callable[[], object]] = [
        lambda: ask(db, other, ALL, cursor=cursor),
        lambda: ask(db, PROVINCE, HazardFilter(grade="major"), cursor=cursor),
        lambda: ask(db, PROVINCE, ALL, sort="-due_at", cursor=cursor),
    ]
    assert [refusal_of(one).code for one in asked] == [Code.CURSOR_INVALID] * 3
    assert len(ask(db, PROVINCE, ALL, limit=7, cursor=cursor).items) == 7


def test_every_edited_or_cut_cursor_is_refused(db: Database, world: World) -> None:
    cursor = ask(db, PROVINCE, ALL, limit=3).cursor
    assert cursor is not None
    changed = [cursor[:at] + ("A" if old != "A" else "B") + cursor[at + 1 :] for at, old in enumerate(cursor)]
    cut = [cursor[:length] for length in range(1, len(cursor))]
    strange = [cursor + "!", cursor + "=", "!" + cursor, cursor + "\n", "é" + cursor, "null", " "]
    for wrong in [*changed, *cut, *strange]:
        assert refusal_of(partial(ask, db, PROVINCE, ALL, cursor=wrong)).code is Code.CURSOR_INVALID


def test_a_cursor_serves_for_a_day(db: Database, world: World) -> None:
    cursor = ask(db, PROVINCE, ALL, limit=3).cursor
    assert ask(db, PROVINCE, ALL, cursor=cursor, now=NOW + timedelta(hours=23)).as_of == NOW
    late = refusal_of(lambda: ask(db, PROVINCE, ALL, cursor=cursor, now=NOW + timedelta(hours=25)))
    assert late.code is Code.CURSOR_INVALID


def test_the_moment_of_a_list_can_be_asked_for_again(db: Database, world: World) -> None:
    late = HazardFilter(overdue=True)
    then = ask(db, PROVINCE, late, limit=200)
    again = ask(db, PROVINCE, late, limit=200, now=NOW + timedelta(days=400), as_of=then.as_of)
    assert msgspec.json.encode(again) == msgspec.json.encode(then)
    refused = refusal_of(partial(ask, db, PROVINCE, late, as_of=NOW + timedelta(minutes=1)))
    assert (refused.code, refused.faults[0].pointer) == (Code.MALFORMED_QUERY, "/query/as_of")


def test_a_moment_that_was_asked_for_is_paged_through_at_any_time(db: Database, world: World) -> None:
    first = ask(db, PROVINCE, ALL, limit=150, as_of=NOW)
    later = NOW + timedelta(days=30)
    second = ask(db, PROVINCE, ALL, limit=150, cursor=first.cursor, now=later, as_of=NOW)
    assert [h.id for h in first.items + second.items] == [h.id for h in walk(db, PROVINCE, ALL)][:300]
