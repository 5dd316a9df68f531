"""How far the enterprises that are to be inspected were inspected, which were not, and who answers for them.

It tells of enterprises, never of persons: nobody is ranked by log-ins, mileage or time online (national rule
of 2023-12-18).
"""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from msgspec import Struct

from inspect_api.actions.entities import person
from inspect_api.actions.report_hazards import known_when, period_of, region_asked
from inspect_api.actions.show_risk import sees_a_part
from inspect_api.actions.work import TOWNSHIP_DIGITS, Work
from inspect_api.domain.coverage import CoverageRule, Target
from inspect_api.domain.deadline import ANY, Mark
from inspect_api.domain.period import Period
from inspect_api.domain.statistics import Rate, rate
from inspect_api.errors import Code
from inspect_api.store import coverage_queries, regions
from inspect_api.store.coverage_queries import Owed
from inspect_api.store.paging import Asked, Place, encode_cursor, open_page, question
from inspect_api.store.schema import AnyRow
from sync.bodies import Industry
from sync.entities import Named, Person, RegionRef


class Window(Struct, frozen=True, kw_only=True):
    """A month, quarter or year in which each enterprise was to be inspected; `complete`: it is over."""

    code: str
    complete: bool
    inspected: Rate


class RuleCoverage(Struct, frozen=True, kw_only=True):
    """`inspected` counts the enterprises that were inspected in every window so far."""

    rule: str
    target: Target
    text: str
    every_months: int
    source: str
    mark: Mark
    inspected: Rate
    windows: list[Window]


class Missed(Struct, frozen=True, kw_only=True):
    """The windows of a rule in which nobody inspected."""

    rule: str
    windows: list[str]


class Uncovered(Struct, frozen=True, kw_only=True):
    """An enterprise that was left out, and who answers for it: its township, its grid, its inspectors."""

    enterprise: Named
    industry: Industry
    region: RegionRef
    township: RegionRef
    grid_code: str | None
    inspectors: list[Person]
    missed: list[Missed]


class CoverageReport(Struct, frozen=True, kw_only=True):
    """Every page has all of `rules`; `items` are the enterprises left out, by id."""

    period: str
    region: RegionRef | None
    partial: bool
    as_of: datetime
    rules: list[RuleCoverage]
    items: list[Uncovered]
    cursor: str | None


class _Ruled(NamedTuple):
    rule: CoverageRule
    owed: Owed


def report_coverage(
    work: Work, code: str, region: str | None, limit: int, cursor: str | None, as_of: datetime | None
) -> CoverageReport:
    """Of enterprises with a site that the caller sees. Raises Refusal(MALFORMED_QUERY, CURSOR_INVALID)."""
    period = period_of(work, code, Code.MALFORMED_QUERY, "/query/period")
    region, moment = region_asked(work, region), known_when(work, as_of, period)
    asked, after = open_page(
        cursor, Asked(work.who.id, question("coverage", code, region, as_of), moment), work.now
    )
    ruled = _rules(work, period, region, asked.as_of)
    rows = _missed(work, ruled, None if after is None else after.id, limit + 1)
    ids = sorted(rows)[:limit]
    end = Place(None, ids[-1]) if len(rows) > limit else None
    return CoverageReport(
        period=code,
        region=None
        if region is None
        else RegionRef(region, regions.names(work.tx, [region]).get(region, "")),
        partial=region is None or sees_a_part(work.who, region),
        as_of=asked.as_of,
        rules=[_coverage(work, one) for one in ruled],
        items=_uncovered(work, [rows[one] for one in ids]),
        cursor=encode_cursor(asked, end),
    )


def _rules(work: Work, period: Period, region: str | None, moment: datetime) -> list[_Ruled]:
    """Those that are in force in a window that has begun."""
    found: list[_Ruled] = []
    for rule in work.rules.coverage.rules:
        windows = [window for window in rule.windows(period) if window.begins <= moment]
        if windows:
            here = "" if rule.region == ANY else rule.region
            elsewhere, parks = work.rules.coverage.before(rule, windows[0].first), rule.target == "park"
            owed = Owed(work.who, region, here, elsewhere, rule.industries, parks, windows, moment)
            found.append(_Ruled(rule, owed))
    return found


def _coverage(work: Work, ruled: _Ruled) -> RuleCoverage:
    rule, owed = ruled
    total, every, each = coverage_queries.count(work.tx, owed)
    windows = zip(owed.windows, each, strict=True)
    return RuleCoverage(
        rule=rule.id,
        target=rule.target,
        text=rule.zh,
        every_months=rule.every_months,
        source=rule.source,
        mark=rule.mark,
        inspected=rate(every, total),
        windows=[
            Window(code=window.code, complete=window.ends <= owed.known_at, inspected=rate(made, total))
            for window, made in windows
        ],
    )


def _missed(
    work: Work, ruled: list[_Ruled], after: UUID | None, most: int
) -> dict[UUID, tuple[AnyRow, list[Missed]]]:
    """The first ones after a place, each with all that was missed: what comes later in one rule's list lies
    after the page's end in the other's too."""
    found: dict[UUID, tuple[AnyRow, list[Missed]]] = {}
    for rule, owed in ruled:
        for row in coverage_queries.missed(work.tx, owed, after, most):
            codes = [window.code for n, window in enumerate(owed.windows) if not row._mapping[f"w{n}"]]
            found.setdefault(row.id, (row, []))[1].append(Missed(rule=rule.id, windows=codes))
    return found


def _uncovered(work: Work, rows: list[tuple[AnyRow, list[Missed]]]) -> list[Uncovered]:
    codes = {
        row.region_code[:digits] for row, _ in rows for digits in (TOWNSHIP_DIGITS, len(row.region_code))
    }
    names = regions.names(work.tx, codes)
    people = coverage_queries.inspectors(work.tx, {row.grid_code for row, _ in rows if row.grid_code})
    return [
        Uncovered(
            enterprise=Named(row.id, row.name),
            industry=row.industry,
            region=RegionRef(row.region_code, names.get(row.region_code, "")),
            township=RegionRef(code := row.region_code[:TOWNSHIP_DIGITS], names.get(code, "")),
            grid_code=row.grid_code,
            inspectors=[person(one.id, one.name, one.role) for one in people.get(row.grid_code, [])],
            missed=missed,
        )
        for row, missed in rows
    ]
