"""A phone hands in what it captured: every operation gets exactly one outcome, and a signed receipt."""

import hashlib
from datetime import timedelta
from typing import NamedTuple, Protocol
from uuid import UUID

from inspect_api.actions.file_operations import file_operations
from inspect_api.actions.outcomes import moment
from inspect_api.actions.read_operations import Encoding, Filed, read_operations
from inspect_api.actions.work import Work
from inspect_api.errors import Code, Refusal
from inspect_api.store import instance
from sync.envelope import Outcome, Push, PushAnswer, Receipt
from sync.limits import LIMITS, PROTOCOL
from sync.receipt import receipt_text

_SYNC_EVERY_S = 900


class Signer(Protocol):
    """The holder of this installation's key."""

    @property
    def key_id(self) -> str: ...

    def sign(self, text: bytes) -> str:
        """Ed25519 signature, base64."""


class Here(NamedTuple):
    """What this installation is called."""

    origin: str
    epoch: str
    signer: Signer
    phones_keep: timedelta
    """How long phones keep what was acknowledged: a backup must be younger when it is put back."""


def receive_push(work: Work, push: Push, encoding: Encoding, here: Here) -> PushAnswer:
    """File the batch and answer for each operation, in its order.

    A phone is never too old to hand in what it captured: pushes of all versions since the first are taken.
    Raises Refusal for what is wrong with the request as a whole.
    """
    check_device(work, push.device_id)
    if push.protocol < 1 or push.protocol > PROTOCOL.max:
        raise unsupported_protocol()
    check_epoch(work, here)
    if len(push.ops) > LIMITS.ops:
        raise Refusal(Code.TOO_LARGE, f"More than {LIMITS.ops} operations", pointer="/ops")
    filed = read_operations(push.ops, encoding, push.sent, work.now, work.who.id)
    outcomes = file_operations(work, filed, push.device_id, push.batch_id)
    received_at = moment(work.now)
    return PushAnswer(
        epoch=here.epoch,
        server_time=work.now,
        safe_to_forget_before=work.now - here.phones_keep,
        next_sync_after=work.now + timedelta(seconds=_SYNC_EVERY_S + _jitter(push.device_id)),
        outcomes=outcomes,
        receipt=sign_receipt(here, received_at, outcomes),
    )


def check_device(work: Work, device_id: UUID) -> None:
    """A token that was opened on a phone serves that phone only."""
    own = work.who.device_id
    if own is not None and own != device_id:
        raise Refusal(Code.FORBIDDEN, "This login belongs to another device", pointer="/device_id")


def unsupported_protocol() -> Refusal:
    """Of a version that is not answered here; the phone keeps everything, and its app is to be updated."""
    spoken = f"Spoken here: {PROTOCOL.min} to {PROTOCOL.max}"
    return Refusal(Code.UNSUPPORTED_PROTOCOL, spoken, pointer="/protocol")


def check_epoch(work: Work, here: Here) -> None:
    """Raise Refusal(BUSY) in a process that was started before the database was put back.

    What it would give out under the old epoch is exactly what phones have to drop.
    """
    if instance.get(work.tx, instance.EPOCH) != here.epoch:
        raise Refusal(Code.BUSY, "The database was put back: start this server again", retry_after=30)


def sign_receipt(here: Here, received_at: str, outcomes: list[Outcome]) -> Receipt:
    """The receipt of these outcomes, in their order."""
    text = receipt_text(here.origin, received_at, outcomes)
    return Receipt(key_id=here.signer.key_id, received_at=received_at, sig=here.signer.sign(text))


def _jitter(device_id: UUID) -> int:
    """Spreads phones over five minutes, each always at its own place, so that they do not meet."""
    return int.from_bytes(hashlib.sha256(device_id.bytes).digest()[:2], "big") % 300


def online(work: Work, filed: Filed, device_id: UUID) -> Outcome:
    """One command given online. Raises its Refusal unless it was applied, repeated, or is a conflict."""
    answer = file_operations(work, [filed], device_id, filed.filed_id)[0]
    refusal = filed.judged
    if answer.code in ("applied", "duplicate") or refusal is None:
        return answer
    if answer.code == "conflict" and refusal.code.status == 409:
        return answer
    if refusal.code in (Code.UNKNOWN_ENTITY, Code.SCOPE_REVOKED):
        raise Refusal(Code.NOT_FOUND)
    raise refusal
