"""A register of any length as a workbook that is sent while it is read: nothing of it is kept.

openpyxl writes every part but the long sheets, whose rows are plain: each text is an inline string, which
no program takes for a formula. The parts that say how many sheets there are come last, as ZIP allows.
"""

import io
import re
import zipfile
from collections.abc import Sequence
from datetime import datetime
from typing import IO
from xml.sax.saxutils import escape

from openpyxl import Workbook
from openpyxl.utils import get_column_letter

from inspect_api.actions.export_hazards import Exported
from inspect_api.domain.calendar import CIVIL
from inspect_api.http.cells import XLSX, in_xml, may_run
from inspect_api.http.export_columns import HEADINGS, Value, values

ROWS_A_SHEET = 1_048_576
"""More than this Excel does not read, the line of headings included."""

_HEAD = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
)
_TAIL = "</sheetData></worksheet>"
_LETTERS = [get_column_letter(n + 1) for n in range(len(HEADINGS))]
_FAST = 1  # of zlib's levels: four times as fast as the usual one, for a quarter more bytes
_TITLE = "隐患"
_CARE = re.compile("[^\t\n\x20-%'-;=?-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What stands in XML otherwise than as itself, or not at all."""


class _Outlet(io.RawIOBase):
    """What the archive writes to: the bytes since they were last taken."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: object, /) -> int:
        piece = bytes(memoryview(data))  # type: ignore[arg-type]
        self._pieces.append(piece)
        return len(piece)

    def take(self) -> bytes:
        taken, self._pieces = b"".join(self._pieces), []
        return taken


class Xlsx:
    """An Office Open XML workbook (ISO/IEC 29500); its last sheet tells of the others."""

    media_type = XLSX

    def __init__(self) -> None:
        self._rows, self._sheets = 0, 0
        self._outlet = _Outlet()
        out = self._outlet
        self._archive = zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=_FAST)
        self._sheet: IO[bytes] | None = None
        self._here, self._as_of = 0, ""

    def begin(self, as_of: datetime) -> bytes:
        self._as_of = f"{as_of.astimezone(CIVIL):%Y-%m-%d %H:%M:%S}"
        self._open()
        return self._outlet.take()

    def add(self, rows: list[Exported]) -> bytes:
        lines: list[str] = []
        for row in rows:
            if self._here >= ROWS_A_SHEET:
                self._write(lines)
                lines = []
                self._open()
            lines.append(self._line(values(row)))
        self._write(lines)
        self._rows += len(rows)
        return self._outlet.take()

    def end(self) -> bytes:
        self._close()
        book = Workbook()
        book.remove(book.worksheets[0])
        for n in range(self._sheets):
            sheet = book.create_sheet(_TITLE if n == 0 else f"{_TITLE}{n + 1}")
            sheet["A1"].quotePrefix = True  # the one style there is: number 1
        about = book.create_sheet("说明")
        about.append(["截至", self._as_of])
        about.append(["合计", self._rows])
        with io.BytesIO() as whole:
            book.save(whole)
            with zipfile.ZipFile(whole) as parts:
                mine = {_part(n + 1) for n in range(self._sheets)}
                for name in parts.namelist():
                    if name not in mine:
                        self._archive.writestr(name, parts.read(name))
        self._archive.close()
        return self._outlet.take()

    def close(self) -> None:
        self._close()
        self._archive.close()

    def _open(self) -> None:
        self._close()
        self._sheets, self._here = self._sheets + 1, 0
        self._sheet = self._archive.open(_part(self._sheets), "w", force_zip64=True)
        self._sheet.write(_HEAD.encode())
        self._write([self._line(HEADINGS)])

    def _close(self) -> None:
        if self._sheet is not None:
            self._sheet.write(_TAIL.encode())
            self._sheet.close()
            self._sheet = None

    def _line(self, row: Sequence[Value]) -> str:
        self._here += 1
        number = self._here
        cells = [
            _cell(f"{letter}{number}", value)
            for letter, value in zip(_LETTERS, row, strict=True)
            if value is not None
        ]
        return f'<row r="{number}">{"".join(cells)}</row>'

    def _write(self, lines: list[str]) -> None:
        """A page at once: each piece costs the archive as much as a row does."""
        if self._sheet is not None:
            self._sheet.write("".join(lines).encode())


def _part(number: int) -> str:
    return f"xl/worksheets/sheet{number}.xml"


def _cell(at: str, value: Value) -> str:
    if not isinstance(value, str):
        return f'<c r="{at}"><v>{value}</v></c>'
    style = ' s="1"' if may_run(value) else ""
    text = escape(in_xml(value)).replace("\r", "&#13;") if _CARE.search(value) else value
    return f'<c r="{at}"{style} t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'
