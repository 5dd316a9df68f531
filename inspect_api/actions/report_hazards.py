"""The statutory statistics of a period: from what happened, as it was known at a moment."""

from datetime import datetime, timedelta

from inspect_api.actions.list_hazards import check_come
from inspect_api.actions.show_risk import sees_a_part
from inspect_api.actions.summarise_overdue import scope_root
from inspect_api.actions.work import Work
from inspect_api.domain.access import REGION_ROLES
from inspect_api.domain.calendar import civil_date
from inspect_api.domain.period import Period, read_period
from inspect_api.domain.statistics import (
    COUNTS,
    FORM,
    CoveredPeriod,
    Figures,
    Group,
    MajorHazard,
    Report,
    added,
    figures,
)
from inspect_api.domain.words import INDUSTRY_NAMES
from inspect_api.errors import Code, Refusal
from inspect_api.store import regions, report_queries
from inspect_api.store.report_queries import Counted
from inspect_api.store.schema import AnyRow
from sync.entities import Named, RegionRef

MOST_MAJORS = 1000
_DAY = timedelta(days=1)


def report_hazards(work: Work, period: Period, region: str | None, known_at: datetime) -> Report:
    """Of the caller's hazards below a region, as far as they were known then.

    A period that was not over is counted up to that moment.
    """
    counted = Counted(work.who, region, period.begins, min(period.ends, known_at), known_at)
    cells = {(row.industry, row.grade): _figures(row) for row in report_queries.count(work.tx, counted)}
    majors = report_queries.majors(work.tx, counted, MOST_MAJORS)
    total_majors = _of(cells, grade="major")
    return Report(
        form=FORM,
        period=CoveredPeriod(
            code=period.code,
            first=period.first,
            last=period.following - _DAY,
            complete=period.ends <= known_at,
            owed_by=period.owed_by,
        ),
        region=None
        if region is None
        else RegionRef(region, regions.names(work.tx, [region]).get(region, "")),
        partial=region is None or sees_a_part(work.who, region),
        enterprises_inspected=report_queries.enterprises(work.tx, counted),
        total=added(list(cells.values())),
        general=_of(cells, grade="general"),
        major=total_majors,
        industries=[_group(cells, key) for key in sorted({industry for industry, _ in cells})],
        majors=[_major(row, counted.until) for row in majors],
        majors_left_out=total_majors.carried_over + total_majors.found - len(majors),
    )


def period_of(work: Work, text: str, code: Code, pointer: str) -> Period:
    """Raises Refusal for what is no period, or one that has not begun."""
    try:
        period = read_period(text)
    except ValueError as error:
        raise Refusal(code, str(error), pointer=pointer) from None
    if period.begins > work.now:
        raise Refusal(code, "This period has not begun", pointer=pointer)
    return period


def known_when(work: Work, as_of: datetime | None, period: Period) -> datetime:
    """The moment to answer for. Raises Refusal(MALFORMED_QUERY) outside of what can be known."""
    check_come(as_of, work.now)
    if as_of is not None and as_of < period.begins:
        raise Refusal(Code.MALFORMED_QUERY, "The period had not begun then", pointer="/query/as_of")
    return as_of or work.now


def region_asked(work: Work, region: str | None) -> str | None:
    """The one that is named, else the smallest that holds the caller's; None: whatever he sees."""
    if region is None and work.who.role in REGION_ROLES:
        return scope_root(work.who) or None
    return region


def _figures(row: AnyRow) -> Figures:
    return figures({name: getattr(row, name) for name in COUNTS}, row.funds_cny or 0.0)


def _of(cells: dict[tuple[str, str], Figures], *, grade: str = "", industry: str = "") -> Figures:
    def belongs(key: tuple[str, str]) -> bool:
        return industry in ("", key[0]) and grade in ("", key[1])

    return added([part for key, part in cells.items() if belongs(key)])


def _group(cells: dict[tuple[str, str], Figures], industry: str) -> Group:
    return Group(
        key=industry,
        name=INDUSTRY_NAMES[industry],
        total=_of(cells, industry=industry),
        general=_of(cells, industry=industry, grade="general"),
        major=_of(cells, industry=industry, grade="major"),
    )


def _major(row: AnyRow, until: datetime) -> MajorHazard:
    is_rectified = row.closed_at is not None and row.closed_at < until
    plan = row.plan if row.is_planned else {}
    return MajorHazard(
        number=row.number,
        title=row.title,
        site=None if row.site_id is None else Named(row.site_id, row.site_name or ""),
        enterprise=None if row.enterprise_id is None else Named(row.enterprise_id, row.enterprise_name or ""),
        found_on=civil_date(row.reported_at),
        rectified_on=civil_date(row.closed_at) if is_rectified else None,
        due_on=None if row.due_on is None else civil_date(row.due_on),
        listed_level=row.listed_level,
        responsible_person=plan.get("responsible_person"),
        funds_cny=row.funds_cny if row.is_planned else None,
    )
