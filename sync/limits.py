"""Every limit of the protocol, in one place; `/hello` prints them."""

import msgspec

PROTOCOL_MAX = 1


class Protocol(msgspec.Struct, frozen=True):
    """The versions in which a server answers pulls. Pushes of every version before them are taken too."""

    min: int
    max: int


PROTOCOL = Protocol(1, PROTOCOL_MAX)


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """Counts, and sizes in bytes."""

    ops: int = 500
    wire_bytes: int = 1024 * 1024
    decoded_bytes: int = 8 * 1024 * 1024
    op_bytes: int = 256 * 1024
    ratio: int = 100
    blob_bytes: int = 64 * 1024 * 1024
    uploads: int = 1000
    """Unfinished ones of an account."""
    upload_bytes: int = 4 * 1024 * 1024 * 1024
    """What an account's unfinished uploads may come to."""
    upload_days: int = 7
    """Since its last byte, until an unfinished upload is forgotten."""
    pull: int = 1000
    streams: int = 512


LIMITS = Limits()
