"""Walks the demo's story through the product's own rules, without a server."""

import hashlib
from datetime import date, datetime, timedelta
from uuid import UUID, uuid5

from checklists import catalog
from checklists.evaluate import evaluate
from inspect_api.demo.county import NAMESPACE, Account, County
from inspect_api.demo.story_data import Happening, Inspection, SnapReport, Step, Story
from inspect_api.demo.story_wire import command_body, inspection_body, report_body
from inspect_api.domain.access import Caller
from inspect_api.domain.calendar import CIVIL, Calendar, civil_date, noticed_years, seed_days
from inspect_api.domain.clocks import HazardFile, Rulebook
from inspect_api.domain.commands import apply_command
from inspect_api.domain.deadline import shipped_deadlines
from inspect_api.domain.effects import Deed
from inspect_api.domain.escalation import shipped_ladders
from inspect_api.domain.hazard import HazardState
from inspect_api.domain.late_evidence import PROVING, Proof, ask, asked, retract, seen_late, weigh
from inspect_api.domain.opening import open_found, open_reported, order_of, was_served
from inspect_api.domain.sampling import shipped_sampling
from inspect_api.domain.stages import serve
from sync.bodies import PhotoClaim, SubmitInspection
from sync.commands import DecideEvidence


def photograph(caption: str, at: datetime) -> PhotoClaim:
    name = hashlib.sha256(caption.encode()).hexdigest()
    return PhotoClaim(sha256=name, size=1000, content_type="image/jpeg", taken_at=at, caption=caption)


class Replay:
    """All hazards as they stand when the month is over."""

    def __init__(self, county: County, story: Story, today: date) -> None:
        self.county, self.today = county, today
        self.files: dict[str, HazardFile] = {}
        self._story = story
        years = range(today.year - 1, today.year + 2)
        calendar = Calendar("1", {day.date: day.is_workday for day in seed_days(years)}, noticed_years(years))
        self._book = Rulebook(shipped_deadlines(), shipped_ladders(), calendar, shipped_sampling())
        for happening in story.timeline(today):
            self._happen(happening)

    def late(self, key: str) -> str | None:
        """Who is overdue with a hazard when today begins."""
        hazard = self.files[key].hazard
        midnight = datetime.combine(self.today, datetime.min.time(), CIVIL)
        return hazard.due_party if hazard.due_at is not None and hazard.due_at < midnight else None

    def _happen(self, happening: Happening) -> None:
        who = self.county.account(happening.by[0])
        match happening.act:
            case Inspection() as inspection:
                body = inspection_body(inspection, self.county, self.today, photograph)
                self._inspect(inspection, body, who, happening.synced)
            case SnapReport() as snap:
                report_body(snap, self.county, self.today, photograph)
                told = happening.captured if who.role == "enterprise" else None
                self._open(
                    snap.hazard,
                    snap.site,
                    who,
                    "general",
                    None,
                    order_of(who.role, ()),
                    happening.captured,
                    told,
                )
                self.files[snap.hazard].hazard.suspected_major = snap.suggested_grade == "major"
                open_reported(self.files[snap.hazard], happening.synced, self._book)
            case Step() as step:
                assert happening.hazard is not None
                command = command_body(step, self.today, photograph, _hazard_id)
                deed = Deed(step.kind, command, _caller(who), happening.synced, self._book, "salt")
                file = self.files[happening.hazard]
                apply_command(file, deed)
                self._weigh(file, deed, happening)
        if who.role == "enterprise":
            self._deliver_notices(who, happening.synced)

    def _weigh(self, file: HazardFile, deed: Deed, happening: Happening) -> None:
        """What comes late of work that was done in time, and what a regulator makes of it."""
        question = asked(file)
        if isinstance(deed.body, DecideEvidence) and question is not None:
            assert deed.body.in_time
            retract(file, *question, self._book)
        proof = Proof(deed.actor.role, happening.captured, timedelta(minutes=1))
        for clock in seen_late(file, PROVING.get(deed.kind, ())):
            if weigh(proof, clock) == "question":
                ask(file, clock, proof, deed.now)

    def _inspect(self, plan: Inspection, body: SubmitInspection, who: Account, synced: datetime) -> None:
        entry = catalog.get(plan.checklist_code, plan.checklist_version)
        assert entry is not None
        facts = self.county.site(plan.site).all_facts
        on = civil_date(body.finished_at)
        found = evaluate(entry.checklist, body.answers, facts, on, catalog.criteria(), positioned=True)
        assert (found.unanswered, found.ignored, found.unmet) == ([], [], []), plan.key
        planned = {
            (h.finding.item, h.n): h
            for h in self._story.hazards().values()
            if h.entry is plan and not isinstance(h.finding, SnapReport)
        }
        assert {(f.item, f.n) for f in found.findings} == set(planned), plan.key
        order = order_of(who.role, (officer.user_id for officer in body.officers))
        told = body.finished_at if order == "self" or was_served(body.attendees) else None
        for finding in found.findings:
            hazard = planned[finding.item, finding.n]
            self._open(
                hazard.key, plan.site, who, finding.grade, finding.criterion, order, body.finished_at, told
            )
            fixed = getattr(hazard.finding, "fixed_on_site", None)
            open_found(self.files[hazard.key], synced, self._book, fixed and bool(fixed.photos))

    def _open(
        self,
        key: str,
        site_key: str,
        who: Account,
        grade: str,
        criterion: str | None,
        order: str,
        reported_at: datetime,
        told: datetime | None,
    ) -> None:
        site = self.county.site(site_key)
        state = HazardState(
            id=_hazard_id(key), number=key, title=key, description=key, grade=grade, suspected_major=False,
            order_kind=order, status="reported", industry=site.industry, site_id=site.id,
            enterprise_id=site.enterprise_id, region_code=site.village, grid_code=site.grid_code,
            position=None, source_kind="inspection", inspection_id=None, checklist=None, item=None, n=1,
            criterion=criterion, category=None, found_by=who.id, found_role=who.role,
            reported_at=reported_at, served_at=told,
        )  # fmt: skip
        self.files[key] = HazardFile(state)

    def _deliver_notices(self, who: Account, at: datetime) -> None:
        for file in self.files.values():
            if file.hazard.enterprise_id == who.enterprise_id and file.hazard.status in (
                "plan_due",
                "rectifying",
            ):
                serve(file, at, self._book)
                file.settle()


def _hazard_id(key: str) -> UUID:
    return uuid5(NAMESPACE, key)


def _caller(who: Account) -> Caller:
    return Caller(
        id=who.id, name=who.name, role=who.role, session_id=who.id, device_id=None,
        enterprise_id=who.enterprise_id, regions=who.regions, excluded=who.except_regions,
        grids=frozenset(who.grids), industries=frozenset(),
    )  # fmt: skip
