"""Operations out of the bytes of a push: each keeps its own bytes, and what is wrong with it, if anything."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

import msgspec

from inspect_api.errors import Code, Fault, Refusal
from inspect_api.store.schema import AnyRow
from sync.clock import Estimate, estimate
from sync.commands import KINDS, Command, Fact
from sync.envelope import Clock, Operation
from sync.identity import digest, unreadable_id
from sync.limits import LIMITS
from sync.text import bad_text, may_hold_bad_text, pointer_of

Encoding = Literal["json", "msgpack"]


@dataclass
class Filed:
    """One operation as it came. Its bytes are kept whatever they hold.

    `online`: by a request, whose answer its author gets at once. `refusal` says why it cannot be read,
    `judged` why it was not applied, `released_by` which supervisor let it pass.
    """

    raw: bytes
    encoding: Encoding
    digest: str
    shown_id: str
    filed_id: UUID
    when: Estimate
    op: Operation | None = None
    body: Command | Fact | None = None
    refusal: Refusal | None = None
    judged: Refusal | None = None
    too_large: bool = False
    online: bool = False
    released_by: UUID | None = None
    waits: set[UUID] = field(default_factory=set)
    flags: list[str] = field(default_factory=list)


def read_operations(
    spans: Iterable[msgspec.Raw], encoding: Encoding, sent: Clock, received: datetime, account: UUID
) -> list[Filed]:
    """One Filed for each span, in order; never raises for what is in a span."""
    return [_read(bytes(span), encoding, sent, received, account) for span in spans]


def read_command(raw: bytes, encoding: Encoding, op: Operation, received: datetime) -> Filed:
    """A command given online: the request's body is the operation's bytes, the moment is the server's."""
    when = estimate(op.at, op.at, received)
    when = when._replace(at=received, uncertainty=timedelta(0), skewed=False)
    filed = Filed(raw, encoding, digest(raw), str(op.op_id), op.op_id, when, op, online=True)
    _read_body(filed)
    return filed


def read_again(row: AnyRow) -> Filed:
    """An operation on file, as it was read when it came."""
    when = Estimate(
        row.captured_at,
        timedelta(milliseconds=row.uncertainty_ms),
        row.skewed,
        timedelta(milliseconds=row.offset_ms),
    )
    filed = Filed(row.raw, row.encoding, row.digest.hex(), row.op_id, row.filed_id, when)
    filed.released_by = row.released_by
    op = _decoded(row.raw, row.encoding)
    if isinstance(op, Refusal):
        filed.refusal = op
    else:
        filed.op = op
        _read_body(filed)
    return filed


def decode(raw: bytes, encoding: Encoding) -> object:
    """The plain value of an operation's bytes."""
    return msgspec.json.decode(raw) if encoding == "json" else msgspec.msgpack.decode(raw)


def _read(raw: bytes, encoding: Encoding, sent: Clock, received: datetime, account: UUID) -> Filed:
    if len(raw) > LIMITS.op_bytes:
        filed = _unread(raw, encoding, estimate(sent, sent, received), account)
        filed.too_large = True
        return filed
    op = _decoded(raw, encoding)
    if isinstance(op, Refusal):
        filed = _unread(raw, encoding, estimate(sent, sent, received), account)
        filed.refusal = op
        return filed
    filed = Filed(raw, encoding, digest(raw), str(op.op_id), op.op_id, estimate(op.at, sent, received), op)
    _read_body(filed)
    return filed


def _unread(raw: bytes, encoding: Encoding, when: Estimate, account: UUID) -> Filed:
    """Under the id that the bytes claim, if there is one to be read, else under one that is made of them."""
    content = digest(raw)
    claimed, own_id = _claimed_id(raw, encoding)
    filed_id = own_id or unreadable_id(content, account)
    return Filed(raw, encoding, content, claimed or str(filed_id), filed_id, when)


def _decoded(raw: bytes, encoding: Encoding) -> Operation | Refusal:
    try:
        return _OPERATION[encoding].decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, OverflowError) as error:
        return undecodable(error)


def _read_body(filed: Filed) -> None:
    op = filed.op
    assert op is not None  # noqa: S101 - both callers have just set it
    kind = KINDS.get(op.kind)
    if kind is None:
        filed.refusal = Refusal(Code.UNKNOWN_KIND, pointer="/kind")
        return
    try:
        # of the body only: whatever the device's clock says is kept as it is
        if may_hold_bad_text(bytes(op.body), json=filed.encoding == "json"):
            pointer = bad_text(decode(bytes(op.body), filed.encoding))
            if pointer is not None:
                filed.refusal = Refusal(Code.BAD_TEXT, pointer=f"/body{pointer}")
                return
        filed.body = _BODIES[filed.encoding][op.kind].decode(op.body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, OverflowError) as error:
        filed.refusal = undecodable(error, "/body")


def undecodable(error: Exception, prefix: str = "") -> Refusal:
    """What a decoder's complaint looks like to the sender."""
    text = "Nested too deep" if isinstance(error, RecursionError) else str(error)
    detail = text.partition(" - at `$")[0]
    pointer = prefix + pointer_of(text)
    return Refusal(Code.INVALID_BODY, detail, faults=(Fault(pointer, "invalid_value", detail),))


def _claimed_id(raw: bytes, encoding: Encoding) -> tuple[str, UUID | None]:
    """The op_id as sent, if there is a readable one, and as UUID, if it is one."""
    try:
        claimed = _IDS[encoding].decode(raw).op_id
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, OverflowError):
        return "", None
    if not isinstance(claimed, str) or len(claimed) > 64 or not claimed.isprintable():
        return "", None
    try:
        return claimed, UUID(claimed)
    except ValueError:
        return claimed, None


class _OnlyId(msgspec.Struct):
    op_id: object = None


_OPERATION: dict[str, "msgspec.json.Decoder[Operation] | msgspec.msgpack.Decoder[Operation]"] = {
    "json": msgspec.json.Decoder(Operation),
    "msgpack": msgspec.msgpack.Decoder(Operation),
}
_IDS: dict[str, "msgspec.json.Decoder[_OnlyId] | msgspec.msgpack.Decoder[_OnlyId]"] = {
    "json": msgspec.json.Decoder(_OnlyId),
    "msgpack": msgspec.msgpack.Decoder(_OnlyId),
}
_BODIES: dict[
    str, dict[str, "msgspec.json.Decoder[Command | Fact] | msgspec.msgpack.Decoder[Command | Fact]"]
] = {
    "json": {name: msgspec.json.Decoder(kind) for name, kind in KINDS.items()},
    "msgpack": {name: msgspec.msgpack.Decoder(kind) for name, kind in KINDS.items()},
}
