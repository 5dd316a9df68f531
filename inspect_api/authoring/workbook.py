"""An xlsx workbook as rows of cells: opened in a stream, so that its size costs nothing."""

import warnings
import zipfile
from pathlib import Path

import openpyxl

from inspect_api.authoring.columns import SHEETS, SheetForm
from inspect_api.authoring.refusals import CellMistake, Place, WorkbookRefused, in_short, refused
from inspect_api.authoring.sheet import Row, read_sheet

MAX_FILE = 20 * 2**20
MAX_TEXTS = 64 * 2**20
MAX_SHEET = 256 * 2**20
_WHOLE = Place("")
_NOT_PLAIN = {
    "xl/vbaProject.bin": "holds macros: save it as a plain .xlsx workbook",
    "xl/chartsheets/": "holds a chart on a sheet of its own: remove that sheet",
    "xl/externalLinks/": "refers to other workbooks: break the links (Data, Edit Links), keep their values",
}


def read_workbook(path: Path) -> dict[SheetForm, list[Row]]:
    """The rows of each sheet that a checklist is made of. Raises WorkbookRefused with every mistake."""
    _check_whole(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what is not needed here: styles, validations
            book = openpyxl.load_workbook(path, read_only=True)
    except Exception as error:  # whatever a file that is no workbook makes of its reader
        raise refused(path.name, _WHOLE, f"is no xlsx workbook: {in_short(error)}") from None
    mistakes: list[CellMistake] = []
    rows: dict[SheetForm, list[Row]] = {}
    try:
        for form in SHEETS:
            named = [sheet for sheet in book.worksheets if sheet.title.strip() in (form.zh, form.en)]
            try:
                if len(named) != 1:
                    detail = "is there twice" if named else f"is missing ({form.en})"
                    raise refused(path.name, Place(form.zh), detail)
                rows[form] = read_sheet(path.name, named[0], form)
            except WorkbookRefused as error:
                mistakes += error.mistakes
    finally:
        book.close()
    if mistakes:
        raise WorkbookRefused(mistakes)
    return rows


def _check_whole(path: Path) -> None:
    """Before anything is unpacked: zipfile never unpacks more than the sizes that are told here."""
    try:
        packed = path.stat().st_size
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except (OSError, zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise refused(path.name, _WHOLE, f"is no xlsx workbook: {in_short(error)}") from None
    for name, detail in _NOT_PLAIN.items():
        if any(one.filename.startswith(name) for one in members):
            raise refused(path.name, _WHOLE, detail)
    sheets = [one.file_size for one in members if one.filename.startswith("xl/worksheets/")]
    texts = sum(one.file_size for one in members) - sum(sheets)
    if packed > MAX_FILE or texts > MAX_TEXTS or any(size > MAX_SHEET for size in sheets):
        raise refused(path.name, _WHOLE, "is larger than any checklist")
