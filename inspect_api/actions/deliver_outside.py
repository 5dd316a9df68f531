"""Notices leave the product: planned, claimed, attempted by somebody else, and what became of it noted.

A notice is in the product before any of this, and that is its delivery (decision 0004); what happens here
only makes its receiver look. Who has read it meanwhile is not written to any more.
"""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

from inspect_api.actions.ledger import Ledger
from inspect_api.actions.notify import NoticeRequest, send_notices, undelivered_notice
from inspect_api.actions.work import Work
from inspect_api.domain.delivery import Journey, Next, after, hand_on
from inspect_api.notices.channels import CONTACTS, Channel, Reader
from inspect_api.notices.message import Message, Outcome
from inspect_api.store import contacts, deliveries, hazards
from inspect_api.store.schema import AnyRow

LEASE = timedelta(seconds=60)
"""Longer than any attempt may take; after it another worker takes over what a dead one held."""

_WAITS_FOR_ITS_LAST = timedelta(minutes=5)


class Held(NamedTuple):
    """A claimed notice: `lease` is the claim's number."""

    notice_id: UUID
    lease: int
    message: Message


class Claimed(NamedTuple):
    """What is to be attempted now, and how many notices needed no attempt."""

    held: list[Held]
    passed: int


def plan_deliveries(work: Work, channels: Sequence[Channel], most: int) -> int:
    """Find out which channels the receivers of new notices have; how many notices that were."""
    rows = deliveries.lock_due(work.tx, None, work.now, most)
    if not rows:
        return 0
    found = deliveries.notices(work.tx, (row.notice_id for row in rows))
    readers = _readers(work, (notice.receiver_id for notice in found.values()))
    changes: list[dict[str, object]] = []
    for row in rows:
        notice = found[row.notice_id]
        reader = readers[notice.receiver_id]
        plan = [channel.name for channel in channels if channel.serves(reader, notice.step)]
        planned = {"plan": plan, "place": 0, "tries": 0, "channel": plan[0] if plan else None}
        state = row.state if plan or row.rounds else "none"
        run_at = row.run_at if plan else None
        changes.append({"notice_id": row.notice_id, "state": state, "run_at": run_at, **planned})
    deliveries.change(work.tx, changes)
    return len(rows)


def claim_deliveries(work: Work, channel: Channel, most: int) -> Claimed:
    """Take what is due on a channel. What was read is over; what killed its workers is handed on."""
    rows = deliveries.lock_due(work.tx, channel.name, work.now, most)
    found = deliveries.notices(work.tx, (row.notice_id for row in rows))
    read = [row for row in rows if found[row.notice_id].delivered_at is not None]
    worn = [row for row in rows if row not in read and row.tries >= channel.tries]
    deliveries.end_lost(work.tx, (row.notice_id for row in rows))
    _end_read(work, read)
    _move(work, [(row, hand_on(_journey(row), work.now, 0.5)) for row in worn], found)
    rows = [row for row in rows if row not in read and row not in worn]
    deliveries.lease(work.tx, rows, work.now, work.now + LEASE)
    receivers = {found[row.notice_id].receiver_id for row in rows}
    names = {person.id: person.name for person in contacts.people(work.tx, receivers)}
    addresses = contacts.of_accounts(work.tx, receivers)
    held = []
    for row in rows:
        notice = found[row.notice_id]
        own = addresses.get(notice.receiver_id, {})
        message = _message(work, notice, names[notice.receiver_id])
        address = own.get(CONTACTS.get(channel.kind, ""), "")
        held.append(
            Held(
                row.notice_id,
                row.lease + 1,
                message._replace(address=address, mobile=own.get("mobile", "")),
            )
        )
    return Claimed(held, len(read) + len(worn))


def note_outcome(work: Work, channel: Channel, held: Held, outcome: Outcome, chance: float) -> None:
    """Log an attempt and decide what follows, unless another worker has taken the notice over since."""
    values = {"outcome": outcome.result, "answer": outcome.answer, "proof": outcome.proof}
    deliveries.end_attempt(work.tx, held.notice_id, held.lease, {**values, "ended_at": work.now})
    row = deliveries.lock_held(work.tx, held.notice_id, held.lease)
    if row is None or row.run_at is None:
        return
    step = after(_journey(row), outcome.result, work.now, channel.tries, chance, outcome.retry_after)
    _move(work, [(row, step)], deliveries.notices(work.tx, [row.notice_id]))


def pass_over(work: Work, channel: Channel, most: int, again_in: timedelta, chance: float) -> int:
    """The channel is down: hand on what is due on it, without trying; how many were looked at.

    What has no further channel waits for this one a while, and then counts as failed, so that it is shown.
    """
    rows = deliveries.lock_due(work.tx, channel.name, work.now, most)
    found = deliveries.notices(work.tx, (row.notice_id for row in rows))
    patient: list[AnyRow] = []
    others: list[AnyRow] = []
    for row in rows:
        is_last = row.place + 1 >= len(row.plan)
        (patient if is_last and work.now - row.since < _WAITS_FOR_ITS_LAST else others).append(row)
    deliveries.change(
        work.tx,
        [
            {"notice_id": row.notice_id, "run_at": work.now + again_in, "written_at": work.now}
            for row in patient
        ],
    )
    if others:
        deliveries.add_skipped(work.tx, others, work.now, "the channel is down")
        _move(work, [(row, hand_on(_journey(row), work.now, chance)) for row in others], found)
    return len(rows)


def _readers(work: Work, ids: Iterable[UUID]) -> dict[UUID, Reader]:
    wanted = set(ids)
    places = contacts.places(work.tx, wanted)
    addresses = contacts.of_accounts(work.tx, wanted)
    return {
        person.id: Reader(
            person.username, person.role, tuple(places.get(person.id, ())), addresses.get(person.id, {})
        )
        for person in contacts.people(work.tx, wanted)
    }


def _journey(row: AnyRow) -> Journey:
    return Journey(len(row.plan), row.place, row.tries, row.rounds, row.since)


def _end_read(work: Work, rows: list[AnyRow]) -> None:
    over = {"state": "read", "run_at": None, "written_at": work.now}
    deliveries.change(work.tx, [{"notice_id": row.notice_id, **over} for row in rows])


def _move(work: Work, moves: list[tuple[AnyRow, Next]], found: dict[UUID, AnyRow]) -> None:
    """Write what follows; what has failed on all of its channels for the first time is told to the county."""
    changes: list[dict[str, object]] = []
    lost: list[AnyRow] = []
    for row, step in moves:
        is_new_failure = step.state == "failed" and row.failed_at is None
        if is_new_failure:
            lost.append(found[row.notice_id])
        changes.append(
            {
                "notice_id": row.notice_id,
                "state": step.state,
                "place": step.place or 0,
                "tries": step.tries,
                "rounds": step.rounds,
                "channel": None if step.place is None else row.plan[step.place],
                "run_at": step.run_at,
                "written_at": work.now,
                "failed_at": work.now if is_new_failure else row.failed_at,
            }
        )
    deliveries.change(work.tx, changes)
    _tell_county(work, lost)


def _tell_county(work: Work, lost: list[AnyRow]) -> None:
    if not lost:
        return
    names = {person.id: person.name for person in contacts.people(work.tx, (n.receiver_id for n in lost))}
    rows = {row.id: row for row in hazards.load(work.tx, (n.hazard_id for n in lost), lock=False)}
    requests: dict[str, NoticeRequest] = {}
    for notice in lost:
        hazard = hazards.state_of(rows[notice.hazard_id])
        request = undelivered_notice(hazard, notice.number, names[notice.receiver_id], work.now)
        requests.setdefault(request.cause, request)
    send_notices(work, Ledger(work), list(requests.values()))


def _message(work: Work, notice: AnyRow, receiver_name: str) -> Message:
    return Message(
        number=notice.number,
        kind=notice.kind,
        step=notice.step,
        title=notice.title,
        text=notice.text,
        hazard_id=notice.hazard_id,
        receiver_id=notice.receiver_id,
        receiver_name=receiver_name,
        created_at=notice.created_at,
        answer_due_at=notice.answer_due_at,
        sent_at=work.now,
    )
