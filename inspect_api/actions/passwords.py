"""Passwords: argon2id (RFC 9106), about 50 ms and 32 MiB for each."""

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_hasher = PasswordHasher(time_cost=2, memory_cost=32 * 1024, parallelism=1)

NOBODYS = "$argon2id$v=19$m=32768,t=2,p=1$0QnkB7+ve3GOMXMd+tMosg$KJ0echGpqjTgMLXzlA8Xn9VDYIo/6Wrjs0FaWOprRYQ"
"""A hash that no password fits, so that an unknown user costs the same time as a known one."""


def hash_password(password: str) -> str:
    """What to keep of a password."""
    return _hasher.hash(password)


def password_fits(kept: str, password: str) -> bool:
    """Whether the password is the one of which this was kept."""
    try:
        return _hasher.verify(kept, password)
    except (VerificationError, InvalidHashError):
        return False
