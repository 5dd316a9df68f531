"""The register: which hazards, in which order, page by page, all for one moment."""

from datetime import datetime

from msgspec import Struct

from inspect_api.actions.entities import hazard_of
from inspect_api.actions.work import Work
from inspect_api.domain.search import SHORTEST, TooShort, words_of
from inspect_api.errors import Code, Refusal
from inspect_api.store import hazard_queries
from inspect_api.store.hazard_queries import HazardFilter, Sort
from inspect_api.store.paging import CLOCKS_APART, Asked, encode_cursor, open_page, question
from sync.entities import Hazard


class HazardList(Struct, frozen=True, kw_only=True):
    """A page of the register at `as_of`, which later pages share whatever has happened since."""

    items: list[Hazard]
    cursor: str | None
    as_of: datetime


def list_hazards(
    work: Work, wanted: HazardFilter, sort: Sort, limit: int, cursor: str | None, as_of: datetime | None
) -> HazardList:
    """A page of the hazards in the caller's scope, as they stand or as they stood at `as_of`.

    Raises Refusal(CURSOR_INVALID, MALFORMED_QUERY).
    """
    check_come(as_of, work.now)
    check_words(wanted.q)
    asked = Asked(work.who.id, question("hazards", wanted, sort, as_of), as_of or work.now)
    asked, after = open_page(cursor, asked, work.now)
    past = is_over(work, asked.as_of if cursor is not None else as_of)
    page = hazard_queries.page(work.tx, wanted, work.who, asked.as_of, sort, after, limit, past=past)
    return HazardList(
        items=[hazard_of(row, work.who, asked.as_of) for row in page.rows],
        cursor=encode_cursor(asked, page.end),
        as_of=asked.as_of,
    )


def check_come(as_of: datetime | None, now: datetime) -> None:
    """Raises Refusal(MALFORMED_QUERY) for a moment that has not come yet on any node."""
    if as_of is not None and as_of > now + CLOCKS_APART:
        raise Refusal(Code.MALFORMED_QUERY, "This moment has not come yet", pointer="/query/as_of")


def is_over(work: Work, as_of: datetime | None) -> bool:
    """Whether the register has changed since the moment that is asked for (None: since the present one): then
    it is to be read as it stood."""
    if work.changed_at is None:
        return as_of is not None
    if as_of is not None:
        return work.changed_at > as_of
    # what a clock that is far ahead has written is shown rather than kept back until its moment has come
    return work.now < work.changed_at <= work.now + CLOCKS_APART


def check_words(q: str | None) -> None:
    """Raises Refusal(MALFORMED_QUERY) for words by which nothing can be found."""
    if q is None:
        return
    try:
        words_of(q)
    except TooShort:
        detail = f"Ask for at least one word of {SHORTEST} characters or more"
        raise Refusal(Code.MALFORMED_QUERY, detail, pointer="/query/q") from None
