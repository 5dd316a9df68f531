"""Who was to be inspected, who was, who was not and who answers for it; nobody is ranked."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from inspect_api.actions.own_rules import load_coverage
from inspect_api.actions.report_coverage import CoverageReport, report_coverage
from inspect_api.actions.work import Work
from inspect_api.domain.calendar import CIVIL
from inspect_api.domain.coverage import CoverageRules
from inspect_api.settings import SettingsError
from inspect_api.store.sites import SITE
from tests.actions.bench import Bench
from tests.actions.county import HERE, account_id, enterprise_id, site_id

COUNTY_RULE = """
rules:
- id: own.tailings
  target: key_industry
  industries: [hazmat]
  region: "652327101"
  every_months: 3
  in_force: {from: 2027-01-01, to: null}
  source: 县安委会文件
  mark: local policy
  note: {zh: 三台镇每季度一次, en: quarterly in Santai}
"""


def ask(
    bench: Bench, period: str, who: str = "county", *, limit: int = 200, cursor: str | None = None,
    as_of: datetime | None = None, rules: CoverageRules | None = None,
) -> CoverageReport:  # fmt: skip
    def look(work: Work) -> CoverageReport:
        if rules is not None:
            work.rules = work.rules._replace(coverage=rules)
        return report_coverage(work, period, None, limit, cursor, as_of)

    return bench.app.read(look, bench.caller(who))


def go_to(bench: Bench, day: str) -> None:
    bench.clock.set(datetime.fromisoformat(day).replace(hour=10, tzinfo=CIVIL))


def told(report: CoverageReport) -> dict[str, list[tuple[str, int, int]]]:
    """Rule -> each window with how many of how many were inspected."""
    return {
        rule.rule: [(w.code, w.inspected.numerator, w.inspected.denominator) for w in rule.windows]
        for rule in report.rules
    }


def left_out(report: CoverageReport) -> dict[str, dict[str, list[str]]]:
    return {
        item.enterprise.name: {one.rule: one.windows for one in item.missed}
        for item in sorted(report.items, key=lambda one: one.enterprise.name)
    }


@pytest.fixture
def park(bench: Bench) -> Any:
    """三台矿业 lies in a park; all three enterprises of the small county count as hazmat."""
    here = SITE.c.id == site_id("矿井")
    with bench.app.db.write() as tx:
        tx.execute(sa.update(SITE).where(here).values(facts={"park": "三台工业园"}))
    yield
    with bench.app.db.write() as tx:
        tx.execute(sa.update(SITE).where(here).values(facts={}))


def a_quarter(bench: Bench) -> None:
    for day, who, site in (
        ("2027-07-10", "inspector1", "罐区"),
        ("2027-08-31", "officer1", "装卸站"),
        ("2027-09-02", "enterprise1", "罐区"),
        ("2027-09-05", "inspector2", "矿井"),
    ):
        go_to(bench, day)
        bench.do(who, bench.inspect(site=site))
    go_to(bench, "2027-10-01")


def test_who_was_left_out_and_who_answers(bench: Bench, park: None) -> None:
    a_quarter(bench)
    report = ask(bench, "2027Q3")
    key, parks = "coverage.key-industry", "coverage.park"
    assert told(report) == {
        key: [("2027-07", 1, 2), ("2027-08", 1, 2), ("2027-09", 1, 2)],
        parks: [("2027", 1, 1)],
    }
    assert [rule.inspected.percent for rule in report.rules] == [0.0, 100.0]
    assert left_out(report) == {
        "三台矿业": {key: ["2027-07", "2027-08"]},
        "天山化工": {key: ["2027-09"]},
    }
    item = next(item for item in report.items if item.enterprise.id == enterprise_id("天山化工"))
    assert (item.township.name, item.region.name, item.grid_code) == ("吉木萨尔镇", "文化社区", HERE)
    assert [one.id for one in item.inspectors] == sorted([account_id("inspector1"), account_id("inspector3")])


def test_what_an_enterprise_inspects_itself_counts_for_nothing_and_neither_does_a_closed_door(
    bench: Bench,
) -> None:
    go_to(bench, "2027-07-10")
    bench.do("enterprise1", bench.inspect(site="罐区"))
    visit = {"site_id": str(site_id("罐区")), "result": "closed"}
    bench.do("inspector1", bench.op("visit.record", account_id("visit"), visit))
    assert told(ask(bench, "2027-07")) == {
        "coverage.key-industry": [("2027-07", 0, 2)],
        "coverage.park": [("2027", 0, 0)],
    }


def test_coverage_is_as_it_was_known_and_as_far_as_the_caller_sees(bench: Bench, park: None) -> None:
    a_quarter(bench)
    early = ask(bench, "2027Q3", as_of=datetime(2027, 8, 15, tzinfo=CIVIL))
    assert told(early)["coverage.key-industry"] == [("2027-07", 1, 2), ("2027-08", 0, 2)]
    assert [w.complete for w in early.rules[0].windows] == [True, False]
    assert told(ask(bench, "2027Q3", "inspector2"))["coverage.key-industry"][0] == ("2027-07", 0, 1)
    assert {item.enterprise.name for item in ask(bench, "2027Q3", "enterprise2").items} == {"三台矿业"}
    assert told(ask(bench, "2027Q3", "officer9"))["coverage.key-industry"] == [
        ("2027-07", 0, 1), ("2027-08", 0, 1), ("2027-09", 0, 1),
    ]  # fmt: skip


def test_pages_of_one_enterprise(bench: Bench, park: None) -> None:
    go_to(bench, "2027-10-01")
    whole, cursor, items = ask(bench, "2027", "city"), None, []
    while True:
        page = ask(bench, "2027", "city", limit=1, cursor=cursor)
        items += page.items
        assert page.rules == whole.rules
        if (cursor := page.cursor) is None:
            break
    assert items == whole.items
    assert [item.enterprise.id for item in items] == sorted(
        map(enterprise_id, ("天山化工", "三台矿业", "木垒石化"))
    )
    assert {one.rule for item in items for one in item.missed} == {"coverage.key-industry", "coverage.park"}


def test_a_county_has_a_rule_of_its_own(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "coverage.yaml").write_text(COUNTY_RULE, encoding="utf-8")
    a_quarter(bench)
    report = ask(bench, "2027Q3", rules=load_coverage(str(tmp_path)))
    assert told(report)["own.tailings"] == [("2027Q3", 1, 1)]
    assert told(report)["coverage.key-industry"] == [("2027-07", 1, 1), ("2027-08", 1, 1), ("2027-09", 0, 1)]


@pytest.mark.parametrize(
    ("was", "wrong", "told"),
    [
        (
            "every_months: 3",
            "every_months: 5",
            "coverage.yaml:7: rules[0].every_months: 5 is none of 1, 3, 12",
        ),
        ('region: "652327101"', "region: any", "a county's own rule names its region"),
        ('region: "652327101"', 'region: "6523%"', "is neither `any` nor a code"),
        ("id: own.tailings", "id: coverage.park", "is the id of a rule that ships"),
        ("[hazmat]", "[hazmat, any]", "is either `any` or a list"),
        ("[hazmat]", "[shop]", "'shop' is none of"),
        ("to: null", "to: 2026-01-01", "is before 2027-01-01"),
        ("mark: local policy", "marks: high", "is not a known field"),
    ],
)
def test_a_mistake_in_a_rule_is_told_with_its_place(tmp_path: Path, was: str, wrong: str, told: str) -> None:
    (tmp_path / "coverage.yaml").write_text(COUNTY_RULE.replace(was, wrong), encoding="utf-8")
    with pytest.raises(SettingsError) as refused:
        load_coverage(str(tmp_path))
    assert told in str(refused.value)
