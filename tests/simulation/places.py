"""A county of three grids, two enterprises and eleven people: small enough to try everything in it."""

from functools import cache
from typing import NamedTuple
from uuid import UUID, uuid5

from inspect_api.actions import set_up
from inspect_api.actions.set_up import NewAccount, NewEnterprise
from inspect_api.actions.work import Work
from inspect_api.store.sites import NewSite
from sync.entities import Role

PASSWORD = "demo-only-652327"
_NAMES = UUID("65232700-0000-5000-8000-00000000f00d")

REGIONS = {
    "652327": "吉木萨尔县",
    "652327100": "吉木萨尔镇",
    "652327100001": "文化社区",
    "652327101": "三台镇",
    "652327101001": "三台社区",
}
NEAR, FAR, THIRD = "652327100001001", "652327100001002", "652327101001001"
GRIDS = (NEAR, FAR, THIRD)


class Person(NamedTuple):
    """Somebody with an account; `grids` or `regions` or `firm` is his scope."""

    username: str
    name: str
    role: Role
    grids: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    firm: str | None = None

    @property
    def id(self) -> UUID:
        return known("account", self.username)

    @property
    def enterprise_id(self) -> UUID | None:
        return known("enterprise", self.firm) if self.firm else None


class Place(NamedTuple):
    """A site to inspect."""

    key: str
    name: str
    grid: str
    firm: str | None

    @property
    def id(self) -> UUID:
        return known("site", self.key)

    @property
    def enterprise_id(self) -> UUID | None:
        return known("enterprise", self.firm) if self.firm else None


@cache
def known(noun: str, key: str) -> UUID:
    """The same id in every run."""
    return uuid5(_NAMES, f"{noun}/{key}")


FIRMS = {"tianshan": "天山化工有限公司", "beiting": "北庭矿业有限公司"}
PLACES = (
    Place("tank", "储罐区", NEAR, "tianshan"),
    Place("works", "生产车间", FAR, "tianshan"),
    Place("store", "危化品仓库", NEAR, "beiting"),
    Place("yard", "堆场", THIRD, "beiting"),
    Place("shop", "五金店", THIRD, None),
)
PEOPLE = (
    Person("inspector1", "张巡查", "inspector", grids=(NEAR, FAR)),
    Person("inspector2", "李巡查", "inspector", grids=(NEAR, FAR)),
    Person("inspector3", "王巡查", "inspector", grids=(THIRD,)),
    Person("officer1", "赵执法", "officer", regions=("652327",)),
    Person("officer2", "钱执法", "officer", regions=("652327",)),
    Person("county1", "孙监管", "regulator", regions=("652327",)),
    Person("county2", "周监管", "regulator", regions=("652327",)),
    Person("owner1", "吴厂长", "enterprise", firm="tianshan"),
    Person("owner1b", "郑安全员", "enterprise", firm="tianshan"),
    Person("owner2", "冯矿长", "enterprise", firm="beiting"),
    Person("owner2b", "陈安全员", "enterprise", firm="beiting"),
)
BY_NAME = {person.username: person for person in PEOPLE}
BY_ID = {person.id: person for person in PEOPLE}


class Scope(NamedTuple):
    """What an account may see now."""

    grids: frozenset[str] = frozenset()
    regions: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    firm: UUID | None = None

    def sees(self, region_code: str, grid_code: str | None, enterprise_id: UUID | None) -> bool:
        """The rule of scope, said once more."""
        if self.firm is not None:
            return enterprise_id == self.firm
        if self.grids:
            return grid_code in self.grids
        return region_code.startswith(self.regions) and not region_code.startswith(self.excluded or ("-",))


def first_scope(person: Person) -> Scope:
    """What somebody may see before anything is changed."""
    return Scope(frozenset(person.grids), person.regions, (), person.enterprise_id)


def give_places(work: Work) -> None:
    """Enter all of it into a migrated database."""
    set_up.add_regions(work, REGIONS.items())
    firms = [
        NewEnterprise(known("enterprise", key), name, None, None, "hazmat", "652327100")
        for key, name in FIRMS.items()
    ]
    set_up.add_sites(work, firms, (_site(place) for place in PLACES))
    set_up.add_accounts(work, (_account(person) for person in PEOPLE), PASSWORD)


def _site(place: Place) -> NewSite:
    return NewSite(
        id=place.id, name=place.name, industry="hazmat", enterprise_id=place.enterprise_id,
        region_code=place.grid[:12], grid_code=place.grid,
        position={"lat": 44.0, "lon": 89.2, "datum": "wgs84"}, lat=44.0, lon=89.2,
        qr=f"qr-{place.key}", risk=None, facts={}, rev=1,
    )  # fmt: skip


def _account(person: Person) -> NewAccount:
    return NewAccount(
        person.id, person.username, person.name, person.role, person.enterprise_id, person.regions, (),
        person.grids,
    )  # fmt: skip
