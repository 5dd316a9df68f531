"""The demo's month, lived by phones: each person captures what the story says, and syncs when it says so."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from uuid import UUID

from inspect_api.demo.broken import StoryBroken
from inspect_api.demo.county import Account, County, Site, demo_id
from inspect_api.demo.phone import Phone
from inspect_api.demo.picture import take_picture
from inspect_api.demo.story_data import Happening, Inspection, SnapReport, Step, Story
from inspect_api.demo.story_wire import command_body, inspection_body, report_body
from inspect_api.domain.calendar import CIVIL
from sync.bodies import PhotoClaim, Position
from sync.commands import Command, Fact
from sync.envelope import Outcome
from sync.identity import hazard_id

DUTY, CAPTURE, SYNC = range(3)
"""What there is to do at a moment: what is due is done, somebody captures something, a phone syncs."""

_MORNING = time(9)


class Scene(NamedTuple):
    """One thing of the month, in the order in which it happens."""

    at: datetime
    what: int
    happening: Happening | None


def scenes(story: Story, today: date) -> list[Scene]:
    """The month in order; what is due is done every morning, when the steps of the ladders fall due."""
    timeline = story.timeline(today)
    found = [Scene(happening.captured, CAPTURE, happening) for happening in timeline]
    found += [Scene(happening.synced, SYNC, happening) for happening in timeline]
    days = (today - min(scene.at for scene in found).astimezone(CIVIL).date()).days
    mornings = (today - timedelta(days=ago) for ago in range(days, 0, -1))
    found += [Scene(datetime.combine(day, _MORNING, CIVIL), DUTY, None) for day in mornings]
    return sorted(found, key=lambda scene: (scene.at, scene.what))


class Month:
    """Everything in it has the same id, and is the same bytes, each time it is lived through.

    So it can be begun again after an interruption: what the server has already is a duplicate.
    """

    def __init__(
        self, county: County, story: Story, today: date, new_phone: Callable[[Account], Phone]
    ) -> None:
        self._county, self._today, self._new_phone = county, today, new_phone
        self._hazards = story.hazards()
        self._phones: dict[str, Phone] = {}
        self._keys: dict[UUID, str] = {}

    def capture(self, happening: Happening) -> None:
        """Somebody inspects, reports or acts; nothing is sent."""
        phone = self._phone(happening)
        match happening.act:
            case Inspection() as visit:
                camera = self._camera(phone, self._county.site(visit.site))
                body = inspection_body(visit, self._county, self._today, camera)
                self._note(phone, visit.key, "inspection.submit", _inspection_id(visit.key), body)
            case SnapReport() as snap:
                camera = self._camera(phone, self._county.site(snap.site))
                report = report_body(snap, self._county, self._today, camera)
                self._note(phone, snap.hazard, "hazard.report", self.hazard_id(snap.hazard), report)
            case Step() as step:
                key = happening.hazard or ""
                camera = self._camera(phone, self._county.site(self._hazards[key].entry.site))
                command = command_body(step, self._today, camera, self.hazard_id)
                self._note(phone, f"{key} {step.at} {step.do}", step.kind, self.hazard_id(key), command)

    def sync(self, happening: Happening) -> None:
        """The device of that happening reaches the network. Raises StoryBroken for what is not applied."""
        for outcome in self._phone(happening).sync():
            first = outcome.first if isinstance(outcome.first, Outcome) else outcome
            if first.code != "applied":
                why = getattr(first.problem, "detail", "")
                raise StoryBroken(f"{self._keys[UUID(outcome.op_id)]}: {first.code} {why}")

    def hazard_id(self, key: str) -> UUID:
        """The id that phone and server give to a hazard of the story."""
        plan = self._hazards[key]
        if isinstance(plan.finding, SnapReport) or isinstance(plan.entry, SnapReport):
            return _own_id("hazard", key)
        return hazard_id(_inspection_id(plan.entry.key), plan.finding.item, plan.n)

    def _phone(self, happening: Happening) -> Phone:
        holder = happening.by[0]
        if holder not in self._phones:
            self._phones[holder] = self._new_phone(self._county.account(holder))
        return self._phones[holder]

    def _note(self, phone: Phone, key: str, kind: str, entity_id: UUID, body: Command | Fact) -> None:
        op_id = _own_id("operation", key)
        self._keys[op_id] = key
        # without `base_rev`: what an interrupted load has changed already would make it another operation
        phone.capture(kind, entity_id, body, op_id=op_id)

    def _camera(self, phone: Phone, site: Site) -> Callable[[str, datetime], PhotoClaim]:
        position = Position(lat=site.lat, lon=site.lon, datum="wgs84", accuracy_m=8)

        def photograph(caption: str, at: datetime) -> PhotoClaim:
            return phone.take_photo(take_picture(caption, at, position), at, position, caption)

        return photograph


def _inspection_id(key: str) -> UUID:
    return _own_id("inspection", key)


def _own_id(noun: str, key: str) -> UUID:
    """The same in every demo, in the form of one that a device makes (version 4)."""
    return UUID(int=demo_id(noun, key).int, version=4)
