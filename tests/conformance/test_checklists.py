"""The conformance suite of checklists: it is what our engine says, and a second evaluator says the same."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest

from checklists import catalog
from checklists.answers import AnswerFault
from checklists.wire import PublishedChecklist
from tests.conformance.judging import grading_criteria, judge
from tests.conformance.scored_cases import cases_of
from tests.conformance.suite import FOLDER, Lists, checklist_of, expected, suite

RUNNER = Path(__file__).with_name("run.mjs")
FILES = sorted(FOLDER.glob("*.json"))
node = pytest.mark.skipif(
    shutil.which("node") is None,
    reason="Node is not installed: the second evaluator, in JavaScript, was not run",
)


def lists() -> Lists:
    read = [
        msgspec.json.decode(file.read_bytes(), type=PublishedChecklist) for file in FOLDER.glob("lists/*")
    ]
    return {(one.code, one.version): one for one in read}


def cases_in(file: Path) -> list[dict[str, Any]]:
    return list(json.loads(file.read_bytes())["cases"])


def test_the_suite_is_what_its_cases_give_today() -> None:
    on_disk = {str(file.relative_to(FOLDER)): file.read_bytes() for file in FOLDER.rglob("*.json")}
    drifted = {name for name, content in suite().items() if on_disk.get(name) != content}
    drifted |= on_disk.keys() - suite().keys()
    assert not drifted, "run python -m tests.conformance.suite, and read what it changes"


def test_the_suite_is_large_and_speaks_of_everything() -> None:
    every = [case for file in FILES for case in cases_in(file)]
    expected = [case["expect"] for case in every]
    assert len(every) >= 500
    for file in FILES:
        assert len({case["name"] for case in cases_in(file)}) == len(cases_in(file))
    for field in ("findings", "unanswered", "ignored", "unmet", "score", "faults"):
        assert sum(bool(one.get(field)) for one in expected) >= 20, field
    reasons = {
        part["zero_reason"] for one in expected if one.get("score") for part in one["score"]["sections"]
    }
    assert reasons == {None, "guarantee_item_zero", "guarantee_subtotal_low", "no_marks_left"}
    faults = {fault["code"] for one in expected for fault in one.get("faults", [])}
    assert faults == set(get_args(AnswerFault))


@pytest.mark.parametrize("file", FILES, ids=[file.stem for file in FILES])
def test_our_engine_passes(file: Path) -> None:
    known = lists()
    for case in cases_in(file):
        got = json.loads(msgspec.json.encode(judge(case, checklist_of(case, known))))
        assert got == case["expect"], case["name"]


def test_a_phone_grades_as_the_server_does() -> None:
    """The criteria that come with a list say of its criteria what all built-in criteria say."""
    for entry in catalog.entries():
        brought = grading_criteria(entry.checklist)
        seams = {one.effective_from for one in catalog.criteria().sets}
        for item in entry.checklist.items():
            for criterion in item.on_fail.criteria() if item.on_fail else ():
                for on in seams:
                    here, there = brought.in_force(criterion, on), catalog.criteria().in_force(criterion, on)
                    assert (here and (here[0].ref, here[1].catch_all)) == (
                        there and (there[0].ref, there[1].catch_all)
                    )


@node
def test_the_second_evaluator_passes() -> None:
    run = subprocess.run(["node", RUNNER, FOLDER], capture_output=True, text=True, check=False, timeout=120)
    assert run.returncode == 0, run.stdout[-2000:] + run.stderr[-2000:]
    count = sum(len(cases_in(file)) for file in FILES)
    assert run.stdout.strip() == f"{count} passed, 0 failed"


@node
def test_the_second_evaluator_agrees_on_the_whole_library(tmp_path: Path) -> None:
    library = {(one.checklist.code, one.checklist.version): one for one in catalog.entries()}
    (tmp_path / "lists").mkdir()
    for (code, version), entry in library.items():
        (tmp_path / "lists" / f"{code}@{version}.json").write_bytes(entry.wire)
    published = {name: entry.checklist for name, entry in library.items()}
    cases = expected("", cases_of(published.values()), published)
    assert b'"faults"' not in cases
    (tmp_path / "library.json").write_bytes(cases)
    run = subprocess.run(["node", RUNNER, tmp_path], capture_output=True, text=True, check=False, timeout=120)
    assert run.returncode == 0, run.stdout[-2000:] + run.stderr[-2000:]
    assert int(run.stdout.split()[0]) > 6 * len(library)


@node
def test_the_second_evaluator_is_not_told_the_answers(tmp_path: Path) -> None:
    shutil.copytree(FOLDER / "lists", tmp_path / "lists")
    grading = (FOLDER / "grading.json").read_text(encoding="utf-8")
    (tmp_path / "grading.json").write_text(grading.replace('"grade":"major"', '"grade":"general"', 1))
    run = subprocess.run(["node", RUNNER, tmp_path], capture_output=True, text=True, check=False, timeout=120)
    assert run.returncode == 1
    assert "differs at findings." in run.stdout
    assert run.stdout.strip().endswith(", 1 failed")
