"""The caller's own notices, the latest first. To hand one out is to deliver it."""

from msgspec import Struct

from inspect_api.actions.deliver_notices import deliver_notices
from inspect_api.actions.entities import notice_of
from inspect_api.actions.work import Work
from inspect_api.store import notice_queries
from inspect_api.store.notice_queries import NoticeFilter
from inspect_api.store.paging import Asked, encode_cursor, open_page, question
from sync.entities import Notice


class NoticeList(Struct, frozen=True, kw_only=True):
    """A page of notices."""

    items: list[Notice]
    cursor: str | None


def list_notices(work: Work, wanted: NoticeFilter, limit: int, cursor: str | None) -> NoticeList:
    """A page of notices, each delivered by this. Raises Refusal(CURSOR_INVALID)."""
    asked = Asked(work.who.id, question("notices", wanted), work.now)
    asked, after = open_page(cursor, asked, work.now)
    page = notice_queries.page(work.tx, wanted, work.who.id, after, limit)
    rows = page.rows
    if deliver_notices(work, [row.id for row in rows if row.delivered_at is None]):
        delivered = {row.id: row for row in notice_queries.by_ids(work.tx, [r.id for r in rows], work.who.id)}
        rows = [delivered[row.id] for row in rows]
    return NoticeList(items=[notice_of(row) for row in rows], cursor=encode_cursor(asked, page.end))
