"""The statutory form as a workbook: written row by row, every text a text whatever it begins with."""

from collections.abc import Iterable, Iterator
from tempfile import TemporaryFile

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

from inspect_api.actions.issue_report import Edition, ShownReport
from inspect_api.domain.calendar import CIVIL
from inspect_api.domain.statistics import FIGURES, INSPECTED, RATES, Figures, MajorHazard, Report
from inspect_api.domain.words import GRADE_NAMES
from inspect_api.http.cells import in_xml, may_run

Value = str | int | float | None

_MAJOR_HEADINGS = (
    "编号", "隐患", "场所", "企业", "排查日期", "整改期限", "整改日期", "挂牌督办", "整改责任人",
    "治理资金（元）",
)  # fmt: skip
_LEVELS = {"county": "县级", "city": "市级", "province": "省级", "state": "国家级"}
_WIDTH = 14


def write_workbook(shown: ShownReport) -> bytes:
    """Two sheets, the table and the major hazards; a report is bounded, and so is this."""
    book = Workbook(write_only=True)
    _write(book, "统计表", _table(shown))
    _write(book, "重大事故隐患", _majors(shown.report))
    if shown.edition is not None and shown.edition.replaces is not None:
        _write(book, "更正", _corrections(shown.edition))
    with TemporaryFile() as file:
        book.save(file)
        file.seek(0)
        return file.read()


def _write(book: Workbook, title: str, rows: Iterable[tuple[bool, tuple[Value, ...]]]) -> None:
    sheet = book.create_sheet(title)
    for letter in "ABCDEFGHIJKLMNOPQRSTU":
        sheet.column_dimensions[letter].width = _WIDTH
    for is_heading, values in rows:
        sheet.append([_cell(sheet, value, is_heading) for value in values])


def _cell(sheet: object, value: Value, is_heading: bool) -> WriteOnlyCell:
    text = in_xml(value) if isinstance(value, str) else value
    cell = WriteOnlyCell(sheet, text)
    if isinstance(text, str):
        cell.data_type = "s"  # openpyxl takes what begins with = for a formula
        cell.quotePrefix = may_run(text)
    if is_heading:
        cell.font = Font(bold=True)
    return cell


def _table(shown: ShownReport) -> Iterator[tuple[bool, tuple[Value, ...]]]:
    report = shown.report
    yield True, (report.form.name,)
    yield False, ("依据", report.form.source)
    yield False, ("统计期", f"{report.period.first} 至 {report.period.last}")
    region = report.region
    yield False, ("地区", f"{region.name} {region.code}".strip() if region else "可见范围")
    if report.partial:
        yield False, ("说明", "仅统计制表人可见的部分")
    yield False, ("截至", f"{shown.as_of.astimezone(CIVIL):%Y-%m-%d %H:%M}")
    edition = shown.edition
    if edition is not None:
        yield False, ("版次", edition.n, "签发人", edition.issued_by.name, "SHA-256", edition.sha256)
    elif not report.period.complete:
        yield False, ("说明", "统计期尚未结束")
    yield False, (INSPECTED, report.enterprises_inspected)
    yield False, ()
    yield True, ("行业", "隐患级别", *(figure.zh for figure in FIGURES.values()))
    parts = (("general", report.general), ("major", report.major))
    yield False, ("合计", "合计", *_values(report.total))
    for grade, part in parts:
        yield False, ("合计", GRADE_NAMES[grade], *_values(part))
    for group in report.industries:
        yield False, (group.name, GRADE_NAMES["general"], *_values(group.general))
        yield False, (group.name, GRADE_NAMES["major"], *_values(group.major))
    yield False, ()
    yield False, ("主要负责人（签字）", "", "填表人", "", "报出日期")


def _values(part: Figures) -> Iterator[Value]:
    for name in FIGURES:
        value = getattr(part, name)
        yield value.percent if name in RATES else value


def _majors(report: Report) -> Iterator[tuple[bool, tuple[Value, ...]]]:
    yield True, _MAJOR_HEADINGS
    for major in report.majors:
        yield False, _major(major)
    if report.majors_left_out:
        yield False, (f"另有 {report.majors_left_out} 项未列出",)


def _major(major: MajorHazard) -> tuple[Value, ...]:
    return (
        major.number,
        major.title,
        major.site.name if major.site else None,
        major.enterprise.name if major.enterprise else None,
        *(None if day is None else str(day) for day in (major.found_on, major.due_on, major.rectified_on)),
        _LEVELS.get(major.listed_level or ""),
        major.responsible_person,
        major.funds_cny,
    )


def _corrections(edition: Edition) -> Iterator[tuple[bool, tuple[Value, ...]]]:
    yield True, ("更正的版次", "位置", "指标", "原数", "现数")
    for change in edition.differences:
        yield False, (edition.replaces, change.pointer, change.name, change.before, change.after)
