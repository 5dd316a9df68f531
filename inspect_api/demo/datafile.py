"""Reading the demo's data files row by row; an error names file, row and field."""

import csv
from collections.abc import Callable, Hashable, Iterable, Sequence
from pathlib import Path
from typing import TypeVar

import msgspec
import yaml

DATA = Path(__file__).parent / "data"
Row = TypeVar("Row")


class DataError(ValueError):
    """A data file of the demo does not say what it should; the text names file and row."""


def read_yaml(path: Path) -> list[object]:
    """The rows of a YAML file that is one list; DataError when it is anything else."""
    try:
        rows = yaml.safe_load(path.read_text("utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise DataError(f"{path.name}: {error}") from error
    if not isinstance(rows, list):
        raise DataError(f"{path.name}: expected a list of rows")
    return rows


def read_csv(path: Path) -> list[object]:
    """The rows of a CSV file with a header; an empty cell is None."""
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return [{name: cell or None for name, cell in row.items()} for row in csv.DictReader(file)]
    except OSError as error:
        raise DataError(f"{path.name}: {error}") from error


def decode_rows(
    file: str, rows: Sequence[object], kind: type[Row], *, strict: bool = True
) -> tuple[Row, ...]:
    """Each row as a `kind`; `strict=False` is for CSV, whose cells are all text."""
    decoded = []
    for number, row in enumerate(rows, 1):
        try:
            decoded.append(msgspec.convert(row, kind, strict=strict))
        except msgspec.ValidationError as error:
            raise DataError(f"{file}: row {number}: {error}") from error
    return tuple(decoded)


def check_unique(file: str, field: str, values: Iterable[Hashable]) -> None:
    """DataError at the first row that repeats an earlier row's value."""
    seen: dict[Hashable, int] = {}
    for number, value in enumerate(values, 1):
        if value in seen:
            raise DataError(f"{file}: row {number}: {field} {value} is already in row {seen[value]}")
        seen[value] = number


def check_rows(file: str, rows: Iterable[Row], fault: Callable[[Row], str | None]) -> None:
    """DataError at the first row in which `fault` finds something wrong."""
    for number, row in enumerate(rows, 1):
        if (what := fault(row)) is not None:
            raise DataError(f"{file}: row {number}: {what}")
