"""A county of a test's own in a database that all tests share, and the phones of those who work there."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID, uuid4

import msgspec
import sqlalchemy as sa

from inspect_api.actions import set_up
from inspect_api.actions.app import App
from inspect_api.actions.passwords import hash_password
from inspect_api.actions.pull_changes import pull_changes
from inspect_api.actions.receive_push import receive_push
from inspect_api.actions.set_up import NewEnterprise
from inspect_api.actions.work import Work
from inspect_api.clock import MovableClock
from inspect_api.domain.access import Caller
from inspect_api.store import accounts, identity
from inspect_api.store.accounts import ACCOUNT
from inspect_api.store.sites import NewSite
from sync.envelope import Pull, Push
from tests.records import clock as device_clocks
from tests.records import inspection, plain_items

PASSWORD = "demo-only-652327"
_HASH = hash_password(PASSWORD)
_numbers = count(10)


@dataclass
class County:
    """Two townships with a village each, two grids in a village; a regulator for each township."""

    app: App
    clock: MovableClock
    code: str = ""
    firm: UUID = field(default_factory=uuid4)
    people: dict[str, UUID] = field(default_factory=dict)
    phones: dict[tuple[str, UUID | None], "Phone"] = field(default_factory=dict)

    @classmethod
    def found(cls, app: App, clock: MovableClock) -> "County":
        """New divisions, with codes that no other test has."""
        county = cls(app, clock, f"66{next(_numbers):04d}")
        names = {county.code: "试验县", county.town(1): "东镇", county.town(2): "西镇"}
        names |= {county.village(n, m): f"{n}镇{m}村" for n in (1, 2) for m in (1, 2)}
        app.write(lambda work: set_up.add_regions(work, names.items()))
        county.join("regulator1", "regulator", regions=[county.town(1)])
        county.join("regulator2", "regulator", regions=[county.town(2)])
        firm = NewEnterprise(county.firm, "天山化工有限公司", None, None, "hazmat", county.town(2))
        app.write(lambda work: set_up.add_sites(work, [firm], []))
        return county

    def town(self, n: int) -> str:
        return f"{self.code}{n}00"

    def village(self, n: int, m: int = 1) -> str:
        return f"{self.town(n)}{m:03d}"

    def grid(self, n: int, m: int = 1, *, village: int = 1) -> str:
        return f"{self.village(n, village)}{m:03d}"

    def join(
        self,
        name: str,
        role: str,
        *,
        grids: Iterable[str] = (),
        regions: Iterable[str] = (),
        excluded: Iterable[str] = (),
        firm: bool = False,
    ) -> UUID:
        """Somebody with an account, whose user name has the county's code before it."""
        account_id, given_at = uuid4(), self.clock.now()
        row = {
            "id": account_id, "username": self.username(name), "name": f"用户{name}", "role": role,
            "password_hash": _HASH, "enterprise_id": self.firm if firm else None,
        }  # fmt: skip
        areas: list[dict[str, object]] = [
            {"account_id": account_id, "code": code, "excluded": out, "given_at": given_at}
            for out, codes in ((False, regions), (True, excluded))
            for code in codes
        ]
        cells: list[dict[str, object]] = [
            {"account_id": account_id, "grid_code": code, "given_at": given_at} for code in grids
        ]

        def enter(tx: sa.Connection) -> None:
            accounts.add(tx, [row])
            accounts.add_regions(tx, areas)
            accounts.add_grids(tx, cells)

        self.app.db.run(enter)
        self.people[name] = account_id
        return account_id

    def username(self, name: str) -> str:
        return f"{self.code}-{name}"

    def build(self, grid: str, name: str = "加油站", *, firm: bool = True) -> UUID:
        """A site in a grid; its village is the one that the grid's code begins with."""
        site = NewSite(
            uuid4(), name, "hazmat", self.firm if firm else None, grid[:12], grid, None, None, None, None,
            None, {}, 1,
        )  # fmt: skip
        self.app.write(lambda work: set_up.add_sites(work, [], [site]))
        return site.id

    def change(self, act: Callable[..., Any], *args: Any, **more: Any) -> Any:
        """One action on scope in a transaction of its own; a name of somebody stands for the account."""
        given = [self.people.get(arg, arg) if isinstance(arg, str) else arg for arg in args]
        return self.app.write(lambda work: act(work, *given, **more))

    def later(self, **by: float) -> datetime:
        """Time goes on; the new moment."""
        self.clock.advance(timedelta(**by))
        return self.clock.now()

    def phone(self, name: str, device_id: UUID | None = None) -> "Phone":
        """Somebody's phone, the same for the whole test; or the account on a phone that is named."""
        key = (name, device_id)
        if key not in self.phones:
            self.phones[key] = Phone(self, self.people[name], device_id or uuid4())
        return self.phones[key]

    def caller(self, work: Work, account_id: UUID, device_id: UUID | None) -> Caller:
        return identity.caller_with_session(work.tx, account_id, account_id, device_id)

    def account(self, name: str) -> Any:
        with self.app.db.read() as tx:
            return tx.execute(sa.select(ACCOUNT).where(ACCOUNT.c.id == self.people[name])).one()


@dataclass
class Phone:
    """A correct client: what it captures it sends until it is answered, and it keeps what it pulls."""

    county: County
    account_id: UUID
    device_id: UUID
    cursor: str | None = None
    store: dict[tuple[str, str], Any] = field(default_factory=dict)
    brought_by: dict[tuple[str, str], str] = field(default_factory=dict)
    seq: Any = field(default_factory=lambda: count(1))

    def push(self, *ops: dict[str, Any]) -> list[dict[str, Any]]:
        """One batch; an outcome for each operation."""
        wanted = msgspec.json.decode(msgspec.json.encode(self.batch(*ops)), type=Push)

        def file(work: Work) -> object:
            work.caller = self.county.caller(work, self.account_id, self.device_id)
            return receive_push(work, wanted, "json", self.county.app.here)

        return list(_plain(self.county.app.write(file))["outcomes"])

    def batch(self, *ops: dict[str, Any]) -> dict[str, Any]:
        """The body of a push, sent now."""
        return {
            "protocol": 1, "device_id": self.device_id, "batch_id": uuid4(), "sent": self.clocks(),
            "ops": ops,
        }  # fmt: skip

    def page(self, cursor: str | None, limit: int) -> dict[str, Any]:
        """One answer to a pull."""
        wanted = Pull(protocol=1, device_id=self.device_id, cursor=cursor, limit=limit)

        def look(work: Work) -> object:
            work.caller = self.county.caller(work, self.account_id, self.device_id)
            return pull_changes(work, wanted, self.county.app.here).answer

        answer: dict[str, Any] = _plain(self.county.app.read(look))
        assert len(answer["changes"]) <= limit
        return answer

    def pull(self, limit: int = 500, pages: int = 10_000) -> "Pulled":
        """Page by page until there is no more, or so many pages; what they told."""
        told = Pulled()
        for _ in range(pages):
            answer = self.page(self.cursor, limit)
            for key in [
                key for key in self.store if self.brought_by[key] in answer["streams"].get("reset", ())
            ]:
                del self.store[key]
            for change in answer["changes"]:
                self.absorb(change)
            self.cursor = answer["cursor"]
            told.changes += answer["changes"]
            told.added += answer["streams"]["added"]
            told.removed += answer["streams"]["removed"]
            told.reset += answer["streams"].get("reset", [])
            told.is_whole = not answer["more"]
            if told.is_whole:
                break
        return told

    def absorb(self, change: dict[str, Any]) -> None:
        key = change["entity"], change["id"]
        if change["kind"] == "put":
            self.store[key], self.brought_by[key] = change["data"], change["stream"]
        else:
            self.store.pop(key, None)

    def fresh(self, limit: int = 500) -> dict[tuple[str, str], Any]:
        """What a phone would hold that pulls for the first time; all of it comes as `put`."""
        new = Phone(self.county, self.account_id, self.device_id)
        told = new.pull(limit)
        assert {change["kind"] for change in told.changes} <= {"put"}
        return new.store

    def clocks(self) -> dict[str, Any]:
        return device_clocks(self.county.clock.now())

    def capture(self, kind: str, entity_id: object, body: dict[str, Any], **more: Any) -> dict[str, Any]:
        """An operation, captured now."""
        return {
            "op_id": str(uuid4()), "seq": next(self.seq), "kind": kind, "entity_id": str(entity_id),
            "at": self.clocks(), "body": body, **more,
        }  # fmt: skip

    def report(self, **place: Any) -> dict[str, Any]:
        """`hazard.report`, captured now."""
        body = {"description": "电线老化", "photos": [], **{k: str(v) for k, v in place.items()}}
        return self.capture("hazard.report", uuid4(), body)

    def inspect(self, site_id: UUID, findings: int = 1, **more: Any) -> dict[str, Any]:
        """`inspection.submit` with so many general findings, captured now."""
        fails = {item.code: {} for item in plain_items("general")[:findings]}
        now = self.county.clock.now()
        op = inspection(site_id, at=now, fails=fails, seq=next(self.seq), passes=2, **more)
        return op | {"at": self.clocks()}

    def ids(self, entity: str) -> set[str]:
        """What the phone holds of a kind."""
        return {entity_id for kind, entity_id in self.store if kind == entity}


@dataclass
class Pulled:
    """What some pages of pulls have told."""

    changes: list[dict[str, Any]] = field(default_factory=list)
    added: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    reset: list[str] = field(default_factory=list)
    is_whole: bool = False

    def of_kind(self, kind: str) -> set[tuple[str, str]]:
        return {(change["entity"], change["id"]) for change in self.changes if change["kind"] == kind}


def codes(outcomes: Iterable[dict[str, Any]]) -> list[str]:
    """The codes of outcomes, with the problem's where there is one."""
    return [f"{o['code']} {o['problem']['code']}" if "problem" in o else o["code"] for o in outcomes]


def _plain(answer: object) -> Any:
    return msgspec.json.decode(msgspec.json.encode(answer))


START = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
