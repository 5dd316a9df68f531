"""Statistics: asked for, issued, and as a workbook."""

from typing import Annotated

from litestar import Response
from msgspec import Meta, Struct

from inspect_api.actions import issue_report
from inspect_api.actions.issue_report import IssueReport, PeriodCode, ShownReport
from inspect_api.actions.report_coverage import CoverageReport, report_coverage
from inspect_api.actions.work import Work
from inspect_api.http.asked import Answer, Asked
from inspect_api.http.cells import XLSX
from inspect_api.http.lists import CursorText, Limit
from inspect_api.store.matching import RegionPrefix
from sync.times import Moment, check_moments


class ReportQuery(Struct, frozen=True, kw_only=True):
    """`as_of`: as far as things were known at a past moment; `edition`: as it was issued, by its number."""

    period: PeriodCode
    region: RegionPrefix | None = None
    edition: Annotated[int, Meta(ge=1, le=100_000)] | None = None
    as_of: Moment | None = None

    def __post_init__(self) -> None:
        check_moments(self.as_of)


def show(work: Work, asked: Asked) -> ShownReport:
    """GET /reports/hazards"""
    query = asked.query_as(ReportQuery)
    return issue_report.show_report(work, query.period, query.region, query.edition, query.as_of)


def issue(work: Work, asked: Asked) -> Answer:
    """POST /reports/hazards"""
    return Answer(issue_report.issue_report(work, asked.body_as(IssueReport)))


class CoverageQuery(Struct, frozen=True, kw_only=True):
    """`as_of`: by the inspections that had been handed in at a past moment."""

    period: PeriodCode
    region: RegionPrefix | None = None
    as_of: Moment | None = None
    limit: Limit = 50
    cursor: CursorText | None = None

    def __post_init__(self) -> None:
        check_moments(self.as_of)


def coverage(work: Work, asked: Asked) -> CoverageReport:
    """GET /reports/coverage"""
    query = asked.query_as(CoverageQuery)
    return report_coverage(work, query.period, query.region, query.limit, query.cursor, query.as_of)


async def workbook(asked: Asked) -> Response[bytes]:
    """GET /reports/hazards.xlsx"""
    from inspect_api.http.report_workbook import write_workbook  # noqa: PLC0415  (openpyxl: 8 MB, seldom asked for)

    threads, query = asked.threads, asked.query_as(ReportQuery)

    def make() -> tuple[str, bytes]:
        shown = asked.look(lambda work: show(work, asked), of_a_moment=True)
        return query.period, write_workbook(shown)

    name, content = await threads.run(threads.readers, make)
    headers = {
        "Cache-Control": "no-store",
        "Content-Disposition": f'attachment; filename="hazards-{name}.xlsx"',
    }
    return Response(content, headers=headers, media_type=XLSX)
