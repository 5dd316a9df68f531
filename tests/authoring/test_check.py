"""`checklist check`: every mistake with its place, and what was counted."""

import re
from pathlib import Path

import pytest

from checklists import catalog
from checklists.model import Item
from tests.authoring.terminal import run
from tests.checklists.sample import CHECKLIST, NEW, OLD

PATROL = "library/common/common.grid-patrol@1.yaml"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A list with the criteria that it names."""
    (tmp_path / "more").mkdir()
    (tmp_path / "sample@1.yaml").write_text(CHECKLIST, "utf-8")
    (tmp_path / "more" / "criteria.new@2.yaml").write_text(NEW, "utf-8")
    (tmp_path / "more" / "criteria.old@1.yml").write_text(OLD, "utf-8")
    (tmp_path / "notes.txt").write_text("no list", "utf-8")
    return tmp_path


def test_the_library_is_counted() -> None:
    told = run("check")
    assert told.exit_code == 0, told.output
    items: list[Item] = [item for entry in catalog.entries() for item in entry.checklist.items()]
    criteria = [one for each in catalog.criteria().sets for one in each.criteria]
    major = sum(item.on_fail is not None and item.on_fail.grade == "major" for item in items)
    assert told.output.splitlines()[-1] == (
        f"{len(catalog.entries())} checklists: {len(items)} items, {major} major, "
        f"{sum(item.to_be_keyed for item in items)} to_be_keyed; "
        f"{len(catalog.criteria().sets)} criteria sets: {len(criteria)} criteria, "
        f"{sum(one.to_be_keyed for one in criteria)} to_be_keyed"
    )
    names = [f"{one.checklist.code}@{one.checklist.version}" for one in catalog.entries()]
    told_names = [line.split(": ")[0] for line in told.output.splitlines()]
    assert sorted(names) == sorted(told_names[: len(names)])


def test_files_of_the_library_are_called_after_their_versions() -> None:
    names = {file.rsplit("/", 1)[-1] for file in catalog.texts() if "/criteria." not in file}
    assert names == {
        catalog.file_name(one.checklist.code, one.checklist.version) for one in catalog.entries()
    }


def test_a_folder_is_checked_with_all_below_it(folder: Path) -> None:
    told = run("check", folder)
    assert told.exit_code == 0, told.output
    lines = told.output.splitlines()
    assert lines[0] == "sample.warehouse@1: 11 items, 3 major, 0 to be keyed from the official text"
    assert [line.split(":")[0] for line in lines[1:3]] == ["NEW@2", "OLD@1"]
    assert lines[-1].startswith("1 checklists: 11 items, 3 major, 0 to_be_keyed; 2 criteria sets:")


def test_a_file_may_use_the_criteria_of_the_library(tmp_path: Path) -> None:
    text = (
        CHECKLIST.replace("NEW-1", "HZ26-5.1.1").replace("NEW-2", "HZ26-5.1.2").replace("NEW-3", "HZ26-5.1.3")
    )
    text = text.replace("[OLD-1]", "[]")
    file = tmp_path / "sample@1.yaml"
    file.write_text(text, "utf-8")
    assert run("check", file).exit_code == 0, run("check", file).output
    file.write_text(text.replace("HZ26-5.1.2", "HZ26-9.9.9"), "utf-8")
    told = run("check", file)
    assert told.exit_code == 1
    (line,) = (at for at, words in enumerate(file.read_text().splitlines(), 1) if "HZ26-9.9.9" in words)
    assert f"{file}:{line}: A-03: " in told.stdout
    assert "no criterion has the id HZ26-9.9.9" in told.stdout


def test_every_mistake_of_every_file_is_told(folder: Path) -> None:
    (folder / "sample@1.yaml").write_text(
        CHECKLIST.replace("unit: '%'", "unit: 5").replace("code: B-04", "code: A-02"), "utf-8"
    )
    (folder / "broken.yaml").write_text("code: [", "utf-8")
    (folder / "latin.yaml").write_bytes("标题".encode("gb18030"))
    told = run("check", folder)
    assert told.exit_code == 1
    assert f"{folder}/latin.yaml:1: is not UTF-8" in told.stdout
    places = {line.split(": ")[0] for line in told.stdout.splitlines()}
    assert {re.sub(":[0-9]+$", "", place) for place in places} == {
        f"{folder}/broken.yaml",
        f"{folder}/latin.yaml",
        f"{folder}/sample@1.yaml",
    }
    assert ": B-01: sections.1.items.0.answer.unit: " in told.stdout
    assert f"{len(told.stdout.splitlines())} mistakes; nothing was changed" in told.stderr


def test_a_copy_of_the_library_is_no_repetition_but_a_changed_one_is(tmp_path: Path) -> None:
    file = tmp_path / "common.grid-patrol@1.yaml"
    file.write_text(catalog.texts()[PATROL], "utf-8")
    assert run("check", tmp_path).exit_code == 0
    file.write_text(catalog.texts()[PATROL] + "# later\n", "utf-8")
    told = run("check", tmp_path)
    assert (told.exit_code, "has this version already" in told.stdout) == (1, True)


def test_a_next_version_may_not_begin_on_the_day_of_the_one_before(tmp_path: Path) -> None:
    text = catalog.texts()[PATROL].replace("version: '1'", "version: '2'")
    file = tmp_path / "common.grid-patrol@2.yaml"
    file.write_text(text, "utf-8")
    told = run("check", file)
    assert (told.exit_code, "overlaps version 1" in told.stdout) == (1, True)
    file.write_text(text.replace("effective_from: 2026-01-01", "effective_from: 2027-01-01", 1), "utf-8")
    assert run("check", file).exit_code == 0


def test_nothing_to_check_is_a_mistake(tmp_path: Path) -> None:
    assert (run("check", tmp_path).exit_code, run("check", tmp_path / "gone").exit_code) == (1, 2)


def test_what_a_file_holds_moves_no_cursor(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text('"code\\e[2J": 1\ncode: "\\e]0;x\\a"\n', "utf-8")
    told = run("check", tmp_path)
    assert told.exit_code == 1
    assert "\x1b" not in told.output


def test_a_file_of_gigabytes_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "a.yaml").open("wb") as file:
        file.truncate(3 * 2**30)
    told = run("check", tmp_path)
    assert (told.exit_code, "larger than any checklist" in told.stdout) == (1, True)
