"""The headers of tus 1.0.0 (https://tus.io/protocols/resumable-upload), read and written."""

import base64
import binascii
import hashlib
import re
from collections.abc import Mapping
from datetime import datetime
from email.utils import format_datetime
from typing import Any, NamedTuple
from uuid import UUID

from litestar import Request

from inspect_api.actions.uploads import Upload
from inspect_api.errors import Code, Refusal

VERSION = "1.0.0"
ALWAYS: Mapping[str, str] = {"Tus-Resumable": VERSION, "Tus-Version": VERSION}
EXTENSIONS = "creation,creation-with-upload,checksum,expiration,termination"
ALGORITHMS = ("sha1", "sha256", "md5")
OCTETS = "application/offset+octet-stream"
LONGEST_METADATA = 4096

_NUMBER = re.compile("[0-9]{1,18}")
_SHA256 = re.compile("[0-9a-f]{64}")
_PAIR = re.compile("([!-+\\--~]+)(?: ([A-Za-z0-9+/]*={0,2}))?")


class Checksum(NamedTuple):
    """What the body of a request should hash to."""

    algorithm: str
    digest: bytes


def require_version(request: Request[Any, Any, Any]) -> None:
    """Raises TUS_VERSION unless the client speaks ours."""
    if request.headers.get("tus-resumable") != VERSION:
        raise Refusal(Code.TUS_VERSION)


def carries_bytes(request: Request[Any, Any, Any]) -> bool:
    """Whether the body is bytes of the upload, as they are. Raises UNSUPPORTED_MEDIA when packed."""
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise Refusal(Code.UNSUPPORTED_MEDIA, "Photos are sent as they are, without Content-Encoding")
    return request.headers.get("content-type", "").partition(";")[0].strip().lower() == OCTETS


def number(request: Request[Any, Any, Any], name: str) -> int:
    """A header that is a number of bytes. Raises BAD_UPLOAD."""
    text = request.headers.get(name, "")
    if not _NUMBER.fullmatch(text):
        raise Refusal(Code.BAD_UPLOAD, f"{name} is a number of bytes")
    return int(text)


def sha256_of(told: str) -> str:
    """The key `sha256` of Upload-Metadata: the name of the photo, in hexadecimal. Raises BAD_UPLOAD.

    `filename` and `filetype` are kept as they are told; what the bytes are, the bytes say.
    """
    if len(told) > LONGEST_METADATA:
        raise Refusal(Code.BAD_UPLOAD, f"Upload-Metadata is longer than {LONGEST_METADATA} bytes")
    values: dict[str, str] = {}
    for pair in told.split(","):
        found = _PAIR.fullmatch(pair.strip(" "))
        if found is None or found[1] in values:
            raise Refusal(Code.BAD_UPLOAD, "Upload-Metadata is pairs of a key and a value in base64")
        values[found[1]] = found[2] or ""
    name = _decode(values.get("sha256", ""), "Upload-Metadata").decode("ascii", "replace")
    if not _SHA256.fullmatch(name):
        raise Refusal(Code.BAD_UPLOAD, "Upload-Metadata needs sha256: 64 lower-case hexadecimal digits")
    return name


def checksum(request: Request[Any, Any, Any]) -> Checksum | None:
    """What Upload-Checksum says, if anything. Raises BAD_UPLOAD, also for other algorithms (400)."""
    text = request.headers.get("upload-checksum")
    if text is None:
        return None
    algorithm, _, value = text.partition(" ")
    if algorithm not in ALGORITHMS:
        raise Refusal(Code.BAD_UPLOAD, f"Upload-Checksum is one of {', '.join(ALGORITHMS)}")
    digest = _decode(value, "Upload-Checksum")
    if len(digest) != hashlib.new(algorithm, usedforsecurity=False).digest_size:
        raise Refusal(Code.BAD_UPLOAD, f"Upload-Checksum is no {algorithm}")
    return Checksum(algorithm, digest)


def state_of(upload: Upload) -> dict[str, str]:
    """Where an upload stands, and until when; a completed one does not expire."""
    headers = {"Upload-Offset": str(upload.received)}
    if not upload.is_stored:
        headers["Upload-Expires"] = http_date(upload.expires_at)
    return headers


def address(upload_id: UUID) -> str:
    """Of an upload, below whatever name the client knows this server by."""
    return f"/api/v1/uploads/{upload_id}"


def http_date(moment: datetime) -> str:
    return format_datetime(moment, usegmt=True)


def _decode(value: str, header: str) -> bytes:
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        raise Refusal(Code.BAD_UPLOAD, f"{header}: not base64") from None
