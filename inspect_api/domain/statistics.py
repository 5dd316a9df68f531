"""What the statutory statistics of hazards count: each figure, its Chinese heading and its definition.

The form is that of Order 16 (2007) art. 14, 24 with the columns of the statistical table of hazard
inspection and treatment (事故隐患排查治理情况统计表) of the State Council's Work Safety Committee Office:
general and major hazards apart, found, rectified and rate, those under a treatment plan and its funds.
"""

from datetime import date
from typing import NamedTuple

from msgspec import Struct

from sync.entities import Named, RegionRef


class Form(Struct, frozen=True, kw_only=True):
    """Which form it is, where it comes from, and how sure that source is."""

    name: str
    source: str
    mark: str


FORM = Form(
    name="事故隐患排查治理情况统计表",
    source="总局令第16号第14条、第24条；栏目参照国务院安委会办公室统计报表",
    mark="high",
)


class Rate(Struct, frozen=True, kw_only=True):
    """A share with what it is a share of; `percent` has two decimals, null for a share of nothing."""

    numerator: int
    denominator: int
    percent: float | None


class Figures(Struct, frozen=True, kw_only=True):
    """Counts of hazards as they were known at the report's moment; `FIGURES` defines each."""

    carried_over: int
    found: int
    found_by_enterprise: int
    found_rectified: int
    rectified: int
    rectified_in_time: int
    rectified_late: int
    open_at_end: int
    overdue_at_end: int
    overdue_by_enterprise: int
    overdue_by_regulator: int
    dismissed: int
    planned: int
    funds_cny: float
    rate: Rate
    cleared: Rate
    on_time: Rate


class Definition(NamedTuple):
    """Heading of the column, what is counted, and by which source."""

    zh: str
    counts: str
    source: str


_ORDER_14 = "总局令第16号第14条"
_TABLE = "国务院安委会办公室统计报表"
_PRODUCT = "本系统口径（非法定）"

FIGURES: dict[str, Definition] = {
    "carried_over": Definition(
        "上期结转", "found before the period began and not rectified by then", _PRODUCT
    ),
    "found": Definition("本期排查", "found in the period, by the day of finding; not the dismissed", _TABLE),
    "found_by_enterprise": Definition(
        "其中企业自查", "of `found`, those that the enterprise found itself", _ORDER_14
    ),
    "found_rectified": Definition("其中已整改", "of `found`, those rectified by the period's end", _TABLE),
    "rectified": Definition(
        "本期整改销号", "cancelled from the register in the period and not reopened since", _TABLE
    ),
    "rectified_in_time": Definition(
        "按期整改",
        "of `rectified`, those handed in for re-inspection (self-found: accepted) by the first due date",
        _PRODUCT,
    ),
    "rectified_late": Definition("逾期整改", "of `rectified`, all others", _PRODUCT),
    "open_at_end": Definition(
        "期末未整改", "carried over or found, and not rectified by the period's end", _PRODUCT
    ),
    "overdue_at_end": Definition(
        "其中已超期", "of `open_at_end`, those with a clock that had run out at the period's end", _PRODUCT
    ),
    "overdue_by_enterprise": Definition(
        "企业超期", "of `overdue_at_end`, those that waited for the enterprise", _PRODUCT
    ),
    "overdue_by_regulator": Definition(
        "监管超期", "of `overdue_at_end`, those that waited for the regulator", _PRODUCT
    ),
    "dismissed": Definition("不予认定", "found in the period and dismissed; in no other figure", _PRODUCT),
    "planned": Definition(
        "列入治理计划", "carried over or found, with an approved five-element plan (五落实)", _TABLE
    ),
    "funds_cny": Definition("落实治理资金（元）", "the funds of the plans in `planned`", _TABLE),
    "rate": Definition("整改率（%）", "`found_rectified` of `found`", _TABLE),
    "cleared": Definition("累计整改率（%）", "`rectified` of `carried_over` and `found`", _PRODUCT),
    "on_time": Definition("按期率（%）", "`rectified_in_time` of `rectified`", _PRODUCT),
}
INSPECTED = "开展排查的企业（家）"
RATES = ("rate", "cleared", "on_time")
COUNTS = tuple(name for name in FIGURES if name not in (*RATES, "funds_cny"))


class Group(Struct, frozen=True, kw_only=True):
    """An industry or grade."""

    key: str
    name: str
    total: Figures
    general: Figures
    major: Figures


class MajorHazard(Struct, frozen=True, kw_only=True):
    """One major hazard of the period as it stood at its end, with its plan where that was approved."""

    number: str
    title: str
    site: Named | None
    enterprise: Named | None
    found_on: date
    rectified_on: date | None
    due_on: date | None
    listed_level: str | None
    responsible_person: str | None
    funds_cny: float | None


class CoveredPeriod(Struct, frozen=True, kw_only=True):
    """`complete`: it was over at the report's moment. `owed_by`: when Order 16 art. 14 wants the report."""

    code: str
    first: date
    last: date
    complete: bool
    owed_by: date | None


class Report(Struct, frozen=True, kw_only=True):
    """The form filled in. `partial`: it counts a part of the region, that which its maker sees.

    `enterprises_inspected` had an inspection in the period, by whomever.
    `majors` are the first 1,000 by number; `majors_left_out` how many more there are.
    """

    form: Form
    period: CoveredPeriod
    region: RegionRef | None
    partial: bool
    enterprises_inspected: int
    total: Figures
    general: Figures
    major: Figures
    industries: list[Group]
    majors: list[MajorHazard]
    majors_left_out: int


def rate(numerator: int, denominator: int) -> Rate:
    """With its percentage, rounded to two decimals."""
    percent = round(100 * numerator / denominator, 2) if denominator else None
    return Rate(numerator=numerator, denominator=denominator, percent=percent)


def figures(counts: dict[str, int], funds_cny: float) -> Figures:
    """Counts by name with the rates that follow from them."""
    return Figures(
        **counts,
        funds_cny=round(funds_cny, 2),
        rate=rate(counts["found_rectified"], counts["found"]),
        cleared=rate(counts["rectified"], counts["carried_over"] + counts["found"]),
        on_time=rate(counts["rectified_in_time"], counts["rectified"]),
    )


def added(parts: list[Figures]) -> Figures:
    """Figures of disjoint parts taken together."""
    sums = {name: sum(getattr(part, name) for part in parts) for name in COUNTS}
    return figures(sums, sum(part.funds_cny for part in parts))


class Difference(Struct, frozen=True, kw_only=True):
    """A figure that an edition corrects: a JSON pointer into the report, its heading, before and after."""

    pointer: str
    name: str
    before: float
    after: float


def differences(old: Report, new: Report) -> list[Difference]:
    """What a new edition says otherwise than the one it replaces: every count and sum of money."""
    before, after = _leaves(old), _leaves(new)
    found: list[Difference] = []
    for pointer in dict.fromkeys([*before, *after]):
        was, now = before.get(pointer, 0), after.get(pointer, 0)
        if was != now:
            figure = FIGURES.get(pointer.rpartition("/")[2])
            name = figure.zh if figure is not None else INSPECTED
            found.append(Difference(pointer=pointer, name=name, before=was, after=now))
    return found


def _leaves(report: Report) -> dict[str, float]:
    """By pointer; an industry by its key, for the two may list others."""
    parts = {"/total": report.total, "/general": report.general, "/major": report.major}
    for group in report.industries:
        for grade in ("total", "general", "major"):
            parts[f"/industries/{group.key}/{grade}"] = getattr(group, grade)
    leaves: dict[str, float] = {"/enterprises_inspected": report.enterprises_inspected}
    return leaves | {
        f"{place}/{name}": getattr(part, name)
        for place, part in parts.items()
        for name in (*COUNTS, "funds_cny")
    }
