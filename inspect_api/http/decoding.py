"""A body as the type that its route declares, or exactly what is wrong with it."""

from functools import cache

import msgspec
from msgspec import Struct

from inspect_api.actions.read_operations import Encoding, decode
from inspect_api.errors import Code, Fault, Refusal
from sync.text import bad_text, may_hold_bad_text, pointer_of

Decoder = msgspec.json.Decoder[Struct] | msgspec.msgpack.Decoder[Struct]


def decode_body(kind: type[Struct], raw: bytes, encoding: Encoding, *, whole: bool) -> Struct:
    """Raises MALFORMED_BODY for bytes that cannot be parsed, INVALID_BODY and BAD_TEXT with a pointer.

    `whole`: any fault makes the body malformed, so that a phone halves its batch and comes again.
    """
    try:
        if encoding == "json" and not raw.isascii():
            raw.decode()  # also where the decoder would skip
        if not whole and may_hold_bad_text(raw, json=encoding == "json"):
            pointer = bad_text(decode(raw, encoding))
            if pointer is not None:
                raise Refusal(Code.BAD_TEXT, pointer=pointer)
        return _decoder(kind, encoding).decode(raw)
    except (msgspec.ValidationError, OverflowError) as error:
        raise (_malformed if whole else _invalid)(str(error)) from None
    except UnicodeDecodeError as error:
        raise _malformed(f"Not UTF-8 at byte {error.start}") from None
    except RecursionError:
        raise _malformed("Nested too deep") from None
    except msgspec.DecodeError as error:
        raise _malformed(str(error)) from None


def _invalid(message: str) -> Refusal:
    detail = message.partition(" - at `")[0]
    fault = Fault(pointer_of(message), "invalid_value", detail)
    return Refusal(Code.INVALID_BODY, detail, faults=(fault,))


def _malformed(message: str) -> Refusal:
    detail = message.partition(" - at `")[0]
    return Refusal(Code.MALFORMED_BODY, detail, pointer=pointer_of(message))


@cache
def _decoder(kind: type[Struct], encoding: Encoding) -> Decoder:
    return msgspec.json.Decoder(kind) if encoding == "json" else msgspec.msgpack.Decoder(kind)
