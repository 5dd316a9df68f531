"""Reading notices: everybody sees those sent to himself."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from msgspec import Struct

from inspect_api.store.accounts import ACCOUNT
from inspect_api.store.notices import NOTICE
from inspect_api.store.paging import Order, Page, Place, read_page
from inspect_api.store.schema import AnyRow, among


class NoticeFilter(Struct, frozen=True, kw_only=True):
    """Which of the receiver's notices; what is not asked is None."""

    unanswered: bool | None = None
    hazard_id: UUID | None = None


def by_ids(tx: sa.Connection, ids: Iterable[UUID], receiver: UUID) -> list[AnyRow]:
    """Those of the notices that were sent to this account."""
    wanted = list(set(ids))
    if not wanted:
        return []
    query = sa.select(NOTICE).where(among(tx, NOTICE.c.id, wanted), NOTICE.c.receiver_id == receiver)
    return list(tx.execute(query).all())


def page(tx: sa.Connection, wanted: NoticeFilter, receiver: UUID, after: Place | None, limit: int) -> Page:
    """A page of the notices to this account, the latest first."""
    query = sa.select(NOTICE).where(NOTICE.c.receiver_id == receiver)
    if wanted.unanswered is not None:
        answered = NOTICE.c.answer.is_not(None)
        query = query.where(sa.not_(answered) if wanted.unanswered else answered)
    if wanted.hazard_id is not None:
        query = query.where(NOTICE.c.hazard_id == wanted.hazard_id)
    return read_page(tx, query, Order(NOTICE.c.created_at, NOTICE.c.id, descending=True), after, limit)


def set_answer(tx: sa.Connection, notice_id: UUID, receiver: UUID, text: str, at: datetime) -> int | None:
    """Answer a notice that has no answer yet; its new rev, or None when there is no such notice."""
    change = sa.update(NOTICE).where(
        NOTICE.c.id == notice_id, NOTICE.c.receiver_id == receiver, NOTICE.c.answer.is_(None)
    )
    change = change.values(answer=text, answered_at=at, rev=NOTICE.c.rev + 1)
    rev: int | None = tx.execute(change.returning(NOTICE.c.rev)).scalar_one_or_none()
    return rev


def of_clocks(tx: sa.Connection, hazard_id: UUID) -> list[AnyRow]:
    """Who was sent a notice at which step of which clock of a hazard, without its text."""
    query = (
        sa.select(
            NOTICE.c.kind,
            NOTICE.c.clock_id,
            NOTICE.c.step,
            NOTICE.c.number,
            NOTICE.c.created_at,
            NOTICE.c.delivered_at,
            NOTICE.c.answer_due_at,
            NOTICE.c.answered_at,
            NOTICE.c.receiver_id,
            ACCOUNT.c.name.label("receiver_name"),
            ACCOUNT.c.role.label("receiver_role"),
        )
        .join(ACCOUNT, ACCOUNT.c.id == NOTICE.c.receiver_id)
        .where(NOTICE.c.hazard_id == hazard_id, NOTICE.c.clock_id.is_not(None))
    )
    return list(tx.execute(query.order_by(NOTICE.c.created_at, NOTICE.c.number)).all())
