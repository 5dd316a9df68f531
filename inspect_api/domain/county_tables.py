"""The tables that a bureau enters on its first day: CSV as Excel and WPS save it, one row a thing.

Headings are the names on the wire. A cell that is not filled is the field's default. Several values in a
cell have spaces or any of `, ; 、` between them.
"""

import csv
import re
from collections.abc import Iterable, Mapping
from io import StringIO
from math import isfinite
from typing import Annotated, Literal, TypeVar, get_args, get_origin

import msgspec
from msgspec import Meta, Struct, field
from msgspec.structs import FieldInfo, fields

from checklists.document import holds_control
from inspect_api.domain.rulefiles import Faults
from sync.bodies import Datum, GridCode, Industry
from sync.entities import Colour, Role

_DIVISION = "^[0-9]{2}([0-9]{2}([0-9]{2}([0-9]{3}([0-9]{3})?)?)?)?$"
_CREDIT = "^[0-9A-HJ-NP-RTUWXY]{18}$"
_USERNAME = r"^\S+$"
RegionCode = Annotated[str, Meta(pattern=_DIVISION)]
CreditCode = Annotated[str, Meta(pattern=_CREDIT)]
Name = Annotated[str, Meta(max_length=120)]
Row = TypeVar("Row", bound=Struct)

MOST_ROWS = 30_000
"""Of one table: SQLite takes 32,766 values in a statement."""

_MEANT = {
    _DIVISION: "a division has a code of 2, 4, 6, 9 or 12 digits",
    _CREDIT: "a credit code has 18 digits and capitals, without I, O, S, V and Z",
    _USERNAME: "a user name has no spaces",
}
_BETWEEN = re.compile(r"[\s,;、，；]+")


class RegionRow(Struct, frozen=True, kw_only=True):
    """A division by the code of the statistics bureau."""

    code: RegionCode
    name: Annotated[str, Meta(max_length=80)]


class EnterpriseRow(Struct, frozen=True, kw_only=True):
    """`credit_code` is the unified social credit code (GB 32100-2015); `region` where it is registered."""

    credit_code: CreditCode
    name: Name
    industry: Industry
    region: RegionCode
    contact: Annotated[str, Meta(max_length=200)] | None = None


class SiteRow(Struct, frozen=True, kw_only=True):
    """A place to inspect, known by the code at its door; `enterprise` is a credit code."""

    qr: Annotated[str, Meta(max_length=200)]
    name: Name
    industry: Industry
    region: RegionCode
    grid_code: GridCode | None = None
    enterprise: CreditCode | None = None
    lat: Annotated[float, Meta(ge=-90, le=90)] | None = None
    lon: Annotated[float, Meta(ge=-180, le=180)] | None = None
    datum: Datum = "wgs84"
    risk: Colour | None = None
    major_hazard_level: Annotated[int, Meta(ge=0, le=4)] | None = field(
        default=None, name="facts.major_hazard_level"
    )
    tank_farm: bool | None = field(default=None, name="facts.tank_farm")
    hydrology: Literal["simple", "medium", "complex"] | None = field(default=None, name="facts.hydrology")
    spontaneous_fire: bool | None = field(default=None, name="facts.spontaneous_fire")


class AccountRow(Struct, frozen=True, kw_only=True):
    """A person with the scope of his role; `enterprise` is a credit code, no `industries` means all."""

    username: Annotated[str, Meta(pattern=_USERNAME, max_length=64)]
    name: Name
    role: Role
    regions: tuple[RegionCode, ...] = ()
    except_regions: tuple[RegionCode, ...] = ()
    grids: tuple[GridCode, ...] = ()
    enterprise: CreditCode | None = None
    industries: tuple[Industry, ...] = ()


def read_rows(content: bytes, kind: type[Row], faults: Faults) -> dict[int, Row]:
    """Line -> row of those that are right; what is not is told with its line and field."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        faults.add(line, "-", "this is no UTF-8: save the table as “CSV UTF-8”")
        return {}
    found: dict[int, Row] = {}
    reader = csv.reader(StringIO(text, newline=""), strict=True)
    try:
        heading = _heading([cell.strip() for cell in next(reader, [])], kind, faults)
        while heading:
            line, cells = reader.line_num + 1, next(reader)
            if any(map(str.strip, cells)):
                if len(found) == MOST_ROWS:
                    faults.add(line, "-", f"a table has at most {MOST_ROWS} rows: split it")
                    break
                if any(map(str.strip, cells[len(heading) :])):
                    faults.add(line, "-", f"there are more cells than the {len(heading)} headings")
                row = read_row(dict(zip(heading, cells, strict=False)), kind, faults, line)
                if row is not None:
                    found[line] = row
    except StopIteration:
        pass
    except csv.Error as error:
        faults.add(reader.line_num, "-", f"this is no CSV: {error}")
    return found


def read_row(cells: Mapping[str, str], kind: type[Row], faults: Faults, line: int) -> Row | None:
    """A row of text by the names of its fields; None when anything in it is wrong, and told."""
    values: dict[str, object] = {}
    is_right = True
    for one in fields(kind):
        cell = cells.get(one.encode_name, "").strip()
        try:
            if cell or one.required:
                values[one.name] = _value(cell, one)
        except ValueError as error:
            faults.add(line, one.encode_name, str(error))
            is_right = False
    return kind(**values) if is_right else None


def refuse_repeats(rows: Mapping[int, Row], key: str, faults: Faults) -> None:
    """Tell every row whose key stands in an earlier one."""
    first: dict[object, int] = {}
    for line, row in rows.items():
        earlier = first.setdefault(getattr(row, key), line)
        if earlier != line:
            faults.add(line, key, f"{getattr(row, key)} stands in line {earlier} already")


def _heading(names: list[str], kind: type[Struct], faults: Faults) -> list[str]:
    """The names; none when a row below them could not be read."""
    known = {one.encode_name: one for one in fields(kind)}
    needed = [name for name, one in known.items() if one.required and name not in names]
    unknown = [name for name in names if name and name not in known]
    twice = sorted({name for name in names if name and names.count(name) > 1})
    for name in needed:
        faults.add(1, name, "this heading is missing")
    for name in unknown:
        faults.add(1, name[:40], f"is no heading here; there are {', '.join(known)}")
    for name in twice:
        faults.add(1, name[:40], "this heading is there twice")
    return [] if needed or unknown or twice else names


def _value(cell: str, one: FieldInfo) -> object:
    """Raises ValueError with what is wrong."""
    if not cell:
        raise ValueError("nothing stands here")
    if holds_control(cell):
        raise ValueError("control characters are no text")
    several = get_origin(one.type) is tuple
    given: object = [part for part in _BETWEEN.split(cell) if part] if several else cell
    try:
        value = msgspec.convert(given, one.type, strict=False)
    except msgspec.ValidationError as error:
        choices = _choices([one.type])
        detail = f"is none of {', '.join(choices)}" if choices else _plain(error)
        raise ValueError(f"{cell[:40]!r}: {detail}") from None
    if isinstance(value, float) and not isfinite(value):
        raise ValueError(f"{cell[:40]!r}: is no number")
    return tuple(dict.fromkeys(value)) if isinstance(value, tuple) else value


def _plain(error: msgspec.ValidationError) -> str:
    said = str(error).partition(" - at ")[0]
    meant = (meant for pattern, meant in _MEANT.items() if repr(pattern) in said)
    return next(meant, said[:1].lower() + said[1:])


def _choices(kinds: Iterable[object]) -> list[str]:
    """The words that a type allows, where it is made of words."""
    found: list[str] = []
    for kind in kinds:
        if get_origin(kind) is Literal:
            found += get_args(kind)
        else:
            found += _choices(get_args(kind))
    return found
