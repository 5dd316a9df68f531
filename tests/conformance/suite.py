"""The suite as files: `python -m tests.conformance.suite` writes it anew."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import msgspec

from checklists.wire import PublishedChecklist
from tests.conformance import cases, scored_cases
from tests.conformance.drawn_lists import Object
from tests.conformance.judging import judge
from tests.conformance.lists import named_lists

Lists = dict[tuple[str, str], PublishedChecklist]

FOLDER = Path(__file__).parents[2] / "openapi" / "conformance" / "checklists"

GROUPS: dict[str, Callable[[], Iterator[Object]]] = {
    "answers": cases.answer_cases,
    "conditions": cases.condition_cases,
    "grading": cases.grading_cases,
    "requirements": cases.requirement_cases,
    "faults": cases.fault_cases,
    "jgj59": scored_cases.jgj59_cases,
    "weighted": scored_cases.weighted_cases,
    "shipped": scored_cases.shipped_cases,
    "drawn": scored_cases.drawn_cases,
    "drawn-tables": scored_cases.drawn_table_cases,
}


def suite() -> dict[str, bytes]:
    """Every file of the suite by its path in the folder."""
    lists = {(one.code, one.version): one for one in named_lists()}
    files = {f"lists/{code}@{version}.json": _line(one) for (code, version), one in lists.items()}
    for name, group in GROUPS.items():
        files[f"{name}.json"] = expected(" ".join((group.__doc__ or "").split()), group(), lists)
    return files


def expected(about: str, asked: Iterable[Object], lists: Lists) -> bytes:
    """A file of cases, with what our engine makes of them."""
    lines = [_line(one | {"expect": judge(one, checklist_of(one, lists))}) for one in asked]
    return b'{"about":%s,"cases":[\n%s]}\n' % (msgspec.json.encode(about), b",".join(lines))


def checklist_of(case: Object, lists: Lists) -> PublishedChecklist:
    """The list that the case holds or names."""
    checklist = case["checklist"]
    if isinstance(checklist, dict) and "sections" not in checklist:
        return lists[str(checklist["code"]), str(checklist["version"])]
    return msgspec.convert(checklist, PublishedChecklist)


def _line(value: object) -> bytes:
    return msgspec.json.encode(value) + b"\n"


def write() -> None:
    (FOLDER / "lists").mkdir(parents=True, exist_ok=True)
    files = suite()
    for old in [*FOLDER.glob("*.json"), *FOLDER.glob("lists/*.json")]:
        if str(old.relative_to(FOLDER)) not in files:
            old.unlink()
    for name, content in files.items():
        (FOLDER / name).write_bytes(content)


if __name__ == "__main__":
    write()
