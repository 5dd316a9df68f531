"""Reading how notices fared outside of the product."""

from collections.abc import Iterable
from typing import Any, Literal
from uuid import UUID

import sqlalchemy as sa
from msgspec import Struct

from inspect_api.domain.access import Caller
from inspect_api.store.accounts import ACCOUNT
from inspect_api.store.deliveries import ATTEMPT, DELIVERY
from inspect_api.store.hazards import HAZARD
from inspect_api.store.matching import RegionPrefix, below
from inspect_api.store.notices import NOTICE
from inspect_api.store.paging import Order, Page, Place, read_page
from inspect_api.store.schema import AnyRow
from inspect_api.store.scope import visible

DeliveryState = Literal["waiting", "handed_over", "read", "failed", "none"]


class DeliveryFilter(Struct, frozen=True, kw_only=True):
    """Which deliveries; what is not asked is None."""

    state: DeliveryState | None = None
    region: RegionPrefix | None = None
    hazard_id: UUID | None = None


def page(tx: sa.Connection, wanted: DeliveryFilter, caller: Caller, after: Place | None, limit: int) -> Page:
    """A page of the notices about hazards that the caller sees, the latest first."""
    query = _shown().where(visible(HAZARD, caller))
    if wanted.state is not None:
        query = query.where(DELIVERY.c.state == wanted.state)
    if wanted.region is not None:
        query = query.where(below(HAZARD.c.region_code, wanted.region))
    if wanted.hazard_id is not None:
        query = query.where(NOTICE.c.hazard_id == wanted.hazard_id)
    return read_page(tx, query, Order(DELIVERY.c.since, NOTICE.c.id, descending=True), after, limit)


def of_notice(tx: sa.Connection, notice_id: UUID, caller: Caller, overseers: frozenset[str]) -> AnyRow | None:
    """One notice, to its receiver, and to an overseer who sees its hazard; None for everybody else."""
    own = NOTICE.c.receiver_id == caller.id
    allowed = sa.or_(own, visible(HAZARD, caller)) if caller.role in overseers else own
    return tx.execute(_shown().where(NOTICE.c.id == notice_id, allowed)).one_or_none()


def attempts(tx: sa.Connection, ids: Iterable[UUID]) -> dict[UUID, list[AnyRow]]:
    """The log of these notices, in its order."""
    found: dict[UUID, list[AnyRow]] = {}
    query = sa.select(ATTEMPT).where(ATTEMPT.c.notice_id.in_(set(ids)))
    for row in tx.execute(query.order_by(ATTEMPT.c.notice_id, ATTEMPT.c.n)):
        found.setdefault(row.notice_id, []).append(row)
    return found


def _shown() -> sa.Select[Any]:
    return (
        sa.select(
            NOTICE,
            DELIVERY.c.state,
            DELIVERY.c.plan,
            DELIVERY.c.channel.label("present_channel"),
            DELIVERY.c.since,
            DELIVERY.c.run_at,
            DELIVERY.c.failed_at,
            ACCOUNT.c.name.label("receiver_name"),
            ACCOUNT.c.role.label("receiver_role"),
        )
        .join(HAZARD, HAZARD.c.id == NOTICE.c.hazard_id)
        .join(ACCOUNT, ACCOUNT.c.id == NOTICE.c.receiver_id)
        .outerjoin(DELIVERY, DELIVERY.c.notice_id == NOTICE.c.id)
    )
