"""Bytes that no push will take, handed in by themselves: kept whole, for a supervisor to look at.

A single unreadable operation comes here raw; so does everything of an account that was disabled or a phone
that was revoked, for 30 days, so that ending a person's access never destroys what that person had seen.
"""

from datetime import timedelta
from uuid import UUID

import msgspec

from inspect_api.actions.file_operations import file_operations
from inspect_api.actions.outcomes import moment
from inspect_api.actions.read_operations import Encoding, Filed, read_operations
from inspect_api.actions.receive_push import Here, check_epoch, sign_receipt
from inspect_api.actions.work import Work
from inspect_api.errors import Code, Refusal
from sync.envelope import Clock, Push, PushAnswer
from sync.limits import LIMITS

_AGAIN_AFTER = timedelta(days=1)
_NO_DEVICE = UUID(int=0)
_READERS: dict[Encoding, msgspec.json.Decoder[Push] | msgspec.msgpack.Decoder[Push]] = {
    "json": msgspec.json.Decoder(Push),
    "msgpack": msgspec.msgpack.Decoder(Push),
}


def deposit(work: Work, raw: bytes, encoding: Encoding, here: Here) -> PushAnswer:
    """Keep one operation, or each operation of a whole push, quarantined; answered like a push.

    The same bytes again are a duplicate. Raises Refusal(TOO_LARGE, INVALID_BODY) for the whole only.
    """
    check_epoch(work, here)
    if not raw:
        raise Refusal(Code.INVALID_BODY, "Nothing was handed in", pointer="")
    filed = _read(work, raw, encoding)
    for one in filed:
        if one.too_large:
            raise Refusal(Code.TOO_LARGE, f"An operation of more than {LIMITS.op_bytes} bytes")
        one.refusal = one.refusal or Refusal(Code.DEPOSITED)
    device_id = work.who.device_id or _NO_DEVICE
    outcomes = file_operations(work, filed, device_id, device_id)
    received_at = moment(work.now)
    return PushAnswer(
        epoch=here.epoch,
        server_time=work.now,
        safe_to_forget_before=work.now - here.phones_keep,
        next_sync_after=work.now + _AGAIN_AFTER,
        outcomes=outcomes,
        receipt=sign_receipt(here, received_at, outcomes),
    )


def _read(work: Work, raw: bytes, encoding: Encoding) -> list[Filed]:
    try:
        push = _READERS[encoding].decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        now = Clock(wall=moment(work.now), mono_ms=0, boot_id="")
        return read_operations([msgspec.Raw(raw)], encoding, now, work.now, work.who.id)
    if len(push.ops) > LIMITS.ops:
        raise Refusal(Code.TOO_LARGE, f"More than {LIMITS.ops} operations", pointer="/ops")
    return read_operations(push.ops, encoding, push.sent, work.now, work.who.id)
