"""The rows of a workbook as a checklist, checked as strictly as YAML; a mistake is told by its cell."""

from collections.abc import Iterator, Mapping

import msgspec

from checklists.checking import check_checklist
from checklists.criteria import Criteria
from checklists.document import Path, Plain
from checklists.loading import dangling_criteria
from checklists.model import Checklist
from checklists.shape import misfits
from inspect_api.authoring.columns import ITEMS, LIST, SOURCES, SheetForm
from inspect_api.authoring.refusals import CellMistake, Place, WorkbookRefused
from inspect_api.authoring.sheet import Row
from inspect_api.authoring.words import NotUnderstood, read_cell, text

_TITLE = {"section_zh": "zh", "section_en": "en"}
_SECTION = {"section", *_TITLE}
_NAMES = {column.key: column.zh for column in ITEMS.columns}


class Table:
    """The data of a checklist as in YAML, with the cell that each part came from."""

    def __init__(self, file: str, rows: Mapping[SheetForm, list[Row]]) -> None:
        self.file = file
        self.mistakes: list[CellMistake] = []
        self._places: dict[Path, Place] = {}
        self.data: dict[str, Plain] = self._read(LIST, rows[LIST][0], ())
        self.data["sources"] = [
            self._read(SOURCES, row, ("sources", at)) for at, row in enumerate(rows[SOURCES])
        ]
        self._sections: list[dict[str, Plain]] = []
        self._items: list[list[Plain]] = []
        for row in rows[ITEMS]:
            self._add_item(row)
        self.data["sections"] = [
            {**section, "items": items} for section, items in zip(self._sections, self._items, strict=True)
        ]

    def mistake(self, path: Path, detail: str) -> CellMistake:
        """A mistake at the cell of this part, or of the innermost part around it that has one."""
        cuts = (path[:size] for size in range(len(path), -1, -1))
        around = next(cut for cut in cuts if cut in self._places)
        lost = path[len(around) :]
        told = f"{'.'.join(map(str, lost))}: {detail}" if lost else detail
        return CellMistake(self.file, self._places[around], self._code(path), told)

    def _add_item(self, row: Row) -> None:
        place = self._section_of(row)
        path = ("sections", place, "items", len(self._items[place]))
        self._items[place].append(self._read(ITEMS, row, path))

    def _section_of(self, row: Row) -> int:
        """The place of the row's section, which begins here or has begun in the row above."""
        if "section" not in row.cells:
            self._complain(row, "section", f"{_NAMES['section']} is missing")
        code = self._text(row, "section")
        if self._sections and code in ("", self._sections[-1]["code"]):
            self._check_title(row)
        else:
            self._begin_section(row, code)
        return len(self._sections) - 1

    def _begin_section(self, row: Row, code: str) -> None:
        if any(section["code"] == code for section in self._sections):
            self._complain(row, "section", f"section {code} was left above: keep its rows together")
        for key in _TITLE:
            if key not in row.cells:
                self._complain(row, key, f"{_NAMES[key]} is missing in the first row of a section")
        path = ("sections", len(self._sections))
        for part, key in (((), "section"), (("code",), "section"), (("title",), "section_zh")):
            self._places[*path, *part] = self._place(row, key)
        title: dict[str, Plain] = {_TITLE[key]: self._text(row, key) for key in _TITLE}
        self._sections.append({"code": code, "title": title})
        self._items.append([])

    def _check_title(self, row: Row) -> None:
        title = self._sections[-1]["title"]
        for key, language in _TITLE.items():
            if key in row.cells and isinstance(title, dict) and self._text(row, key) != title[language]:
                self._complain(row, key, "differs from that of the section's first row")

    def _read(self, form: SheetForm, row: Row, path: Path) -> dict[str, Plain]:
        """A row as nested data; what is missing or not understood is told."""
        data: dict[str, Plain] = {}
        self._places[path] = row.place
        for column in form.columns:
            if column.key in _SECTION and form is ITEMS:
                continue
            if column.key not in row.cells:
                if column.required:
                    self._complain(row, column.key, f"{column.zh} is missing")
                continue
            try:
                value = read_cell(column.key, row.cells[column.key])
            except NotUnderstood as error:
                self._complain(row, column.key, str(error))
                continue
            _put(data, column.path, value)
            for size in range(1, len(column.path) + 1):
                self._places.setdefault((*path, *column.path[:size]), row.places[column.key])
        return data

    def _text(self, row: Row, key: str) -> str:
        try:
            return text(row.cells.get(key, ""))
        except NotUnderstood as error:
            self._complain(row, key, str(error))
            return ""

    def _complain(self, row: Row, key: str, detail: str) -> None:
        code = row.cells.get("item")
        self.mistakes.append(
            CellMistake(self.file, self._place(row, key), None if code is None else str(code), detail)
        )

    def _place(self, row: Row, key: str) -> Place:
        return row.places.get(key, row.place)

    def _code(self, path: Path) -> str | None:
        data: Plain = self.data
        for part in path[:4] if path[:1] == ("sections",) and len(path) >= 4 else ():
            data = data[part]  # type: ignore[index]
        code = data.get("code") if isinstance(data, dict) and data is not self.data else None
        return code if isinstance(code, str) else None


def read_table(file: str, rows: Mapping[SheetForm, list[Row]], criteria: Criteria) -> Checklist:
    """The draft that the rows are. Raises WorkbookRefused with every mistake."""
    table = Table(file, rows)
    if table.mistakes:
        raise WorkbookRefused(table.mistakes)
    mistakes = [table.mistake(path, detail) for path, detail in _complaints(table.data, criteria)]
    if mistakes:
        raise WorkbookRefused(mistakes)
    return msgspec.convert(table.data, Checklist)


def _complaints(data: dict[str, Plain], criteria: Criteria) -> Iterator[tuple[Path, str]]:
    try:
        checklist = msgspec.convert(data, Checklist)
    except msgspec.ValidationError:
        yield from misfits(data, Checklist)
        return
    yield from check_checklist(checklist)
    yield from dangling_criteria(checklist, criteria)


def _put(data: dict[str, Plain], path: tuple[str, ...], value: Plain) -> None:
    *parents, last = path
    for name in parents:
        inner = data.setdefault(name, {})
        assert isinstance(inner, dict)  # noqa: S101 - the columns' paths do not cross
        data = inner
    data[last] = value
