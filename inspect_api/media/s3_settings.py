"""How to reach an S3 store; apart from `s3.py` so that those who use a folder do not load its client."""

from typing import Literal

import msgspec


class S3Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Endpoint, credentials and patience.

    An empty `endpoint` means Amazon's own; empty keys mean the machine's own credentials. Times are seconds.
    `checksums`: stores older than the 2025 checksum headers refuse or break on anything but `when_required`.
    """

    endpoint: str = ""
    region: str = "us-east-1"
    access_key: str = ""
    secret_key: str = ""
    checksums: Literal["when_required", "when_supported"] = "when_required"
    connect_timeout: float = 2
    read_timeout: float = 10
    attempts: int = 2
    connections: int = 16
