"""The demo county 652327 (吉木萨尔县): regions, enterprises, sites and accounts, read from `data/`."""

from pathlib import Path
from typing import Annotated
from uuid import UUID, uuid5

from msgspec import Meta, Struct

from inspect_api.demo.datafile import DATA, check_rows, check_unique, decode_rows, read_csv, read_yaml
from sync.bodies import Industry
from sync.entities import Colour, Role

PASSWORD = "demo-only-652327"
COUNTY = "652327"
XPCC_TOWNSHIP = "652327500"
NAMESPACE = UUID("65232700-0000-5000-8000-000000000000")

RegionCode = Annotated[str, Meta(pattern=r"^\d{2}(\d{2}(\d{2}(\d{3}(\d{3})?)?)?)?$")]
Key = Annotated[str, Meta(pattern="^[a-z][a-z0-9-]*$")]
Fact = bool | int | float | str

_DIGITS_OF_LEVEL = {1: 2, 2: 4, 3: 6, 4: 9, 5: 12}


def demo_id(noun: str, key: str) -> UUID:
    """The same identity in every demo: UUIDv5 (RFC 9562) of `noun/key`."""
    return uuid5(NAMESPACE, f"{noun}/{key}")


class Region(Struct, frozen=True, forbid_unknown_fields=True):
    """A statistical division: level 1 province, 2 city, 3 county, 4 township, 5 village."""

    code: RegionCode
    name: str
    level: Annotated[int, Meta(ge=1, le=5)]
    parent: RegionCode | None


class Enterprise(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An invented enterprise; `credit_code` is a unified social credit code (GB 32100-2015)."""

    key: Key
    name: str
    industry: Industry
    credit_code: Annotated[str, Meta(pattern="^[0-9A-HJ-NP-RTUWXY]{18}$")]
    contact: str
    phone: Annotated[str, Meta(pattern=r"^0994-0\d{6}$")]

    @property
    def id(self) -> UUID:
        return demo_id("enterprise", self.key)


class Site(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A place to inspect; `lat` and `lon` are WGS-84 degrees, `facts` are asked by checklist conditions."""

    key: Key
    name: str
    industry: Industry
    enterprise: Key | None
    village: Annotated[str, Meta(pattern=r"^\d{12}$")]
    grid_code: Annotated[str, Meta(pattern=r"^\d{15}$")]
    lat: Annotated[float, Meta(ge=43.5, le=45.4)]
    lon: Annotated[float, Meta(ge=88.5, le=89.5)]
    qr: str
    risk: Colour | None
    facts: dict[str, Fact] = {}

    @property
    def id(self) -> UUID:
        return demo_id("site", self.key)

    @property
    def all_facts(self) -> dict[str, Fact]:
        """What conditions may ask: the facts, and what every site has."""
        assessed: dict[str, Fact] = {} if self.risk is None else {"risk": self.risk}
        return {**self.facts, "industry": self.industry, **assessed}

    @property
    def enterprise_id(self) -> UUID | None:
        return demo_id("enterprise", self.enterprise) if self.enterprise else None

    @property
    def township(self) -> str:
        return self.village[:9]


class AccountRow(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An account as `accounts.yaml` states it, before its scope is worked out."""

    username: Annotated[str, Meta(pattern="^[a-z0-9]+$")]
    name: str
    role: Role
    regions: tuple[RegionCode, ...] = ()
    except_regions: tuple[RegionCode, ...] = ()
    township: Annotated[str, Meta(pattern=r"^\d{9}$")] | None = None
    enterprise: Key | None = None
    certificate_no: str | None = None


class Account(Struct, frozen=True, kw_only=True):
    """A person who can log in, with his scope: region prefixes minus others, or grids, or one enterprise.

    No limit by industry: in the demo everybody sees all of them.
    """

    username: str
    name: str
    role: Role
    regions: tuple[str, ...]
    except_regions: tuple[str, ...]
    grids: tuple[str, ...]
    enterprise: str | None
    certificate_no: str | None

    @property
    def id(self) -> UUID:
        return demo_id("user", self.username)

    @property
    def enterprise_id(self) -> UUID | None:
        return demo_id("enterprise", self.enterprise) if self.enterprise else None


class County(Struct, frozen=True):
    """All of it, each list in the order of its file; regions parents first."""

    regions: tuple[Region, ...]
    enterprises: tuple[Enterprise, ...]
    sites: tuple[Site, ...]
    accounts: tuple[Account, ...]

    def site(self, key: str) -> Site:
        """KeyError when there is none."""
        return {site.key: site for site in self.sites}[key]

    def account(self, username: str) -> Account:
        """KeyError when there is none."""
        return {account.username: account for account in self.accounts}[username]

    def sees(self, account: Account, site: Site) -> bool:
        """Whether the site is in the account's scope."""
        if account.role == "enterprise":
            return site.enterprise is not None and site.enterprise == account.enterprise
        if account.grids:
            return site.grid_code in account.grids
        return site.grid_code.startswith(account.regions) and not site.grid_code.startswith(
            account.except_regions
        )


def load_county(folder: Path = DATA) -> County:
    """The demo county; DataError names the file and the row that is wrong."""
    regions = _regions(folder)
    enterprises = decode_rows("enterprises.yaml", read_yaml(folder / "enterprises.yaml"), Enterprise)
    check_unique("enterprises.yaml", "key", (e.key for e in enterprises))
    check_unique("enterprises.yaml", "credit_code", (e.credit_code for e in enterprises))
    sites = _sites(folder, regions, enterprises)
    return County(regions, enterprises, sites, _accounts(folder, regions, enterprises, sites))


def _regions(folder: Path) -> tuple[Region, ...]:
    regions = decode_rows("regions.csv", read_csv(folder / "regions.csv"), Region, strict=False)
    check_unique("regions.csv", "code", (r.code for r in regions))
    known = {region.code: region for region in regions}

    def fault(region: Region) -> str | None:
        if len(region.code) != _DIGITS_OF_LEVEL[region.level]:
            return f"a code of level {region.level} has {_DIGITS_OF_LEVEL[region.level]} digits"
        if region.level == 1:
            return "a province has no parent" if region.parent else None
        parent = known.get(region.parent or "")
        if parent is None or parent.level != region.level - 1 or not region.code.startswith(parent.code):
            return f"{region.parent} is not the parent of {region.code}"
        return None

    check_rows("regions.csv", regions, fault)
    return tuple(sorted(regions, key=lambda region: (region.level, region.code)))


def _sites(
    folder: Path, regions: tuple[Region, ...], enterprises: tuple[Enterprise, ...]
) -> tuple[Site, ...]:
    sites = decode_rows("sites.yaml", read_yaml(folder / "sites.yaml"), Site)
    check_unique("sites.yaml", "key", (s.key for s in sites))
    check_unique("sites.yaml", "qr", (s.qr for s in sites))
    villages = {region.code for region in regions if region.level == 5}
    owners = {enterprise.key for enterprise in enterprises}

    def fault(site: Site) -> str | None:
        if site.village not in villages:
            return f"village {site.village} is not in regions.csv"
        if not site.grid_code.startswith(site.village):
            return f"grid {site.grid_code} is not in village {site.village}"
        if site.enterprise is not None and site.enterprise not in owners:
            return f"enterprise {site.enterprise} is not in enterprises.yaml"
        return None

    check_rows("sites.yaml", sites, fault)
    return sites


def _accounts(
    folder: Path, regions: tuple[Region, ...], enterprises: tuple[Enterprise, ...], sites: tuple[Site, ...]
) -> tuple[Account, ...]:
    rows = decode_rows("accounts.yaml", read_yaml(folder / "accounts.yaml"), AccountRow)
    check_unique("accounts.yaml", "username", (row.username for row in rows))
    codes = {region.code for region in regions}
    owners = {enterprise.key for enterprise in enterprises}

    def fault(row: AccountRow) -> str | None:
        asked = {*row.regions, *row.except_regions, *((row.township,) if row.township else ())}
        if unknown := sorted(asked - codes):
            return f"region {unknown[0]} is not in regions.csv"
        scope = {"inspector": row.township, "enterprise": row.enterprise, "admin": True}
        if not scope.get(row.role, row.regions):
            return f"a {row.role} without a scope"
        if row.enterprise is not None and row.enterprise not in owners:
            return f"enterprise {row.enterprise} is not in enterprises.yaml"
        return None

    check_rows("accounts.yaml", rows, fault)
    return tuple(_with_scope(row, sites) for row in rows)


def _with_scope(row: AccountRow, sites: tuple[Site, ...]) -> Account:
    grids = sorted({site.grid_code for site in sites if site.township == row.township})
    return Account(
        username=row.username,
        name=row.name,
        role=row.role,
        regions=row.regions,
        except_regions=row.except_regions,
        grids=tuple(grids),
        enterprise=row.enterprise,
        certificate_no=row.certificate_no,
    )
