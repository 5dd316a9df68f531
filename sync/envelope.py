"""The envelope of synchronisation: what a phone pushes, what it is answered, what it pulls."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, Raw, Struct, UnsetType

OutcomeCode = Literal["applied", "duplicate", "conflict", "held", "quarantined", "too_large", "retry"]
DURABLE: frozenset[str] = frozenset({"applied", "duplicate", "conflict", "held", "quarantined"})

Seq = Annotated[int, Meta(ge=0, le=2**53)]
# the length too: `$` alone would let a line feed pass after the digits
Sha256 = Annotated[str, Meta(pattern="^[0-9a-f]{64}$", max_length=64)]


class Clock(Struct, frozen=True, kw_only=True):
    """The device's clocks at one moment; `wall` is kept verbatim, whatever it says.

    `mono_ms` counts milliseconds since the boot that `boot_id` names.
    """

    wall: str
    mono_ms: Annotated[int, Meta(ge=-(2**53), le=2**53)]
    boot_id: Annotated[str, Meta(max_length=64)]


class Push(Struct, frozen=True, kw_only=True):
    """A batch of operations; each stays the bytes that were sent, for its digest and as evidence."""

    protocol: int
    device_id: UUID
    batch_id: UUID
    sent: Clock
    known_epoch: str | None = None
    ops: list[Raw]


class Operation(Struct, frozen=True, kw_only=True):
    """One thing a person did, as it was captured."""

    op_id: UUID
    seq: Seq
    kind: Annotated[str, Meta(max_length=64)]
    entity_id: UUID
    at: Clock
    body: Raw
    user_id: UUID | None = None
    base_rev: Annotated[int, Meta(ge=0, le=2**53)] | None = None
    depends_on: Annotated[list[UUID], Meta(max_length=100)] = []


class ProblemFault(Struct, frozen=True):
    """Where exactly it is wrong: a JSON pointer, a code, a sentence."""

    pointer: str
    code: str
    detail: str


class Problem(Struct, frozen=True, kw_only=True):
    """RFC 9457 problem details with a stable code."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    request_id: str = ""
    errors: list[ProblemFault] = []


class Outcome(Struct, kw_only=True):
    """What became of one operation; exactly one for each operation of a batch, in its order."""

    op_id: str
    code: OutcomeCode
    durable: bool
    digest: str
    flags: list[str] = msgspec.field(default_factory=list)
    missing_blobs: list[str] = msgspec.field(default_factory=list)
    rev: int | UnsetType = UNSET
    status: str | UnsetType = UNSET
    permitted_commands: list[str] | UnsetType = UNSET
    problem: Problem | UnsetType = UNSET
    first: "Outcome | UnsetType" = UNSET


class Receipt(Struct, frozen=True, kw_only=True):
    """Ed25519 signature over `sync.receipt.receipt_text`, base64; proves what was filed and when."""

    key_id: str
    received_at: str
    sig: str


class PushAnswer(Struct, frozen=True, kw_only=True):
    epoch: str
    server_time: datetime
    safe_to_forget_before: datetime
    next_sync_after: datetime
    outcomes: list[Outcome]
    receipt: Receipt


class Pull(Struct, frozen=True, kw_only=True):
    """Ask for what changed since a cursor; without one, for the present state of the scope."""

    protocol: int
    device_id: UUID
    cursor: Annotated[str, Meta(max_length=32768)] | None = None
    limit: Annotated[int, Meta(ge=1, le=1000)] = 500


class Change(Struct, frozen=True, kw_only=True):
    """One entity as it is now (`put`), gone (`remove`), or no longer in the caller's scope (`leave`)."""

    stream: str
    seq: int
    entity: str
    id: str
    rev: int
    kind: Literal["put", "remove", "leave"]
    data: object = UNSET


class StreamChanges(Struct, frozen=True):
    """Streams given and taken. `reset`: first drop every entity that one of these brought last."""

    added: list[str]
    removed: list[str]
    reset: list[str] | UnsetType = UNSET


class PullAnswer(Struct, frozen=True, kw_only=True):
    changes: list[Change]
    cursor: str
    more: bool
    epoch: str
    server_time: datetime
    streams: StreamChanges
    checkpoint: str | None = None
