"""What is wrong where in a workbook."""

from typing import NamedTuple


class Place(NamedTuple):
    """A cell by the letter of its column; a whole row without `column`, a whole sheet with row 0."""

    sheet: str
    row: int = 0
    column: str = ""


class CellMistake(NamedTuple):
    """`item` is the code that stands in the row, where there is one."""

    file: str
    place: Place
    item: str | None
    detail: str

    def __str__(self) -> str:
        sheet, row, column = self.place
        parts = [sheet and f"sheet {sheet}", f"row {row}" if row else "", column and f"column {column}"]
        where = ", ".join(filter(None, parts))
        return ": ".join(part for part in (self.file, where, self.item, self.detail) if part)


class WorkbookRefused(ValueError):
    """A workbook of which nothing is taken; `mistakes` is never empty."""

    def __init__(self, mistakes: list[CellMistake]) -> None:
        super().__init__("\n".join(map(str, mistakes)))
        self.mistakes = mistakes


def refused(file: str, place: Place, detail: str) -> WorkbookRefused:
    """For a single mistake."""
    return WorkbookRefused([CellMistake(file, place, None, detail)])


def in_short(error: Exception) -> str:
    """What a library had to say, in a line."""
    return " ".join(f"{type(error).__name__} {error}".split())[:160]
