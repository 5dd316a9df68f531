"""The rows of one sheet, below a header of known columns.

Merged cells, formulas and errors are refused: what an expert sees there is not what stands in the cell.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import IO, NamedTuple, Protocol

from openpyxl.utils import get_column_letter

from checklists.document import holds_control
from inspect_api.authoring.columns import Column, SheetForm
from inspect_api.authoring.refusals import CellMistake, Place, WorkbookRefused, in_short, refused
from inspect_api.authoring.words import Cell, NotUnderstood

_MOST_COLUMNS = 64
_LAST_ROW = 1_048_576
_CHUNK = 2**20
_MERGED = re.compile(rb"<(?:\w+:)?mergeCell\s[^>]*?ref=[\"']([A-Z]{1,3})([0-9]{1,7})")
# what Excel writes for characters that XML has not
_ESCAPED_LINE_END = re.compile("_x000[AD]_")
_ESCAPED_CONTROL = re.compile("_x00(?:0[0-8BCEF]|1[0-9A-F]|7F)_", re.IGNORECASE)


class SheetCell(Protocol):
    """openpyxl's cell of a stream."""

    value: object
    data_type: str


class Sheet(Protocol):
    """openpyxl's sheet of a stream."""

    title: str

    def iter_rows(self, *, max_row: int, max_col: int) -> Iterator[tuple[SheetCell, ...]]: ...
    def _get_source(self) -> IO[bytes]: ...


class Row(NamedTuple):
    """The cells of a row that hold something, by the key of their column; `places` has the others too."""

    place: Place
    cells: dict[str, Cell]
    places: dict[str, Place]


def read_sheet(file: str, sheet: Sheet, form: SheetForm) -> list[Row]:
    """The rows that hold anything. Raises WorkbookRefused."""
    _refuse_merged(file, sheet)
    rows: list[Row] = []
    mistakes: list[CellMistake] = []
    held_rows = _held_rows(file, sheet)
    number, held = next(held_rows, (1, {}))
    columns = _read_header(file, sheet.title, form, held if number == 1 else {})
    for number, held in held_rows:
        if len(rows) == form.most:
            detail = f"the sheet has more than {form.most} rows below its header"
            raise refused(file, Place(sheet.title, number), detail)
        place = Place(sheet.title, number)
        letters = {column.key: get_column_letter(at) for at, column in columns.items()}
        row = Row(place, {}, {key: place._replace(column=letter) for key, letter in letters.items()})
        mistakes += _read_row(file, row, held, columns)
        rows.append(row)
    if not rows:
        mistakes.append(CellMistake(file, Place(sheet.title, 2), None, "nothing stands below the header"))
    if mistakes:
        raise WorkbookRefused(mistakes)
    return rows


def _held_rows(file: str, sheet: Sheet) -> Iterator[tuple[int, dict[int, SheetCell]]]:
    """Number and cells of the rows that hold anything."""
    seen = 0
    filler: tuple[SheetCell, ...] = ()
    try:
        for seen, cells in enumerate(sheet.iter_rows(max_row=_LAST_ROW, max_col=_MOST_COLUMNS), 1):
            if cells is filler:  # a million rows that are not there are one and the same
                continue
            filler = cells
            held = {at: cell for at, cell in enumerate(cells, 1) if not _is_blank(cell.value)}
            if held:
                yield seen, held
    except Exception as error:  # whatever broken XML makes of its reader
        detail = f"cannot be read any further: {in_short(error)}"
        raise refused(file, Place(sheet.title, seen + 1), detail) from None


def _read_header(file: str, title: str, form: SheetForm, held: Mapping[int, SheetCell]) -> dict[int, Column]:
    """The columns by their number. Raises WorkbookRefused for what is missing, unknown or there twice."""
    known = {name: column for column in form.columns for name in (column.key, column.zh)}
    columns: dict[int, Column] = {}
    mistakes: list[CellMistake] = []
    for at, cell in held.items():
        name = str(cell.value).strip()
        column = known.get(name)
        if column is None or column in columns.values():
            detail = f"the header {name[:40]!r} is " + ("unknown" if column is None else "there twice")
            mistakes.append(CellMistake(file, Place(title, 1, get_column_letter(at)), None, detail))
        else:
            columns[at] = column
    missing = [one.zh for one in form.columns if one.required and one not in columns.values()]
    if missing:
        detail = f"the header lacks {'、'.join(missing)}"
        mistakes.append(CellMistake(file, Place(title, 1), None, detail))
    if mistakes:
        raise WorkbookRefused(mistakes)
    return columns


def _read_row(
    file: str, row: Row, held: Mapping[int, SheetCell], columns: Mapping[int, Column]
) -> Iterator[CellMistake]:
    """Fill the row; what cannot be taken is told."""
    for at, cell in held.items():
        here = row.place._replace(column=get_column_letter(at))
        if at not in columns:
            yield CellMistake(file, here, None, "there is no header above this value")
            continue
        try:
            row.cells[columns[at].key] = _value(cell)
        except NotUnderstood as error:
            yield CellMistake(file, here, None, str(error))


def _value(cell: SheetCell) -> Cell:
    """What is seen in a cell, where that is what stands in it."""
    value = cell.value
    if cell.data_type == "f":
        raise NotUnderstood("a formula stands here: paste its value instead")
    if cell.data_type == "e":
        raise NotUnderstood(f"an error stands here: {value}")
    if isinstance(value, str):
        if holds_control(value) or _ESCAPED_CONTROL.search(value):
            raise NotUnderstood("control characters are no text")
        return _ESCAPED_LINE_END.sub("\n", value).replace("\r\n", "\n")
    if isinstance(value, int | float | date):
        return value
    raise NotUnderstood("neither text, number, date nor 是")


def _refuse_merged(file: str, sheet: Sheet) -> None:
    """Merged cells are told of behind the rows, where the reader of streams does not come."""
    try:
        found = _first_merged(sheet)
    except Exception as error:  # whatever damaged bytes make of their reader
        raise refused(file, Place(sheet.title), f"cannot be unpacked: {in_short(error)}") from None
    if found is not None:
        detail = "merged cells begin here: split them, and write the value into each"
        raise refused(file, Place(sheet.title, int(found[2]), found[1].decode()), detail)


def _first_merged(sheet: Sheet) -> re.Match[bytes] | None:
    rest = b""
    with sheet._get_source() as source:
        while chunk := source.read(_CHUNK):
            found = _MERGED.search(rest + chunk)
            if found is not None:
                return found
            rest = chunk[-200:]
    return None


def _is_blank(value: object) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())
