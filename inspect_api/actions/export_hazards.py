"""The register handed out whole: pages of one moment, each read in a transaction of its own."""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from inspect_api.actions.entities import hazard_of
from inspect_api.actions.list_hazards import check_come, check_words, is_over
from inspect_api.actions.work import Work
from inspect_api.store import hazard_queries
from inspect_api.store.hazard_queries import HazardFilter, Sort
from inspect_api.store.paging import Place
from inspect_api.store.schema import AnyRow
from sync.entities import Hazard

PAGE = 1000
"""Rows that are in memory at once."""


class Exported(NamedTuple):
    """A hazard with what its list leaves out; `place` is (latitude, longitude) in WGS-84 degrees, its own
    or, where that is not known, its site's."""

    hazard: Hazard
    description: str
    place: tuple[float, float] | None


class ExportPage(NamedTuple):
    """Rows in order, where the next page begins (None at the end), and the moment of all pages."""

    rows: list[Exported]
    end: Place | None
    as_of: datetime


def export_page(
    work: Work, wanted: HazardFilter, sort: Sort, as_of: datetime | None, after: Place | None
) -> ExportPage:
    """The hazards in the caller's scope as they stood at a moment, now for the first page of most exports.

    Raises Refusal(MALFORMED_QUERY) for a moment that has not come.
    """
    check_come(as_of, work.now)
    check_words(wanted.q)
    moment = as_of or work.now
    past = is_over(work, as_of)
    page = hazard_queries.page(work.tx, wanted, work.who, moment, sort, after, PAGE, past=past)
    return ExportPage(list(_exported(work, page.rows, moment)), page.end, moment)


def _exported(work: Work, rows: list[AnyRow], as_of: datetime) -> Iterator[Exported]:
    for row in rows:
        own = row.lat is not None
        lat, lon = (row.lat, row.lon) if own else (row.site_lat, row.site_lon)
        place = None if lat is None or lon is None else (lat, lon)
        yield Exported(hazard_of(row, work.who, as_of), row.description, place)
