"""What tests of actions do: push as somebody, pull as somebody, hand in photos, let time pass, look."""

import hashlib
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID, uuid4

import msgspec
import sqlalchemy as sa

from inspect_api.actions.app import App
from inspect_api.actions.deliver_notices import deliver_notices
from inspect_api.actions.escalate_overdue import escalate_overdue
from inspect_api.actions.pull_changes import pull_changes
from inspect_api.actions.receive_photo import StoredBlob, receive_photo
from inspect_api.actions.receive_push import receive_push
from inspect_api.actions.work import Work
from inspect_api.clock import MovableClock
from inspect_api.domain.access import Caller
from inspect_api.domain.chain import first_broken
from inspect_api.domain.clocks import ClockState, HazardFile
from inspect_api.domain.hazard import HazardState
from inspect_api.domain.history import plain_hazard, rebuild
from inspect_api.store import clocks, hazard_events, hazards, identity, sites
from inspect_api.store.enterprises import ENTERPRISE
from inspect_api.store.feed import FEED
from inspect_api.store.hazards import HAZARD
from inspect_api.store.past_hazards import FIXED, HAZARD_PAST
from inspect_api.store.photos import PHOTO
from inspect_api.store.schema import AnyRow, metadata
from inspect_api.store.sites import SITE
from sync.envelope import Change, Outcome, Problem, Pull, Push, PushAnswer
from sync.identity import hazard_id
from tests import records
from tests.actions.county import OWNERS, SITES, account_id, known_id, site_id

_STAYS = {
    "region", "enterprise", "site", "account", "account_region", "account_grid", "calendar_year",
    "calendar_day", "instance", "stream", "feed",
}  # fmt: skip

Op = dict[str, Any]
Encoding = Literal["json", "msgpack"]


def _take_down_walls(tx: sa.Connection) -> list[str]:
    """Let histories and the like be deleted, which only the owner of the schema can; what puts all back."""
    if tx.dialect.name == "postgresql":
        walled = ("hazard_event", "report_edition", "evidence_view")
        for name in walled:
            tx.exec_driver_sql(f"ALTER TABLE {name} DISABLE TRIGGER USER")
        return [f"ALTER TABLE {name} ENABLE TRIGGER USER" for name in walled]
    walls = tx.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").all()
    for wall in walls:
        tx.exec_driver_sql(f'DROP TRIGGER "{wall.name}"')
    return [wall.sql for wall in walls]


def sha(name: str) -> str:
    """The hash of a photo that is known by what it shows."""
    return hashlib.sha256(name.encode()).hexdigest()


GENERAL = [item.code for item in records.plain_items("general")]
MAJOR = [item.code for item in records.plain_items("major")]


def code_of(outcome: Outcome) -> str:
    """Why it was not applied."""
    assert isinstance(outcome.problem, Problem)
    return outcome.problem.code


def turned(value: Any) -> Any:
    """The same value with the keys of every object in another order."""
    if isinstance(value, dict):
        return {key: turned(item) for key, item in reversed(value.items())}
    return [turned(item) for item in value] if isinstance(value, list) else value


def found_at(inspection: Op, item: str, n: int = 1) -> UUID:
    """The hazard of a finding, as a phone computes its id."""
    return hazard_id(UUID(inspection["entity_id"]), item, n)


def claim(name: str, at: datetime) -> dict[str, Any]:
    return {"sha256": sha(name), "size": 5, "content_type": "image/jpeg", "taken_at": at.isoformat()}


class Bench:
    """One installation, and everybody who works with it. Each person has a phone of his own."""

    def __init__(self, app: App, clock: MovableClock) -> None:
        self.app, self.clock = app, clock
        self._callers: dict[tuple[str, str | None], Caller] = {}
        self._seq = 0

    def now(self) -> datetime:
        return self.clock.now()

    def wait(self, **time: float) -> None:
        self.clock.advance(timedelta(**time))

    def caller(self, who: str, phone: str | None = "") -> Caller:
        """Somebody, logged in on a phone (his own), or on none (None)."""
        key = (who, phone)
        if key not in self._callers:
            device = None if phone is None else known_id("phone", phone or who)
            with self.app.db.read() as tx:
                self._callers[key] = identity.caller_with_session(tx, account_id(who), uuid4(), device)
        return self._callers[key]

    def dress(self, who: str, like: str, **scope: Any) -> None:
        """Somebody with another's account and a scope of his own."""
        self._callers[who, ""] = self.caller(like)._replace(**scope)

    # ---- what phones write

    def inspect(self, *items: str, site: str = "罐区", **more: Any) -> Op:
        """An inspection at which these items failed; `fails` gives some of them more to say."""
        fails = {item: {} for item in items} | more.pop("fails", {})
        self._seq += 1
        more.setdefault("seq", self._seq)
        return records.inspection(site_id(site), at=self.now(), fails=fails, passes=2, **more)

    def op(self, kind: str, entity_id: object, body: object, **more: Any) -> Op:
        self._seq += 1
        return {
            "op_id": str(uuid4()),
            "seq": self._seq,
            "kind": kind,
            "entity_id": str(entity_id),
            "at": records.clock(self.now()),
            "body": body,
        } | more

    def command(self, name: str, hazard: UUID, op_fields: dict[str, Any] | None = None, **body: Any) -> Op:
        return self.op(f"hazard.{name}", hazard, body, **(op_fields or {}))

    def rectify(self, hazard: UUID, **body: Any) -> Op:
        """The enterprise says that it is fixed."""
        said = {"description": "已更换", "completed_at": self.now().isoformat(), "photos": []}
        return self.command("submit_rectification", hazard, **said | body)

    def report(self, **body: Any) -> Op:
        """What somebody saw in passing."""
        return self.op("hazard.report", uuid4(), {"description": "路边堆放液化气瓶", "photos": []} | body)

    # ---- exchange

    def answer(
        self,
        who: str,
        ops: Iterable[object],
        *,
        encoding: Encoding = "json",
        phone: str | None = "",
        sent: dict[str, Any] | None = None,
    ) -> PushAnswer:
        """A push, all the way through the bytes."""
        caller = self.caller(who, phone)
        device = caller.device_id or known_id("phone", "ohne")
        body = records.push(list(ops), str(device), self.now()) | ({"sent": sent} if sent else {})  # type: ignore[arg-type]
        if encoding == "json":
            push = msgspec.json.decode(msgspec.json.encode(body), type=Push)
        else:
            push = msgspec.msgpack.decode(msgspec.msgpack.encode(body), type=Push)
        return self.app.write(lambda work: receive_push(work, push, encoding, self.app.here), caller)

    def push(self, who: str, *ops: object, **options: Any) -> list[Outcome]:
        return self.answer(who, ops, **options).outcomes

    def do(self, who: str, op: Op, **options: Any) -> Outcome:
        """One operation that is applied."""
        outcome = self.push(who, op, **options)[0]
        assert outcome.code == "applied", (outcome.code, outcome.problem)
        return outcome

    def give(self, who: str, name: str, hazard: UUID, **body: Any) -> Outcome:
        """One command that is applied."""
        return self.do(who, self.command(name, hazard, **body))

    def pull(
        self, who: str, cursor: str | None = None, *, limit: int = 1000, deliver: bool = False
    ) -> tuple[list[Change], str]:
        """Everything after the cursor; `deliver` as a phone does, to which what it gets is delivered."""
        caller = self.caller(who)
        changes: list[Change] = []
        while True:
            pull = Pull(protocol=1, device_id=caller.device_id or UUID(int=0), cursor=cursor, limit=limit)
            pulled = self.app.read(lambda work, pull=pull: pull_changes(work, pull, self.app.here), caller)  # type: ignore[misc]
            changes += pulled.answer.changes
            cursor = pulled.answer.cursor
            if deliver and pulled.undelivered:
                new = pulled.undelivered
                self.app.write(lambda work, new=new: deliver_notices(work, new), caller)  # type: ignore[misc]
            if not pulled.answer.more:
                return changes, cursor

    def upload(self, who: str, *names: str, phone: str | None = "") -> None:
        """The bytes of photos have come."""
        for name in names:
            blob = StoredBlob(sha(name), 5, "image/jpeg")
            self.app.write(
                lambda work, blob=blob: receive_photo(work, blob),  # type: ignore[misc]
                self.caller(who, phone),
            )

    def escalate(self, most: int = 200) -> int:
        return self.app.write(lambda work: escalate_overdue(work, most))

    # ---- looking

    def hazard(self, hazard_id: UUID) -> HazardState:
        with self.app.db.read() as tx:
            return hazards.state_of(hazards.load(tx, [hazard_id], lock=False)[0])

    def exists(self, hazard_id: UUID) -> bool:
        with self.app.db.read() as tx:
            return bool(hazards.load(tx, [hazard_id], lock=False))

    def clocks(self, hazard_id: UUID) -> dict[str, ClockState]:
        """Its running clocks by kind."""
        with self.app.db.read() as tx:
            pairs = clocks.of_hazards(tx, [hazard_id]).get(hazard_id, [])
        return {clock.kind: clock for _, clock in pairs if clock.is_running}

    def events(self, hazard_id: UUID) -> list[AnyRow]:
        with self.app.db.read() as tx:
            return hazard_events.of_hazard(tx, hazard_id)

    def kinds(self, hazard_id: UUID) -> list[str]:
        """What its history tells, without the prefix `hazard.`."""
        return [event.kind.removeprefix("hazard.") for event in self.events(hazard_id)]

    def rows(self, table: sa.Table, *where: sa.ColumnElement[bool]) -> list[AnyRow]:
        with self.app.db.read() as tx:
            return list(tx.execute(sa.select(table).where(*where)).all())

    def count(self, table: sa.Table, *where: sa.ColumnElement[bool]) -> int:
        return len(self.rows(table, *where))

    def reset(self, start: datetime) -> None:
        """Back to the beginning: the county stays, what happened in it does not."""
        self.clock.set(start)
        with self.app.db.write() as tx:
            walls = _take_down_walls(tx)
            tx.execute(sa.delete(FEED).where(FEED.c.entity.not_in(["checklist", "calendar"])))
            for table in reversed(metadata.sorted_tables):
                if table.name not in _STAYS:
                    tx.execute(sa.delete(table))
            tx.execute(sa.delete(SITE).where(SITE.c.name.not_in(SITES)))
            tx.execute(sa.delete(ENTERPRISE).where(ENTERPRISE.c.name.not_in(OWNERS)))
            for statement in walls:
                tx.exec_driver_sql(statement)
            there = sites.by_ids(tx, [site_id(name) for name in SITES])
            work = Work(tx, start, self.app.rules)
            for row in there.values():
                work.changed("site", row.id, row.rev, row)
                if row.enterprise_id is not None:
                    work.changed("enterprise", row.enterprise_id, 1, row)
            work.publish()

    def check(self) -> None:
        """What holds whatever was done: each row and each past one is what its history says; chains hold."""
        for row in self.rows(HAZARD):
            state = hazards.state_of(row)
            events = self.events(row.id)
            assert first_broken(events) is None
            assert (row.events, row.head) == (len(events), events[-1].hash)
            with self.app.db.read() as tx:
                kept = [clock for _, clock in clocks.of_hazards(tx, [row.id]).get(row.id, [])]
            fields, told = rebuild(event.event for event in events)
            assert fields == plain_hazard(state)
            assert told == {(c.kind, c.cycle): msgspec.to_builtins(c) for c in kept}
            file = HazardFile(state, kept)
            before = msgspec.to_builtins(state)
            file.settle()
            assert msgspec.to_builtins(state) == before
            awaited = self.count(PHOTO, PHOTO.c.hazard_id == row.id, sa.not_(PHOTO.c.is_present))
            assert row.evidence_pending == awaited
            self._check_past(row, events)

    def _check_past(self, row: AnyRow, events: list[AnyRow]) -> None:
        """From its first moment on it was in one state at each, and each was what the history says."""
        moment = None
        for hazards_then in (HAZARD_PAST, HAZARD):
            fixed = {name: getattr(row, name) for name in FIXED}
            past = self.rows(hazards_then, hazards_then.c.id == row.id)
            for then in sorted(past, key=lambda state: state.updated_at):
                assert then.updated_at >= events[0].at if moment is None else then.updated_at == moment
                moment = getattr(then, "until", None)
                names = HazardState.__struct_fields__
                state = HazardState(**{name: fixed.get(name, getattr(then, name, None)) for name in names})
                assert rebuild(event.event for event in events[: then.events])[0] == plain_hazard(state)
