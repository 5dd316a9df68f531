"""The tests' phone: the demo's own, on a network that loses and repeats, with a disorderly outbox."""

import random
from uuid import UUID, uuid4

import httpx

from inspect_api.demo.county import PASSWORD
from inspect_api.demo.link import LoggedOut, Offline
from inspect_api.demo.memory import Captured
from inspect_api.demo.phone import Phone
from inspect_api.demo.picture import take_picture
from sync.bodies import Answer, Attendee, ChecklistRef, SubmitInspection

FAILS = "HZ-D-05"
_REPEATED = ("/sync/", "/blobs/")


class Weather(httpx.BaseTransport):
    """The way to a server, on which `dice` decide what happens to each request; chances are 0 … 1.

    A lost request never reaches the server, of a lost answer the server knows nothing, and a repeated
    request is served twice, as a proxy may do.
    """

    def __init__(
        self,
        way: httpx.BaseTransport,
        dice: random.Random,
        *,
        lost_requests: float = 0.0,
        lost_answers: float = 0.0,
        repeats: float = 0.0,
    ) -> None:
        self._way, self._dice = way, dice
        self.lost_requests, self.lost_answers, self.repeats = lost_requests, lost_answers, repeats
        self.faults = 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.read()
        if self._falls(self.lost_requests):
            raise httpx.ConnectTimeout("the request is lost", request=request)
        if any(part in request.url.path for part in _REPEATED) and self._falls(self.repeats):
            self._way.handle_request(request).read()
        response = self._way.handle_request(request)
        if self._falls(self.lost_answers):
            response.read()
            raise httpx.ReadTimeout("the answer is lost", request=request)
        return response

    def _falls(self, chance: float) -> bool:
        falls = self._dice.random() < chance
        self.faults += falls
        return falls


class Device(Phone):
    """Hands in what waits in any order, in batches of any size, some of it more than once."""

    dice = random.Random(652327)
    username = ""

    def batches(self) -> list[list[Captured]]:
        waiting = [captured for batch in super().batches() for captured in batch]
        waiting += [captured for captured in waiting if self.dice.random() < 0.2]
        self.dice.shuffle(waiting)
        batches: list[list[Captured]] = []
        while waiting:
            size = self.dice.randint(1, 4)
            batches.append(waiting[:size])
            waiting = waiting[size:]
        return batches

    def sync_until_done(self, tries: int = 200) -> int:
        """Try again and again, as a phone in a pocket does; how often it took."""
        for attempt in range(1, tries + 1):
            try:
                self.sync()
            except Offline:
                continue
            except LoggedOut:  # the answer that brought the new token was lost
                self._log_in_again()
                continue
            if not self.memory.waiting and not self.memory.album:
                return attempt
        raise AssertionError(f"{len(self.memory.waiting)} operations still wait after {tries} tries")

    def _log_in_again(self) -> None:
        try:
            self.log_in(self.username, PASSWORD)
        except Offline:
            return


def inspect(phone: Phone, site_id: UUID, photos: int = 0, note: str = "灭火器过期") -> UUID:
    """Somebody inspects a site and finds one thing, FAILS; the id of the inspection."""
    now = phone.clock.wall()
    shots = [phone.take_photo(take_picture(str(uuid4()), now), now) for _ in range(photos)]
    body = SubmitInspection(
        site_id=site_id,
        checklist=ChecklistRef(code="hazmat.aq3067-2026", version="1"),
        started_at=now,
        finished_at=now,
        answers=[Answer(item=FAILS, value="fail", note=note, photos=[shot.sha256 for shot in shots])],
        attendees=[Attendee(role="principal", name="薛永刚")],
        photos=shots,
    )
    inspection_id = uuid4()
    phone.capture("inspection.submit", inspection_id, body)
    return inspection_id
