"""An export's bytes, a page at a time: what is cut can be told from what is whole.

CSV ends with a line that counts the rows, GeoJSON with `"complete": true`, a workbook with the directory of
its archive, without which nothing opens it.
"""

import csv
import io
from datetime import datetime
from typing import Literal, Protocol

import msgspec
from msgspec import Struct

from inspect_api.actions.export_hazards import Exported
from inspect_api.http import export_columns
from inspect_api.http.cells import quoted
from sync.entities import Hazard

TOTAL = "合计"
"""What the last line of a CSV begins with; the number of rows stands in the next cell."""


class Format(Protocol):
    """Bytes to send for what begins, for each page, and for the end."""

    media_type: str

    def begin(self, as_of: datetime) -> bytes: ...

    def add(self, rows: list[Exported]) -> bytes: ...

    def end(self) -> bytes: ...

    def close(self) -> None:
        """Let go of what is open, at the end or where an export was cut off."""


class Csv:
    """RFC 4180, every cell quoted; UTF-8 with the mark by which Excel knows it."""

    media_type = "text/csv; charset=utf-8; header=present"

    def __init__(self) -> None:
        self._rows = 0

    def begin(self, as_of: datetime) -> bytes:
        return b"\xef\xbb\xbf" + _lines([export_columns.HEADINGS])

    def add(self, rows: list[Exported]) -> bytes:
        self._rows += len(rows)
        return _lines([export_columns.values(row) for row in rows])

    def end(self) -> bytes:
        return _lines([(TOTAL, self._rows)])

    def close(self) -> None:
        pass


def _lines(rows: list[tuple[export_columns.Value, ...]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL)
    writer.writerows([quoted(cell) if isinstance(cell, str) else cell for cell in row] for row in rows)
    return text.getvalue().encode()


class Point(Struct, frozen=True):
    """RFC 7946: longitude first, degrees in WGS-84."""

    coordinates: tuple[float, float]
    type: Literal["Point"] = "Point"


class Feature(Struct, frozen=True):
    """A hazard as lists show it, at its place."""

    id: str
    geometry: Point | None
    properties: Hazard
    type: Literal["Feature"] = "Feature"


class GeoJson:
    """RFC 7946, a line for each feature; `as_of`, `count` and `complete` are members of our own (6.1)."""

    media_type = "application/geo+json"

    def __init__(self) -> None:
        self._rows = 0
        self._encode = msgspec.json.Encoder().encode

    def begin(self, as_of: datetime) -> bytes:
        return b'{"type":"FeatureCollection","as_of":%b,"features":[' % self._encode(as_of)

    def add(self, rows: list[Exported]) -> bytes:
        features = b",\n".join(self._encode(_feature(row)) for row in rows)
        comma = b"\n" if self._rows == 0 else b",\n"
        self._rows += len(rows)
        return comma + features if rows else b""

    def end(self) -> bytes:
        return b'\n],"count":%d,"complete":true}\n' % self._rows

    def close(self) -> None:
        pass


def _feature(row: Exported) -> Feature:
    point = None if row.place is None else Point((row.place[1], row.place[0]))
    return Feature(str(row.hazard.id), point, row.hazard)
