"""A year's notice as a file: what is taken from it, and every mistake with its line."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from inspect_api.domain.holiday_notice import read_notice
from inspect_api.domain.rulefiles import RuleFileError

INVENTED = Path(__file__).parent.parent / "data" / "holidays_2027_invented.json"
TEXT = INVENTED.read_text("utf-8")


def test_only_days_that_the_weekday_does_not_tell_are_taken() -> None:
    notice = read_notice(TEXT, "2027.json")
    assert (notice.year, notice.source[:18]) == (2027, "https://www.gov.cn")
    days = {day.date: day.is_workday for day in notice.days}
    assert days[date(2026, 12, 26)] is True  # a Saturday that is worked, by the notice of the year after it
    assert days[date(2026, 12, 31)] is False
    assert date(2027, 1, 2) not in days  # a Saturday off, as ever


@pytest.mark.parametrize(
    ("old", "new", "line", "field", "word"),
    [
        ('"2027-01-01"', '"2027-13-01"', 7, "days[2].date", "not a date"),
        ('"2027-01-01"', '"2026-11-30"', 7, "days[2].date", "neither in 2027"),
        ('"2027-01-02"', '"2027-01-01"', 8, "days[3].date", "given twice"),
        (
            '"2027-01-01", "isOffDay": true',
            '"2027-01-01", "isOffDay": "no"',
            7,
            "days[2].isOffDay",
            "none of",
        ),
        ('"2027-01-01", "isOffDay"', '"2027-01-01", "off"', 7, "days[2].isOffDay", "is missing"),
        ("端午节", "放假", 4, "days", "no day off for 端午"),
        ('"year": 2027', '"year": "soon"', 2, "year", "whole number"),
    ],
)
def test_a_mistake_is_named_with_its_line(old: str, new: str, line: int, field: str, word: str) -> None:
    text = TEXT.replace(old, new, 1)
    with pytest.raises(RuleFileError) as caught:
        read_notice(text, "2027.json")
    first = caught.value.faults[0]
    assert (first.line, first.field) == (line, field)
    assert word in first.detail


def test_a_year_that_is_not_announced_yet_is_no_notice() -> None:
    empty: dict[str, Any] = {"year": 2027, "papers": [], "days": []}
    with pytest.raises(RuleFileError) as caught:
        read_notice(json.dumps(empty), "2027.json")
    assert [fault.field for fault in caught.value.faults] == ["papers", "days"]
