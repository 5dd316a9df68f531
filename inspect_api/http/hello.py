"""What a phone has to know before it logs in."""

from datetime import datetime
from typing import Literal

import msgspec
from msgspec import Struct

from inspect_api.actions.work import Work
from inspect_api.http.asked import Asked
from inspect_api.store import signing_keys
from sync.limits import LIMITS, PROTOCOL, Limits, Protocol


class Key(Struct, frozen=True, kw_only=True):
    """A key that has signed receipts here; `public_key` are the 32 raw bytes in base64."""

    key_id: str
    public_key: str
    algorithm: Literal["Ed25519"] = "Ed25519"


class Hello(Struct, frozen=True, kw_only=True):
    protocol: Protocol
    server_time: datetime
    origin: str
    epoch: str
    limits: Limits
    keys: list[Key]


def hello(work: Work, asked: Asked) -> Hello:
    """Versions, limits, and every key that receipts can be checked with."""
    settings = asked.app.settings
    return Hello(
        protocol=PROTOCOL,
        server_time=work.now,
        origin=asked.app.origin,
        epoch=asked.app.epoch,
        limits=msgspec.structs.replace(
            LIMITS,
            blob_bytes=settings.max_blob_bytes,
            uploads=settings.max_uploads,
            upload_days=settings.upload_days,
        ),
        keys=[
            Key(key_id=name, public_key=public) for name, public in signing_keys.ever_used(work.tx).items()
        ],
    )
