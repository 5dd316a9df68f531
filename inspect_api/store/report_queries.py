"""Counting hazards for the statutory statistics: one statement over the register at a past moment."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import sqlalchemy as sa

from inspect_api.domain.access import Caller
from inspect_api.store.enterprises import ENTERPRISE
from inspect_api.store.hazard_events import HAZARD_EVENT
from inspect_api.store.hazards import HAZARD
from inspect_api.store.inspections import INSPECTION
from inspect_api.store.matching import below, utf8
from inspect_api.store.past_hazards import HAZARD_PAST
from inspect_api.store.register import register
from inspect_api.store.schema import AnyRow
from inspect_api.store.scope import visible
from inspect_api.store.sites import SITE

_KNOWN = (
    "id", "number", "title", "site_id", "enterprise_id", "industry", "region_code", "grade", "status",
    "order_kind", "reported_at", "first_due_at", "updated_at",
)  # fmt: skip
_AT_END = ("id", "due_at", "due_party", "first_due_at", "listed_level", "plan")


class Counted(NamedTuple):
    """Whose hazards are counted: the caller's below a region, found and ended between two moments, as they
    were `known_at` a third, which is not earlier than `until`."""

    caller: Caller
    region: str | None
    since: datetime
    until: datetime
    known_at: datetime


def count(tx: sa.Connection, asked: Counted) -> list[AnyRow]:
    """By `industry` and `grade`: `domain.statistics.COUNTS` and `funds_cny`."""
    hazards = _judged(tx, asked)
    h = hazards.c
    is_found = sa.and_(h.reported_at >= asked.since, h.reported_at < asked.until)
    is_open = sa.or_(h.closed_at.is_(None), h.closed_at >= asked.until)
    is_overdue = sa.and_(is_open, h.due_at < asked.until)
    is_rectified = sa.and_(h.closed_at >= asked.since, h.closed_at < asked.until)
    in_time = sa.not_(h.is_late)
    counts = {
        "carried_over": h.reported_at < asked.since,
        "found": is_found,
        "found_by_enterprise": sa.and_(is_found, h.order_kind == "self"),
        "found_rectified": sa.and_(is_found, sa.not_(is_open)),
        "rectified": is_rectified,
        "rectified_in_time": sa.and_(is_rectified, in_time),
        "rectified_late": sa.and_(is_rectified, sa.not_(in_time)),
        "open_at_end": is_open,
        "overdue_at_end": is_overdue,
        "overdue_by_enterprise": sa.and_(is_overdue, h.due_party == "enterprise"),
        "overdue_by_regulator": sa.and_(is_overdue, h.due_party == "regulator"),
        "planned": h.is_planned,
    }
    is_valid = h.status != "dismissed"
    query = sa.select(
        h.industry,
        h.grade,
        *(sa.func.count().filter(sa.and_(is_valid, which)).label(name) for name, which in counts.items()),
        sa.func.count().filter(sa.and_(sa.not_(is_valid), is_found)).label("dismissed"),
        sa.func.sum(h.funds_cny).filter(sa.and_(is_valid, h.is_planned)).label("funds_cny"),
    ).group_by(h.industry, h.grade)
    return list(tx.execute(query).all())


def majors(tx: sa.Connection, asked: Counted, most: int) -> list[AnyRow]:
    """The major hazards that were counted, by number: with `site_name`, `enterprise_name`, `closed_at`."""
    hazards = _judged(tx, asked)
    query = (
        sa.select(hazards, SITE.c.name.label("site_name"), ENTERPRISE.c.name.label("enterprise_name"))
        .outerjoin(SITE, SITE.c.id == hazards.c.site_id)
        .outerjoin(ENTERPRISE, ENTERPRISE.c.id == hazards.c.enterprise_id)
        .where(hazards.c.grade == "major", hazards.c.status != "dismissed")
        .order_by(hazards.c.number, hazards.c.id)
        .limit(most)
    )
    return list(tx.execute(query).all())


def enterprises(tx: sa.Connection, asked: Counted) -> int:
    """How many enterprises with a site that the caller sees there were inspected in the period."""
    owners = sa.select(SITE.c.enterprise_id).where(visible(SITE, asked.caller), _there(SITE, asked.region))
    inspected = sa.select(sa.func.count(sa.distinct(INSPECTION.c.enterprise_id))).where(
        INSPECTION.c.enterprise_id.in_(owners),
        INSPECTION.c.finished_at >= asked.since,
        INSPECTION.c.finished_at < asked.until,
        INSPECTION.c.received_at <= asked.known_at,
    )
    return int(tx.execute(inspected).scalar_one())


def _judged(tx: sa.Connection, asked: Counted) -> sa.Subquery:
    """Hazards of the period as known then: grade, place and by `closed_at` whether they were rectified.

    `is_late`: the enterprise had done its part after the first due date, and no evidence that came
    later has proved otherwise. As they stood at the period's end: `due_at`, `due_party`, `due_on`,
    `listed_level`, and of an approved plan `funds_cny`.
    """
    state, turns = _at_moment(asked, asked.known_at, _KNOWN), _turns(asked)
    end = _at_moment(asked, asked.until, _AT_END)
    s = state.c
    known = sa.func.coalesce(turns.c.opened_until, turns.c.first_since, s.updated_at)
    # a phone whose clock is ahead finds what is closed before: it is closed when it is found
    left = sa.case((known < s.reported_at, s.reported_at), else_=known)
    closed_at = sa.case((s.status == "closed", left))
    handed_in = sa.func.coalesce(turns.c.handed_in, left)
    done_at = sa.case((s.order_kind == "self", left), else_=handed_in)
    proved = _proved(tx, s.id, handed_in, asked.known_at)
    is_planned = sa.and_(s.grade == "major", end.c.plan["approved"].as_boolean().is_(True))
    return (
        sa.select(
            state,
            end.c.due_at,
            end.c.due_party,
            end.c.first_due_at.label("due_on"),
            end.c.listed_level,
            end.c.plan,
            closed_at.label("closed_at"),
            sa.case((done_at > s.first_due_at, sa.not_(proved)), else_=sa.false()).label("is_late"),
            sa.func.coalesce(is_planned, sa.false()).label("is_planned"),
            end.c.plan["funds_cny"].as_float().label("funds_cny"),
        )
        .select_from(state.outerjoin(turns, turns.c.id == s.id).outerjoin(end, end.c.id == s.id))
        .where(
            _there(state, asked.region),
            s.reported_at < asked.until,
            sa.or_(closed_at.is_(None), closed_at >= asked.since),
        )
        .subquery("judged")
    )


def _turns(asked: Counted) -> sa.Subquery:
    """Of each hazard that changed: until when it was last open, since when known, when last handed in."""
    past = HAZARD_PAST.c
    return (
        sa.select(
            past.id,
            sa.func.max(past.until).filter(past.status != "closed").label("opened_until"),
            sa.func.min(past.updated_at).label("first_since"),
            sa.func.max(past.until).filter(past.status == "rectifying").label("handed_in"),
        )
        .join(HAZARD, HAZARD.c.id == past.id)
        .where(past.until <= asked.known_at, visible(HAZARD, asked.caller))
        .group_by(past.id)
        .subquery("turns")
    )


def _proved(
    tx: sa.Connection,
    hazard_id: sa.ColumnElement[UUID],
    since: sa.ColumnElement[datetime],
    known_at: datetime,
) -> sa.ColumnElement[bool]:
    """Whether late evidence has shown that this rectification was in time (`actions.late_evidence`)."""
    event = HAZARD_EVENT.c
    of_rectification = utf8(tx, event.event).contains('"clock":"rectification"')
    return sa.exists().where(
        event.hazard_id == hazard_id,
        event.kind == "hazard.steps_retracted",
        event.at >= since,
        event.at <= known_at,
        of_rectification,
    )


def _at_moment(asked: Counted, moment: datetime, names: tuple[str, ...]) -> sa.Subquery:
    parts = [
        sa.select(*(part.rows.c[name] for name in names)).where(part.where)
        for part in register(asked.caller, moment)
    ]
    return sa.union_all(*parts).subquery()


def _there(things: sa.FromClause, region: str | None) -> sa.ColumnElement[bool]:
    return below(things.c.region_code, region) if region is not None else sa.true()
