"""Blobs in an S3 bucket: `blobs/ab/cd/<sha256>`; parts of uploads: `parts/<upload>/<name>`.

No store is believed: stores differ in what they check (many ignore `x-amz-checksum-sha256`), and one that
answered 200 may still have kept other bytes. What was written is read back and hashed before `put` returns.
"""

import base64
import hashlib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any
from uuid import UUID

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from inspect_api.media.blobs import (
    CHUNK,
    BlobMissing,
    BlobStoreDown,
    Source,
    Tally,
    chunks,
    reading,
    require_name,
    require_part_name,
)
from inspect_api.media.s3_settings import S3Settings

_IN_MEMORY = 1024 * 1024  # a photo of a phone on a bad line; larger ones go through a temporary file


class S3Store:
    """A blob store in one bucket, which has to exist. One client, safe for many threads."""

    def __init__(self, bucket: str, settings: S3Settings) -> None:
        self._bucket = bucket
        self._s3: Any = boto3.session.Session().client(
            "s3",
            endpoint_url=settings.endpoint or None,
            region_name=settings.region,
            aws_access_key_id=settings.access_key or None,
            aws_secret_access_key=settings.secret_key or None,
            config=Config(
                signature_version="s3v4",
                s3={"addressing_style": "path", "payload_signing_enabled": True},
                connect_timeout=settings.connect_timeout,
                read_timeout=settings.read_timeout,
                retries={"mode": "standard", "total_max_attempts": settings.attempts},
                max_pool_connections=settings.connections,
                request_checksum_calculation=settings.checksums,
                response_checksum_validation=settings.checksums,
            ),
        )

    def put(self, sha256: str, source: Source | Path, size: int) -> None:
        key = _key(sha256)
        with reading(source) as stream, tempfile.SpooledTemporaryFile(_IN_MEMORY) as body:
            tally, md5 = _take(stream, body, size)
            tally.require(sha256, size)
            if not self._holds(key, sha256, size):
                self._put(key, body, size, md5, sha256)

    def open(self, sha256: str) -> IO[bytes]:
        file = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115  (the caller closes it)
        tally = Tally()
        try:
            for piece in self._stored(_key(sha256)):
                file.write(tally.add(piece))
            tally.require_intact(sha256)
            file.seek(0)
        except BaseException:
            file.close()
            raise
        return file

    def size(self, sha256: str) -> int | None:
        try:
            with _answering(_key(sha256)):
                return int(self._s3.head_object(Bucket=self._bucket, Key=_key(sha256))["ContentLength"])
        except BlobMissing:
            return None

    def delete(self, sha256: str) -> None:
        self._delete(_key(sha256))

    def put_part(self, upload: UUID, name: str, source: Source, size: int) -> None:
        with tempfile.SpooledTemporaryFile(_IN_MEMORY) as body:
            tally, md5 = _take(source, body, size)
            tally.require_size(size)
            self._put(_part_key(upload, name), body, size, md5, tally.name)

    def open_part(self, upload: UUID, name: str) -> IO[bytes]:
        file = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115  (the caller closes it)
        try:
            for piece in self._stored(_part_key(upload, name)):
                file.write(piece)
            file.seek(0)
        except BaseException:
            file.close()
            raise
        return file

    def drop_part(self, upload: UUID, name: str) -> None:
        self._delete(_part_key(upload, name))

    def drop_parts(self, upload: UUID) -> None:
        with _answering(str(upload)):
            pages = self._s3.get_paginator("list_objects_v2")
            for page in pages.paginate(Bucket=self._bucket, Prefix=f"parts/{upload}/"):
                for found in page.get("Contents", []):
                    self._s3.delete_object(Bucket=self._bucket, Key=found["Key"])

    def check(self) -> None:
        try:
            with _answering("bucket"):
                self._s3.head_bucket(Bucket=self._bucket)
        except BlobMissing:
            raise BlobStoreDown(f"there is no bucket {self._bucket}") from None

    def _put(self, key: str, body: IO[bytes], size: int, md5: str, sha256: str) -> None:
        """Raises BlobStoreDown unless the store gives the same bytes back."""
        body.seek(0)
        with _answering(key):
            self._s3.put_object(
                Bucket=self._bucket,
                Key=key,
                Body=body,
                ContentLength=size,
                ContentMD5=md5,
                ContentType="application/octet-stream",
            )
        if not self._holds(key, sha256, size):
            raise BlobStoreDown(f"the store did not keep the bytes of {key}")

    def _holds(self, key: str, sha256: str, size: int) -> bool:
        """Whether the store gives back exactly these bytes."""
        tally = Tally()
        try:
            for piece in self._stored(key):
                tally.add(piece)
                if tally.size > size:
                    return False
        except BlobMissing:
            return False
        return tally.is_of(sha256)

    def _stored(self, key: str) -> Iterator[bytes]:
        with _answering(key):
            body = self._s3.get_object(Bucket=self._bucket, Key=key)["Body"]
            try:
                yield from body.iter_chunks(CHUNK)
            finally:
                body.close()

    def _delete(self, key: str) -> None:
        try:
            with _answering(key):
                self._s3.delete_object(Bucket=self._bucket, Key=key)
        except BlobMissing:
            return


def _key(sha256: str) -> str:
    require_name(sha256)
    return f"blobs/{sha256[:2]}/{sha256[2:4]}/{sha256}"


def _part_key(upload: UUID, name: str) -> str:
    require_part_name(name)
    return f"parts/{upload}/{name}"


def _take(stream: Source, body: IO[bytes], size: int) -> tuple[Tally, str]:
    """Copy the source aside, little more than `size` bytes of it; what was seen, and its Content-MD5."""
    tally, md5 = Tally(), hashlib.md5(usedforsecurity=False)
    for piece in chunks(stream):
        tally.add(piece)
        if tally.size > size:
            break
        md5.update(piece)
        body.write(piece)
    return tally, base64.b64encode(md5.digest()).decode()


@contextmanager
def _answering(key: str) -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        code = str(error.response.get("Error", {}).get("Code"))
        if code in {"404", "NoSuchKey", "NotFound"}:
            raise BlobMissing(key) from None
        raise BlobStoreDown(f"the photo store answers {code}") from error
    except (BotoCoreError, OSError) as error:
        raise BlobStoreDown(f"the photo store does not answer: {error}") from error
