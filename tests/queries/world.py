"""A register out of a die: regions, enterprises, sites and hazards with ties, gaps and strange names."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from checklists import catalog
from inspect_api.actions.work import Rules, Work
from inspect_api.domain.access import Caller
from inspect_api.domain.coverage import shipped_coverage
from inspect_api.domain.deadline import shipped_deadlines
from inspect_api.domain.escalation import shipped_ladders
from inspect_api.domain.hazard import OPEN
from inspect_api.domain.photo_rules import shipped_photo_rules
from inspect_api.domain.sampling import shipped_sampling
from inspect_api.store import search_index, tallies
from inspect_api.store.accounts import ACCOUNT
from inspect_api.store.enterprises import ENTERPRISE, INDUSTRIES
from inspect_api.store.hazards import HAZARD, STATUSES
from inspect_api.store.regions import REGION
from inspect_api.store.sites import SITE

NOW = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
REGIONS = {
    "65": "新疆维吾尔自治区",
    "6523": "昌吉回族自治州",
    "652327": "吉木萨尔县",
    "652327100": "吉木萨尔镇",
    "652327100001": "文化社区",
    "652327101": "三台镇",
    "652327500": "红旗农场",
    "652328": "木垒哈萨克自治县",
    "652328100": "木垒镇",
    "6590": "自治区直辖县级行政区划",
    "659001": "石河子市",
}
PLACES = [code for code in REGIONS if len(code) >= 6]
GRIDS = ["652327100001001", "652327100001002", "652327101001001", "G-7", None]
NAMES = ["天山化工", "100%_安全", "Ab\\c Mine", "三台 镇 加油站", "a_b", "A-B 矿业", "ÉCOLE 矿", "école 矿"]
DESCRIPTIONS = [
    "现场检查发现",
    "型号ＭＦＺ／ＡＢＣ４，压力不足",
    "𠮷野家后厨 燃气软管老化",
    "见 ＣＯ₂ 气瓶",
    "现场\n报警器",
]
FINDER = UUID(int=7)
SOMEBODY = UUID(int=42)


class Line(SimpleNamespace):
    """One hazard of the world, by the names of its columns."""

    def row(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name in HAZARD.c}


@dataclass(repr=False)
class World:
    """What was written, to be asked without SQL."""

    enterprises: list[dict[str, Any]]
    sites: list[dict[str, Any]]
    hazards: list[Line]

    def write(self, tx: sa.Connection) -> None:
        tx.execute(sa.insert(REGION), [{"code": code, "name": name} for code, name in REGIONS.items()])
        tx.execute(sa.insert(ENTERPRISE), self.enterprises)
        tx.execute(sa.insert(ACCOUNT), [account_row(FINDER, "finder", "张巡查", "inspector")])
        tx.execute(sa.insert(SITE), self.sites)
        tx.execute(sa.insert(HAZARD), [line.row() for line in self.hazards])
        search_index.note(tx, [line.id for line in self.hazards])
        tallies.note(tx, [line.region_code for line in self.hazards])

    def seen_by(self, caller: Caller) -> list[Line]:
        return [line for line in self.hazards if caller.sees(line)]


def account_row(account_id: UUID, username: str, name: str, role: str) -> dict[str, Any]:
    return {"id": account_id, "username": username, "name": name, "role": role, "password_hash": "-"}


def make_world(seed: int = 1, hazards: int = 400) -> World:
    die = Random(seed)
    enterprises = [
        {
            "id": UUID(int=die.getrandbits(128)),
            "name": f"{name}有限公司",
            "credit_code": None,
            "contact": None,
            "industry": die.choice(INDUSTRIES),
            "region_code": die.choice(PLACES),
        }
        for name in NAMES
    ]
    sites = [_site(die, number, enterprises) for number in range(24)]
    moments = [NOW + timedelta(hours=die.randint(-900, 300)) for _ in range(25)]
    lines = [_hazard(die, number, sites, enterprises, moments) for number in range(hazards)]
    return World(enterprises, sites, lines)


def _site(die: Random, number: int, enterprises: list[dict[str, Any]]) -> dict[str, Any]:
    owner = die.choice([*enterprises, None])
    return {
        "id": UUID(int=die.getrandbits(128)),
        "name": f"{die.choice(NAMES)}{number}号",
        "industry": die.choice(INDUSTRIES),
        "enterprise_id": owner["id"] if owner else None,
        "region_code": die.choice(PLACES),
        "grid_code": die.choice(GRIDS),
        "position": die.choice([None, {"lat": 44.0, "lon": 89.1, "datum": "gcj02"}]),
        "lat": None,
        "lon": None,
        "qr": f"QR%{number}",
        "risk": die.choice(["red", "blue", None]),
        "facts": {"tank_farm": True, "major_hazard_level": number % 5},
    }


def _hazard(
    die: Random,
    number: int,
    sites: list[dict[str, Any]],
    enterprises: list[dict[str, Any]],
    moments: list[datetime],
) -> Line:
    site = die.choice([*sites, None])
    place = site or {
        "region_code": die.choice(PLACES), "grid_code": die.choice(GRIDS),
        "industry": die.choice(INDUSTRIES), "enterprise_id": die.choice(enterprises)["id"],
    }  # fmt: skip
    owner = next((one for one in enterprises if one["id"] == place["enterprise_id"]), None)
    status = die.choice(STATUSES)
    # a request for resumption keeps a clock running after the hazard was closed
    due_at = die.choice(moments) if die.random() < (0.8 if status in OPEN else 0.1) else None
    step = die.choice([0, 0, 1, 2, 5]) if due_at else 0
    listed = die.choice(["county", None, None])
    return Line(
        id=UUID(int=die.getrandbits(128)),
        number=f"652327-261121-{number:06d}",
        title=die.choice(["可燃气体报警器未投用", "安全阀 50% 失效", "a_b", "AxB"]),
        description=DESCRIPTIONS[number % len(DESCRIPTIONS)],
        grade=die.choice(["general", "major"]),
        suspected_major=die.random() < 0.2,
        order_kind=die.choice(["self", "urged", "ordered"]),
        status=status,
        is_open=status in OPEN,
        industry=place["industry"],
        site_id=site["id"] if site else None,
        enterprise_id=place["enterprise_id"],
        region_code=place["region_code"],
        grid_code=place["grid_code"],
        position=None,
        source_kind="report",
        item=None,
        found_by=FINDER,
        found_role="inspector",
        reported_at=die.choice(moments),
        first_due_at=die.choice([*moments, None]) if due_at else None,
        due_at=due_at,
        due_party=die.choice(["enterprise", "regulator"]) if due_at else None,
        due_kind=die.choice(["rectification", "reinspection"]) if due_at else None,
        due_rule="rule" if due_at else None,
        step=step,
        step_since=NOW if step else None,
        listed_level=listed,
        listed_since=NOW if listed else None,
        listed_due_at=NOW if listed else None,
        head=bytes(32),
        updated_at=min(die.choice(moments), NOW),
        # beside the columns: what `q` looks at
        site_name=site["name"] if site else None,
        enterprise_name=owner["name"] if owner else None,
    )


def caller(
    role: str = "regulator",
    *,
    regions: tuple[str, ...] = (),
    excluded: tuple[str, ...] = (),
    grids: tuple[str, ...] = (),
    industries: tuple[str, ...] = (),
    enterprise_id: UUID | None = None,
    account_id: UUID = SOMEBODY,
) -> Caller:
    return Caller(
        account_id, "某人", role, UUID(int=1), None, enterprise_id, regions, excluded,  # type: ignore[arg-type]
        frozenset(grids), frozenset(industries),
    )  # fmt: skip


PROVINCE = caller(regions=("65",))
COUNTY = caller("officer", regions=("652327",), excluded=("652327500",))


def work(tx: sa.Connection, who: Caller, now: datetime = NOW) -> Work:
    return Work(tx, now, RULES, who)


RULES = Rules(
    shipped_deadlines(),
    shipped_ladders(),
    catalog.risk_rules(),
    shipped_coverage(),
    shipped_sampling(),
    shipped_photo_rules(),
)
