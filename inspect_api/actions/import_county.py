"""A county's divisions, enterprises, sites and accounts, entered from a folder of tables.

All or nothing: whatever is wrong is told with file, line and field. What is here already, as a table says it,
stays; what is here otherwise is a mistake of the table, for other commands change it.
"""

from collections.abc import Mapping
from itertools import chain
from pathlib import Path
from typing import NamedTuple, TypeVar
from uuid import UUID, uuid5

from msgspec import Struct, to_builtins

from inspect_api.actions import set_up
from inspect_api.actions.enter_accounts import ENTERED, check_accounts, surroundings, tell_differences
from inspect_api.actions.set_up import NewEnterprise
from inspect_api.actions.work import Work
from inspect_api.domain.county_tables import (
    AccountRow,
    EnterpriseRow,
    RegionRow,
    SiteRow,
    read_rows,
    refuse_repeats,
)
from inspect_api.domain.position import place_of
from inspect_api.domain.rulefiles import Faults, RuleFault, RuleFileError
from inspect_api.errors import Code, Refusal
from inspect_api.store import enterprises, regions, sites
from inspect_api.store.schema import AnyRow
from inspect_api.store.sites import NewSite
from sync.bodies import Position

MOST_TOLD = 100
_COUNTY_DIGITS = 6
_FACTS = ("major_hazard_level", "tank_farm", "hydrology", "spontaneous_fire")
Row = TypeVar("Row", bound=Struct)


class Tables(NamedTuple):
    """What stands in a folder: line -> row, of each table that is there."""

    regions: dict[int, RegionRow]
    enterprises: dict[int, EnterpriseRow]
    sites: dict[int, SiteRow]
    accounts: dict[int, AccountRow]


class Entered(NamedTuple):
    """How many of each were new."""

    regions: int
    enterprises: int
    sites: int
    accounts: int


def read_tables(folder: Path) -> Tables:
    """The tables of a folder, each read for itself. Raises RuleFileError, and Refusal where there is none."""
    if not any((folder / f"{name}.csv").is_file() for name in Tables._fields):
        names = ", ".join(f"{name}.csv" for name in Tables._fields)
        raise Refusal(Code.NOT_FOUND, f"{folder} has none of {names}")
    faults: list[RuleFault] = []
    tables = Tables(
        _read(folder, "regions", RegionRow, "code", faults),
        _read(folder, "enterprises", EnterpriseRow, "credit_code", faults),
        _read(folder, "sites", SiteRow, "qr", faults),
        _read(folder, "accounts", AccountRow, "username", faults),
    )
    _refuse(faults)
    return tables


def import_county(work: Work, tables: Tables) -> Entered:
    """Enter what is not here yet. Raises RuleFileError."""
    faults = {name: Faults(f"{name}.csv") for name in Tables._fields}
    divisions = _divisions(work, tables)
    new_regions = _new_regions(tables.regions, divisions, faults["regions"])
    known = set(divisions) | {code for code, _ in new_regions}
    new_enterprises, owners = _new_enterprises(work, tables.enterprises, known, faults["enterprises"])
    new_sites = _new_sites(work, tables.sites, known, owners, faults["sites"])
    grids = [row.grid_code for row in tables.sites.values() if row.grid_code]
    around = surroundings(work, tables.accounts.values(), known, grids, owners)
    new_accounts = check_accounts(work, tables.accounts, around, faults["accounts"])
    _refuse(list(chain.from_iterable(each.found for each in faults.values())))
    set_up.add_regions(work, new_regions)
    set_up.add_sites(work, new_enterprises, new_sites)
    set_up.add_accounts(work, new_accounts, None)
    return Entered(len(new_regions), len(new_enterprises), len(new_sites), len(new_accounts))


def _read(folder: Path, name: str, kind: type[Row], key: str, told: list[RuleFault]) -> dict[int, Row]:
    file = folder / f"{name}.csv"
    if not file.is_file():
        return {}
    faults = Faults(file.name)
    rows = read_rows(file.read_bytes(), kind, faults)
    refuse_repeats(rows, key, faults)
    told += faults.found
    return rows


def _refuse(faults: list[RuleFault]) -> None:
    if faults:
        raise RuleFileError(faults[:MOST_TOLD])


def _divisions(work: Work, tables: Tables) -> dict[str, str]:
    """Code -> name of those that are here, of all that the tables name or lie in."""
    named = {row.code for row in tables.regions.values()}
    asked = {*named, *map(_parent, named)}
    asked |= {row.region for row in tables.enterprises.values()}
    asked |= {row.region for row in tables.sites.values()}
    return regions.names(work.tx, asked)


def _parent(code: str) -> str:
    """The county of a township, the township of a village; of anything wider, itself."""
    return code[:-3] if len(code) > _COUNTY_DIGITS else code


def _new_regions(
    rows: Mapping[int, RegionRow], here: Mapping[str, str], faults: Faults
) -> list[tuple[str, str]]:
    known = {*here, *(row.code for row in rows.values())}
    for line, row in rows.items():
        if _parent(row.code) not in known:
            faults.add(line, "code", f"the division {_parent(row.code)} that it lies in is not known here")
        if row.code in here:
            tell_differences({"name": row.name}, {"name": here[row.code]}, line, faults)
    return [(row.code, row.name) for row in rows.values() if row.code not in here]


def _new_enterprises(
    work: Work, rows: Mapping[int, EnterpriseRow], known: set[str], faults: Faults
) -> tuple[list[NewEnterprise], dict[str, UUID]]:
    """Those that are not here yet, and the id of each by its credit code."""
    owners = enterprises.by_credit_codes(work.tx, [row.credit_code for row in rows.values()])
    here = enterprises.by_ids(work.tx, owners.values())
    new: list[NewEnterprise] = []
    for line, row in rows.items():
        _check_region(row.region, known, line, faults)
        standing = here.get(owners[row.credit_code]) if row.credit_code in owners else None
        if standing is None:
            owner = _enterprise(row)
            owners[row.credit_code] = owner.id
            new.append(owner)
            continue
        asked = {"name": row.name, "industry": row.industry, "region": row.region, "contact": row.contact}
        kept = {name: getattr(standing, name) for name in ("name", "industry", "contact")}
        tell_differences(asked, kept | {"region": standing.region_code}, line, faults)
    return new, owners


def _enterprise(row: EnterpriseRow) -> NewEnterprise:
    enterprise_id = uuid5(ENTERED, f"enterprise/{row.credit_code}")
    return NewEnterprise(enterprise_id, row.name, row.credit_code, row.contact, row.industry, row.region)


def _new_sites(
    work: Work,
    rows: Mapping[int, SiteRow],
    known: set[str],
    entered: Mapping[str, UUID],
    faults: Faults,
) -> list[NewSite]:
    asked = {row.enterprise for row in rows.values() if row.enterprise}
    owners = {**enterprises.by_credit_codes(work.tx, asked - set(entered)), **entered}
    here = sites.by_codes(work.tx, [row.qr for row in rows.values()])
    new: list[NewSite] = []
    for line, row in rows.items():
        _check_region(row.region, known, line, faults)
        if len(row.region) < _COUNTY_DIGITS:
            faults.add(line, "region", "a site lies in a county, a township or a village")
        if row.enterprise is not None and row.enterprise not in owners:
            faults.add(line, "enterprise", f"no enterprise {row.enterprise} is known here")
        if (row.lat is None) != (row.lon is None):
            faults.add(line, "lon" if row.lon is None else "lat", "a position has both")
        site = _site(row, owners.get(row.enterprise or ""))
        if row.qr in here:
            tell_differences(_shown(site), _shown(here[row.qr]), line, faults)
        else:
            new.append(site)
    return new


def _check_region(code: str, known: set[str], line: int, faults: Faults) -> None:
    if code not in known:
        faults.add(line, "region", f"no division {code} is known here")


def _site(row: SiteRow, enterprise_id: UUID | None) -> NewSite:
    position = None
    if row.lat is not None and row.lon is not None:
        position = Position(lat=row.lat, lon=row.lon, datum=row.datum)
    lat, lon = place_of(position)
    facts = {name: getattr(row, name) for name in _FACTS}
    return NewSite(
        id=uuid5(ENTERED, f"site/{row.qr}"),
        name=row.name,
        industry=row.industry,
        enterprise_id=enterprise_id,
        region_code=row.region,
        grid_code=row.grid_code,
        position=to_builtins(position) if position else None,
        lat=lat,
        lon=lon,
        qr=row.qr,
        risk=row.risk,
        facts={name: value for name, value in facts.items() if value is not None},
        rev=1,
    )


def _shown(site: NewSite | AnyRow) -> dict[str, object]:
    """What a table says of a site, by its headings."""
    position = site.position or {}
    return {
        "name": site.name,
        "industry": site.industry,
        "region": site.region_code,
        "grid_code": site.grid_code,
        "enterprise": site.enterprise_id,
        **{name: position.get(name) for name in ("lat", "lon", "datum")},
        "risk": site.risk,
        **{f"facts.{name}": site.facts.get(name) for name in _FACTS},
    }
