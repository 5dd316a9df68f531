"""The pull cursor: how far a caller has read each stream. Opaque to phones, refused when foreign.

It is bound to the server's epoch and to the account it was given to, and carries a checksum so that
a cut or edited one is refused rather than believed. It holds no secret: positions are not rights,
what a caller may see is decided anew at every pull.
"""

import base64
import binascii
import hashlib
import zlib
from typing import NamedTuple
from uuid import UUID

import msgspec


class CursorInvalid(Exception):
    """Not a cursor of this account."""


class EpochChanged(Exception):
    """A cursor of another epoch: the server was restored since."""


class Cursor(NamedTuple):
    """Stream name -> last sequence number read."""

    positions: dict[str, int]


class _Wire(msgspec.Struct, array_like=True, frozen=True):
    epoch: str
    owner: bytes
    positions: dict[str, int]


def encode_cursor(epoch: str, account: UUID, positions: dict[str, int]) -> str:
    """Text for the phone to keep with the data it was answered with."""
    packed = zlib.compress(msgspec.msgpack.encode(_Wire(epoch, account.bytes, positions)), 6)
    check = hashlib.sha256(packed).digest()[:8]
    return _text(check + packed)


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def decode_cursor(text: str, epoch: str, account: UUID) -> Cursor:
    """Raises CursorInvalid for a foreign, cut or edited one, EpochChanged after a restore."""
    try:
        data = base64.urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
        check, packed = data[:8], data[8:]
        # the decoder passes over strange characters and spare bits, so what it read is written again
        if _text(data) != text or hashlib.sha256(packed).digest()[:8] != check:
            raise CursorInvalid
        unpack = zlib.decompressobj()
        wire = msgspec.msgpack.decode(unpack.decompress(packed, 1 << 20), type=_Wire)
    except (ValueError, binascii.Error, zlib.error, msgspec.DecodeError) as error:
        raise CursorInvalid from error
    if wire.owner != account.bytes:
        raise CursorInvalid
    if wire.epoch != epoch:
        raise EpochChanged
    return Cursor(wire.positions)
