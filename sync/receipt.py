"""What a receipt signs, and how anyone checks it with the public key from `/hello`."""

import base64
from collections.abc import Iterable
from typing import Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


class Filed(Protocol):
    """The part of an outcome that a receipt covers."""

    @property
    def op_id(self) -> str: ...
    @property
    def digest(self) -> str: ...
    @property
    def code(self) -> str: ...


def receipt_text(origin: str, received_at: str, outcomes: Iterable[Filed]) -> bytes:
    """UTF-8 `inspect-receipt/v1`, origin, time, then `<op_id> <digest> <code>` a line, in order."""
    head = f"inspect-receipt/v1\n{origin}\n{received_at}\n"
    return (head + "".join(f"{o.op_id} {o.digest} {o.code}\n" for o in outcomes)).encode()


def receipt_holds(
    public_key: bytes, signature: str, origin: str, received_at: str, outcomes: Iterable[Filed]
) -> bool:
    """Whether the signature (base64) is that of the raw Ed25519 public key over these outcomes."""
    key = Ed25519PublicKey.from_public_bytes(public_key)
    try:
        key.verify(base64.b64decode(signature), receipt_text(origin, received_at, outcomes))
    except (InvalidSignature, ValueError):
        return False
    return True
