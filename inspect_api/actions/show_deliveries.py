"""How notices fared outside of the product: for the receiver his own, for the county all of its own."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from inspect_api.actions.deliver_notices import deliver_notices
from inspect_api.actions.entities import notice_of, person
from inspect_api.actions.work import Work
from inspect_api.errors import Code, Refusal
from inspect_api.store import delivery_queries
from inspect_api.store.delivery_queries import DeliveryFilter, DeliveryState
from inspect_api.store.paging import Asked, encode_cursor, open_page, question
from inspect_api.store.schema import AnyRow
from sync.entities import Notice, Person

OVERSEERS: frozenset[str] = frozenset({"regulator", "auditor", "admin"})
"""Roles that see how the notices of others fared."""


class DeliveryAttempt(Struct, frozen=True, kw_only=True):
    """One attempt: `outcome` null while it is under way, `unknown` when the worker did not live to tell.
    `proof` is the other side's number for the message."""

    channel: str
    started_at: datetime
    ended_at: datetime | None
    outcome: str | None
    answer: str
    proof: str | None


class Delivery(Struct, frozen=True, kw_only=True):
    """`handed_over`: a channel has taken it on, which is no proof that anybody read it. `read`: read in the
    product before that. `failed`: every channel has failed once; `next_at` says when they are tried again.
    `none`: the receiver has no channel but the product."""

    state: DeliveryState
    channels: list[str]
    channel: str | None
    failed_at: datetime | None
    next_at: datetime | None
    attempts: list[DeliveryAttempt]


class NoticeDetail(Notice, frozen=True, kw_only=True):
    """A notice with its receiver and its way outside of the product, null for one of before there was any."""

    receiver: Person
    delivery: Delivery | None


class NoticeDetailList(Struct, frozen=True, kw_only=True):
    """A page of them."""

    items: list[NoticeDetail]
    cursor: str | None


def show_notice(work: Work, notice_id: UUID) -> NoticeDetail:
    """One notice; to hand it to its receiver is to deliver it. Raises Refusal(NOT_FOUND)."""
    deliver_notices(work, [notice_id])
    row = delivery_queries.of_notice(work.tx, notice_id, work.who, OVERSEERS)
    if row is None:
        raise Refusal(Code.NOT_FOUND)
    return _details(work, [row])[0]


def list_deliveries(work: Work, wanted: DeliveryFilter, limit: int, cursor: str | None) -> NoticeDetailList:
    """Notices about the caller's hazards, whoever received them. Raises Refusal(CURSOR_INVALID)."""
    asked = Asked(work.who.id, question("deliveries", wanted), work.now)
    asked, after = open_page(cursor, asked, work.now)
    page = delivery_queries.page(work.tx, wanted, work.who, after, limit)
    return NoticeDetailList(items=_details(work, page.rows), cursor=encode_cursor(asked, page.end))


def _details(work: Work, rows: list[AnyRow]) -> list[NoticeDetail]:
    log = delivery_queries.attempts(work.tx, (row.id for row in rows))
    return [
        NoticeDetail(
            **{name: getattr(notice_of(row), name) for name in Notice.__struct_fields__},
            receiver=person(row.receiver_id, row.receiver_name, row.receiver_role),
            delivery=None if row.state is None else _delivery(row, log.get(row.id, [])),
        )
        for row in rows
    ]


def _delivery(row: AnyRow, log: list[AnyRow]) -> Delivery:
    return Delivery(
        state=row.state,
        channels=row.plan,
        channel=row.present_channel,
        failed_at=row.failed_at,
        next_at=row.run_at,
        attempts=[
            DeliveryAttempt(
                channel=each.channel,
                started_at=each.started_at,
                ended_at=each.ended_at,
                outcome=each.outcome,
                answer=each.answer,
                proof=each.proof,
            )
            for each in log
        ],
    )
