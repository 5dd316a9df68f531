"""Secrets and signatures of webhooks, as Standard Webhooks 1.0.0 (standardwebhooks.com) has them."""

import base64
import binascii
import hashlib
import hmac
from datetime import datetime

_PREFIX = "whsec_"
_LEAST, _MOST = 24, 64


def secret_bytes(text: str) -> bytes | None:
    """The key in `whsec_<base64>` of 24 to 64 bytes; None when it is not one."""
    if not text.startswith(_PREFIX):
        return None
    try:
        key = base64.b64decode(text[len(_PREFIX) :], validate=True)
    except (binascii.Error, ValueError):
        return None
    return key if _LEAST <= len(key) <= _MOST else None


def signed_headers(key: bytes, message_id: str, at: datetime, body: bytes) -> dict[str, str]:
    """`webhook-id` is the same in every attempt at one message; the signature is HMAC-SHA256 in base64."""
    timestamp = str(int(at.timestamp()))
    digest = hmac.new(
        key, b".".join((message_id.encode(), timestamp.encode(), body)), hashlib.sha256
    ).digest()
    return {
        "webhook-id": message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": "v1," + base64.b64encode(digest).decode(),
    }
