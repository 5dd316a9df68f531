"""One notice on its way to one address, and what one attempt at it came to."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from inspect_api.domain.delivery import Result


class Message(NamedTuple):
    """`number` is the same in every attempt: whoever gets it twice can tell. `address` is the receiver's own
    for the channels that need one; with `mobile` a robot calls him in its group."""

    number: str
    kind: str
    step: int | None
    title: str
    text: str
    hazard_id: UUID
    receiver_id: UUID
    receiver_name: str
    created_at: datetime
    answer_due_at: datetime | None
    sent_at: datetime
    address: str = ""
    mobile: str = ""


class Outcome(NamedTuple):
    """`answer` is what the other side said, cut short and without secrets; `proof` its number for the
    message; `retry_after` the seconds for which it asked to be left alone."""

    result: Result
    answer: str
    proof: str | None = None
    retry_after: int = 0
