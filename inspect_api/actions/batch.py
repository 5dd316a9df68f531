"""Everything that the operations of one push need, loaded in a few statements, and what they will write.

Handlers read and change this in memory, in the order of the operations; then each table is
written with one statement. So a batch costs statements by kind, not by operation.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cached_property
from typing import NamedTuple
from uuid import UUID

from inspect_api.actions import shelf
from inspect_api.actions.adopt_photo import look_for_lost
from inspect_api.actions.captured_scope import CapturedScope
from inspect_api.actions.ledger import Cause, Ledger
from inspect_api.actions.notify import NoticeRequest, send_notices
from inspect_api.actions.read_operations import Filed
from inspect_api.actions.shelf import Shelf
from inspect_api.actions.tell_task import tell_task
from inspect_api.actions.work import Work
from inspect_api.domain.access import Placed
from inspect_api.domain.hazard import HazardState
from inspect_api.domain.past_scope import Somewhere
from inspect_api.domain.position import NEAR_M, distance_m, to_wgs84
from inspect_api.errors import Code, Refusal
from inspect_api.store import accounts, enterprises, hazards, inspections, photos, regions, sites, tasks
from inspect_api.store.schema import AnyRow
from inspect_api.store.sites import NewSite
from sync.bodies import (
    Officer,
    PhotoClaim,
    Position,
    RecordVisit,
    RegisterSite,
    ReportHazard,
    SubmitInspection,
)
from sync.commands import COMMANDS, Confirm, Dismiss
from sync.text import says_something

_SOUND = ("pass", "na")
"""Answers that open no hazard, whatever the item asks; of the others the checklist says it."""


class KnownInspection(NamedTuple):
    """What later operations ask of an inspection."""

    root: UUID
    site_id: UUID
    by_enterprise: bool
    place: Placed


class Batch:
    """The memory of one push."""

    def __init__(self, work: Work, device_id: UUID) -> None:
        self.work = work
        self.device_id = device_id
        self.ledger = Ledger(work)
        self.scope = CapturedScope(work, self._site_ids)
        self.sites: dict[UUID, AnyRow | NewSite] = {}
        self.inspections: dict[UUID, KnownInspection] = {}
        self.chains: dict[UUID, set[UUID]] = {}
        self.visits: set[UUID] = set()
        self.tasks: dict[UUID, AnyRow] = {}
        self.tasks_done: dict[UUID, tuple[UUID, datetime]] = {}
        self._officers: dict[UUID, datetime | None] = {}
        self.stored_blobs: set[str] = set()
        self.open_items: dict[tuple[UUID, str], set[UUID]] = {}
        self.drawn: dict[UUID, dict[str, set[UUID]]] = {}
        self._regions: dict[str, bool] = {}
        self.enterprise_of_code: dict[str, UUID] = {}
        self._open_places: list[tuple[float, float]] = []
        self.nearby: list[AnyRow] = []
        self.notices: list[NoticeRequest] = []
        self.inspection_rows: list[dict[str, object]] = []
        self.visit_rows: list[dict[str, object]] = []
        self.site_rows: list[dict[str, object]] = []
        self.enterprise_rows: list[dict[str, object]] = []
        self.photo_rows: list[dict[str, object]] = []

    @cached_property
    def shelf(self) -> Shelf:
        """The checklists as they stand."""
        return shelf.current(self.work.tx)

    def load(self, operations: Sequence[Filed]) -> None:
        """Read what the operations name, one statement a table."""
        tx, who = self.work.tx, self.work.who
        bodies = [filed.body for filed in operations if filed.body is not None]
        inspected = [body for body in bodies if isinstance(body, SubmitInspection)]
        site_ids = {
            body.site_id
            for body in bodies
            if isinstance(body, SubmitInspection | ReportHazard | RecordVisit) and body.site_id is not None
        }
        registered = (f.op for f in operations if isinstance(f.body, RegisterSite))
        site_ids |= {op.entity_id for op in registered if op is not None}
        self.sites = dict(sites.by_ids(tx, site_ids, stay=True))
        entity_ids = {f.op.entity_id for f in operations if f.op is not None}
        known = inspections.by_ids(
            tx,
            {f.op.entity_id for f in operations if f.op is not None and isinstance(f.body, SubmitInspection)}
            | {body.amends for body in inspected if body.amends is not None},
        )
        self.inspections = {
            row.id: KnownInspection(row.root, row.site_id, row.role == "enterprise", row) for row in known
        }
        if any(isinstance(body, RecordVisit) for body in bodies):
            self.visits = inspections.known_visits(tx, entity_ids)
        named = _blobs_named(operations)
        photos.hold_names(tx, named, arriving=False)
        self.stored_blobs = photos.readable(tx, named, who)
        named_tasks = (body.task_id for body in inspected)
        self.tasks = tasks.by_ids(tx, {one for one in named_tasks if one is not None}, lock=True)
        self._load_hazards(operations, inspected)
        named_officers = (body.officers for body in bodies if isinstance(body, SubmitInspection | Confirm))
        self._officers = accounts.enforcers(tx, {one.user_id for named in named_officers for one in named})
        if any(isinstance(body, RegisterSite | ReportHazard) for body in bodies):
            self._load_places(bodies)

    def _load_hazards(self, operations: Sequence[Filed], inspected: list[SubmitInspection]) -> None:
        tx = self.work.tx
        wanted = {
            f.op.entity_id
            for f in operations
            if f.op is not None and (f.op.kind in COMMANDS or isinstance(f.body, ReportHazard))
        }
        roots = {self.inspections[body.amends].root for body in inspected if body.amends in self.inspections}
        self.chains = inspections.hazards_of_roots(tx, roots)
        wanted |= {hazard_id for chain in self.chains.values() for hazard_id in chain}
        if self.work.who.role != "enterprise":
            for row in hazards.drawn_at_sites(tx, {body.site_id for body in inspected}):
                self.drawn.setdefault(row.site_id, {}).setdefault(row.item, set()).add(row.id)
                wanted.add(row.id)
        # what a hazard is merged into takes part in it, and is locked with it
        wanted |= {
            f.body.duplicate_of for f in operations if isinstance(f.body, Dismiss) and f.body.duplicate_of
        }
        self.ledger.load(wanted)
        doubted = {one.item for body in inspected for one in body.answers if one.value not in _SOUND}
        for row in hazards.open_at_sites(tx, {body.site_id for body in inspected}, doubted):
            self.note_open(row.id, row.site_id, row.item)

    def _load_places(self, bodies: Sequence[object]) -> None:
        named_grids = (body.grid_code for body in bodies if isinstance(body, RegisterSite | ReportHazard))
        # a report that names no grid is in the only one that its inspector has
        grids = {grid for grid in named_grids if grid is not None} | self.work.who.grids
        if any(isinstance(b, ReportHazard) and b.site_id is None and b.grid_code is None for b in bodies):
            self.nearby = sites.visible_places(self.work.tx, self.work.who)
            grids |= {row.grid_code for row in self.nearby}
        self._find_regions({code for grid in grids for code in (grid[:12], grid[:9], grid[:6])})
        named = (body.enterprise for body in bodies if isinstance(body, RegisterSite) and body.enterprise)
        reported = (b.position for b in bodies if isinstance(b, ReportHazard) and b.position is not None)
        places = {to_wgs84(position) for position in reported}
        self._open_places = hazards.open_places(self.work.tx, places, self.work.who)
        credit_codes = {enterprise.credit_code for enterprise in named if enterprise.credit_code}
        self.enterprise_of_code = enterprises.by_credit_codes(self.work.tx, credit_codes)

    def nearest_site(self, position: Position) -> AnyRow | None:
        """The caller's site that lies nearest to a position, to know its grid."""
        here = to_wgs84(position)
        return min(self.nearby, key=lambda row: distance_m(here, (row.lat, row.lon)), default=None)

    def add_site(self, site: NewSite) -> None:
        """A new site, known at once to the operations after this one."""
        self.sites[site.id] = site
        self.site_rows.append(site._asdict())
        self.work.changed("site", site.id, site.rev, site)
        if site.enterprise_id is not None:
            self.work.changed("enterprise", site.enterprise_id, 1, site)

    def site_for(self, filed: Filed, site_id: UUID) -> AnyRow | NewSite:
        """The site that an operation names. Raises Refusal where its author has no business there."""
        unknown = Refusal(
            Code.UNKNOWN_ENTITY, "This site is not known here", pointer="/body/site_id", awaits=site_id
        )
        site = self.sites.get(site_id)
        if site is None:
            raise unknown
        self.scope.admit(filed, site, site_id, unknown)
        return site

    def refuse_taken(self, thing: Placed, site_id: UUID | None) -> Refusal:
        """An id that something has already; who has never seen that is told what he would be of nothing."""
        if self.scope.has_seen(thing, site_id):
            return Refusal(Code.INVALID_BODY, "This was filed by another operation", pointer="/entity_id")
        return Refusal(Code.UNKNOWN_ENTITY, "This is not known here", pointer="/entity_id")

    def region_of_grid(self, grid_code: str) -> str | None:
        """The finest official division that a grid code begins with, or None."""
        cuts = regions.around(grid_code)
        if not self._regions.keys() >= set(cuts):
            self._find_regions(cuts)
        return next((cut for cut in cuts if self._regions[cut]), None)

    def _find_regions(self, codes: Iterable[str]) -> None:
        known = regions.names(self.work.tx, codes)
        self._regions.update({code: code in known for code in codes})

    def open_near(self, hazard: HazardState) -> bool:
        """Whether an open hazard that the caller sees lies near a report without a checklist."""
        if hazard.lat is None or hazard.lon is None:
            return False
        here = (hazard.lat, hazard.lon)
        return any(distance_m(here, place) <= NEAR_M for place in self._open_places)

    def note_open(self, hazard_id: UUID, site_id: UUID | None, item: str | None) -> None:
        """Remember an open hazard, so that a second report of it is noticed."""
        if site_id is not None and item is not None:
            self.open_items.setdefault((site_id, item), set()).add(hazard_id)

    def in_office(self, named: Iterable[Officer], at: datetime) -> tuple[UUID, ...]:
        """Those of the officers, named with their certificates, who were in office then, whatever became of
        their accounts since."""
        found = {officer.user_id for officer in named if says_something(officer.certificate_no)}
        ended = {officer: self._officers[officer] for officer in sorted(found & self._officers.keys())}
        return tuple(officer for officer, end in ended.items() if end is None or end >= at)

    def created(self) -> set[UUID]:
        """What the operations have brought into being, for others that wait for it."""
        made = {row["id"] for row in (*self.inspection_rows, *self.site_rows)}
        return {i for i in made if isinstance(i, UUID)} | self.ledger.opened()

    def place_of(self, filed: Filed) -> str | None:
        """Where an operation belongs that is not applied: whose supervisor is to see it."""
        thing, site_id = self._thing_of(filed)
        if thing is not None and self.scope.has_seen(thing, site_id):
            return thing.region_code
        return self.scope.home

    def _thing_of(self, filed: Filed) -> tuple[Placed | None, UUID | None]:
        """What an operation is about, with the site that it lies at."""
        file = self.ledger.get(filed.op.entity_id) if filed.op is not None else None
        if file is not None:
            return file.hazard, file.hazard.site_id
        body = filed.body
        if isinstance(body, SubmitInspection | ReportHazard | RecordVisit) and body.site_id is not None:
            return self.sites.get(body.site_id), body.site_id
        if isinstance(body, ReportHazard | RegisterSite) and body.grid_code is not None:
            region = self.region_of_grid(body.grid_code)
            industry = body.industry if isinstance(body, RegisterSite) else "other"
            return (Somewhere(region, body.grid_code, None, industry) if region else None), None
        return None, None

    def _site_ids(self) -> set[UUID]:
        return set(self.sites) | self.ledger.sites()

    def cause(self, filed: Filed) -> Cause:
        """The operation as the reason of an entry in a hazard's history."""
        return Cause(str(self.work.who.id), filed.filed_id, bytes.fromhex(filed.digest))

    def write(self) -> None:
        """Write everything but the operations themselves, parents before children."""
        tx = self.work.tx
        enterprises.add(tx, self.enterprise_rows)
        sites.add(tx, self.site_rows)
        inspections.add(tx, self.inspection_rows)
        inspections.add_visits(tx, self.visit_rows)
        self._write_tasks()
        self.ledger.write()
        photos.expect(tx, self.photo_rows)
        self._tell_of_proofs()
        look_for_lost(self.work, (str(row["sha256"]) for row in self.photo_rows if not row["is_present"]))
        send_notices(self.work, self.ledger, self.notices)

    def _write_tasks(self) -> None:
        rows: list[dict[str, object]] = []
        for task_id, (inspection_id, at) in self.tasks_done.items():
            rev = self.tasks[task_id].rev + 1
            rows.append(
                {"id": task_id, "status": "done", "done_by": inspection_id, "done_at": at, "rev": rev}
            )
            tell_task(self.work, self.tasks[task_id], rev)
        tasks.finish(self.work.tx, rows)

    def _tell_of_proofs(self) -> None:
        """A picture that an amendment names as a finding may be a proof of its hazard already."""
        opened = self.ledger.opened()
        late = [
            (hazard_id, str(row["sha256"]))
            for row in self.photo_rows
            if row["purpose"] == "finding"
            and isinstance(hazard_id := row["hazard_id"], UUID)
            and hazard_id not in opened
        ]
        if late:
            hazards_named, names = zip(*late, strict=True)
            for photo in photos.proofs_shown(self.work.tx, hazards_named, names):
                self.work.changed("photo", photo.id, photo.rev, photo)


def claims_of(body: object) -> dict[str, PhotoClaim]:
    """The photos that a body describes, by SHA-256."""
    given = getattr(body, "photos", ())
    return {photo.sha256: photo for photo in given if isinstance(photo, PhotoClaim)}


def _blobs_named(operations: Iterable[Filed]) -> set[str]:
    return {name for filed in operations if filed.body is not None for name in names_in(filed.body)}


def names_in(body: object) -> set[str]:
    """Every SHA-256 that a body names, wherever it stands."""
    names = {p if isinstance(p, str) else p.sha256 for p in getattr(body, "photos", ())}
    names.update(getattr(body, "proof", ()))
    if isinstance(body, SubmitInspection):
        for answer in body.answers:
            if answer.photos:
                names.update(answer.photos)
            for finding in answer.findings:
                names.update(finding.photos)
            if answer.fixed_on_site is not None:
                names.update(answer.fixed_on_site.photos)
        names.update(person.signature for person in body.attendees if person.signature is not None)
    return names
