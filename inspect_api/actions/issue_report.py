"""Issuing statistics: an edition is frozen; a correction makes a new one, which says what it corrects."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import msgspec
import structlog
from msgspec import Meta, Struct

from inspect_api.actions.entities import person
from inspect_api.actions.report_hazards import known_when, period_of, region_asked, report_hazards
from inspect_api.actions.work import Work
from inspect_api.domain.access import REGION_ROLES, Caller
from inspect_api.domain.period import PERIOD_PATTERN
from inspect_api.domain.statistics import Difference, Report, differences
from inspect_api.errors import Code, Refusal
from inspect_api.store import editions
from inspect_api.store.matching import RegionPrefix
from inspect_api.store.schema import AnyRow
from sync.entities import Person

log = structlog.get_logger()

PeriodCode = Annotated[str, Meta(pattern=rf"^{PERIOD_PATTERN}(?!\n)$", max_length=7)]
"""A year 2026, a quarter 2026Q3 or a month 2026-09."""


class Edition(Struct, frozen=True, kw_only=True):
    """`sha256` is that of the report as JSON with sorted keys and no spaces, in UTF-8.

    `replaces` is the edition of the same hazards before it, and `differences` what that said otherwise.
    """

    n: int
    issued_at: datetime
    issued_by: Person
    sha256: str
    replaces: int | None
    differences: list[Difference]


class ShownReport(Struct, frozen=True, kw_only=True):
    """Fresh figures, as known at `as_of`, where `edition` is null; else those of the edition, as issued.

    `editions` are all of this period and region that the caller may see.
    """

    report: Report
    as_of: datetime
    edition: Edition | None
    editions: list[Edition]


class IssueReport(Struct, frozen=True, kw_only=True):
    """Which statistics a regulator signs for."""

    period: PeriodCode
    region: RegionPrefix


class _Scope(Struct, frozen=True):
    """The part of a region that was counted: without these divisions, of these industries (empty: all)."""

    excluded: list[str]
    industries: list[str]


def show_report(
    work: Work, code: str, region: str | None, edition: int | None, as_of: datetime | None
) -> ShownReport:
    """Raises Refusal: MALFORMED_QUERY, NOT_FOUND for an edition that the caller does not see."""
    period, region = period_of(work, code, Code.MALFORMED_QUERY, "/query/period"), region_asked(work, region)
    known_at = known_when(work, as_of, period)
    if edition is not None and as_of is not None:
        raise Refusal(Code.MALFORMED_QUERY, "An edition is of one moment", pointer="/query/as_of")
    rows = _seen(work, editions.of_report(work.tx, code, region or ""), region or "")
    told = [_edition(row) for row in rows]
    if edition is None:
        report = report_hazards(work, period, region, known_at)
        return ShownReport(report=report, as_of=known_at, edition=None, editions=told)
    chosen = next((one for one in told if one.n == edition), None)
    if chosen is None:
        raise Refusal(Code.NOT_FOUND)
    report = _content(work, code, region or "", edition)
    return ShownReport(report=report, as_of=chosen.issued_at, edition=chosen, editions=told)


def issue_report(work: Work, wanted: IssueReport) -> ShownReport:
    """Freeze the figures as they are known now; where nothing has changed the last edition stands.

    Raises Refusal(INVALID_BODY) for a period that is not over or a region that is not the caller's.
    """
    period = period_of(work, wanted.period, Code.INVALID_BODY, "/period")
    if period.ends > work.now:
        raise Refusal(Code.INVALID_BODY, "This period is not over", pointer="/period")
    if not work.who.covers(wanted.region) or not editions.hold(work.tx, wanted.region):
        raise Refusal(Code.INVALID_BODY, "No such region", pointer="/region")
    report = report_hazards(work, period, wanted.region, work.now)
    scope = msgspec.json.encode(_scope_of(work.who, wanted.region)).decode()
    issued = editions.of_report(work.tx, wanted.period, wanted.region)
    last = next((row for row in reversed(issued) if row.scope == scope), None)
    content = msgspec.json.encode(report, order="sorted")
    digest = hashlib.sha256(content).digest()
    n = len(issued) + 1 if last is None or last.digest != digest else last.n
    if n > len(issued):
        replaced = None if last is None else _content(work, wanted.period, wanted.region, last.n)
        corrected = [] if replaced is None else differences(replaced, report)
        editions.add(
            work.tx,
            {
                "period": wanted.period,
                "region_code": wanted.region,
                "n": n,
                "scope": scope,
                "content": content,
                "digest": digest,
                "replaces": None if last is None else last.n,
                "differences": msgspec.json.encode(corrected),
                "issued_at": work.now,
                "issued_by": work.who.id,
            },
        )
        log.info("report issued", period=period.code, region=wanted.region, n=n, sha256=digest.hex())
    return show_report(work, wanted.period, wanted.region, n, None)


def _content(work: Work, period: str, region: str, n: int) -> Report:
    return msgspec.json.decode(editions.content(work.tx, period, region, n), type=Report)


def _scope_of(who: Caller, region: str) -> _Scope:
    """What of a region an account counts."""
    excluded = sorted(code for code in who.excluded if code.startswith(region))
    return _Scope(excluded, sorted(who.industries))


def _seen(work: Work, rows: Sequence[AnyRow], region: str) -> list[AnyRow]:
    """Those that count nothing but what the caller sees himself."""
    who = work.who
    if who.role not in REGION_ROLES or not who.covers(region):
        return []
    own = _scope_of(who, region)
    return [row for row in rows if _is_within(msgspec.json.decode(row.scope, type=_Scope), own)]


def _is_within(counted: _Scope, own: _Scope) -> bool:
    def left_out(code: str) -> bool:
        return code.startswith(tuple(counted.excluded)) if counted.excluded else False

    narrow = not own.industries or (
        bool(counted.industries) and set(counted.industries) <= set(own.industries)
    )
    return narrow and all(left_out(code) for code in own.excluded)


def _edition(row: AnyRow) -> Edition:
    return Edition(
        n=row.n,
        issued_at=row.issued_at,
        issued_by=person(row.issued_by, row.name, row.role),
        sha256=row.digest.hex(),
        replaces=row.replaces,
        differences=msgspec.json.decode(row.differences, type=list[Difference]),
    )
