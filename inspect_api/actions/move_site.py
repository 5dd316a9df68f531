"""A site goes to another grid, and its tasks and its hazards with their evidence go with it.

Inspections stay where they were made. Streams that carry the site from now on are told to put it, those that
no longer do to let it go. Where it lay is kept, so that what was captured there still counts.
"""

from uuid import UUID

from inspect_api.actions.judge_held import judge_waiting
from inspect_api.actions.ledger import Cause, Ledger
from inspect_api.actions.tell_task import tell_task
from inspect_api.actions.work import Work, streams_of
from inspect_api.domain.access import Placed
from inspect_api.domain.past_scope import Somewhere
from inspect_api.errors import Code, Refusal
from inspect_api.store import hazards, photos, regions, search_index, sites, tallies, tasks
from inspect_api.store.schema import AnyRow

_SYSTEM = Cause("system")


def move_site(work: Work, site_id: UUID, grid_code: str, region_code: str | None = None) -> int:
    """Move it; how many hazards went with it. Without a region the one that the grid's code begins with.

    Raises Refusal: NOT_FOUND, INVALID_BODY for a grid that lies in no known region.
    """
    site = sites.to_move(work.tx, site_id)
    if site is None:
        raise Refusal(Code.NOT_FOUND, "No such site")
    region_code = _region(work, grid_code, region_code)
    if (site.region_code, site.grid_code) == (region_code, grid_code):
        return 0
    there = Somewhere(region_code, grid_code, site.enterprise_id, site.industry)
    for task in tasks.move(work.tx, site_id, there):  # before hazards, in the order in which pushes lock
        tell_task(work, task, task.rev, moved_from=site)
    moved = _move_hazards(work, site, there)
    rev = sites.move(work.tx, site, region_code, grid_code, work.now)
    work.changed("site", site_id, rev, there)
    work.left("site", site_id, rev, _left(site, there))
    judge_waiting(work, [site_id, *moved])
    if site.enterprise_id is not None:
        _show_enterprise(work, site, there)
    return len(moved)


def _region(work: Work, grid_code: str, region_code: str | None) -> str:
    cuts = (region_code,) if region_code else regions.around(grid_code)
    known = regions.names(work.tx, cuts)
    found = next((cut for cut in cuts if cut in known), None)
    if found is None:
        raise Refusal(Code.INVALID_BODY, "The grid lies in no known region")
    return found


def _left(before: Placed, after: Placed) -> set[str]:
    """The streams that carried it before and do not any more."""
    return set(streams_of(before)) - set(streams_of(after))


def _move_hazards(work: Work, site: AnyRow, there: Somewhere) -> list[UUID]:
    ids = hazards.of_site(work.tx, site.id)
    ledger = Ledger(work)
    ledger.load(ids)
    before: dict[UUID, Somewhere] = {}
    for hazard_id in ids:
        file = ledger.get(hazard_id)
        if file is not None:
            hazard = file.hazard
            before[hazard_id] = Somewhere(
                hazard.region_code, hazard.grid_code, hazard.enterprise_id, hazard.industry
            )
            hazard.region_code, hazard.grid_code = there.region_code, there.grid_code
            why = {"from": before[hazard_id].grid_code, "to": there.grid_code}
            ledger.record(hazard_id, "hazard.moved", _SYSTEM, why)
            work.left("hazard", hazard_id, hazard.rev, _left(before[hazard_id], hazard))
    ledger.write()
    search_index.note(work.tx, ids)
    tallies.note(work.tx, (somewhere.region_code for somewhere in before.values()))
    for photo in photos.move(work.tx, ids, there):
        work.changed("photo", photo.id, photo.rev, photo)
        work.left("photo", photo.id, photo.rev, _left(before[photo.hazard_id], photo))
    return ids


def _show_enterprise(work: Work, site: AnyRow, there: Somewhere) -> None:
    """Its enterprise is to be known where the site is now, and only where it still has a site."""
    places = sites.places_of_enterprise(work.tx, site.enterprise_id)
    carried = {stream for place in places for stream in streams_of(place)}
    work.changed("enterprise", site.enterprise_id, 1, there)
    work.left("enterprise", site.enterprise_id, 1, set(streams_of(site)) - carried)
