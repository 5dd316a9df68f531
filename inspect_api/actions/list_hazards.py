"""The register: which hazards, in which order, page by page, all for one moment."""

from datetime import datetime, timedelta

from msgspec import Struct

from inspect_api.actions.entities import hazard_of
from inspect_api.actions.work import Work
from inspect_api.errors import Code, Refusal
from inspect_api.store import hazard_queries
from inspect_api.store.hazard_queries import HazardFilter, Sort
from inspect_api.store.paging import CLOCKS_APART, Asked, encode_cursor, open_page, question
from sync.entities import Hazard

RECENT = timedelta(minutes=15)
"""How long ago the moment of a list or summary may lie that another one is to agree with."""


class HazardList(Struct, frozen=True, kw_only=True):
    """A page; whether a hazard is overdue was judged at `as_of`, which later pages share."""

    items: list[Hazard]
    cursor: str | None
    as_of: datetime


def list_hazards(
    work: Work, wanted: HazardFilter, sort: Sort, limit: int, cursor: str | None, as_of: datetime | None
) -> HazardList:
    """A page of the hazards in the caller's scope. Raises Refusal(CURSOR_INVALID, MALFORMED_QUERY)."""
    asked = Asked(work.who.id, question("hazards", wanted, sort, as_of), as_of or work.now)
    if cursor is None:
        check_recent(as_of, work.now)
    asked, after = open_page(cursor, asked, work.now)
    page = hazard_queries.page(work.tx, wanted, work.who, asked.as_of, sort, after, limit)
    return HazardList(
        items=[hazard_of(row, work.who, asked.as_of) for row in page.rows],
        cursor=encode_cursor(asked, page.end),
        as_of=asked.as_of,
    )


def check_recent(as_of: datetime | None, now: datetime) -> None:
    """Raises Refusal(MALFORMED_QUERY) for a moment that the register as it stands cannot answer for."""
    if as_of is not None and not -CLOCKS_APART <= now - as_of <= RECENT:
        detail = f"A moment of the last {RECENT.seconds // 60} minutes"
        raise Refusal(Code.MALFORMED_QUERY, detail, pointer="/query/as_of")
