"""One contract for every place that keeps photos: a folder, and a bucket of a real S3 server."""

import hashlib
import io
import random
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from uuid import uuid4

import pytest

from inspect_api.media import open_store
from inspect_api.media.blobs import BlobDamaged, BlobMismatch, BlobMissing, BlobStoreDown
from inspect_api.media.s3_settings import S3Settings
from tests.s3 import client

PHOTO = random.Random(1).randbytes(300_000)
LARGE = random.Random(2).randbytes(3_000_000)


def name_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def put(store, content: bytes) -> str:
    store.put(name_of(content), io.BytesIO(content), len(content))
    return name_of(content)


def read(store, sha256: str) -> bytes:
    with store.open(sha256) as stream:
        return stream.read()


class FolderPlace:
    """A folder, and how to damage what is in it."""

    def __init__(self, folder):
        self.folder = folder
        self.store = open_store("", folder, S3Settings())

    def names(self) -> set[str]:
        return {path.name for path in self.folder.rglob("*") if path.is_file()}

    def overwrite(self, sha256: str, content: bytes) -> None:
        [path] = self.folder.rglob(sha256)
        path.write_bytes(content)


class BucketPlace:
    """A bucket, and how to damage what is in it."""

    def __init__(self, bucket):
        self.bucket, self.s3 = bucket, client(bucket.server)
        self.store = open_store(bucket.url, None, bucket.server.settings)

    def names(self) -> set[str]:
        listed = self.s3.list_objects_v2(Bucket=self.bucket.name).get("Contents", [])
        return {found["Key"].rsplit("/", 1)[-1] for found in listed}

    def overwrite(self, sha256: str, content: bytes) -> None:
        key = f"blobs/{sha256[:2]}/{sha256[2:4]}/{sha256}"
        self.s3.put_object(Bucket=self.bucket.name, Key=key, Body=content)


@pytest.fixture(scope="module")
def bucket_place(s3_bucket):
    return BucketPlace(s3_bucket)


@pytest.fixture(params=["folder", "s3"])
def place(request, tmp_path):
    if request.param == "folder":
        return FolderPlace(tmp_path)
    return request.getfixturevalue("bucket_place")


@pytest.fixture
def store(place):
    return place.store


@pytest.mark.parametrize("content", [PHOTO, LARGE, b"", b"\0"], ids=["photo", "large", "empty", "one byte"])
def test_gives_back_what_was_put(store, content):
    sha256 = put(store, content)
    assert read(store, sha256) == content
    assert store.size(sha256) == len(content)


def test_takes_a_file_by_its_path(store, tmp_path):
    path = tmp_path / "现场照片.jpg"
    path.write_bytes(PHOTO)
    store.put(name_of(PHOTO), path, len(PHOTO))
    assert read(store, name_of(PHOTO)) == PHOTO


def test_reads_a_stream_from_where_it_stands_and_leaves_it_open(store):
    stream = io.BytesIO(b"header" + PHOTO)
    stream.seek(6)
    store.put(name_of(PHOTO), stream, len(PHOTO))
    assert not stream.closed
    assert read(store, name_of(PHOTO)) == PHOTO


def test_putting_twice_keeps_one(place):
    before = place.names()
    content = b"twice" + PHOTO
    assert put(place.store, content) == put(place.store, content)
    assert place.names() - before == {name_of(content)}


def test_many_threads_put_the_same_and_different_blobs(place):
    contents = [bytes([n % 5]) + PHOTO for n in range(20)]
    with ThreadPoolExecutor(8) as pool:
        names = list(pool.map(lambda content: put(place.store, content), contents))
    for sha256, content in zip(names, contents, strict=True):
        assert read(place.store, sha256) == content


def test_what_was_never_put_is_missing(store):
    unknown = name_of(b"never")
    assert store.size(unknown) is None
    with pytest.raises(BlobMissing):
        store.open(unknown)


def test_deleted_is_missing_and_deleting_again_is_nothing(store):
    sha256 = put(store, b"a photo that belonged to nothing")
    store.delete(sha256)
    store.delete(sha256)
    assert store.size(sha256) is None


@pytest.mark.parametrize(
    ("sent", "size"),
    [(PHOTO[:-1], len(PHOTO)), (PHOTO + b"!", len(PHOTO)), (PHOTO[:-1] + b"!", len(PHOTO)), (PHOTO, 1)],
    ids=["too short", "too long", "one byte changed", "size wrong"],
)
def test_bytes_that_are_not_what_their_name_says_are_refused_and_not_kept(place, sent, size):
    store, before = place.store, place.names()
    store.delete(name_of(PHOTO))
    with pytest.raises(BlobMismatch):
        store.put(name_of(PHOTO), io.BytesIO(sent), size)
    assert store.size(name_of(PHOTO)) is None
    assert place.names() <= before


@pytest.mark.parametrize(
    "harm", [PHOTO[:-1] + b"!", PHOTO[:1000], b""], ids=["flipped", "truncated", "empty"]
)
def test_damaged_bytes_are_never_given_out_and_a_new_put_repairs_them(place, harm):
    sha256 = put(place.store, PHOTO)
    place.overwrite(sha256, harm)
    with pytest.raises(BlobDamaged):
        place.store.open(sha256)
    put(place.store, PHOTO)
    assert read(place.store, sha256) == PHOTO


def test_a_part_is_of_what_was_checked_and_of_nothing_that_came_since(place):
    content = LARGE[::-1]
    name, size = put(place.store, content), len(content)
    for start, stop in ((0, size), (1, 2), (size - 5, size)):
        with closing(place.store.open_range(name, start, stop)) as reading:
            pieces = iter(lambda: reading.read(700_000), b"")
            assert b"".join(pieces) == content[start:stop]
    place.overwrite(name, content[:-1] + b"?")
    with pytest.raises((BlobDamaged, BlobStoreDown)):
        place.store.open_range(name, 0, 5).read(5)
    with pytest.raises(BlobDamaged):
        place.store.open_range(name, 0, 5)
    with pytest.raises(BlobMissing):
        place.store.open_range("0" * 64, 0, 5)


def test_a_source_that_breaks_off_leaves_nothing(place):
    class BreaksOff(io.BytesIO):
        def read(self, size=-1):
            if self.tell() > 100_000:
                raise ConnectionResetError("the phone is gone")
            return super().read(min(size, 60_000))

    content = b"broken" + PHOTO
    before = place.names()
    with pytest.raises(ConnectionResetError):
        place.store.put(name_of(content), BreaksOff(content), len(content))
    assert place.names() == before
    assert place.store.size(name_of(content)) is None


@pytest.mark.parametrize(
    "name", ["", "../../etc/passwd", "A" * 64, "a" * 63, "a" * 64 + "\n", "ab/cd/" + "0" * 58]
)
def test_only_a_hash_is_a_name(store, name):
    for call in (store.open, store.size, store.delete, lambda n: store.put(n, io.BytesIO(), 0)):
        with pytest.raises(ValueError, match="SHA-256"):
            call(name)


def test_a_working_place_passes_its_check(store):
    store.check()


@pytest.mark.parametrize("blobs", ["s3://", "s3://bucket/prefix", "http://bucket", "file://host/x", "folder"])
def test_an_address_that_is_no_place_is_refused(blobs, tmp_path):
    with pytest.raises(ValueError, match="BLOBS"):
        open_store(blobs, tmp_path, S3Settings())


def test_a_folder_may_be_named(tmp_path):
    folder = tmp_path / "照片 2026"
    sha256 = put(open_store(folder.as_uri(), tmp_path / "var", S3Settings()), PHOTO)
    assert len(list(folder.rglob(sha256))) == 1


def test_a_folder_that_went_away_is_down_and_not_empty(tmp_path):
    place = FolderPlace(tmp_path / "mount")
    sha256 = put(place.store, PHOTO)
    (tmp_path / "mount").rename(tmp_path / "unmounted")
    calls = (place.store.open, place.store.size, place.store.delete, lambda _: put(place.store, PHOTO))
    for call in calls:
        with pytest.raises(BlobStoreDown):
            call(sha256)
    with pytest.raises(BlobStoreDown):
        place.store.check()


def read_part(store, upload, name: str) -> bytes:
    with store.open_part(upload, name) as stream:
        return stream.read()


def test_parts_lie_apart_and_go_together(place):
    store, before = place.store, place.names()
    mine, other = uuid4(), uuid4()
    for upload in (mine, other):
        for name, content in (("1", b"1"), ("2", LARGE)):
            store.put_part(upload, name, io.BytesIO(content), len(content))
    assert (read_part(store, mine, "1"), read_part(store, mine, "2")) == (b"1", LARGE)
    store.drop_part(mine, "1")
    store.drop_part(mine, "1")
    with pytest.raises(BlobMissing):
        store.open_part(mine, "1")
    store.drop_parts(mine)
    store.drop_parts(mine)
    with pytest.raises(BlobMissing):
        store.open_part(mine, "2")
    assert read_part(store, other, "2") == LARGE
    store.drop_parts(other)
    assert place.names() == before


def test_a_part_of_another_size_is_refused_and_no_name_leaves_its_upload(place):
    before = place.names()
    for size in (2, 4):
        with pytest.raises(BlobMismatch):
            place.store.put_part(uuid4(), "1", io.BytesIO(b"abc"), size)
    for name in ("", "..", "../1", "a/b", "A", "x" * 100):
        with pytest.raises(ValueError, match="part"):
            place.store.put_part(uuid4(), name, io.BytesIO(b"abc"), 3)
    assert place.names() == before
