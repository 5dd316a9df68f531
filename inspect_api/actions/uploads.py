"""Uploads in parts: begun, moved on by parts that are durable, completed into a photo, ended.

Nobody locks an upload. A part counts when the upload still stands where the part begins; of two requests at
the same offset one moves it on and the other is told where it stands.
"""

from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from inspect_api.actions.work import Work
from inspect_api.errors import Code, Refusal
from inspect_api.store import uploads
from inspect_api.store.schema import AnyRow
from sync.limits import LIMITS


class Upload(NamedTuple):
    """Of `size` bytes `received` are durable. `told` is Upload-Metadata as it was sent."""

    id: UUID
    sha256: str
    size: int
    received: int
    told: str
    expires_at: datetime
    is_stored: bool = False


class Part(NamedTuple):
    """Bytes that are durable in the blob store under `name`."""

    start: int
    size: int
    name: str

    @property
    def end(self) -> int:
        return self.start + self.size


class WrongOffset(Refusal):
    """The upload stands at `offset`."""

    def __init__(self, offset: int) -> None:
        super().__init__(Code.OFFSET_CONFLICT, f"The upload stands at {offset}")
        self.offset = offset


def look(work: Work, upload_id: UUID) -> Upload:
    """An upload of the caller. Raises NOT_FOUND, UPLOAD_GONE."""
    row = uploads.find(work.tx, upload_id, work.who.id)
    if row is None:
        raise Refusal(Code.NOT_FOUND)
    if row.state == "ended" or (row.state == "open" and row.expires_at <= work.now):
        raise Refusal(Code.UPLOAD_GONE)
    return _upload(row)


def begin(work: Work, upload: Upload, most: int) -> None:
    """Enter a new upload. Raises TOO_MANY_UPLOADS when the account has left `most` unfinished."""
    count, size = uploads.unfinished(work.tx, work.who.id, work.now)
    if count >= most or size + upload.size > LIMITS.upload_bytes:
        raise Refusal(Code.TOO_MANY_UPLOADS, f"{count} uploads are unfinished", retry_after=3600)
    _enter(work, upload, "open")


def append(work: Work, upload: Upload, part: Part, keep: timedelta) -> Upload:
    """A part moves the upload on; it may begin before `received` and then replaces the one that began there.

    Raises WrongOffset, NOT_FOUND, UPLOAD_GONE.
    """
    expires_at = work.now + keep
    if not uploads.advance(work.tx, upload.id, upload.received, part.end, "open", expires_at):
        raise WrongOffset(look(work, upload.id).received)
    uploads.put_part(work.tx, upload.id, part.start, part.size, part.name)
    return upload._replace(received=part.end, expires_at=expires_at)


def complete(work: Work, upload: Upload, keep: timedelta, *, is_new: bool) -> Upload:
    """The whole is a photo, stored or kept for the store. Raises WrongOffset, NOT_FOUND, UPLOAD_GONE."""
    done = upload._replace(received=upload.size, expires_at=work.now + keep, is_stored=True)
    if is_new:
        _enter(work, done, "stored")
    elif not uploads.advance(work.tx, upload.id, upload.received, upload.size, "stored", done.expires_at):
        raise WrongOffset(look(work, upload.id).received)
    return done


def terminate(work: Work, upload_id: UUID) -> None:
    """The caller gives it up. What was completed stays a photo. Raises NOT_FOUND, UPLOAD_GONE."""
    upload = look(work, upload_id)
    uploads.end(work.tx, upload_id, upload.received)


def reject(work: Work, upload: Upload) -> None:
    """End what can never become a photo. Raises WrongOffset where another request has moved it on meanwhile.

    (Then what was wrong is that this one looked at parts that have been written anew since.)
    """
    if not uploads.end(work.tx, upload.id, upload.received):
        raise WrongOffset(look(work, upload.id).received)


def _enter(work: Work, upload: Upload, state: str) -> None:
    uploads.add(
        work.tx,
        {
            "id": upload.id,
            "account_id": work.who.id,
            "sha256": upload.sha256,
            "size": upload.size,
            "received": upload.received,
            "told": upload.told,
            "state": state,
            "is_swept": state == "stored",  # at once, so that it never had parts
            "expires_at": upload.expires_at,
        },
    )


def _upload(row: AnyRow) -> Upload:
    return Upload(row.id, row.sha256, row.size, row.received, row.told, row.expires_at, row.state == "stored")
