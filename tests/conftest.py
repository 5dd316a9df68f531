"""What every test may ask for."""

from tests.servers import postgres_database, postgres_server, postgres_url, s3_bucket, s3_server

__all__ = ["postgres_database", "postgres_server", "postgres_url", "s3_bucket", "s3_server"]
