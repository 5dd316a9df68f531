"""What every test may ask for."""

import pytest
from argon2 import PasswordHasher

from inspect_api.actions import passwords
from tests.servers import (
    empty_installation,
    migrated_database,
    migrated_file,
    postgres_database,
    postgres_server,
    postgres_url,
    s3_bucket,
    s3_server,
)

__all__ = [
    "empty_installation",
    "migrated_database",
    "migrated_file",
    "postgres_database",
    "postgres_server",
    "postgres_url",
    "s3_bucket",
    "s3_server",
]

AS_IT_IS_MEANT = passwords._hasher
# Some thousand accounts and logins of the tests would cost 80 ms each. A hash says itself what it costs, so
# that this reaches the servers which the tests start, on databases that were filled here.
passwords._hasher = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long files first: at the end no core waits for one that was begun last."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)
