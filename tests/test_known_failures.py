"""docs/known-failures.md answers every failure that is on the list, by tests that are there."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs/known-failures.md").read_text()
ROWS = 25


def test_every_row_is_answered() -> None:
    for title in ("Failures in the wild", "What users asked for or complained about"):
        part = PAGE.split(f"## {title}")[1].split("\n## ")[0]
        rows = re.findall(r"^\| (\d+) \|.*\| (.*) \|$", part, re.MULTILINE)
        assert [int(number) for number, _ in rows] == list(range(1, ROWS + 1))
        assert [number for number, proof in rows if "::test_" not in proof] == []


def test_every_test_that_is_named_is_there() -> None:
    named = re.findall(r"`(tests/[\w/.]+)::(test_\w+)`", PAGE)
    assert len(named) > 2 * ROWS
    missing = [(path, name) for path, name in named if name not in _tests_of(ROOT / path)]
    assert missing == []


def _tests_of(path: Path) -> set[str]:
    tree = ast.parse(path.read_text()) if path.exists() else ast.Module([], [])
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
