"""JSON or MessagePack, plain or compressed: which one is sent, which one is wanted."""

import gzip
from typing import Literal

import msgspec
import zstandard

from inspect_api.actions.read_operations import Encoding
from inspect_api.errors import Code, Refusal

JSON, MSGPACK, PROBLEM = "application/json", "application/vnd.msgpack", "application/problem+json"
Compression = Literal["gzip", "zstd", ""]

_WORTH_COMPRESSING = 1024
_ENCODINGS: dict[str, Encoding] = {JSON: "json", MSGPACK: "msgpack"}
_json = msgspec.json.Encoder()
_msgpack = msgspec.msgpack.Encoder()


def body_encoding(content_type: str) -> Encoding:
    """Of a request's body. Raises UNSUPPORTED_MEDIA."""
    found = _ENCODINGS.get(content_type.partition(";")[0].strip().lower())
    if found is None:
        raise Refusal(Code.UNSUPPORTED_MEDIA, f"Send {JSON} or {MSGPACK}")
    return found


def answer_encoding(accept: str) -> Encoding:
    """The better one of what the client accepts; JSON when it is all the same to it."""
    wanted = _preferences(accept)
    json = max(wanted.get(name, 0.0) for name in (JSON, "application/*", "*/*"))
    packed = wanted.get(MSGPACK, 0.0)
    named = packed > 0 and JSON not in wanted  # `*/*` beside it is what clients add by themselves
    return "msgpack" if packed > json or (named and packed == json) else "json"


def answer_compression(accept_encoding: str, size: int) -> Compression:
    """How to compress an answer of so many bytes."""
    if size < _WORTH_COMPRESSING or not accept_encoding:
        return ""
    wanted = _preferences(accept_encoding)
    zstd, plain = wanted.get("zstd", 0.0), wanted.get("gzip", wanted.get("*", 0.0))
    if zstd > 0 and zstd >= plain:
        return "zstd"
    return "gzip" if plain > 0 else ""


def encode(value: object, encoding: Encoding) -> bytes:
    """In MessagePack ids, times and bytes are the strings of the JSON form."""
    if encoding == "json":
        return _json.encode(value)
    return _msgpack.encode(msgspec.to_builtins(value))


def compress(body: bytes, how: Compression) -> bytes:
    if how == "zstd":
        return zstandard.ZstdCompressor(level=3).compress(body)
    return gzip.compress(body, compresslevel=5, mtime=0) if how == "gzip" else body


def media_type(encoding: Encoding) -> str:
    return JSON if encoding == "json" else MSGPACK


def _preferences(header: str) -> dict[str, float]:
    """What a header of the Accept family asks for, with its weight (RFC 9110, 12.4.2)."""
    found: dict[str, float] = {}
    for part in header.lower().split(",")[:50]:
        name, _, parameters = part.partition(";")
        weight = 1.0
        for parameter in parameters.split(";"):
            key, _, value = parameter.strip().partition("=")
            if key == "q":
                weight = _weight(value)
        if name.strip():
            found[name.strip()] = weight
    return found


def _weight(text: str) -> float:
    try:
        return min(1.0, max(0.0, float(text)))
    except ValueError:
        return 0.0
