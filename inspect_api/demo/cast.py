"""The people of a story that is told against a running server: each with a phone, each a line at a time."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

import httpx

from inspect_api.clock import SystemClock, new_id
from inspect_api.demo.county import PASSWORD, Site, load_county
from inspect_api.demo.phone import Phone, PhoneClock
from inspect_api.demo.picture import take_picture
from inspect_api.domain.calendar import CIVIL
from inspect_api.domain.words import STATUS_NAMES
from sync.bodies import PhotoClaim, Position
from sync.commands import Command
from sync.entities import Hazard
from sync.envelope import Outcome

Say = Callable[[str], None]

COMMAND_NAMES = {
    "hazard.confirm": "核定",
    "hazard.submit_plan": "报送治理方案",
    "hazard.decide_plan": "审查方案",
    "hazard.submit_rectification": "报告整改",
    "hazard.report_to_workers": "向职工报告",
    "hazard.verify": "复查",
    "hazard.close": "销号",
}

_CAREFUL = frozenset({"hazard.confirm", "hazard.decide_plan", "hazard.verify", "hazard.close"})
"""Commands that say which state of the hazard the person saw (`base_rev`)."""


class StoryFailed(Exception):
    """The server did something else than the story tells."""


class Cast:
    """`http` has the server's address. Photos are taken at `site`, new ones in every run."""

    def __init__(self, http: httpx.Client, say: Say, site: Site) -> None:
        self.say = say
        self._http, self._site = http, site
        self._county = load_county()
        self._phones: dict[str, Phone] = {}
        self._run = new_id()

    def phone(self, username: str) -> Phone:
        """That person's phone, logged in."""
        return self._phones.get(username) or self.give(username, PhoneClock(SystemClock()))

    def give(self, username: str, clock: PhoneClock) -> Phone:
        """A new phone with these clocks, with which its owner logs in."""
        phone = Phone(self._http, clock, new_id(), encoding="msgpack", compression="zstd")
        phone.log_in(username, PASSWORD)
        self._phones[username] = phone
        return phone

    def photo(self, username: str, caption: str) -> PhotoClaim:
        """A photo taken now, with that person's phone."""
        return self.camera(username)(caption, self.phone(username).clock.wall())

    def camera(self, username: str) -> Callable[[str, datetime], PhotoClaim]:
        """Of that person's phone."""
        phone = self.phone(username)
        place = Position(lat=self._site.lat, lon=self._site.lon, datum="wgs84", accuracy_m=6)

        def photograph(caption: str, at: datetime) -> PhotoClaim:
            return phone.take_photo(take_picture(f"{caption} {self._run}", at, place), at, place, caption)

        return photograph

    def act(self, username: str, kind: str, hazard_id: UUID, body: Command) -> None:
        """One person sees the hazard on the phone, gives a command and syncs. Raises StoryFailed."""
        phone = self.phone(username)
        phone.pull()
        seen = self.see(username, hazard_id)
        phone.capture(kind, hazard_id, body, base_rev=seen.rev if kind in _CAREFUL else None)
        (outcome,) = phone.sync()
        expect(outcome, "applied")
        self.line(username, f"{COMMAND_NAMES[kind]} {kind} -> {stands(self.see(username, hazard_id))}")

    def see(self, username: str, hazard_id: UUID) -> Hazard:
        """The hazard as that phone has it. Raises StoryFailed."""
        hazard = self.phone(username).find(Hazard, hazard_id)
        if hazard is None:
            raise StoryFailed(f"{username} does not see {hazard_id}")
        return hazard

    def chapter(self, chinese: str, english: str) -> None:
        self.say(f"\n{chinese} · {english}")

    def line(self, username: str, text: str) -> None:
        self.say(f"  {username} {self._county.account(username).name}: {text}")


def expect(outcome: Outcome, code: str) -> None:
    """Raises StoryFailed for another code."""
    if outcome.code != code:
        raise StoryFailed(f"{outcome.code}, not {code}: {getattr(outcome.problem, 'detail', '')}")


def stands(hazard: Hazard) -> str:
    """Status and due date, as people read them."""
    if hazard.due_at is None:
        return status_words(hazard.status)
    return f"{status_words(hazard.status)}, 期限 due {hazard.due_at.astimezone(CIVIL):%Y-%m-%d %H:%M}"


def status_words(status: str) -> str:
    return f"{STATUS_NAMES[status]} {status}"
