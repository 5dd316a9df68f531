"""`checklist diff`: what changed, in words that an inspector reads."""

from pathlib import Path

from checklists import catalog
from tests.authoring.terminal import run
from tests.checklists.sample import CHECKLIST


def files(folder: Path, new: str) -> tuple[Path, Path]:
    before, after = folder / "old.yaml", folder / "new.yaml"
    before.write_text(CHECKLIST, "utf-8")
    after.write_text(new, "utf-8")
    return before, after


def test_changes_are_told_in_both_languages(tmp_path: Path) -> None:
    start = CHECKLIST.index("      - code: A-02")
    end = CHECKLIST.index("      - code: A-03")
    new = CHECKLIST[:start] + CHECKLIST[end:].replace("min: 19.5", "min: 20")
    new = new.replace("version: '1'", "version: '2'").replace("警示标志明显完好", "警示标志明显、完好")
    told = run("diff", *files(tmp_path, new))
    assert told.exit_code == 0, told.output
    lines = told.output.splitlines()
    assert lines[0] == "sample.warehouse@1 → sample.warehouse@2  危险化学品仓库检查表"
    assert "改文字 reworded  A A-01  text.zh: 警示标志明显完好 → 警示标志明显、完好" in lines
    assert "改答案 answered otherwise  B B-01  answer.min: 19.5 → 20.0" in lines
    assert "删除 removed  A A-02  禁配物质混放混存" in lines
    assert lines[-1] == "变更3处，涉及3个条目 3 changes, of 3 items"


def test_what_is_new_and_what_is_gone(tmp_path: Path) -> None:
    old, new = files(tmp_path, CHECKLIST.replace("effective_from: 2026-01-01\n", ""))
    there, back = run("diff", old, new).output, run("diff", new, old).output
    assert "改日期 dated otherwise  清单  effective_from: 2026-01-01 → 无 none" in there
    assert "effective_from: 无 none → 2026-01-01" in back


def test_versions_of_the_library_have_names(tmp_path: Path) -> None:
    same = run("diff", "common.grid-patrol@1", "common.grid-patrol@1")
    assert (same.exit_code, same.output.splitlines()[-1]) == (
        0,
        "变更0处，涉及0个条目 0 changes, of 0 items",
    )
    text = catalog.texts()["library/common/common.grid-patrol@1.yaml"]
    file = tmp_path / "draft.yaml"
    file.write_text(text.replace("version: '1'", "version: '2'").replace("en: About", "en: On"), "utf-8")
    assert "title.en: About the place → On the place" in run("diff", "common.grid-patrol@1", file).output


def test_a_name_that_is_nothing_is_told(tmp_path: Path) -> None:
    env = {"DATA_DIR": str(tmp_path)}
    run_migrate = run("diff", "common.grid-patrol@1", "common.grid-patrol@99", env=env)
    assert run_migrate.exit_code == 2
    broken = tmp_path / "broken.yaml"
    broken.write_text("code: [", "utf-8")
    assert (run("diff", broken, broken).exit_code, run("diff", tmp_path, tmp_path, env=env).exit_code) == (
        1,
        2,
    )
