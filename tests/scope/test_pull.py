"""A grid given or taken, a site moved, a township or village left out: what phones are told, and no more."""

from uuid import UUID

from inspect_api.actions import change_scope
from inspect_api.actions.move_site import move_site
from tests.scope.county import County, Phone, codes


def worked_county(county: County) -> tuple[Phone, str, str]:
    """An inspector of two grids with a site and a hazard in each, who has pulled."""
    first, second = county.grid(1), county.grid(2)
    county.join("张巡查", "inspector", grids=[first, second])
    phone = county.phone("张巡查")
    for grid in (first, second):
        site = county.build(grid)
        assert codes(phone.push(phone.inspect(site), phone.report(site_id=site))) == ["applied"] * 2
    phone.pull()
    return phone, first, second


def in_grid(phone: Phone, grid: str) -> set[tuple[str, str]]:
    return {key for key, data in phone.store.items() if data.get("grid_code") == grid}


def test_row_10_a_grid_given_taken_and_given_again(county):
    phone, _, second = worked_county(county)
    assert phone.store == phone.fresh()
    theirs = in_grid(phone, second)
    assert {entity for entity, _ in theirs} == {"site", "inspection", "hazard"}

    assert county.change(change_scope.take_grid, "张巡查", second)
    told = phone.pull()
    assert (told.added, told.removed) == ([], [f"grid:{second}"])
    assert told.of_kind("leave") == theirs  # the enterprise has a site in the other grid
    assert len(told.changes) == len(theirs)
    assert phone.store == phone.fresh()

    assert county.change(change_scope.give_grid, "张巡查", second)
    told = phone.pull()
    assert (told.added, told.removed) == ([f"grid:{second}"], [])
    assert told.of_kind("put") == {*theirs, ("enterprise", str(county.firm))}
    assert not told.of_kind("leave")
    assert phone.store == phone.fresh()
    assert phone.pull().changes == []


def test_taken_and_given_between_two_pulls_sends_nothing_again(county):
    phone, _, second = worked_county(county)
    county.change(change_scope.take_grid, "张巡查", second)
    county.change(change_scope.give_grid, "张巡查", second)
    told = phone.pull()
    assert (told.changes, told.added, told.removed) == ([], [], [])


def test_given_again_while_the_phone_is_still_letting_go(county):
    phone, first, second = worked_county(county)
    county.change(change_scope.take_grid, "张巡查", second)
    part = phone.pull(limit=1, pages=2)
    assert not part.is_whole
    assert part.removed == [f"grid:{second}"]  # told once, not on every page
    county.change(change_scope.give_grid, "张巡查", second)
    phone.pull(limit=1)
    assert phone.store == phone.fresh()
    county.change(change_scope.take_grid, "张巡查", second)
    phone.pull(limit=1, pages=1)
    county.change(change_scope.take_grid, "张巡查", first)
    phone.pull(limit=2)
    assert phone.store == phone.fresh()
    assert not phone.ids("site")


def test_what_moved_away_while_the_phone_was_letting_go_is_let_go_too(county):
    phone, _, second = worked_county(county)
    site = next(iter(phone.ids("site") & {i for e, i in in_grid(phone, second)}))
    county.change(change_scope.take_grid, "张巡查", second)
    phone.pull(limit=1, pages=1)
    county.change(move_site, UUID(site), county.grid(1, 2))
    county.change(change_scope.give_grid, "张巡查", second)
    phone.pull(limit=1)
    assert phone.store == phone.fresh()
    assert site not in phone.ids("site")


def test_a_lost_answer_is_asked_for_again(county):
    phone, _, second = worked_county(county)
    county.change(change_scope.take_grid, "张巡查", second)
    lost = phone.page(phone.cursor, 500)
    assert phone.pull().changes == lost["changes"]


def test_a_site_that_moves_between_two_grids_of_one_inspector_never_leaves_him(county):
    phone, first, second = worked_county(county)
    site = next(iter(phone.ids("site") & {i for e, i in in_grid(phone, first)}))
    county.change(move_site, UUID(site), second)
    told = phone.pull()
    assert told.of_kind("leave") == set()
    assert {entity for entity, _ in told.of_kind("put")} == {"site", "hazard", "enterprise"}
    assert phone.store["site", site]["grid_code"] == second
    assert phone.store == phone.fresh()


def test_a_site_goes_to_another_inspector_with_its_hazards_and_their_photos(county):
    here, there = county.grid(1), county.grid(2)
    county.join("原巡查", "inspector", grids=[here])
    county.join("新巡查", "inspector", grids=[there])
    county.join("厂长", "enterprise", firm=True)
    old, new, owner = county.phone("原巡查"), county.phone("新巡查"), county.phone("厂长")
    site = county.build(here)
    photo = {"sha256": "a" * 64, "size": 1000, "content_type": "image/jpeg", "taken_at": county.clock.now()}
    report = old.report(site_id=site)
    report["body"]["photos"] = [photo]
    inspected = old.inspect(site)
    assert codes(old.push(report, inspected)) == ["applied", "applied"]
    for phone in (old, new, owner):
        phone.pull()
    hazards, photos = old.ids("hazard"), old.ids("photo")
    assert (len(hazards), len(photos)) == (2, 1)
    assert new.store == {}

    assert county.change(move_site, site, there) == 2
    told = old.pull()
    assert told.of_kind("leave") == {
        ("site", str(site)),
        ("enterprise", str(county.firm)),
        *(("hazard", hazard) for hazard in hazards),
        *(("photo", photo) for photo in photos),
    }
    new.pull()
    assert old.ids("inspection") == {inspected["entity_id"]}  # made here, and stays here
    assert (new.ids("hazard"), new.ids("photo")) == (hazards, photos)
    assert new.ids("inspection") == set()
    assert owner.pull().of_kind("leave") == set()
    for phone in (old, new, owner):
        assert phone.store == phone.fresh()
    assert {data["region"]["code"] for (kind, _), data in new.store.items() if kind == "hazard"} == {
        county.village(2)
    }


def test_an_enterprise_is_known_where_it_has_a_site(county):
    here, there = county.grid(1), county.grid(2)
    county.join("巡查", "inspector", grids=[here])
    phone = county.phone("巡查")
    sites = [county.build(here), county.build(here)]
    phone.pull()
    county.change(move_site, sites[0], there)
    phone.pull()
    assert phone.ids("enterprise") == {str(county.firm)}
    county.change(move_site, sites[1], there)
    phone.pull()
    assert phone.store == phone.fresh() == {}
    county.change(move_site, sites[0], here)
    phone.pull()
    assert phone.ids("enterprise") == {str(county.firm)}
    assert phone.store == phone.fresh()


def test_a_township_is_taken_out_of_a_county(county):
    officer = county.join("执法", "officer", regions=[county.code])
    phone = county.phone("执法")
    near, far = county.build(county.grid(1)), county.build(county.grid(2))
    phone.pull()
    assert phone.ids("site") == {str(near), str(far)}
    county.change(change_scope.give_region, officer, county.town(2), excluded=True)
    told = phone.pull()
    assert told.of_kind("leave") == {("site", str(far))}
    assert told.removed == [f"township:{county.town(2)}"]
    assert phone.store == phone.fresh()
    county.change(change_scope.take_region, officer, county.town(2))
    told = phone.pull()
    assert told.added == [f"township:{county.town(2)}"]
    assert phone.ids("site") == {str(near), str(far)}
    assert phone.store == phone.fresh()


def test_a_village_is_taken_out_of_a_township_and_a_site_moves_into_it(county):
    officer = county.join("执法", "officer", regions=[county.town(1)])
    phone = county.phone("执法")
    kept, lost = county.build(county.grid(1)), county.build(county.grid(1, village=2))
    phone.pull()
    county.change(change_scope.give_region, officer, county.village(1, 2), excluded=True)
    told = phone.pull()
    assert told.of_kind("leave") == {("site", str(lost))}
    assert (told.added, told.removed) == ([], [])
    assert phone.store == phone.fresh()
    county.change(move_site, kept, county.grid(1, village=2))
    assert ("site", str(kept)) in phone.pull().of_kind("leave")
    assert phone.store == phone.fresh()
    county.change(change_scope.take_region, officer, county.village(1, 2))
    phone.pull()
    assert phone.ids("site") == {str(kept), str(lost)}
    assert phone.store == phone.fresh()


def test_a_second_village_of_a_township_is_given(county):
    officer = county.join("执法", "officer", regions=[county.village(1)])
    phone = county.phone("执法")
    county.build(county.grid(1))
    other = county.build(county.grid(1, village=2))
    phone.pull()
    assert len(phone.ids("site")) == 1
    county.change(change_scope.give_region, officer, county.village(1, 2))
    phone.pull()
    assert str(other) in phone.ids("site")
    assert phone.store == phone.fresh()


def test_a_first_pull_in_pages_tells_nothing_of_what_left_long_ago(county):
    here, there = county.grid(1), county.grid(2)
    county.join("巡查", "inspector", grids=[here])
    phone = county.phone("巡查")
    for _ in range(3):
        county.build(here)
        county.change(move_site, county.build(here), there)
    assert len(phone.fresh(limit=1)) == 4


def test_what_leaves_between_two_pages_of_a_first_pull_is_told(county):
    here, there = county.grid(1), county.grid(2)
    county.join("巡查", "inspector", grids=[here])
    phone = county.phone("巡查")
    sites = [county.build(here, firm=False) for _ in range(3)]
    phone.pull(limit=1, pages=1)
    for site in sites:
        county.change(move_site, site, there)
    phone.pull(limit=1)
    assert phone.store == phone.fresh() == {}
