"""The caller's own notices."""

from typing import Annotated

from msgspec import Meta, Struct

from inspect_api.actions import answer_notice, list_notices
from inspect_api.actions.list_notices import NoticeList
from inspect_api.actions.work import Work
from inspect_api.http.asked import Asked
from inspect_api.http.lists import CursorText, Limit, filter_of
from inspect_api.store.notice_queries import NoticeFilter
from sync.entities import Notice


class NoticeQuery(NoticeFilter, frozen=True, kw_only=True):
    limit: Limit = 50
    cursor: CursorText | None = None


class AnswerRequest(Struct, frozen=True, kw_only=True):
    text: Annotated[str, Meta(min_length=1, max_length=4000)]


def list_them(work: Work, asked: Asked) -> NoticeList:
    """GET /notices; to hand one out is to deliver it, so this writes."""
    query = asked.query_as(NoticeQuery)
    return list_notices.list_notices(work, filter_of(NoticeFilter, query), query.limit, query.cursor)


def answer(work: Work, asked: Asked) -> Notice:
    """POST /notices/{id}/answer"""
    return answer_notice.answer_notice(work, asked.uuid("id"), asked.body_as(AnswerRequest).text)
