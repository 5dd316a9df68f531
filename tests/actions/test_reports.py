"""Statutory statistics: what happened in a period, as it was known at a moment; editions never change."""

import hashlib
import json
from datetime import datetime
from io import BytesIO
from itertools import pairwise
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa
from openpyxl import load_workbook

from inspect_api.actions.issue_report import IssueReport, ShownReport, issue_report, show_report
from inspect_api.domain.calendar import CIVIL
from inspect_api.domain.statistics import COUNTS, FIGURES, Figures
from inspect_api.errors import Code, Refusal
from inspect_api.http.report_workbook import write_workbook
from inspect_api.store.editions import REPORT_EDITION
from tests.actions.bench import GENERAL, MAJOR, Bench, found_at, sha
from tests.actions.county import account_id, site_id
from tests.actions.story import Story
from tests.actions.test_loop import PLAN


def ask(
    bench: Bench, period: str, who: str = "county", *, region: str | None = None, edition: int | None = None,
    as_of: datetime | None = None,
) -> ShownReport:  # fmt: skip
    return bench.app.read(lambda work: show_report(work, period, region, edition, as_of), bench.caller(who))


def issue(bench: Bench, period: str, who: str = "county", region: str = "652327") -> ShownReport:
    wanted = IssueReport(period=period, region=region)
    return bench.app.write(lambda work: issue_report(work, wanted), bench.caller(who))


def told(part: Figures) -> dict[str, int]:
    """The counts that are not nought."""
    return {name: count for name in COUNTS if (count := getattr(part, name))}


def at(day: str) -> datetime:
    return datetime.fromisoformat(day).replace(hour=10, tzinfo=CIVIL)


def go_to(bench: Bench, day: str) -> None:
    bench.clock.set(at(day))


def year_of_work(bench: Bench) -> dict[str, Any]:
    """Found in the third quarter of 2027, or before; some rectified, in time or late, some never."""
    found: dict[str, Any] = {}

    def find(day: str, name: str, who: str = "officer1", item: str = GENERAL[0], **more: Any) -> None:
        go_to(bench, day)
        op = bench.inspect(item, **more)
        bench.do(who, op)
        found[name] = found_at(op, item)

    def fix(day: str, name: str, seen: str) -> None:
        go_to(bench, day)
        bench.do("enterprise1", bench.rectify(found[name], photos=[sha(name)]))
        go_to(bench, seen)
        bench.give("officer2", "verify", found[name], passed=True, comment="合格")

    find("2027-06-20", "before")
    find("2027-07-05", "in time")
    fix("2027-07-10", "in time", "2027-07-12")
    find("2027-07-20", "late")
    fix("2027-08-25", "late", "2027-08-26")
    find("2027-08-30", "not one")
    bench.give("county", "dismiss", found["not one"], reason="不构成隐患")
    find("2027-09-01", "open")
    find("2027-09-02", "own", "enterprise1", site="装卸站")
    find("2027-09-03", "major", item=MAJOR[0])
    bench.give("enterprise1", "submit_plan", found["major"], due_at="2027-12-09T18:00:00+08:00", **PLAN)
    bench.give("county", "decide_plan", found["major"], approved=True)
    fix("2027-09-28", "before", "2027-10-02")
    return found


Q3 = {
    "carried_over": 1, "found": 5, "found_by_enterprise": 1, "found_rectified": 2, "rectified": 2,
    "rectified_in_time": 1, "rectified_late": 1, "open_at_end": 4, "overdue_at_end": 3,
    "overdue_by_enterprise": 3, "dismissed": 1, "planned": 1,
}  # fmt: skip


def test_a_quarter_by_the_form(bench: Bench) -> None:
    year_of_work(bench)
    report = ask(bench, "2027Q3").report
    assert told(report.total) == Q3
    assert (report.period.complete, report.period.owed_by) == (True, at("2027-10-15").date())
    rate = report.total.rate
    assert (rate.numerator, rate.denominator, rate.percent) == (2, 5, 40.0)
    assert report.total.cleared.percent == 33.33
    assert (report.major.found, report.major.planned, report.major.funds_cny) == (1, 1, 120_000.0)
    (major,) = report.majors
    assert (major.responsible_person, major.funds_cny, major.rectified_on) == ("赵强", 120_000.0, None)
    assert [(group.key, told(group.total) == Q3) for group in report.industries] == [("hazmat", True)]
    assert report.enterprises_inspected == 1
    assert told(ask(bench, "2027Q3", "enterprise2").report.total) == {}
    august = told(ask(bench, "2027-08").report.total)
    assert (august["carried_over"], august["rectified_late"], august["dismissed"]) == (2, 1, 1)


def test_quarters_join_and_add_up(bench: Bench) -> None:
    """As known at one moment: what one leaves open the next takes over, and four quarters are the year."""
    bench.clock.set(at("2027-01-04"))
    for _ in Story(bench, 5).steps(90):
        pass
    moment = bench.now()
    year = 2027
    quarters = [
        ask(bench, f"{year}Q{n}", as_of=moment).report
        for n in (1, 2, 3, 4)
        if at(f"{year}-{3 * n - 2:02}-01") < moment
    ]
    assert len(quarters) > 1
    whole = ask(bench, f"{year}", as_of=moment).report
    for name in (
        "found",
        "found_by_enterprise",
        "rectified",
        "rectified_in_time",
        "rectified_late",
        "dismissed",
    ):
        assert sum(getattr(one.total, name) for one in quarters) == getattr(whole.total, name)
    for one, following in pairwise(quarters):
        assert one.total.open_at_end == following.total.carried_over
    for part in (
        one for report in [*quarters, whole] for one in (report.total, report.major, report.general)
    ):
        assert part.carried_over + part.found - part.rectified == part.open_at_end
        assert part.rectified_in_time + part.rectified_late == part.rectified
        assert (
            part.overdue_by_enterprise + part.overdue_by_regulator == part.overdue_at_end <= part.open_at_end
        )
    assert whole.total.found > 20
    assert whole.total.rectified > 0


def test_a_figure_is_as_it_was_known(bench: Bench) -> None:
    found = year_of_work(bench)
    moment = bench.now()
    then = ask(bench, "2027Q3").report
    go_to(bench, "2027-11-01")
    bench.give("county", "reopen", found["in time"], reason="群众举报")
    bench.give("county", "dismiss", found["open"], reason="重复")
    now = ask(bench, "2027Q3").report
    assert told(now.total) == {name: count for name, count in Q3.items() if name != "rectified_in_time"} | {
        "found": 4, "found_rectified": 1, "rectified": 1, "overdue_at_end": 2, "overdue_by_enterprise": 2,
        "dismissed": 2,
    }  # fmt: skip
    assert ask(bench, "2027Q3", as_of=moment).report == then
    early = ask(bench, "2027Q3", as_of=at("2027-07-15")).report
    assert (early.period.complete, told(early.total)) == (
        False,
        {"carried_over": 1, "found": 1, "found_rectified": 1, "rectified": 1, "rectified_in_time": 1,
         "open_at_end": 1, "overdue_at_end": 1, "overdue_by_enterprise": 1},
    )  # fmt: skip


def test_an_edition_is_frozen_and_a_correction_makes_another(bench: Bench) -> None:
    found = year_of_work(bench)
    first = issue(bench, "2027Q3")
    assert first.edition is not None
    assert (first.edition.n, first.edition.replaces, first.edition.issued_by.id) == (
        1,
        None,
        account_id("county"),
    )
    bench.wait(days=1)
    assert issue(bench, "2027Q3").edition == first.edition, "nothing has changed"
    bench.give("county", "reopen", found["in time"], reason="群众举报")
    second = issue(bench, "2027Q3", "county2")
    assert second.edition is not None
    assert (second.edition.n, second.edition.replaces) == (2, 1)
    corrected = {change.pointer: (change.before, change.after) for change in second.edition.differences}
    assert corrected["/total/rectified"] == (2, 1)
    assert corrected["/industries/hazmat/general/open_at_end"] == (3, 4)
    old = ask(bench, "2027Q3", edition=1)
    assert (old.report, old.as_of, old.edition) == (first.report, first.as_of, first.edition)
    assert [one.n for one in old.editions] == [1, 2]
    plain = msgspec.json.decode(msgspec.json.encode(old.report))
    text = json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    assert hashlib.sha256(text.encode()).hexdigest() == first.edition.sha256
    with pytest.raises(sa.exc.DBAPIError, match="append-only"), bench.app.db.write() as tx:
        tx.execute(sa.update(REPORT_EDITION).values(n=3))


def test_who_may_issue_and_who_sees_what_was_issued(bench: Bench) -> None:
    year_of_work(bench)
    go_to(bench, "2027-10-05")
    issue(bench, "2027Q3")
    assert ask(bench, "2027Q3", "city", region="652327", edition=1).edition is not None
    bench.dress("officer1", "officer1", excluded=("652327101",))
    bench.dress("officer2", "officer2", industries=frozenset({"mine"}))
    for who in ("officer1", "officer2", "officer9", "inspector1", "enterprise1"):
        with pytest.raises(Refusal) as refused:
            ask(bench, "2027Q3", who, region="652327", edition=1)
        assert refused.value.code is Code.NOT_FOUND
        assert ask(bench, "2027Q3", who, region="652327").editions == []
    for period, region, pointer in (
        ("2027Q3", "6523", "/region"), ("2027Q3", "652327999", "/region"), ("2027", "652327", "/period"),
        ("2030Q1", "652327", "/period"), ("2007Q4", "652327", "/period"),
    ):  # fmt: skip
        with pytest.raises(Refusal) as refused:
            issue(bench, period, region=region)
        assert refused.value.faults[0].pointer == pointer
    bench.dress("officer1", "officer1", excluded=())
    bench.dress("officer2", "officer2", industries=frozenset())


def test_the_workbook_holds_the_form_and_no_formula(bench: Bench) -> None:
    with bench.app.db.write() as tx:
        from inspect_api.store.sites import SITE

        name = '=HYPERLINK("http://evil.example","罐区")'
        tx.execute(sa.update(SITE).where(SITE.c.id == site_id("罐区")).values(name=name))
    year_of_work(bench)
    book = load_workbook(BytesIO(write_workbook(issue(bench, "2027Q3"))))
    rows = [[cell.value for cell in row] for row in book["统计表"].iter_rows()]
    heading = next(row for row in rows if row[0] == "行业")
    assert heading[2:] == [figure.zh for figure in FIGURES.values()]
    total = dict(zip(heading, next(row for row in rows if row[0] == "合计"), strict=True))
    assert (total["本期排查"], total["整改率（%）"]) == (5, 40)
    assert rows[0][0] == "事故隐患排查治理情况统计表"
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "inlineStr", "n"}
    (strange,) = [cell for cell in cells if cell.value == name]
    assert strange.quotePrefix
    with bench.app.db.write() as tx:
        tx.execute(sa.update(SITE).where(SITE.c.id == site_id("罐区")).values(name="罐区"))


def test_late_evidence_corrects_what_was_counted_as_late(bench: Bench) -> None:
    """The report of the enterprise stood on a phone; statistics that were issued stay as they were issued."""
    go_to(bench, "2027-07-01")
    op = bench.inspect(GENERAL[0])
    bench.do("officer1", op)
    hazard = found_at(op, GENERAL[0])
    go_to(bench, "2027-07-10")
    report = bench.rectify(hazard, photos=[sha("后")])
    go_to(bench, "2027-08-01")
    bench.do("enterprise1", report)
    bench.give("officer2", "verify", hazard, passed=True, comment="合格")
    go_to(bench, "2027-10-08")
    first = issue(bench, "2027Q3")
    assert (first.report.total.rectified_in_time, first.report.total.rectified_late) == (0, 1)
    bench.give("county", "decide_evidence", hazard, in_time=True, reason="照片与采购单一致")
    second = issue(bench, "2027Q3")
    assert second.edition is not None
    assert {(change.name, change.before, change.after) for change in second.edition.differences} == {
        ("按期整改", 0, 1), ("逾期整改", 1, 0),
    }  # fmt: skip
    assert ask(bench, "2027Q3", edition=1).report == first.report
