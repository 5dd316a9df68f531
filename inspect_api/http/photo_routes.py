"""The routes of photos: their bytes, who looks at them, and uploads that go on after a cut."""

from inspect_api.actions.view_photo import WATCHERS, EvidenceViewList
from inspect_api.domain.access import READERS, VIEWERS
from inspect_api.errors import Code
from inspect_api.http import originals, photos, thumbnails, tus, uploads
from inspect_api.http.route import PUBLIC, Route

PHOTOS = (
    Route(
        method="POST", path="/blobs/status", roles=READERS, handler=photos.status, body=photos.AskStatus,
        answers=photos.BlobStatuses, summary="Which photos are stored", examples=("blobs_status",),
    ),
    Route(
        method="PUT", path="/blobs/{sha256}", roles=READERS, endpoint=photos.put_blob, streams=True,
        writes=True, after_the_end=True, answers=photos.BlobStatus, also=(201, 202),
        summary="The bytes of a photo, under the SHA-256 of themselves",
        problems=(Code.HASH_MISMATCH, Code.NOT_FOUND, Code.STORAGE_DOWN),
    ),
    Route(
        method="GET", path="/photos/{sha256}", roles=VIEWERS, endpoint=originals.get, writes=True,
        query=originals.OriginalQuery, answers=bytes, also=(206, 304), media_type="*/*",
        summary="The original bytes of a photo, for ever; who looks at them is written down",
        problems=(
            Code.NOT_FOUND, Code.RANGE_NOT_SATISFIABLE, Code.EVIDENCE_DAMAGED, Code.STORAGE_DOWN,
        ),
    ),
    Route(
        method="HEAD", path="/photos/{sha256}", roles=VIEWERS, endpoint=originals.head,
        query=originals.OriginalQuery, also=(304,), summary="How many bytes of what type, without them",
        problems=(Code.NOT_FOUND,),
    ),
    Route(
        method="GET", path="/photos/{sha256}/views", roles=WATCHERS, handler=originals.views,
        query=originals.ViewsQuery, answers=EvidenceViewList,
        summary="Who has looked at the original, and when",
        problems=(Code.NOT_FOUND, Code.CURSOR_INVALID),
    ),
    Route(
        method="GET", path="/photos/{sha256}/thumbnail", roles=READERS, endpoint=thumbnails.get_thumbnail,
        query=thumbnails.ThumbnailQuery, answers=bytes, also=(304,), media_type="image/webp",
        summary="An upright copy without EXIF",
        problems=(
            Code.NOT_FOUND, Code.THUMBNAIL_PENDING, Code.THUMBNAIL_UNAVAILABLE, Code.EVIDENCE_DAMAGED,
            Code.STORAGE_DOWN,
        ),
    ),
)  # fmt: skip

UPLOADS = (
    Route(
        method="OPTIONS", path="/uploads", roles=PUBLIC, endpoint=uploads.options, status=204,
        headers=tus.ALWAYS, summary="tus 1.0.0: versions, extensions, checksums and the largest size",
    ),
    Route(
        method="POST", path="/uploads", roles=READERS, endpoint=uploads.create, streams=True, writes=True,
        headers=tus.ALWAYS, status=201, summary="tus: begin an upload, with or without its first bytes",
        problems=(
            Code.BAD_UPLOAD, Code.TUS_VERSION, Code.OFFSET_CONFLICT, Code.CHECKSUM_MISMATCH,
            Code.TOO_MANY_UPLOADS, Code.STORAGE_DOWN,
        ),
    ),
    Route(
        method="HEAD", path="/uploads/{id}", roles=READERS, endpoint=uploads.head, headers=tus.ALWAYS,
        summary="tus: how many bytes of an upload are durable",
        problems=(Code.NOT_FOUND, Code.UPLOAD_GONE, Code.TUS_VERSION),
    ),
    Route(
        method="PATCH", path="/uploads/{id}", roles=READERS, endpoint=uploads.patch, streams=True,
        writes=True, headers=tus.ALWAYS, status=204, summary="tus: more bytes, from where an upload stands",
        problems=(
            Code.BAD_UPLOAD, Code.NOT_FOUND, Code.UPLOAD_GONE, Code.TUS_VERSION, Code.OFFSET_CONFLICT,
            Code.CHECKSUM_MISMATCH, Code.STORAGE_DOWN,
        ),
    ),
    Route(
        method="DELETE", path="/uploads/{id}", roles=READERS, endpoint=uploads.delete, writes=True,
        headers=tus.ALWAYS, status=204, summary="tus: give an upload up",
        problems=(Code.NOT_FOUND, Code.UPLOAD_GONE, Code.TUS_VERSION),
    ),
)  # fmt: skip
