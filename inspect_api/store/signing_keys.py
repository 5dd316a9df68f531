"""The Ed25519 key that signs receipts: private in a file of this machine, public for ever in the database."""

import base64
import hashlib
import os
from pathlib import Path
from typing import NamedTuple

import sqlalchemy as sa
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from inspect_api.store import instance

_PREFIX = "key:"


class SigningKeyUnusable(Exception):
    """The key file is not one that this server may sign with."""


class Signer(NamedTuple):
    """Signs as `key_id`; `public_key` are the 32 raw bytes."""

    key_id: str
    public_key: bytes
    private_key: Ed25519PrivateKey

    def sign(self, message: bytes) -> str:
        """The signature, base64."""
        return base64.b64encode(self.private_key.sign(message)).decode()


def open_signer(path: Path) -> Signer:
    """Read the key (PEM, PKCS#8), or make it on the first start; only its owner may read it.

    Raises SigningKeyUnusable when the file is something else or is open to others.
    """
    if not path.exists():
        _make(path)
    if path.stat().st_mode & 0o077:
        raise SigningKeyUnusable(f"{path} may be read by others; chmod 600 it, or replace the key")
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise SigningKeyUnusable(f"{path} holds no private key: {error}") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise SigningKeyUnusable(f"{path} holds a key that is not Ed25519")
    public = key.public_key().public_bytes_raw()
    return Signer(hashlib.sha256(public).hexdigest()[:16], public, key)


def record(tx: sa.Connection, signer: Signer) -> None:
    """Keep the public key, so that receipts of this key can be checked after it was replaced."""
    instance.put_new(tx, _PREFIX + signer.key_id, base64.b64encode(signer.public_key).decode())


def ever_used(tx: sa.Connection) -> dict[str, str]:
    """Key id -> raw public key in base64, of every key that has signed here."""
    found = instance.starting_with(tx, _PREFIX)
    return {name.removeprefix(_PREFIX): value for name, value in sorted(found.items())}


def _make(path: Path) -> None:
    pem = Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}")
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(pem)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(part, path)  # two processes that start together agree on one key
    except FileExistsError:
        return
    finally:
        part.unlink()
