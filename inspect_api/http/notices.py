"""The caller's own notices, and how those of a county fared."""

from msgspec import Struct

from inspect_api.actions import answer_notice, list_notices, show_deliveries
from inspect_api.actions.list_notices import NoticeList
from inspect_api.actions.show_deliveries import NoticeDetail, NoticeDetailList
from inspect_api.actions.work import Work
from inspect_api.http.asked import Asked
from inspect_api.http.lists import CursorText, Limit, filter_of
from inspect_api.store.delivery_queries import DeliveryFilter
from inspect_api.store.notice_queries import NoticeFilter
from sync.entities import Notice
from sync.text import Said


class NoticeQuery(NoticeFilter, frozen=True, kw_only=True):
    limit: Limit = 50
    cursor: CursorText | None = None


class DeliveryQuery(DeliveryFilter, frozen=True, kw_only=True):
    limit: Limit = 50
    cursor: CursorText | None = None


class AnswerRequest(Struct, frozen=True, kw_only=True):
    text: Said


def list_them(work: Work, asked: Asked) -> NoticeList:
    """GET /notices; to hand one out is to deliver it, so this writes."""
    query = asked.query_as(NoticeQuery)
    return list_notices.list_notices(work, filter_of(NoticeFilter, query), query.limit, query.cursor)


def show(work: Work, asked: Asked) -> NoticeDetail:
    """GET /notices/{id}; to hand it to its receiver is to deliver it, so this writes."""
    return show_deliveries.show_notice(work, asked.uuid("id"))


def list_deliveries(work: Work, asked: Asked) -> NoticeDetailList:
    """GET /deliveries"""
    query = asked.query_as(DeliveryQuery)
    wanted = filter_of(DeliveryFilter, query)
    return show_deliveries.list_deliveries(work, wanted, query.limit, query.cursor)


def answer(work: Work, asked: Asked) -> Notice:
    """POST /notices/{id}/answer"""
    return answer_notice.answer_notice(work, asked.uuid("id"), asked.body_as(AnswerRequest).text)
