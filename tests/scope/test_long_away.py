"""Marks of what left a stream are forgotten one day; a phone that comes later begins that stream anew."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from inspect_api.actions import change_scope
from inspect_api.actions.forget_leaves import forget_leaves
from inspect_api.actions.move_site import move_site
from inspect_api.errors import Code, Refusal
from inspect_api.store import feed
from sync.cursor import decode_cursor, encode_cursor
from tests.scope.county import County, Phone, codes

KEEP = timedelta(days=180)


def forget(county: County, most: int = 200) -> int:
    return county.app.write(lambda work: forget_leaves(work, KEEP, most))


def a_year_later(county: County) -> None:
    """Marks of today are old, and forgotten, a few in each transaction."""
    county.later(days=365)
    while forget(county, 3):
        pass


def lasting(store: dict[tuple[str, str], Any]) -> dict[tuple[str, str], Any]:
    """Without what time changes by itself."""
    moment = ("overdue", "overdue_days", "overdue_by")
    return {key: {name: v for name, v in data.items() if name not in moment} for key, data in store.items()}


def assert_is_whole(phone: Phone) -> None:
    assert lasting(phone.store) == lasting(phone.fresh())


def worked_grids(county: County, grids: int = 3) -> tuple[Phone, list[str], list[UUID]]:
    """An inspector of some grids, with two sites of one firm, an inspection and a report in each."""
    codes_ = [county.grid(1, n) for n in range(1, grids + 1)]
    county.join("张巡查", "inspector", grids=codes_)
    phone = county.phone("张巡查")
    sites = []
    for grid in codes_:
        site = county.build(grid)
        county.build(grid, "油库")
        assert codes(phone.push(phone.inspect(site), phone.report(site_id=site))) == ["applied"] * 2
        sites.append(site)
    phone.pull()
    return phone, codes_, sites


def test_row_18_a_device_that_comes_back_after_a_year(county):
    phone, grids, sites = worked_grids(county)
    county.later(hours=2)
    pending = [phone.inspect(sites[0]), phone.report(site_id=sites[0])]
    county.later(hours=2)
    county.change(move_site, sites[0], county.grid(2))  # out of his scope, with hazards
    a_year_later(county)
    told = phone.pull(limit=3)
    assert told.reset == [f"grid:{grids[0]}"]
    assert (told.added, told.removed) == ([], [])
    assert {change["stream"] for change in told.changes} == set(told.reset)
    assert ("site", str(sites[0])) not in phone.store
    assert_is_whole(phone)
    assert phone.pull().changes == []
    # captured while the site was his: accepted, and nothing of it brings back what has gone
    outcomes = phone.push(*pending)
    assert codes(outcomes) == ["applied", "applied"]
    assert all("scope_moved" in outcome["flags"] for outcome in outcomes)
    phone.pull()
    assert ("site", str(sites[0])) not in phone.store
    assert_is_whole(phone)


def test_who_has_heard_of_it_is_told_nothing_again(county):
    phone, _, sites = worked_grids(county)
    county.change(move_site, sites[0], county.grid(2))
    phone.pull()
    a_year_later(county)
    assert phone.pull().changes == []
    assert_is_whole(phone)
    assert lasting(phone.fresh(limit=1)) == lasting(
        phone.store
    )  # who begins now, in pages, has missed nothing


def test_what_another_stream_carries_is_not_dropped(county):
    """An enterprise is in each grid where it has a site; a site has gone from one of his grids to another."""
    phone, grids, sites = worked_grids(county, 2)
    firm = ("enterprise", str(county.firm))
    for site in [
        UUID(i) for e, i in list(phone.store) if e == "site" and phone.store[e, i]["grid_code"] == grids[1]
    ]:
        county.change(move_site, site, county.grid(2))
    county.change(move_site, sites[0], grids[1])
    assert phone.brought_by[firm] == f"grid:{grids[1]}"
    a_year_later(county)
    told = phone.pull(limit=2)
    assert told.reset == [f"grid:{code}" for code in grids]
    assert firm in phone.store
    assert phone.store["site", str(sites[0])]["grid_code"] == grids[1]
    assert_is_whole(phone)

    # now the firm has gone from the grid that brought it last, and is still in the other
    phone.brought_by[firm] = f"grid:{grids[1]}"
    county.change(move_site, sites[0], county.grid(2))
    a_year_later(county)
    told = phone.pull(limit=1)
    assert told.reset == [f"grid:{grids[1]}"]
    assert firm in phone.store
    assert_is_whole(phone)
    # and from everywhere
    for site in [UUID(i) for e, i in list(phone.store) if e == "site"]:
        county.change(move_site, site, county.grid(2))
    a_year_later(county)
    phone.pull(limit=1)
    assert firm not in phone.store
    assert_is_whole(phone)


def test_a_grid_that_was_taken_while_the_phone_was_away(county):
    phone, grids, sites = worked_grids(county)
    county.change(move_site, sites[0], county.grid(2))
    county.change(change_scope.take_grid, "张巡查", grids[0])
    a_year_later(county)
    told = phone.pull(limit=2)
    assert (told.removed, told.reset) == ([f"grid:{grids[0]}"], [f"grid:{grids[0]}"])
    assert ("enterprise", str(county.firm)) in phone.store
    assert_is_whole(phone)
    county.change(change_scope.give_grid, "张巡查", grids[0])
    told = phone.pull(limit=2)
    assert (told.added, told.reset) == ([f"grid:{grids[0]}"], [])
    assert_is_whole(phone)


def test_marks_are_forgotten_while_a_phone_is_letting_go(county):
    phone, grids, _ = worked_grids(county)
    away = next(UUID(i) for e, i in phone.store if e == "site" and phone.store[e, i]["grid_code"] == grids[0])
    county.change(change_scope.take_grid, "张巡查", grids[0])
    phone.pull(limit=1, pages=1)
    county.change(move_site, away, county.grid(2))
    a_year_later(county)
    phone.pull(limit=1)
    assert_is_whole(phone)


def test_marks_are_forgotten_while_a_phone_reads_a_stream_again(county):
    phone, grids, sites = worked_grids(county)
    county.change(move_site, sites[0], county.grid(2))
    a_year_later(county)
    assert phone.pull(limit=1, pages=2).reset == [f"grid:{grids[0]}"]
    for site in sites[1:]:
        county.change(move_site, site, county.grid(2))
    other = next(
        UUID(i) for e, i in phone.fresh() if e == "site" and phone.fresh()[e, i]["grid_code"] == grids[0]
    )
    county.change(move_site, other, county.grid(2))
    a_year_later(county)
    phone.pull(limit=1)
    assert_is_whole(phone)


def test_a_lost_answer_says_it_again_and_no_chain_has_a_second_reset(county):
    phone, grids, sites = worked_grids(county)
    county.change(move_site, sites[0], county.grid(2))
    a_year_later(county)
    lost = phone.page(phone.cursor, 1)
    assert lost["streams"]["reset"] == [f"grid:{grids[0]}"]
    assert phone.page(phone.cursor, 1)["streams"] == lost["streams"]
    assert phone.pull(limit=1).reset == [f"grid:{grids[0]}"]
    assert phone.pull(limit=1).reset == []


def test_an_officer_of_a_township_is_told_alike(county):
    county.join("执法", "officer", regions=[county.town(1), county.town(2)])
    phone = county.phone("执法")
    sites = [county.build(county.grid(n)) for n in (1, 1, 2)]
    phone.pull()
    county.change(move_site, sites[0], county.grid(2))
    a_year_later(county)
    told = phone.pull()
    assert told.reset == [f"township:{county.town(1)}"]
    assert phone.ids("site") == set(map(str, sites))
    assert_is_whole(phone)


def test_row_17_from_any_cursor_two_requests_lead_to_a_good_state(county):
    """Numbers below the floor, ahead of the head, of no stream; of another epoch; and nonsense."""
    phone, grids, sites = worked_grids(county)
    county.change(move_site, sites[0], county.grid(2))
    a_year_later(county)
    here, name = county.app.here, f"grid:{grids[0]}"
    good = decode_cursor(str(phone.cursor), here.epoch, phone.account_id).positions
    with county.app.db.read() as tx:
        head = feed.stands(tx, [name])[name].head
    cursors = [
        encode_cursor(here.epoch, phone.account_id, good | {name: n}) for n in (0, 1, head, head + 1, 10**9)
    ]
    cursors += [encode_cursor(here.epoch, phone.account_id, good | {f"{sign}{name}": n})
                for sign in "-~+*" for n in (0, 1, head, 10**9)]  # fmt: skip
    cursors += [encode_cursor(here.epoch, phone.account_id, {"grid:不存在": 7})]
    cursors += [encode_cursor("anderswann", phone.account_id, good), "废话", ""]
    refused = []
    for cursor in cursors:
        try:
            answer = phone.page(cursor, 500)
        except Refusal as refusal:
            answer = phone.page(None, 500)
            refused.append(refusal.code)
        assert not answer["more"]
        again = phone.page(answer["cursor"], 500)
        assert (again["changes"], again["streams"]) == ([], {"added": [], "removed": []})
    assert refused == [*[Code.CURSOR_INVALID] * 2, Code.EPOCH_CHANGED, *[Code.CURSOR_INVALID] * 2]


@pytest.mark.parametrize("most", [1, 2, 1000])
def test_it_is_forgotten_in_bounded_portions_and_only_what_is_old(county, most):
    phone, grids, sites = worked_grids(county, 1)
    county.change(move_site, sites[0], county.grid(2))
    county.later(days=181)
    county.change(move_site, UUID(min(phone.ids("site") - {str(sites[0])})), county.grid(2))
    portions = []
    while done := forget(county, most):
        portions.append(done)
    assert max(portions) <= most
    with county.app.db.read() as tx:
        stand = feed.stands(tx, [f"grid:{grids[0]}"])[f"grid:{grids[0]}"]
        rows = feed.read(tx, {"x": stand}, {"x": 0}, 1000)
    assert [row.entity for row in rows if row.kind == "leave"] == ["site", "enterprise"]
    assert 0 < stand.floor < min(row.seq for row in rows if row.kind == "leave")
