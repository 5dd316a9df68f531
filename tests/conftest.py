"""What every test may ask for."""

import pytest

from tests.servers import postgres_database, postgres_server, postgres_url, s3_bucket, s3_server

__all__ = ["postgres_database", "postgres_server", "postgres_url", "s3_bucket", "s3_server"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long files first: at the end no core waits for one that was begun last."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)
