"""Blobs in an S3 bucket: `blobs/ab/cd/<sha256>`; parts of uploads: `parts/<upload>/<name>`.

No store is believed: stores differ in what they check (many ignore `x-amz-checksum-sha256`), and one that
answered 200 may still have kept other bytes. What was written is read back and hashed before `put` returns.
A store that does not answer is asked no more for a while (`breaker.py`).
"""

import base64
import hashlib
import io
import secrets
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import IO, Any
from uuid import UUID

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from urllib3.exceptions import HTTPError

from inspect_api.media.blobs import (
    CHUNK,
    BlobMissing,
    BlobNotKept,
    BlobStoreDown,
    Lying,
    Source,
    Tally,
    chunks,
    local_disk,
    names_blob,
    reading,
    require_name,
    require_part_name,
)
from inspect_api.media.breaker import Breaker
from inspect_api.media.ranged import Fetched
from inspect_api.media.s3_settings import S3Settings

_IN_MEMORY = 1024 * 1024  # a photo of a phone on a bad line; larger ones go through a temporary file
_PROBE_BYTES = 32
_PROBED_FOR_S = 2.0
_CHECKED_FOR_S = 600.0  # what was hashed is believed for so long, as long as the store's own tag of it stays
_TAGS = 1000
_SLOWEST = 64 * 1024  # bytes a second, after the time in which any answer has to begin


class S3Store:
    """A blob store in one bucket, which has to exist. One client, safe for many threads."""

    def __init__(self, bucket: str, settings: S3Settings) -> None:
        self._bucket, self._patience = bucket, settings.read_timeout
        self.breaker = Breaker()
        self._tags: dict[str, tuple[str, float]] = {}
        self._probe, self._probed_at = f"probes/{secrets.token_hex(8)}", float("-inf")
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

    def put(
        self, sha256: str, source: Source | Path, size: int, overwriting: Callable[[], None] | None = None
    ) -> None:
        key = _key(sha256)
        with reading(source) as stream, tempfile.SpooledTemporaryFile(_IN_MEMORY) as body:
            tally, md5 = _take(stream, body, size)
            tally.require(sha256, size)
            if self._holds(key, sha256, size):
                return
            if overwriting is not None:
                overwriting()
            self._put(key, body, size, md5, sha256)

    def open(self, sha256: str) -> IO[bytes]:
        file = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115  (the caller closes it)
        tally = Tally()
        try:
            for piece in self._stored(_key(sha256)):
                with local_disk():
                    file.write(tally.add(piece))
            tally.require_intact(sha256)
            file.seek(0)
        except BaseException:
            file.close()
            raise
        return file

    def open_range(self, sha256: str, start: int, stop: int) -> Fetched:
        key = _key(sha256)
        return Fetched(partial(self._piece, key, self._checked(key, sha256)), start, stop)

    def size(self, sha256: str) -> int | None:
        try:
            with self._asking(_key(sha256)):
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
                with local_disk():
                    file.write(piece)
            file.seek(0)
        except BaseException:
            file.close()
            raise
        return file

    def drop_part(self, upload: UUID, name: str) -> None:
        self._delete(_part_key(upload, name))

    def drop_parts(self, upload: UUID) -> None:
        with self._asking(str(upload)):
            pages = self._s3.get_paginator("list_objects_v2")
            for page in pages.paginate(Bucket=self._bucket, Prefix=f"parts/{upload}/"):
                for found in page.get("Contents", []):
                    self._s3.delete_object(Bucket=self._bucket, Key=found["Key"])

    def inventory(self, after: str, most: int) -> list[Lying]:
        start = {"StartAfter": _key(after)} if after else {}
        with self._asking("blobs/"):
            page = self._s3.list_objects_v2(Bucket=self._bucket, Prefix="blobs/", MaxKeys=most, **start)
        found = (Lying(o["Key"].rpartition("/")[2], o["LastModified"]) for o in page.get("Contents", ()))
        return [lying for lying in found if names_blob(lying.sha256)]

    def check(self) -> None:
        """A few bytes are put there, read back and deleted, every few seconds at most."""
        if time.monotonic() - self._probed_at < _PROBED_FOR_S and not self.is_down:
            return
        self._probed_at = float("-inf")
        body = io.BytesIO()
        tally, md5 = _take(io.BytesIO(secrets.token_bytes(_PROBE_BYTES)), body, _PROBE_BYTES)
        try:
            self._put(self._probe, body, _PROBE_BYTES, md5, tally.name)
        except BlobMissing:
            raise BlobStoreDown(f"there is no bucket {self._bucket}") from None
        self._delete(self._probe)
        self._probed_at = time.monotonic()

    @property
    def is_down(self) -> bool:
        return self.breaker.is_open

    def _put(self, key: str, body: IO[bytes], size: int, md5: str, sha256: str) -> None:
        """Raises BlobStoreDown unless the store gives the same bytes back."""
        body.seek(0)
        with self._asking(key, size):
            self._s3.put_object(
                Bucket=self._bucket,
                Key=key,
                Body=body,
                ContentLength=size,
                ContentMD5=md5,
                ContentType="application/octet-stream",
            )
        if not self._holds(key, sha256, size):
            raise BlobNotKept(f"the store did not keep the bytes of {key}")

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
        began, seen = time.monotonic(), 0
        with self._asking(key):
            body = self._s3.get_object(Bucket=self._bucket, Key=key)["Body"]
            try:
                for piece in body.iter_chunks(CHUNK):
                    self.breaker.heard()
                    seen += len(piece)
                    if time.monotonic() > began + self._patience + seen / _SLOWEST:
                        raise BlobStoreDown(f"the photo store gives {key} by drops")
                    yield piece
            finally:
                body.close()

    def _checked(self, key: str, sha256: str) -> str:
        """The store's own tag of bytes that hashed to their name not long ago."""
        tag, until = self._tags.get(sha256, ("", 0.0))
        if time.monotonic() < until:
            return tag
        with self._asking(key):
            tag = str(self._s3.head_object(Bucket=self._bucket, Key=key)["ETag"])
        tally = Tally()
        for piece in self._stored(key):
            tally.add(piece)
        tally.require_intact(sha256)
        if len(self._tags) >= _TAGS:
            self._tags.clear()
        self._tags[sha256] = tag, time.monotonic() + _CHECKED_FOR_S
        return tag

    def _piece(self, key: str, tag: str, start: int, stop: int) -> bytes:
        """Part of what was checked. Raises BlobStoreDown when the store gives anything else."""
        with self._asking(key, stop - start):
            answer = self._s3.get_object(Bucket=self._bucket, Key=key, Range=f"bytes={start}-{stop - 1}")
            with closing(answer["Body"]) as body:
                piece: bytes = body.read(stop - start + 1)
        if answer.get("ETag") != tag or len(piece) != stop - start:
            self._tags.pop(key.rpartition("/")[2], None)
            raise BlobStoreDown(f"the photo store gives other bytes of {key} than a moment ago")
        return piece

    def _delete(self, key: str) -> None:
        try:
            with self._asking(key):
                self._s3.delete_object(Bucket=self._bucket, Key=key)
        except BlobMissing:
            return

    @contextmanager
    def _asking(self, key: str, size: int = 0) -> Iterator[None]:
        """Around one request. Raises BlobMissing, BlobStoreDown."""
        with self.breaker.call(size), _answering(key):
            yield


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
        with local_disk():
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
    except (BotoCoreError, HTTPError, OSError) as error:
        raise BlobStoreDown(f"the photo store does not answer: {error}") from error
