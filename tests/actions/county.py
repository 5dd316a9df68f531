"""A small county for tests: two townships, three enterprises, somebody of every role, and neighbours."""

from typing import NamedTuple
from uuid import UUID, uuid5

from inspect_api.actions import set_up
from inspect_api.actions.set_up import NewEnterprise
from inspect_api.actions.work import Work
from inspect_api.store import accounts
from inspect_api.store.sites import NewSite

NAMESPACE = UUID("65232700-0000-4000-8000-000000000000")
HERE, THERE, ABROAD = "652327100001001", "652327101001001", "652328100001001"
REGIONS = {
    "65": "新疆维吾尔自治区",
    "6523": "昌吉回族自治州",
    "652327": "吉木萨尔县",
    "652327100": "吉木萨尔镇",
    "652327100001": "文化社区",
    "652327101": "三台镇",
    "652327101001": "东台村",
    "652328": "木垒哈萨克自治县",
    "652328100": "木垒镇",
    "652328100001": "城中社区",
}


class Place(NamedTuple):
    """A site: whose, in which grid, and of which industry."""

    owner: str | None
    grid: str
    industry: str


class Person(NamedTuple):
    """An account, by role and by what it is given."""

    role: str
    given: str = ""


OWNERS = {"天山化工": HERE, "三台矿业": THERE, "木垒石化": ABROAD}
SITES = {
    "罐区": Place("天山化工", HERE, "hazmat"),
    "装卸站": Place("天山化工", HERE, "hazmat"),
    "矿井": Place("三台矿业", THERE, "mine"),
    "夜市": Place(None, HERE, "public_place"),
    "油库": Place("木垒石化", ABROAD, "hazmat"),
}
PEOPLE = {
    "inspector1": Person("inspector", HERE),
    "inspector2": Person("inspector", THERE),
    "inspector3": Person("inspector", f"{HERE} {THERE}"),
    "inspector9": Person("inspector", ABROAD),
    "expert1": Person("expert", HERE),
    "officer1": Person("officer", "652327"),
    "officer2": Person("officer", "652327"),
    "officer9": Person("officer", "652328"),
    "county": Person("regulator", "652327"),
    "county2": Person("regulator", "652327"),
    "city": Person("regulator", "6523"),
    "enterprise1": Person("enterprise", "天山化工"),
    "enterprise1b": Person("enterprise", "天山化工"),
    "enterprise2": Person("enterprise", "三台矿业"),
    "admin": Person("admin", "652327"),
    "auditor": Person("auditor", "652327"),
}


def known_id(noun: str, name: str) -> UUID:
    """The same in every test."""
    return uuid5(NAMESPACE, f"{noun}/{name}")


def site_id(name: str) -> UUID:
    return known_id("site", name)


def account_id(name: str) -> UUID:
    return known_id("account", name)


def enterprise_id(name: str) -> UUID:
    return known_id("enterprise", name)


def make_county(work: Work) -> None:
    """Enter all of it into an empty database."""
    set_up.seed_calendar(work)
    set_up.add_regions(work, REGIONS.items())
    owners = [
        NewEnterprise(enterprise_id(name), name, None, None, "hazmat", grid[:12])
        for name, grid in OWNERS.items()
    ]
    set_up.add_sites(work, owners, [_site(name, place) for name, place in SITES.items()])
    _add_people(work)


def _site(name: str, place: Place) -> NewSite:
    return NewSite(
        id=site_id(name),
        name=name,
        industry=place.industry,
        enterprise_id=enterprise_id(place.owner) if place.owner else None,
        region_code=place.grid[:12],
        grid_code=place.grid,
        position=None,
        lat=None,
        lon=None,
        qr=None,
        risk=None,
        facts={},
        rev=1,
    )


def _add_people(work: Work) -> None:
    """Without passwords, which cost half a second each: nobody logs in here."""
    rows: list[dict[str, object]] = []
    regions: list[dict[str, object]] = []
    grids: list[dict[str, object]] = []
    for name, person in PEOPLE.items():
        own = {"account_id": account_id(name)}
        owner = enterprise_id(person.given) if person.role == "enterprise" else None
        rows.append(
            {
                "id": account_id(name),
                "username": name,
                "name": name,
                "role": person.role,
                "password_hash": "-",
                "enterprise_id": owner,
            }
        )
        if person.role in ("inspector", "expert"):
            grids += [own | {"grid_code": code} for code in person.given.split()]
        elif owner is None:
            regions.append(own | {"code": person.given, "excluded": False})
    accounts.add(work.tx, rows)
    accounts.add_regions(work.tx, [{**region, "given_at": work.now} for region in regions])
    accounts.add_grids(work.tx, [{**grid, "given_at": work.now} for grid in grids])
