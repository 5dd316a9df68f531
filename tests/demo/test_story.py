"""The demo's month is possible: real items, permitted moves, every status and both kinds of lateness."""

from collections import Counter
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from shutil import copytree
from typing import get_args

import pytest

from inspect_api.demo.county import County, load_county
from inspect_api.demo.datafile import DATA, DataError
from inspect_api.demo.story_data import Inspection, Story, load_story, moment
from sync.commands import COMMANDS
from sync.entities import Status
from tests.demo.replay import Replay

TODAY = date(2026, 11, 21)


@pytest.fixture(scope="module")
def county() -> County:
    return load_county()


@pytest.fixture(scope="module")
def story(county: County) -> Story:
    return load_story(county)


@pytest.mark.parametrize(
    "today",
    [
        pytest.param(date(2026, 11, 2), id="a month that begins in the National Day holiday"),
        pytest.param(TODAY, id="an ordinary month"),
        pytest.param(date(2027, 1, 5), id="New Year, and a year without its notice"),
    ],
)
def test_each_hazard_ends_as_the_story_says(county: County, story: Story, today: date) -> None:
    replay = Replay(county, story, today)
    told = {key: (plan.finding.ends, plan.finding.late) for key, plan in story.hazards().items()}
    assert {key: (file.hazard.status, replay.late(key)) for key, file in replay.files.items()} == told


def test_every_status_occurs_and_both_parties_are_late(story: Story) -> None:
    ends = [plan.finding for plan in story.hazards().values()]
    assert {finding.ends for finding in ends} == set(get_args(Status))
    late = Counter(finding.late for finding in ends)
    assert late["enterprise"] >= 5
    assert late["regulator"] >= 5
    assert {f.ends for f in ends if f.late == "regulator"} >= {
        "reported",
        "plan_review",
        "verifying",
        "review",
    }
    assert {f.ends for f in ends if f.late == "enterprise"} == {"plan_due", "rectifying"}


def test_what_the_rules_distinguish_occurs(county: County, story: Story) -> None:
    hazards = [file.hazard for file in Replay(county, story, TODAY).files.values()]
    assert {hazard.order_kind for hazard in hazards} == {"self", "urged", "ordered"}
    assert {(hazard.grade, hazard.status) for hazard in hazards} >= {
        ("major", "closed"),
        ("general", "closed"),
    }
    assert any(hazard.suspected_major and hazard.is_open for hazard in hazards)
    assert any(hazard.listed_level for hazard in hazards)
    assert any(hazard.suspended for hazard in hazards)
    assert any(hazard.extension_pending for hazard in hazards)
    assert any(hazard.duplicate_of for hazard in hazards)
    assert any(hazard.repeats for hazard in hazards)
    assert any(hazard.served_at is None for hazard in hazards)
    assert any(hazard.transferred_to for hazard in hazards)


def test_every_command_is_given(story: Story) -> None:
    given = {step.kind for plan in story.hazards().values() for step in plan.steps}
    assert given == set(COMMANDS)


def test_the_month_is_of_the_size_that_was_planned(story: Story) -> None:
    by_role = Counter(inspection.by[0].rstrip("0123456789b") for inspection in story.inspections())
    assert by_role["inspector"] + by_role["officer"] >= 45
    assert by_role["enterprise"] >= 6
    assert len(story.snaps()) >= 8
    assert {i.by[0] for i in story.inspections()} >= {f"inspector{n}" for n in range(1, 11)}
    assert {i.checklist_code for i in story.inspections()} == {
        "hazmat.aq3067-2026",
        "mine.underground-2022-88",
        "construction.major-2024-5",
    }


def test_nobody_is_at_two_places_at_once(story: Story) -> None:
    visits: dict[str, list[Inspection]] = {}
    for inspection in story.inspections():
        for username in inspection.by:
            visits.setdefault(username, []).append(inspection)
    for own in visits.values():
        for before, after in pairwise(sorted(own, key=lambda visit: moment(visit.at, TODAY))):
            left = moment(before.at, TODAY) + timedelta(minutes=before.minutes)
            assert left <= moment(after.at, TODAY), (before.key, after.key)


def test_the_timeline_is_what_the_server_sees(story: Story) -> None:
    timeline = story.timeline(TODAY)
    assert [happening.synced for happening in timeline] == sorted(happening.synced for happening in timeline)
    assert all(happening.synced >= happening.captured for happening in timeline)
    assert any((happening.synced - happening.captured) > timedelta(days=1) for happening in timeline)
    first, last = timeline[0].captured, timeline[-1].synced
    assert first.date() == TODAY - timedelta(days=30)
    assert last.date() == TODAY - timedelta(days=1)
    steps = sum(len(plan.steps) for plan in story.hazards().values())
    assert len(timeline) == len(story.entries) + steps


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "by: [inspector1]",
            "by: [inspector2]",
            r"story\.yaml: row 1: inspector2 does not see housing-wenhua",
        ),
        ("by: [inspector1]", "by: [nobody]", r"story\.yaml: row 1: nobody is not in accounts\.yaml"),
        ("site: housing-wenhua", "site: nowhere", r"story\.yaml: row 1: site nowhere is not in sites\.yaml"),
        (
            'at: "-24 12:10"',
            'at: "-21 12:10"',
            r"story\.yaml: row 1: the steps of wenhua-edge are not in order",
        ),
        ("offline_hours: 5", "offline_hours: 999", r"story\.yaml: row 2: not everything has reached"),
        ("hazard: wenhua-helmet", "hazard: wenhua-edge", r"story\.yaml: row 1: wenhua-edge is there twice"),
        ("key: solar-1", "key: wenhua-1", r"story\.yaml: row 2: wenhua-1 is there twice"),
        ("ends: closed", "ends: finished", r"story\.yaml: row 1: Invalid enum value 'finished'"),
        ("minutes: 70", "minuts: 70", r"story\.yaml: row 1: .*minut"),
    ],
)
def test_a_slip_is_named_by_its_row(county: County, tmp_path: Path, old: str, new: str, message: str) -> None:
    folder = copytree(DATA, tmp_path / "data")
    text = (folder / "story.yaml").read_text("utf-8")
    assert old in text
    (folder / "story.yaml").write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(DataError, match=message):
        load_story(county, folder)
