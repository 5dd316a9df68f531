"""Which blob store the settings ask for."""

from pathlib import Path
from urllib.parse import unquote, urlsplit

from inspect_api.media.blobs import BlobStore
from inspect_api.media.folder import FolderStore
from inspect_api.media.s3_settings import S3Settings


def open_store(blobs: str, data_dir: Path, s3: S3Settings) -> BlobStore:
    """The store of `s3://bucket`, of `file:///folder`, or `<data_dir>/blobs` when `blobs` is empty.

    Raises ValueError for anything else and BlobStoreDown when a folder cannot be made; a bucket is not
    asked for before it is needed, so that the rest of the product starts while its store is down.
    """
    if not blobs:
        return FolderStore(data_dir / "blobs")
    place = urlsplit(blobs)
    if place.scheme == "file" and not place.netloc and place.path.startswith("/"):
        return FolderStore(Path(unquote(place.path)))
    if place.scheme == "s3" and place.netloc and place.path in ("", "/"):
        from inspect_api.media.s3 import S3Store  # noqa: PLC0415  (40 MB that a folder does not need)

        return S3Store(place.netloc, s3)
    raise ValueError(f"BLOBS: {blobs!r} is neither s3://bucket nor file:///folder")
