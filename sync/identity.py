"""Ids that phone and server agree on with no network (RFC 9562, version 5)."""

import hashlib
from uuid import UUID, uuid5

_REUSED = UUID("b1a0f6a2-6d0b-5b0e-9f0e-0d4b1c2a3e4f")


def hazard_id(root: UUID, item: str, n: int = 1) -> UUID:
    """The id of the n-th hazard found at an item; `root` is the first inspection of the amends chain."""
    return uuid5(root, item if n == 1 else f"{item}#{n}")


def digest(span: bytes | memoryview) -> str:
    """SHA-256 of an operation's bytes as they stood in the decompressed body, hex."""
    return hashlib.sha256(span).hexdigest()


def reused_id(op_id: UUID, content_digest: str, account: UUID) -> UUID:
    """Under which an account's operation is filed whose id was already used with another content."""
    return uuid5(_REUSED, f"{op_id} {content_digest} {account}")


def unreadable_id(content_digest: str, account: UUID) -> UUID:
    """Under which an account's operation without a usable id is filed."""
    return uuid5(_REUSED, f"{content_digest} {account}")
