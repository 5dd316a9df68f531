"""Whole lives of hazards: random commands by random persons at random moments, and what must always hold."""

from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from inspect_api.domain.access import Caller
from inspect_api.domain.calendar import CIVIL
from inspect_api.domain.chain import START as CHAIN_START
from inspect_api.domain.chain import entry_hash, first_broken
from inspect_api.domain.clocks import ClockState, HazardFile, next_moment
from inspect_api.domain.commands import apply_command
from inspect_api.domain.effects import Deed
from inspect_api.domain.escalation import steps_due
from inspect_api.domain.hazard import HazardState
from inspect_api.domain.history import Snapshot, event_bytes, plain_hazard, rebuild
from inspect_api.domain.moves import permitted_commands
from inspect_api.domain.opening import open_found, open_reported, prove_fixed_on_site
from inspect_api.domain.stages import serve
from inspect_api.errors import Refusal
from tests.domain.hazard_cases import NAMES, START, STATUSES, book, command, hazard, person, running

OPEN = {"reported", "plan_due", "plan_review", "rectifying", "verifying", "review"}
# what the document's arrows allow, by status before and after
ARROWS = {
    ("reported", "rectifying"), ("reported", "plan_due"), ("plan_due", "plan_review"),
    ("plan_review", "rectifying"), ("plan_review", "plan_due"), ("rectifying", "verifying"),
    ("verifying", "rectifying"), ("verifying", "review"), ("verifying", "closed"), ("review", "closed"),
    ("closed", "rectifying"), ("dismissed", "reported"),
} | {(status, "dismissed") for status in OPEN}  # fmt: skip

PERSONS = [
    person(role, number)
    for role, number in [
        ("inspector", 1), ("officer", 1), ("officer", 2), ("regulator", 1), ("regulator", 2),
        ("enterprise", 1), ("enterprise", 2), ("expert", 1), ("auditor", 1),
    ]
]  # fmt: skip
FINDERS = [("inspector", "urged"), ("officer", "ordered"), ("officer", "urged"), ("enterprise", "self")]
VARIANTS: dict[str, list[dict[str, Any]]] = {
    "confirm": [{"grade": "general"}, {"grade": "major", "criterion": "HZ26-5.1.2"}],
    "submit_plan": [{}, {"goals": ""}],
    "decide_plan": [{"approved": True}, {"approved": False, "reason": "资金未落实"}],
    "decide_extension": [{"approved": True}, {"approved": False}],
    "submit_rectification": [{}, {"photos": []}],
    "verify": [{"passed": True}, {"passed": False}],
    "decide_resumption": [{"approved": True}, {"approved": False}],
    "report_to_workers": [{}, {"proof": []}],
}
ONWARDS = {
    "confirm", "submit_plan", "decide_plan", "request_extension", "decide_extension",
    "submit_rectification", "accept", "verify", "close",
}  # fmt: skip
# due dates that a person sets, always ahead of the moment at which he sets them
DATED = {"confirm": 20, "submit_plan": 40, "request_extension": 90, "list_supervision": 30}


# an enterprise that was not served acted nevertheless
UNSERVED = {("plan_due", "plan_review"), ("rectifying", "verifying")}


class Entry(NamedTuple):
    """An entry of the history as a store would keep it."""

    hazard_id: UUID
    n: int
    kind: str
    op_hash: bytes | None
    event: bytes
    at: datetime
    actor: str
    prev_hash: bytes
    hash: bytes


class HazardLife(RuleBasedStateMachine):
    """One hazard from its finding on. What the document says is kept beside it, and compared."""

    def __init__(self) -> None:
        super().__init__()
        self.now = START
        self.entries: list[Entry] = []
        self.verified: UUID | None = None
        self.rectified: UUID | None = None
        self.told_workers_due = False

    @initialize(
        finder=st.sampled_from(FINDERS),
        grade=st.sampled_from(["general", "major"]),
        served=st.booleans(),
        fixed=st.sampled_from([None, False]),
        snap=st.booleans(),
    )
    def found(
        self, finder: tuple[str, str], grade: str, served: bool, fixed: bool | None, snap: bool
    ) -> None:
        role, order = finder
        self.file = HazardFile(
            hazard(
                found_role=role,
                found_by=person(role).id,
                order_kind=order,
                grade="general" if snap else grade,
                suspected_major=snap and grade == "major",
                served_at=START if served or role == "enterprise" else None,
            )
        )
        self.seen = Snapshot(None)
        if snap:
            open_reported(self.file, self.now, book())
        else:
            open_found(self.file, self.now, book(), fixed)
            if fixed is not None and role == "enterprise" and grade == "general":
                self.rectified = person(role).id
        self.after("hazard.opened", "system", None)

    @rule(who=st.sampled_from(PERSONS), name=st.sampled_from(NAMES), variant=st.integers(0, 1))
    def somebody_tries(self, who: Caller, name: str, variant: int) -> None:
        self.give(who, name, variant)

    @rule(data=st.data(), variant=st.integers(0, 1), later=st.timedeltas(timedelta(0), timedelta(days=12)))
    def somebody_acts(self, data: st.DataObject, variant: int, later: timedelta) -> None:
        """One of the commands that the hazard shows as permitted."""
        self.now += later
        self.choose(data, set(NAMES) - {"note", "transfer"}, variant)

    @precondition(lambda self: self.file.hazard.status != "dismissed")
    @rule(data=st.data(), variant=st.integers(0, 1))
    def somebody_moves_it_on(self, data: st.DataObject, variant: int) -> None:
        """One that leads towards its end, the same day."""
        self.choose(data, ONWARDS, variant)

    def choose(self, data: st.DataObject, names: set[str], variant: int) -> None:
        may = {who: permitted_commands(self.file.hazard, who, self.now) for who in PERSONS}
        choice = sorted(name for name in names if any(f"hazard.{name}" in mine for mine in may.values()))
        if choice:
            name = data.draw(st.sampled_from(choice))
            who = data.draw(st.sampled_from([who for who in PERSONS if f"hazard.{name}" in may[who]]))
            self.give(who, name, variant)

    def give(self, who: Caller, name: str, variant: int) -> None:
        variants = VARIANTS.get(name, [{}])
        body = dict(variants[variant % len(variants)])
        if name in DATED:
            body["due_at"] = (self.now + timedelta(days=DATED[name])).astimezone(CIVIL).isoformat()
        before = self.file.hazard.status
        facts = msgspec.to_builtins([self.file.hazard, self.file.clocks])
        try:
            deed = Deed(f"hazard.{name}", command(name, **body), who, self.now, book(), "salz")
            apply_command(self.file, deed)
        except Refusal:
            assert msgspec.to_builtins([self.file.hazard, self.file.clocks]) == facts
            return
        self.check_move(name, who, before, body)
        self.after(f"hazard.{name}", str(who.id), before)

    def check_move(self, name: str, who: Caller, before: str, body: dict[str, Any]) -> None:
        state = self.file.hazard
        if name == "submit_rectification":
            self.rectified = who.id
        if name == "submit_plan":
            assert body.get("goals") != ""
        if name in ("accept", "verify"):
            assert who.id != self.rectified
            self.verified = who.id
        if name in ("accept", "verify", "close", "confirm") and who.role == "enterprise":
            assert name == "accept"
            assert state.found_role == "enterprise"
        if name == "close":
            assert who.id not in (self.verified, self.rectified)
            assert state.grade == "major"
            assert self.verified is not None
        if state.status == "closed" and before != "closed":
            assert name == "close" if state.grade == "major" else name in ("accept", "verify")
        if name == "reopen":
            self.verified = self.rectified = None

    @precondition(lambda self: self.file.hazard.served_at is None)
    @rule(later=st.timedeltas(timedelta(0), timedelta(days=5)))
    def the_notice_is_delivered(self, later: timedelta) -> None:
        self.now += later
        before = self.file.hazard.status
        assert serve(self.file, self.now, book())
        assert not serve(self.file, self.now, book())
        self.file.settle()
        self.after("hazard.served", "system", before)

    @precondition(lambda self: self.file.hazard.on_site_pending)
    @rule()
    def the_photo_arrives(self) -> None:
        before = self.file.hazard.status
        assert before == "verifying"
        assert self.file.hazard.grade == "general"
        prove_fixed_on_site(self.file, self.now, book())
        self.after("hazard.fixed_on_site", "system", before)

    @precondition(lambda self: any(c.next_step_at for c in self.file.clocks))
    @rule()
    def nobody_acts(self) -> None:
        """Time goes on to the next step of some ladder, which is taken."""
        self.now = max(self.now, min(c.next_step_at for c in self.file.clocks if c.next_step_at))
        before = self.file.hazard.status
        for clock in self.file.clocks:
            if clock.next_step_at is not None and clock.next_step_at <= self.now:
                ladder = book().ladders.of(self.file.hazard.ruling_grade, clock.party, clock.kind)  # type: ignore[arg-type]
                due = steps_due(ladder, clock.due_at, clock.step, self.now, book().calendar)
                assert due, "a clock that says that a step is due has one"
                clock.step, clock.step_since = due[-1][0].n, self.now
                clock.next_step_at = next_moment(self.file.hazard.ruling_grade, clock, book())
        self.file.settle()
        self.after("hazard.escalated", "system", before)

    def after(self, kind: str, actor: str, before: str | None) -> None:
        """Record the entry, and look at the arrow that was taken."""
        state = self.file.hazard
        if before is not None and state.status != before:
            assert (before, state.status) in ARROWS
        owing = state.status in ("plan_due", "rectifying") or (before, state.status) in UNSERVED
        if owing and state.grade == "major" and state.served_at is not None:
            self.told_workers_due = True
        if state.workers_told_at is not None or state.status in ("closed", "dismissed"):
            self.told_workers_due = False
        body = self.seen.changes(self.file)
        raw, n = event_bytes(body), len(self.entries) + 1
        previous = self.entries[-1].hash if self.entries else CHAIN_START
        made = entry_hash(state.id, n, previous, kind, None, raw, self.now, actor)
        self.entries.append(Entry(state.id, n, kind, None, raw, self.now, actor, previous, made))
        self.seen = Snapshot(self.file)

    @invariant()
    def the_status_is_one_of_eight(self) -> None:
        assert self.file.hazard.status in STATUSES

    @invariant()
    def exactly_the_right_obligations_run(self) -> None:
        assert running(self.file) == self.owed(self.file.hazard)
        kinds = [clock.kind for clock in self.file.clocks if clock.is_running]
        assert len(kinds) == len(set(kinds))

    def owed(self, state: HazardState) -> set[str]:
        """The column «obligation of» of the document, with its papers."""
        told = state.served_at is not None
        own = state.order_kind == "self" and state.grade == "general"
        listed, done = state.listed_level is not None, state.status == "review"
        by_status = {
            "reported": "confirmation",
            "plan_due": "plan" if told else "service",
            "plan_review": "plan_decision",
            "rectifying": "rectification" if told else "service",
            "verifying": "rectification" if own else "reinspection",
            "review": "final_review",
        }
        papers = {
            "extension_decision": state.extension_pending,
            "resumption_decision": state.resumption_pending,
            "listing_publication": listed,
            "listing": listed and not done,
            "delisting": listed and done,
            "report_to_workers": self.told_workers_due,
        }
        due = {kind for kind, runs in papers.items() if runs}
        return due | {by_status[state.status]} if state.status in by_status else due

    @invariant()
    def the_hazard_shows_its_earliest_clock(self) -> None:
        state = self.file.hazard
        clocks = [clock for clock in self.file.clocks if clock.is_running]
        assert state.due_at == min((clock.due_at for clock in clocks), default=None)
        shown = [
            c
            for c in clocks
            if (c.due_at, c.party, c.kind) == (state.due_at, state.due_party, state.due_kind)
        ]
        assert bool(shown) == bool(clocks)
        assert state.step == max((clock.step for clock in clocks), default=0)

    @invariant()
    def a_stopped_clock_has_no_next_step(self) -> None:
        for clock in self.file.clocks:
            if clock.is_running:
                assert clock.stopped_at is None
                assert clock.next_step_at == next_moment(self.file.hazard.ruling_grade, clock, book())
            else:
                assert clock.next_step_at is None
                assert clock.stopped_at is not None
                assert clock.stopped_at >= clock.started_at

    @invariant()
    def papers_fit_the_status(self) -> None:
        state = self.file.hazard
        assert not state.on_site_pending or state.status == "verifying"
        assert not state.extension_pending or state.status == "rectifying"
        assert not state.resumption_pending or state.suspended
        assert state.listed_level is None or state.is_open
        assert state.is_open == (state.status in OPEN)

    @invariant()
    def the_history_rebuilds_it(self) -> None:
        fields, clocks = rebuild(entry.event for entry in self.entries)
        assert fields == plain_hazard(self.file.hazard)
        assert clocks == {(c.kind, c.cycle): msgspec.to_builtins(c) for c in self.file.clocks}
        assert "赵强" not in b"".join(entry.event for entry in self.entries).decode()

    @invariant()
    def what_is_read_again_is_the_same(self) -> None:
        """Rows keep UTC; nothing that was decided by somebody in China is told in his own offset."""
        plain = msgspec.to_builtins(self.file.hazard)
        assert "+08:00" not in msgspec.json.encode(plain).decode()
        again = msgspec.convert(plain, HazardState)
        clocks = msgspec.convert(msgspec.to_builtins(self.file.clocks), list[ClockState])
        assert (again, clocks) == (self.file.hazard, self.file.clocks)

    @invariant()
    def the_chain_holds(self) -> None:
        assert first_broken(self.entries) is None


TestHazardLife = HazardLife.TestCase
TestHazardLife.settings = settings(max_examples=40, stateful_step_count=40, deadline=None)
