"""What people capture on their phones, with no network: inspections, reports, commands, chains of them."""

from collections.abc import Callable
from datetime import timedelta
from random import Random
from typing import Literal
from uuid import UUID

from inspect_api.clock import new_id
from sync.bodies import (
    Answer,
    AnswerFinding,
    Attendee,
    ChecklistRef,
    FixedOnSite,
    NewEnterprise,
    Officer,
    PhotoClaim,
    Position,
    RecordVisit,
    Refused,
    RegisterSite,
    ReportHazard,
    SubmitInspection,
)
from sync.entities import Hazard
from sync.identity import hazard_id
from tests.records import HAZMAT, plain_items
from tests.simulation.deeds import KINDS, Deeds
from tests.simulation.phones import Done, Holder
from tests.simulation.places import BY_NAME, PLACES, Person, first_scope

GENERAL = tuple(item.code for item in plain_items("general"))[:4]
MAJOR = tuple(item.code for item in plain_items("major"))[:3]
_HERE = Position(lat=44.01, lon=89.21, datum="gcj02", accuracy_m=12)
_CREDIT_CODE = "91652327MA77BC1234"
_DULL = frozenset({"hazard.note", "hazard.transfer", "hazard.order_suspension", "hazard.dismiss"})


class Fieldwork:
    """The hands of whoever holds a phone."""

    def __init__(self, chance: Random) -> None:
        self._chance = chance
        self._told: list[UUID] = []

    def do_something(self, holder: Holder, told: list[UUID]) -> str:
        """Capture one thing or a chain of things; which kind it was. `told`: hazards that all speak of."""
        self._told = told
        acts: list[tuple[int, Callable[[Holder], object]]] = [
            (45, self._act),
            (10, self._inspect),
            (6, self._chain),
            (5, self._report),
            (4, self._amend),
            (3, self._visit),
            (4, self._register),
        ]
        if holder.person.role == "enterprise":
            acts = [(weight, act) for weight, act in acts if act not in (self._visit, self._register)]
        weights = [weight for weight, _ in acts]
        act = self._chance.choices([act for _, act in acts], weights)[0]
        act(holder)
        return act.__name__.lstrip("_")

    def _inspect(self, holder: Holder, amends: Done | None = None) -> Done:
        chance, now = self._chance, holder.clock.wall()
        site_id = amends.site_id if amends is not None else self._some_site(holder)
        failing = chance.sample((*GENERAL, *MAJOR), chance.randint(0, 2))
        answers = [self._answer(holder, item) for item in failing]
        answers.append(Answer(item=next(item for item in MAJOR if item not in failing), value="pass"))
        body = SubmitInspection(
            site_id=site_id or PLACES[0].id,
            checklist=ChecklistRef(code=HAZMAT, version="1" if chance.random() < 0.97 else "99"),
            started_at=now - timedelta(minutes=20),
            finished_at=now,
            answers=answers,
            attendees=self._attendees(holder),
            photos=[self._photo(holder) for _ in range(chance.choice((0, 0, 0, 1)))],
            officers=_officers(holder.person),
            amends=amends.entity_id if amends is not None else None,
        )
        inspection_id = new_id()
        root = inspection_id if amends is None else (amends.root or amends.entity_id)
        hazards = tuple(hazard_id(root, a.item, n) for a in answers if a.value == "fail" for n in _numbers(a))
        needs = [amends.op_id] if amends is not None and chance.random() < 0.5 else []
        op_id = holder.phone.capture("inspection.submit", inspection_id, body, depends_on=needs)
        done = Done(
            op_id=op_id, kind="inspection.submit", entity_id=inspection_id, site_id=body.site_id,
            root=root, hazards=hazards,
        )  # fmt: skip
        holder.done.append(done)
        return done

    def _amend(self, holder: Holder) -> None:
        before = [done for done in holder.done if done.kind == "inspection.submit"]
        self._inspect(holder, self._chance.choice(before) if before else None)

    def _chain(self, holder: Holder) -> None:
        """An inspection and what is done about its findings at once, each step depending on the last."""
        found = self._inspect(holder)
        before = found.op_id
        for hazard in found.hazards:
            for kind in self._chance.sample(_AT_ONCE[holder.person.role], 2):
                needs = [before] if self._chance.random() < 0.7 else []
                before = self._command(holder, kind, hazard, None, needs)

    def _act(self, holder: Holder) -> None:
        """A command on a hazard that the phone shows, or that somebody has told of who has not synced yet."""
        chance = self._chance
        known = holder.phone.all(Hazard)
        if not known and not self._told:
            self._report(holder)
            return
        if not known or (self._told and chance.random() < 0.25):
            hazard, rev = chance.choice(self._told), None
            kind = chance.choice(_LIKELY[holder.person.role])
        else:
            ready = [hazard for hazard in known if _forward(hazard)]
            shown = chance.choice(ready if ready and chance.random() < 0.75 else known)
            hazard, rev = shown.id, shown.rev if chance.random() < 0.3 else None
            kind = self._fitting(shown)
        before = [done.op_id for done in holder.done if hazard in (done.entity_id, *done.hazards)]
        needs = [before[-1]] if before and chance.random() < 0.5 else []
        self._command(holder, kind, hazard, rev, needs)

    def _fitting(self, shown: Hazard) -> str:
        if self._chance.random() < 0.15:
            return self._chance.choice(KINDS)
        forward = _forward(shown)
        if forward and self._chance.random() < 0.85:
            return self._chance.choice(forward)
        return self._chance.choice(shown.permitted_commands or ["hazard.note"])

    def _command(
        self, holder: Holder, kind: str, hazard: UUID, base_rev: int | None, needs: list[UUID]
    ) -> UUID:
        deeds = Deeds(self._chance, holder.clock.wall(), lambda: self._photo(holder))
        op_id = holder.phone.capture(kind, hazard, deeds.of(kind), base_rev=base_rev, depends_on=needs)
        holder.done.append(Done(op_id=op_id, kind=kind, entity_id=hazard))
        return op_id

    def _report(self, holder: Holder) -> None:
        chance = self._chance
        photos = Deeds(chance, holder.clock.wall(), lambda: self._photo(holder)).photos()
        by_grid = holder.person.grids and chance.random() < 0.3
        body = ReportHazard(
            description="电线裸露",
            photos=photos,
            site_id=None if by_grid else self._some_site(holder),
            grid_code=chance.choice(holder.person.grids) if by_grid else None,
            suggested_grade=chance.choice((None, "major")),
        )
        hazard = new_id()
        op_id = holder.phone.capture("hazard.report", hazard, body)
        holder.done.append(Done(op_id=op_id, kind="hazard.report", entity_id=hazard, hazards=(hazard,)))

    def _register(self, holder: Holder) -> None:
        chance = self._chance
        grid = chance.choice(holder.person.grids or tuple(place.grid for place in PLACES))
        code = _CREDIT_CODE if chance.random() < 0.7 else None
        firm = NewEnterprise(name="新开铺子", credit_code=code) if chance.random() < 0.5 else None
        body = RegisterSite(
            name="新登记场所", industry="fire", grid_code=grid, position=_HERE, enterprise=firm
        )
        site_id = new_id()
        op_id = holder.phone.capture("site.register", site_id, body)
        holder.done.append(Done(op_id=op_id, kind="site.register", entity_id=site_id, site_id=site_id))

    def _visit(self, holder: Holder) -> None:
        deeds = Deeds(self._chance, holder.clock.wall(), lambda: self._photo(holder))
        results: tuple[Literal["closed", "refused", "moved"], ...] = ("closed", "refused", "moved")
        body = RecordVisit(
            site_id=self._some_site(holder), result=self._chance.choice(results), photos=deeds.photos(1)
        )
        holder.phone.capture("visit.record", new_id(), body)

    def _answer(self, holder: Holder, item: str) -> Answer:
        chance = self._chance
        fixed = None
        if chance.random() < 0.5:
            photos = [self._photo(holder).sha256 for _ in range(chance.choice((0, 1, 1, 2)))]
            fixed = FixedOnSite(note="当场整改", photos=photos)
        findings = [AnswerFinding(n=n, note="裂纹", photos=self._names(holder)) for n in (1, 2)]
        several = fixed is None and chance.random() < 0.2
        return Answer(
            item=item, value="fail", note="现场发现", photos=self._names(holder),
            findings=findings if several else [], fixed_on_site=fixed,
        )  # fmt: skip

    def _names(self, holder: Holder) -> list[str]:
        return [self._photo(holder).sha256] if self._chance.random() < 0.12 else []

    def _attendees(self, holder: Holder) -> list[Attendee]:
        way = self._chance.random()
        if way < 0.4:
            refusal = Refused(reason="不同意", witness="李梅")
            return [Attendee(role="principal", name="王建国", refused=refusal)]
        if way < 0.5:
            return [Attendee(role="principal", name="王建国", signature=self._photo(holder).sha256)]
        return []

    def _photo(self, holder: Holder) -> PhotoClaim:
        """A new photo, or one more use of an old one that this person took and the phone still has."""
        album = holder.phone.memory.album
        own = [name for name in holder.taken if name in album]
        reused = own and self._chance.random() < 0.15
        data = album[self._chance.choice(own)] if reused else b"\xff\xd8\xff\xe0" + self._chance.randbytes(20)
        claim = holder.phone.take_photo(data, holder.clock.wall())
        holder.taken.append(claim.sha256)
        return claim

    def _some_site(self, holder: Holder) -> UUID:
        person = holder.person
        scope = first_scope(person)
        visible = [p.id for p in PLACES if scope.sees(p.grid[:12], p.grid, p.enterprise_id)]
        own = [done.site_id for done in holder.done if done.kind == "site.register" and done.site_id]
        everywhere = [p.id for p in PLACES]
        if self._chance.random() < 0.04:
            return self._chance.choice(everywhere)
        return self._chance.choice([*visible, *own] or everywhere)


def _forward(hazard: Hazard) -> list[str]:
    """What the holder of a phone may do that brings the hazard on."""
    return [kind for kind in hazard.permitted_commands if kind not in _DULL]


def _numbers(answer: Answer) -> list[int]:
    return [finding.n for finding in answer.findings] or [1]


def _officers(person: Person) -> list[Officer]:
    if person.role != "officer":
        return []
    pair = (BY_NAME["officer1"], BY_NAME["officer2"])
    return [Officer(user_id=officer.id, certificate_no="新A-1001") for officer in pair]


_LIKELY: dict[str, tuple[str, ...]] = {
    "inspector": ("hazard.note", "hazard.verify"),
    "officer": ("hazard.note", "hazard.verify", "hazard.confirm"),
    "regulator": ("hazard.confirm", "hazard.decide_plan", "hazard.close", "hazard.note"),
    "enterprise": ("hazard.submit_rectification", "hazard.submit_plan", "hazard.accept", "hazard.note"),
}
_AT_ONCE: dict[str, tuple[str, ...]] = {
    "inspector": ("hazard.note", "hazard.verify", "hazard.note"),
    "officer": ("hazard.note", "hazard.order_suspension", "hazard.verify"),
    "regulator": ("hazard.note", "hazard.confirm", "hazard.order_suspension"),
    "enterprise": ("hazard.submit_rectification", "hazard.note", "hazard.submit_plan"),
}
