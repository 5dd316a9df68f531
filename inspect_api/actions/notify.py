"""Notices to those who must know: found by role and region, written in the transaction of their cause."""

import base64
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from inspect_api.actions.ledger import Ledger
from inspect_api.actions.work import Work
from inspect_api.clock import new_id
from inspect_api.domain.calendar import civil_date, end_of_day
from inspect_api.domain.clocks import ClockState, HazardFile
from inspect_api.domain.escalation import Receiver, Step, receiver_prefix
from inspect_api.domain.hazard import HazardState
from inspect_api.domain.opening import ENFORCERS
from inspect_api.notices import texts
from inspect_api.store import accounts, deliveries, notices

_COUNTY_REGULATOR = Receiver("regulator", "county")
_WIDER = {12: 9, 9: 6, 6: 4, 4: 2}


class NoticeRequest(NamedTuple):
    """A notice to be addressed: `cause` names the step, so that each receiver gets it once."""

    kind: str
    cause: str
    hazard: HazardState
    title: str
    text: str
    to_enterprise: bool
    receivers: tuple[Receiver, ...] = ()
    clock: ClockState | None = None
    step: Step | None = None


def alerts(file: HazardFile) -> list[NoticeRequest]:
    """A major hazard, or one suspected to be, alerts the county at once."""
    hazard = file.hazard
    if hazard.grade != "major" and not hazard.suspected_major:
        return []
    text = texts.alert_text(hazard.number, hazard.title, hazard.found_role in ENFORCERS)
    title = texts.alert_title(hazard.number)
    return [NoticeRequest("alert", f"alert:{hazard.id}", hazard, title, text, False, (_COUNTY_REGULATOR,))]


def service_notices(file: HazardFile) -> list[NoticeRequest]:
    """Where nobody signed on the spot the enterprise is told by a notice, whose delivery is the service."""
    hazard, clock = file.hazard, file.running("service")
    if clock is None or hazard.enterprise_id is None:
        return []
    title, text = texts.service_title(hazard.number), texts.service_text(hazard.number, hazard.title)
    return [NoticeRequest("service", f"service:{hazard.id}:{clock.cycle}", hazard, title, text, True)]


def undelivered_notice(hazard: HazardState, number: str, receiver: str, at: datetime) -> NoticeRequest:
    """Every channel has failed: the county learns of the day's first such notice, and where the others are.

    One a day for each county: with a gateway ten thousand notices fail, and their alerts go out by it too.
    """
    day = civil_date(at)
    cause = f"undelivered:{hazard.region_code[:6]}:{day}"
    title, text = texts.undelivered_title(day), texts.undelivered_text(number, receiver)
    return NoticeRequest("alert", cause, hazard, title, text, False, (_COUNTY_REGULATOR,))


def damaged_notice(hazard: HazardState, sha256: str, at: datetime) -> NoticeRequest:
    """The stored bytes of evidence are no longer right: the county learns of the day's first such photo.

    One a day for each county: with a disk ten thousand photos fail.
    """
    day = civil_date(at)
    title, text = texts.damaged_title(day), texts.damaged_text(hazard.number, sha256)
    cause = f"damaged:{hazard.region_code[:6]}:{day}"
    return NoticeRequest("alert", cause, hazard, title, text, False, (_COUNTY_REGULATOR,))


def listing_notices(file: HazardFile) -> list[NoticeRequest]:
    """The listing notice (挂牌督办通知书): its delivery to the enterprise is its publication."""
    hazard, clock = file.hazard, file.running("listing_publication")
    if clock is None or hazard.listed_level is None or hazard.listed_due_at is None:
        return []
    title = texts.listing_title(hazard.number)
    text = texts.listing_text(hazard.number, hazard.title, hazard.listed_level, hazard.listed_due_at)
    return [NoticeRequest("listing", f"listing:{hazard.id}:{clock.cycle}", hazard, title, text, True)]


def step_notice(hazard: HazardState, clock: ClockState, step: Step) -> NoticeRequest:
    """The notice of a step of the escalation ladder."""
    name = step.name[0]
    cause = f"step:{hazard.id}:{clock.kind}:{clock.cycle}:{step.n}"
    text = texts.step_text(hazard.number, hazard.title, clock.kind, clock.due_at, name)
    title = texts.step_title(name, hazard.number)
    return NoticeRequest("step", cause, hazard, title, text, step.to_enterprise, step.receivers, clock, step)


def withdrawals(hazard: HazardState, clock: ClockState, steps: Iterable[Step]) -> list[NoticeRequest]:
    """A step was taken back: each of its receivers is told."""
    requests = []
    for step in steps:
        cause = f"withdraw:{hazard.id}:{clock.kind}:{clock.cycle}:{step.n}"
        title = texts.withdrawal_title(step.name[0], hazard.number)
        text = texts.withdrawal_text(hazard.number, hazard.title, clock.kind, clock.due_at, step.name[0])
        requests.append(NoticeRequest("withdraw", cause, hazard, title, text, False, (), clock, step))
    return requests


def send_notices(work: Work, ledger: Ledger, requests: list[NoticeRequest]) -> None:
    """Address and write the notices, in a few statements for all of them."""
    if not requests:
        return
    tx = work.tx
    enterprise_ids = {r.hazard.enterprise_id for r in requests if r.to_enterprise and r.hazard.enterprise_id}
    persons = accounts.of_enterprises(tx, enterprise_ids)
    told = notices.receivers_of(tx, (_clock_id(ledger, r) for r in requests if r.kind == "withdraw"))
    directory = Directory(work, requests)
    rows: list[dict[str, object]] = []
    for request in requests:
        receivers = directory.find(request) | _told_before(ledger, request, told)
        if request.to_enterprise and request.hazard.enterprise_id is not None:
            receivers |= set(persons.get(request.hazard.enterprise_id, ()))
        receivers = receivers or directory.instead(request)
        rows += [_row(work, ledger, request, receiver) for receiver in sorted(receivers)]
    added = notices.add(tx, rows)
    deliveries.add(tx, (notice_id for notice_id, _ in added), work.now)
    for notice_id, receiver_id in added:
        work.changed_for(f"user:{receiver_id}", "notice", notice_id, 1)


class Directory:
    """Who holds which role where, for the places of some hazards and all places above them."""

    def __init__(self, work: Work, requests: Iterable[NoticeRequest]) -> None:
        wanted = [request for request in requests if request.receivers]
        codes = {code for request in wanted for code in _places(request.hazard)}
        roles = {receiver.role for request in wanted for receiver in (*request.receivers, _COUNTY_REGULATOR)}
        self._holders: dict[tuple[str, str], list[accounts.Holder]] = {}
        for holder in accounts.holders(work.tx, roles, codes):
            self._holders.setdefault((holder.role, holder.code), []).append(holder)

    def instead(self, request: NoticeRequest) -> set[UUID]:
        """Who is told what would reach nobody, because no office that it is for is held: the county."""
        return self._at_or_above(_COUNTY_REGULATOR, request.hazard) if request.receivers else set()

    def find(self, request: NoticeRequest) -> set[UUID]:
        """The receivers of a notice; where nobody holds a role at a level, those of the next wider one."""
        found: set[UUID] = set()
        for receiver in request.receivers:
            found |= self._at_or_above(receiver, request.hazard)
        return found

    def _at_or_above(self, receiver: Receiver, hazard: HazardState) -> set[UUID]:
        code = receiver_prefix(receiver.level, hazard.region_code, hazard.grid_code)
        while code:
            found = {
                holder.account_id
                for holder in self._holders.get((receiver.role, code), ())
                if _concerns(holder, hazard)
            }
            if found or receiver.level == "grid":
                return found
            code = code[: _WIDER.get(len(code), 0)]
        return set()


def _concerns(holder: accounts.Holder, hazard: HazardState) -> bool:
    inside = not holder.excluded or not hazard.region_code.startswith(holder.excluded)
    return inside and (not holder.industries or hazard.industry in holder.industries)


def _places(hazard: HazardState) -> set[str]:
    codes = {hazard.region_code[:digits] for digits in (2, 4, 6, 9, 12)}
    return codes | ({hazard.grid_code} if hazard.grid_code else set())


def _row(work: Work, ledger: Ledger, request: NoticeRequest, receiver: UUID) -> dict[str, object]:
    notice_id, hazard, step = new_id(), request.hazard, request.step
    letters = base64.b32encode(notice_id.bytes[-5:]).decode()
    return {
        "id": notice_id,
        "number": texts.notice_number(request.kind, hazard.region_code, work.now, letters),
        "kind": request.kind,
        "cause": request.cause,
        "hazard_id": hazard.id,
        "clock_id": _clock_id(ledger, request),
        "step": step.n if step else None,
        "receiver_id": receiver,
        "channel": "in_app",
        "title": request.title[:200],
        "text": request.text[:2000],
        "created_at": work.now,
        "answer_due_at": None if request.kind == "withdraw" else _answer_due(work, step),
    }


def _clock_id(ledger: Ledger, request: NoticeRequest) -> UUID | None:
    return ledger.clock_id(request.hazard.id, request.clock) if request.clock else None


def _told_before(
    ledger: Ledger, request: NoticeRequest, told: dict[tuple[UUID, int], set[UUID]]
) -> set[UUID]:
    """Who got the notice of a step that is withdrawn now."""
    clock_id = _clock_id(ledger, request)
    if request.kind != "withdraw" or clock_id is None or request.step is None:
        return set()
    return told.get((clock_id, request.step.n), set())


def _answer_due(work: Work, step: Step | None) -> datetime | None:
    if step is None or step.answer_within is None:
        return None
    day, _ = work.book.calendar.add_working_days(civil_date(work.now), step.answer_within)
    return end_of_day(day)
