"""Commands as an expert types them, and workbooks as he saves them."""

from collections.abc import Callable, Mapping
from io import BytesIO
from pathlib import Path

import openpyxl
from click.testing import CliRunner, Result
from openpyxl.worksheet.worksheet import Worksheet

from inspect_api.authoring.template import template
from inspect_api.cli import main

Values = Mapping[str, object]


def run(*arguments: object, env: Mapping[str, str] | None = None) -> Result:
    """`inspect-api checklist …`"""
    return CliRunner().invoke(main, ["checklist", *map(str, arguments)], env=dict(env or {}))


def workbook(change: Callable[[openpyxl.Workbook], None] = lambda book: None) -> bytes:
    """The template with its example, changed."""
    book = openpyxl.load_workbook(BytesIO(template()))
    change(book)
    buffer = BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def put(sheet: str, **cells: object) -> Callable[[openpyxl.Workbook], None]:
    """A change that writes into cells, by their address."""

    def change(book: openpyxl.Workbook) -> None:
        for address, value in cells.items():
            book[sheet][address] = value

    return change


def column(sheet: Worksheet, header: str) -> str:
    """The letter of the column with this header."""
    (cell,) = (cell for cell in sheet[1] if cell.value == header)
    letter: str = cell.column_letter
    return letter


def append(sheet: str, *rows: Values) -> Callable[[openpyxl.Workbook], None]:
    """A change that adds rows, by the Chinese headers."""

    def change(book: openpyxl.Workbook) -> None:
        headers = [cell.value for cell in book[sheet][1]]
        for row in rows:
            assert set(row) <= set(headers), set(row) - set(headers)
            book[sheet].append([row.get(header) for header in headers])

    return change


def imported(folder: Path, content: bytes) -> tuple[Result, Path]:
    """The outcome of an import, and where its draft would be."""
    source, draft = folder / "book.xlsx", folder / "draft.yaml"
    source.write_bytes(content)
    return run("import", source, draft), draft
